"""Sent twice, done once, where no token says who calls: `Idempotency-Key` of a public response."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from manyi.accounts.expiry import KEYS_KEPT, drop_expired
from manyi.api.once import _caller
from manyi.base.models import IdempotencyKey
from manyi.base.requests import network
from manyi.feedback.models import FeedbackRecord
from tests.api.test_api import Api
from tests.factories import house
from tests.voices import published

pytestmark = [pytest.mark.django_db, pytest.mark.db]
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def path() -> str:
    return f"/surveys/{published(house().alice).survey.code}/responses"


def send(path: str, value: int, *, key: str = "till-0001", address: str = HERE) -> Any:
    api = Api()
    api.client.defaults["REMOTE_ADDR"] = address
    return api.post(path, {"answers": {"overall": value}}, **{"Idempotency-Key": key})


def values() -> list[float]:
    return sorted(FeedbackRecord.objects.values_list("scores__value", flat=True))


def test_the_same_key_and_body_is_replayed_whoever_asks(path: str) -> None:
    answers = [send(path, 5), send(path, 5), send(path, 5, address=ELSEWHERE)]
    assert [a.status_code for a in answers] == [201, 201, 201]
    assert len({a.content for a in answers}) == 1
    assert values() == [5]


def test_another_body_of_the_same_caller_is_refused(path: str) -> None:
    assert send(path, 5).status_code == 201
    other = send(path, 1)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_other_body")
    assert send(path, 5).status_code == 201
    assert values() == [5]


def test_another_body_of_another_caller_is_stored_for_itself(path: str) -> None:
    first, second = send(path, 1, address=ELSEWHERE), send(path, 5)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["reference"] != second.json()["reference"]
    assert send(path, 5).json() == second.json()
    assert send(path, 1, address=ELSEWHERE).json() == first.json()
    assert send(path, 3).status_code == 422
    assert values() == [1, 5]


def test_a_refused_body_does_not_take_its_key(path: str) -> None:
    assert send(path, 99).status_code == 422
    assert not IdempotencyKey.objects.exists()
    assert send(path, 5).status_code == 201


def test_of_the_caller_a_byte_is_kept_that_no_other_key_shares(path: str) -> None:
    before = timezone.now()
    send(path, 5)
    kept = IdempotencyKey.objects.get()
    assert kept.caller is not None and 0 <= kept.caller < 256
    days = (before, timezone.now())  # two of them where midnight fell between
    assert kept.created_at in [d.replace(hour=0, minute=0, second=0, microsecond=0) for d in days]
    assert HERE not in str(IdempotencyKey.objects.values().get())
    bytes_of_one = {_caller(f"key-{i}", HERE) for i in range(200)}
    assert len(bytes_of_one) > 100, "one caller's keys could be told to be one caller's"


def test_a_caller_keeps_its_key_as_its_ipv6_address_changes(path: str) -> None:
    assert send(path, 5, address="2001:db8:1:2:aaaa::1").status_code == 201
    assert send(path, 1, address="2001:db8:1:2:bbbb::9").status_code == 422
    assert network("::ffff:198.51.100.7") == network(HERE) == HERE
    assert network("::1") == "::/64"
    assert network("not an address") == "not an address"


def test_the_database_refuses_a_second_body_of_one_caller(path: str) -> None:
    """Another process may be storing one at the same moment."""
    row = {"key": "k", "body_hash": "a", "created_at": timezone.now(), "caller": 7}
    IdempotencyKey.objects.create(owner="public:a", **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        IdempotencyKey.objects.create(owner="public:b", **row)


def test_keys_are_kept_for_a_day_at_least(path: str) -> None:
    send(path, 5)
    drop_expired(now=timezone.now() + timedelta(hours=24))
    assert send(path, 1).status_code == 422
    drop_expired(now=timezone.now() + KEYS_KEPT + timedelta(hours=24))
    assert send(path, 1).status_code == 201
