"""A customer's rights: a copy of everything, and to be forgotten; for owners alone."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from manyi.accounts.models import Member
from manyi.customers.actions import suppress
from manyi.customers.models import Customer, ErasureRequest
from manyi.feedback.analysing import analyse_waiting
from tests.api.test_api import Api
from tests.factories import NOW, House, house, stranger_house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PHONE = "+447700900123"
PERSON = {
    "ref": "C-9",
    "name": "王芳",
    "phone": PHONE,
    "unit": "N-001",
    "room": "3-201",
    "consent": {"purpose": "feedback", "version": "2026-11"},
    "attributes": {"tier": "gold"},
}


@pytest.fixture
def home() -> House:
    made = house()
    receive(made.alice, voice(source_ref="1", customer=PERSON, verbatim="服务态度很差"))
    receive(made.alice, voice(source_ref="1", customer=PERSON, verbatim="服务态度很好"))
    receive(made.alice, voice(source_ref="2", customer={"ref": "C-8"}, verbatim="别人的话"))
    analyse_waiting(now=NOW)
    return made


def test_everything_that_is_held_is_handed_out(home: House) -> None:
    suppress(
        organisation_id=home.organisation.pk, kind="phone", value=PHONE, reason="asked", now=NOW
    )
    told = Api(home.alice).post("/privacy/export", {"customer": "C-9"})
    assert told.status_code == 200
    found = told.json()
    assert found["customer"]["phone"] == PHONE
    assert found["customer"]["places"] == [{"unit": "N-001", "room": "3-201", "relation": ""}]
    assert found["customer"]["consents"][0]["version"] == "2026-11"
    assert found["not_to_be_written_to"] == [{"kind": "phone", "value": PHONE}]
    [one] = found["feedback"]
    assert one["verbatim"] == "服务态度很好"
    assert one["history"][0]["content"]["verbatim"] == "服务态度很差"
    assert one["findings"][0]["words"]
    assert one["readings"]
    assert "别人的话" not in told.content.decode()
    actions = [e["action"] for e in Api(home.alice).get("/audit").json()["items"]]
    assert "customer.export" in actions


def test_it_comes_as_a_zip_too(home: House) -> None:
    told = Api(home.alice).post("/privacy/export", {"phone": PHONE, "format": "zip"})
    assert told["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(told.streaming_content))) as found:
        person = json.loads(found.read("customer.json"))
        [voiced] = found.read("feedback.jsonl").decode().splitlines()
    assert person["customer"]["ref"] == "C-9"
    assert json.loads(voiced)["verbatim"] == "服务态度很好"


@pytest.mark.parametrize("deed", ["export", "erase"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "body.invalid"),
        ({"customer": "C-9", "phone": PHONE}, 422, "body.invalid"),
        ({"customer": "C-404"}, 404, "customer.not_found"),
        ({"phone": "12"}, 404, "customer.not_found"),
        ({"id": "999999"}, 404, "customer.not_found"),
        ({"who": "C-9"}, 422, "body.invalid"),
    ],
)
def test_one_customer_has_to_be_named(
    home: House, deed: str, body: dict[str, Any], status: int, code: str
) -> None:
    told = Api(home.alice).post(f"/privacy/{deed}", body)
    assert (told.status_code, told.json()["code"]) == (status, code)
    assert not ErasureRequest.objects.exists()


def test_only_an_owner_asks_and_only_of_their_own(home: House) -> None:
    stranger = Api(stranger_house().charlie)
    pk = str(Customer.objects.get(ref="C-9").pk)
    asked = Api(home.alice).post("/privacy/erase", {"customer": "C-9"}).json()["id"]
    for deed in ("export", "erase"):
        assert stranger.post(f"/privacy/{deed}", {"id": pk}).status_code == 404
        for member in Member.objects.exclude(role="owner").filter(organisation=home.organisation):
            told = Api(member).post(f"/privacy/{deed}", {"id": pk})
            assert told.status_code == 403, member.role
    assert stranger.get(f"/privacy/erasures/{asked}").status_code == 404
    assert Api(home.analyst).get(f"/privacy/erasures/{asked}").status_code == 403


def test_an_erasure_is_asked_for_once_and_watched(home: House) -> None:
    alice, key = Api(home.alice), {"Idempotency-Key": "k"}
    first = alice.post("/privacy/erase", {"customer": "C-9"}, **key)
    assert (first.status_code, first.json()["state"]) == (202, "under_way")
    assert alice.post("/privacy/erase", {"customer": "C-9"}).json() == first.json()
    Customer.objects.get(ref="C-9").delete()
    again = alice.post("/privacy/erase", {"customer": "C-9"}, **key)
    assert (again.status_code, again.json()) == (202, first.json())
    ErasureRequest.objects.update(done_at=NOW, ticks={"feedback": NOW.isoformat()})
    seen = alice.get(f"/privacy/erasures/{first.json()['id']}").json()
    assert (seen["state"], seen["parts"]["feedback"]) == ("done", NOW.isoformat())
