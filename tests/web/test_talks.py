"""A conversation's page shows its course and its standard; cards are for whom they concern."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from manyi.feedback import analysing, rereading
from manyi.feedback.models import FeedbackRecord, TalkReading
from tests.api.test_api import Api
from tests.factories import NOW, House, house
from tests.feedback.test_talks import BAD, talk
from tests.voices import receive, voice
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db]
EVER = "?from=2020-01-01"


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, *(talk(unit="N-001", agent="A-1") for _ in range(35)))
    receive(home.alice, *(talk(BAD, unit="N-001", agent="A-2") for _ in range(35)))
    receive(home.alice, talk(BAD, unit="S-001", agent="A-9"))
    analysing.analyse_waiting(now=NOW)
    return home


def test_a_conversation_shows_its_course_and_evidence(home: House) -> None:
    record = FeedbackRecord.objects.filter(agent__code="A-2")[0]
    page = text(logged_in(home.alice, "en").get(reverse("feedback-one", args=[record.pk])))
    assert "How the customer felt, turn by turn" in page
    assert len(re.findall(r"<circle cx=\S+ cy=\S+ r=\S+ class=\"says-", page)) == 2
    assert 'id="turn-2"' in page
    assert re.search(r"No forbidden words</span>\s*<span class=\"says-negative\">missed", page)
    assert 'href="#turn-2"' in page
    assert "talk-1.0.0" in page
    assert re.search(r"<dt>Chance of leaving satisfied</dt><dd>[\d.]+%", page)
    masked = text(logged_in(home.external, "en").get(reverse("feedback-one", args=[record.pk])))
    assert "没办法，你自己看" not in masked
    assert "How it went" not in masked


def test_a_plain_voice_has_no_course(home: House) -> None:
    receive(home.alice, voice(source_ref="plain"))
    analysing.analyse_waiting(now=NOW)
    record = FeedbackRecord.objects.get(source_ref="plain")
    page = text(logged_in(home.alice, "en").get(reverse("feedback-one", args=[record.pk])))
    assert "How it went" not in page
    told = Api(home.alice).get(f"/feedback/{record.pk}/conversation").json()
    assert told == {"is_read": False, "moods": [], "items": []}


def test_cards_list_and_show_with_intervals(home: House) -> None:
    client = logged_in(home.alice, "en")
    listed = text(client.get(reverse("feedback-talks") + EVER))
    assert "1 person with too few conversations to judge" in listed
    assert "Conversations by person" in text(client.get(reverse("feedback") + EVER))
    shown = text(client.get(reverse("feedback-talks-one", args=["A-2"]) + EVER))
    assert "Greets in 0.0% of conversations" in shown
    assert "Forbidden words in 35 conversations" in shown
    assert "less often" in shown
    assert "回看" in text(
        logged_in(home.alice).get(reverse("feedback-talks-one", args=["A-2"]) + EVER)
    )


def test_cards_are_seen_by_their_person_and_who_manages(home: House) -> None:
    own = logged_in(home.agent, "en")
    assert own.get(reverse("feedback-talks-one", args=["A-1"]) + EVER).status_code == 200
    assert own.get(reverse("feedback-talks-one", args=["A-2"]) + EVER).status_code == 404
    bob = Api(home.bob).get("/text/scorecards", **{"from": "2020-01-01"}).json()
    assert {one["agent"] for one in bob["cards"]} == {"A-1", "A-2"}
    for member in (home.viewer, home.external):
        assert logged_in(member).get(reverse("feedback-talks")).status_code == 403
        assert Api(member).get("/text/scorecards").status_code == 403


def test_cards_through_the_api(home: House) -> None:
    told = Api(home.alice).get("/text/scorecards", **{"from": "2020-01-01"}).json()
    cards = {one["agent"]: one for one in told["cards"]}
    assert cards["A-9"]["status"] == "too_few"
    assert cards["A-9"]["items"] == []
    greeting = next(i for i in cards["A-2"]["items"] if i["item"] == "greeting")
    assert (greeting["kept"]["value"], greeting["against_others"]) == (0.0, -1)
    assert "coach.forbidden" in [n["code"] for n in cards["A-2"]["notes"]]
    pk = FeedbackRecord.objects.filter(agent__code="A-1")[0].pk
    talked = Api(home.alice).get(f"/feedback/{pk}/conversation").json()
    assert talked["is_read"]
    assert talked["first_response"] == 60
    assert {"item": "greeting", "result": "met", "turns": [0]} in talked["items"]


def test_cards_name_the_model_that_read_and_offer_to_read_again(home: House) -> None:
    mine = TalkReading.objects.filter(agent__code="A-1")
    mine.update(model="talk-0.9.0")
    client = logged_in(home.alice, "en")
    page = text(client.get(reverse("feedback-talks-one", args=["A-1"]) + EVER))
    assert "by the model talk-0.9.0;" in page
    assert "New texts are read by talk-1.0.0" in page
    assert "Read all again" not in text(
        client.get(reverse("feedback-talks-one", args=["A-2"]) + EVER)
    )
    told = Api(home.alice).get("/text/scorecards?from=2020-01-01").json()
    assert sorted(told["models"]) == ["talk-0.9.0", "talk-1.0.0"]
    client.post(reverse("themes-taxonomy"), {"act": "again"})
    while rereading.work_on_next(now=NOW):
        pass
    assert not mine.filter(model="talk-0.9.0").exists()
    assert "talk-0.9.0" not in text(client.get(reverse("feedback-talks") + EVER))
