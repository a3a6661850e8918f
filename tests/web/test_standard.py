"""The standard of service: a page to change it, tried as one types, put in force, and REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from manyi.feedback import analysing, standard
from tests.api.test_api import Api
from tests.factories import NOW, House, house
from tests.feedback.test_talks import talk
from tests.voices import receive
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db]
HERE = reverse("feedback-standard")


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, talk(agent="A-1", unit="N-001"))
    analysing.analyse_waiting(now=NOW)
    return home


def filled(**changed: Any) -> dict[str, Any]:
    """Return the form as the page shows it at first, with changes."""
    form: dict[str, Any] = {"code": [one.code for one in standard.DEFAULT]}
    for one in standard.DEFAULT:
        form |= {f"on:{one.code}": "on", f"knows:{one.code}": "on", f"weight:{one.code}": "1"}
    return form | changed


def test_the_page_shows_and_puts_in_force(home: House) -> None:
    client = logged_in(home.alice, "en")
    page = text(client.get(HERE))
    assert "Forbidden" not in page and "No forbidden words" in page
    assert "客户" not in page and "Customer: 快递到现在还没到" in page
    added = text(client.post(HERE, filled(act="add")))
    assert 'name="name:en:own.1"' in added
    mine = filled(act="choose", **{"name:en:own.1": "Asks", "says:own.1": "单号，订单号"})
    mine["code"].append("own.1")
    mine |= {"on:own.1": "on", "weight:own.1": "2"}
    answer = client.post(HERE, mine)
    assert answer.status_code == 302
    own = standard.current(home.organisation.pk)[-1]
    assert (own.code, own.weight, own.says) == ("own.1", 2.0, ("单号", "订单号"))
    again = text(client.get(HERE))
    assert "1 conversation is still being judged" in again
    assert "Version 1" in again


def test_faults_come_back_with_the_form(home: House) -> None:
    wrong = filled(act="choose", **{"weight:closing": "eleven", "says:greeting": "早安"})
    page = text(logged_in(home.alice, "en").post(HERE, wrong))
    assert "The weight of “closing” has to be a number" in page
    assert "早安</textarea>" in page
    assert standard.number(home.organisation.pk) == 0


def test_it_is_tried_as_one_types_and_nothing_is_kept(home: House) -> None:
    client, address = logged_in(home.alice, "en"), reverse("feedback-standard-try")
    said = filled(talk="客户：怎么还没到\n客服: 没办法\n您自己看", channel="chat")
    told = text(client.post(address, said))
    assert "No forbidden words</span>" in told and "2 · 没办法" in told
    assert "Standard kept, by weight" in told
    own = said | {"says:greeting": "没办法"}
    assert 'Greeting</span> <span class="says-positive">' in text(client.post(address, own))
    assert "a line a turn" in text(client.post(address, filled(talk="hello")))
    assert standard.number(home.organisation.pk) == 0


def test_only_an_owner_opens_it(home: House) -> None:
    assert logged_in(home.bob).get(HERE).status_code == 403
    assert "满意" not in HERE and "服务规范" in text(logged_in(home.alice).get(HERE))


def test_through_the_api(home: House) -> None:
    alice = Api(home.alice)
    told = alice.get("/text/standard").json()
    assert (told["number"], told["due"], len(told["items"])) == (0, 0, 7)
    made = alice.put("/text/standard", {"items": [{"code": "greeting", "weight": 0}]})
    assert made.status_code == 201
    assert (made.json()["number"], made.json()["due"]) == (1, 1)
    assert made.json()["items"][0]["weight"] == 0
    bad = alice.put("/text/standard", {"items": [{"code": "own.x", "says": ["ab"]}]})
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["code"] == "standard.name_missing"
    assert Api(home.bob).put("/text/standard", {"items": []}).status_code == 403
    standard.judge_due(now=NOW)
    assert alice.get("/text/standard").json()["due"] == 0
