"""Customers: found by whoever may know them, corrected, exported, erased."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from manyi.accounts.models import AuditEntry
from manyi.customers import actions, queries
from manyi.customers.models import Customer, ErasureRequest
from tests import factories
from tests.factories import NOW, House
from tests.voices import receive, voice
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]
WANG = {"ref": "C-9", "name": "王小芳", "phone": "13812345678", "email": "fang@example.com"}


@pytest.fixture
def house() -> House:
    return factories.house()


@pytest.fixture
def alice(house: House) -> Client:
    return logged_in(house.alice)


def stored(house: House, **values: Any) -> int:
    given = {**WANG, "unit": "N-001", "room": "3-1201", "relation": "业主", **values}
    return actions.put(by=house.alice, given=given, now=NOW)[0]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("小芳", True),
        ("王小", True),
        ("5678", True),
        ("138 1234 5678", True),
        ("fang@example.com", True),
        ("C-9", True),
        ("小明", False),
        ("0000", False),
    ],
)
def test_found_by_what_people_remember(
    alice: Client, house: House, words: str, found: bool
) -> None:
    stored(house)
    page = text(alice.get("/customers/", {"q": words}))
    assert ("王小芳" in page) is found


def test_the_list_masks_phones_and_counts_voices(alice: Client, house: House) -> None:
    stored(house)
    receive(house.alice, voice(customer={"ref": "C-9"}), voice(customer={"ref": "C-9"}))
    page = text(alice.get("/customers/"))
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "北京朝阳店 · 3-1201 · 业主" in page
    assert '<td class="num" data-label="反馈">2</td>' in page


def test_one_customer_with_all_voices(alice: Client, house: House) -> None:
    consent = {"purpose": "feedback", "version": "2026-11"}
    pk = stored(house, attributes={"tier": "gold"}, consent=consent)
    receive(house.alice, voice(customer={"ref": "C-9"}, verbatim="电梯太慢"))
    page = text(alice.get(f"/customers/{pk}/"))
    for words in ("王小芳", "+8613812345678", "3-1201", "电梯太慢", "gold", "2026-11"):
        assert words in page


def test_who_may_know_them(house: House) -> None:
    pk = stored(house)
    south = stored(house, ref="C-10", phone="13900000001", email="s@example.com", unit="S-001")
    bob = logged_in(house.bob)
    assert bob.get(f"/customers/{pk}/").status_code == 200
    assert bob.get(f"/customers/{south}/").status_code == 404
    for member in (house.viewer, house.external):
        assert logged_in(member).get("/customers/").status_code == 403
        assert logged_in(member).get(f"/customers/{pk}/").status_code == 403
    charlie = logged_in(factories.stranger_house().charlie)
    assert "王小芳" not in text(charlie.get("/customers/", {"q": "小芳"}))
    for method, part in (("get", ""), ("get", "edit/"), ("post", "data/"), ("post", "erase/")):
        assert getattr(charlie, method)(f"/customers/{pk}/{part}").status_code == 404
    agent = logged_in(house.agent)
    assert agent.get(f"/customers/{pk}/edit/").status_code == 403
    assert agent.post(f"/customers/{pk}/data/").status_code == 403
    assert bob.post(f"/customers/{pk}/erase/").status_code == 403


def test_adding_one(alice: Client) -> None:
    led = alice.post(
        "/customers/new/",
        {"name": "李雷", "phone": "139 0000 1111", "unit": "N-001", "room": "8-2"},
    )
    one = Customer.objects.get()
    assert led["Location"] == f"/customers/{one.pk}/"
    assert one.identities.get().value == "+8613900001111"
    assert one.places.get().room == "8-2"


def test_what_cannot_be_read_is_said_at_its_field(alice: Client) -> None:
    response = alice.post("/customers/new/", {"name": "李雷", "phone": "12"})
    assert response.status_code == 422
    assert "invalid-feedback" in text(response)
    assert alice.post("/customers/new/", {"name": "李雷"}).status_code == 422
    assert not Customer.objects.exists()


def test_correcting_one_makes_no_second(alice: Client, house: House) -> None:
    pk = stored(house)
    alice.post(f"/customers/{pk}/edit/", {"name": "王芳", "phone": "13900009999"})
    one = Customer.objects.get()
    assert one.name == "王芳"
    assert {i.value for i in one.identities.filter(kind="phone")} == {
        "+8613812345678",
        "+8613900009999",
    }


def test_one_without_a_number_keeps_their_voices(alice: Client, house: House) -> None:
    pk = actions.put(by=house.alice, given={"phone": "13812345678"}, now=NOW)[0]
    assert alice.get(f"/customers/{pk}/edit/").status_code == 200
    sent = {"name": "王芳", "phone": "13900009999"}
    assert alice.post(f"/customers/{pk}/edit/", sent)["Location"] == f"/customers/{pk}/"
    assert Customer.objects.get().pk == pk


def test_a_wrong_phone_and_an_old_place_are_removed(alice: Client, house: House) -> None:
    pk = stored(house)
    one = Customer.objects.get()
    phone, place = one.identities.get(kind="phone"), one.places.get()
    alice.post(f"/customers/{pk}/identity/{phone.pk}/remove/")
    alice.post(f"/customers/{pk}/place/{place.pk}/remove/")
    assert not one.identities.filter(kind="phone").exists()
    assert not one.places.exists()
    assert alice.post(f"/customers/{pk}/place/{place.pk}/remove/").status_code == 404


def test_all_data_of_one_leaves_as_a_file_and_a_trace(alice: Client, house: House) -> None:
    pk = stored(house)
    receive(house.alice, voice(customer={"ref": "C-9"}, verbatim="电梯太慢"))
    response = alice.post(f"/customers/{pk}/data/")
    sent = json.loads(response.content)
    assert sent["customer"]["phone"] == "+8613812345678"
    assert sent["feedback"][0]["verbatim"] == "电梯太慢"
    assert "attachment" in response["Content-Disposition"]
    assert AuditEntry.objects.filter(action="customer.export").count() == 1
    assert alice.get(f"/customers/{pk}/data/").status_code == 405


def test_erasure_is_asked_for_once(alice: Client, house: House) -> None:
    pk = stored(house)
    alice.post(f"/customers/{pk}/erase/")
    alice.post(f"/customers/{pk}/erase/")
    assert ErasureRequest.objects.count() == 1
    page = text(alice.get(f"/customers/{pk}/"))
    assert "note-warn" in page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_downloads_with_a_trace(alice: Client, house: House, form: str) -> None:
    stored(house)
    response = alice.get(f"/customers/?format={form}")
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert body[:3] == b"\xef\xbb\xbf" if form == "csv" else body[:2] == b"PK"
    if form == "csv":
        assert "+8613812345678" in body.decode()
    assert AuditEntry.objects.filter(action="customer.download").count() == 1
    assert logged_in(house.agent).get("/customers/?format=csv").status_code == 403


def test_english(house: House) -> None:
    pk = stored(house)
    client = logged_in(house.alice, "en")
    assert "Belongs to" in text(client.get(f"/customers/{pk}/"))
    assert "Customer number" in text(client.get("/customers/new/"))


def test_a_yes_and_a_no_are_noted_with_their_history(alice: Client, house: House) -> None:
    pk = stored(house)
    page = text(alice.get(f"/customers/{pk}/"))
    assert page.count("尚未征询") == 2
    for word in ("yes", "no", "yes"):
        alice.post(f"/customers/{pk}/consent/", {"purpose": "feedback", "granted": word})
    customer = Customer.objects.get(pk=pk)
    assert queries.agreed(customer) == {"feedback": True}
    assert [(one.is_granted, one.channel) for one in queries.consents(customer)] == [
        (True, "staff"), (False, "staff"), (True, "staff"),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="consent.record").count() == 3
    page = text(alice.get(f"/customers/{pk}/"))
    assert page.count("尚未征询") == 1
    assert "历史记录" in page
    refused = alice.post(f"/customers/{pk}/consent/", {"purpose": " ", "granted": "yes"})
    assert queries.agreed(customer) == {"feedback": True}
    assert refused.status_code == 302


def test_contact_is_stopped_and_allowed_again_by_who_may(alice: Client, house: House) -> None:
    pk = stored(house)
    one = Customer.objects.get(pk=pk).identities.get(kind="phone")
    where = f"/customers/{pk}/identity/{one.pk}/contact/"
    pair = ("phone", one.value)
    logged_in(house.bob).post(where)
    assert queries.suppressed(house.organisation.pk, [pair]) == {pair}
    assert "已停止联系" in text(alice.get(f"/customers/{pk}/"))
    assert logged_in(house.bob).post(where, {"allow": "1"}).status_code == 403
    alice.post(where, {"allow": "1"})
    assert queries.suppressed(house.organisation.pk, [pair]) == set()
    deeds = ["suppression.add", "suppression.lift"]
    assert AuditEntry.objects.filter(action__in=deeds).count() == 2
