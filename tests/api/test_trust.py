"""Refusals in one shape, tokens that reach as far as their member, numbers that are numbers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from manyi.accounts import actions
from manyi.accounts.models import Member, Unit
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord
from tests.api.test_api import Api
from tests.factories import NOW, House, house
from tests.voices import voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MANAGER = Member.Role.UNIT_MANAGER


@pytest.fixture
def home() -> House:
    return house()


def is_problem(answer: Any, status: int, code: str) -> bool:
    body = answer.json()
    assert answer.status_code == body["status"] == status
    assert answer["Content-Type"] == "application/problem+json"
    assert set(body) >= {"title", "status", "code", "detail", "errors", "request_id"}
    assert answer["X-Request-Id"] == body["request_id"] != ""
    return bool(body["code"] == code)


def test_a_method_that_is_not_taken_is_a_problem_that_names_those_that_are(home: House) -> None:
    answer = Api(home.alice).client.delete("/api/v1/units")
    assert is_problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS, PUT"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/units/", "/api/v1/feedback/a/b/c"])
def test_an_address_that_is_none_is_a_problem(path: str) -> None:
    assert is_problem(Client().get(path), 404, "not_found")


def test_a_foreign_host_is_a_problem() -> None:
    answer = Client(headers={"host": "evil.example"}).get("/api/v1/units")
    assert is_problem(answer, 400, "request_odd")
    assert b"evil.example" not in answer.content


def test_head_says_what_get_says_without_a_body(home: House) -> None:
    client = Api(home.alice).client
    head, get = client.head("/api/v1/units"), client.get("/api/v1/units")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Type"] == get["Content-Type"]
    assert int(head["Content-Length"]) == len(get.content)
    assert Client().head("/api/v1/units").status_code == 401


def test_head_of_what_only_stores_is_refused_and_stores_nothing(home: House) -> None:
    assert Api(home.alice).client.head("/api/v1/backups").status_code == 405


def test_options_tell_what_is_allowed_to_anybody() -> None:
    answer = Client().options("/api/v1/feedback")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_no_number_that_is_none_gets_in(home: House, number: str) -> None:
    api, kind = Api(home.alice), "application/json"
    text = json.dumps(voice(attributes={"a": 111})).replace("111", number)
    assert api.post("/feedback", text).status_code == 400
    for path in ("units", "customers"):
        body = '{"code": "N-9", "attributes": {"a": 111}}'.replace("111", number)
        answer = api.client.put(f"/api/v1/{path}", body, content_type=kind)
        assert is_problem(answer, 400, "body_not_json")
    lines = api.client.post("/api/v1/feedback/bulk", text, content_type="application/x-ndjson")
    assert [p["code"] for p in lines.json()["problems"]] == ["line_not_json"]
    assert not FeedbackRecord.objects.exists()
    assert not Unit.objects.filter(code="N-9").exists()


def test_a_number_that_no_column_keeps_is_named(home: House) -> None:
    api = Api(home.alice)
    unit = api.put("/units", {"code": "N-9", "attributes": {"a": 10**400}})
    assert is_problem(unit, 422, "attributes.number")
    someone = api.put("/customers", {"ref": "C-1", "attributes": {"a": 10**400}})
    assert is_problem(someone, 422, "customer.invalid")
    assert not Customer.objects.exists()
    assert api.put("/units", {"code": "N-9", "attributes": {"a": 0}}).status_code == 201


def test_an_expired_token_and_a_revoked_one_look_alike(home: House) -> None:
    soon = timezone.now() + timedelta(hours=1)
    expiring, revoked = Api(home.alice, expires_at=soon), Api(home.alice)
    assert {a.get("/units").status_code for a in (expiring, revoked)} == {200}
    tokens = home.alice.tokens.order_by("pk")
    tokens.filter(pk=tokens[0].pk).update(expires_at=NOW)
    from manyi.api.auth import forget

    forget()  # what another process stores is seen two seconds later
    actions.revoke_token(by=home.alice, token=tokens[1], now=NOW)
    answers = [a.get("/units") for a in (expiring, revoked)]
    assert all(is_problem(a, 401, "token_invalid") for a in answers)
    assert {a["WWW-Authenticate"] for a in answers} == {"Bearer"}


def test_a_token_follows_its_member_at_once(home: House) -> None:
    api, sent = Api(home.analyst), {"code": "after", "name": "After"}
    assert api.put("/touchpoints", sent).status_code == 201
    change = {"by": home.alice, "member": home.analyst, "now": NOW}
    actions.change_member(**change, role="viewer")
    assert is_problem(api.put("/touchpoints", {**sent, "code": "x"}), 403, "forbidden")
    actions.change_member(**change, role=MANAGER, unit=home.north)
    seen = {u["code"] for u in api.get("/units").json()["items"]}
    assert "N-001" in seen
    assert not {"S", "S-001"} & seen
    actions.deactivate_member(**change)
    assert is_problem(api.get("/units"), 401, "token_invalid")
    actions.reactivate_member(**change)
    assert api.get("/units").status_code == 200


def test_a_password_that_somebody_else_set_locks_the_tokens_until_it_is_changed(
    home: House,
) -> None:
    api = Api(home.analyst)
    given = {"by": home.alice, "member": home.analyst, "now": NOW}
    actions.set_first_password(**given, password="Set-by-Alice-1")
    assert is_problem(api.get("/units"), 403, "token_password_old")
    user = home.analyst.user
    user.refresh_from_db()
    actions.change_own_password(user=user, password="My-own-Passw0rd", now=NOW)
    assert api.get("/units").status_code == 200
