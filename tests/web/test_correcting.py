"""A record's page takes corrections and says who gave them; a page tells what they taught."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from manyi.feedback import analysing, correcting, learning, rereading
from manyi.feedback.models import Correction, FeedbackRecord, LearntHead
from manyi.text.corrected import Verdict
from tests.factories import NOW, House, house
from tests.voices import receive, voice
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db]
TEXT = "排队太久，服务员态度很好"


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, voice(verbatim=TEXT, unit="N-001"))
    analysing.analyse_waiting(now=NOW)
    return home


def at(name: str) -> str:
    return reverse(name, args=[FeedbackRecord.objects.order_by("pk")[0].pk])


def test_a_form_corrects_and_withdraws(home: House) -> None:
    client = logged_in(home.agent, "en")
    assert "Correct or confirm" in text(client.get(at("feedback-one")))
    form = {
        "polarity": "-1",
        "aspect:service.attitude": "none",
        "added": "price.value",
        "added_sense": "-1",
        "words": "太久",
        "intent": ["urgent"],
    }
    page = text(client.post(at("feedback-correct"), form, follow=True))
    assert "Kept. It counts from now on." in page
    assert "Checked by a person" in page
    assert "<mark" in page
    assert {(c.kind, c.code, c.sense) for c in Correction.objects.all()} == {
        ("polarity", "", -1),
        ("aspect", "service.attitude", None),
        ("aspect", "price.value", -1),
        ("intent", "urgent", 1),
    }
    client.post(at("feedback-uncorrect"), {"kind": "polarity", "code": ""})
    assert not Correction.objects.filter(kind="polarity").exists()


def test_words_that_are_not_there_are_refused(home: House) -> None:
    client = logged_in(home.analyst, "en")
    form = {"added": "price.value", "added_sense": "1", "words": "便宜"}
    page = text(client.post(at("feedback-correct"), form, follow=True))
    assert "are not in the text" in page
    assert not Correction.objects.exists()


def test_who_may_not_correct_is_offered_nothing(home: House) -> None:
    for member in (home.viewer, home.external):
        assert "Correct or confirm" not in text(logged_in(member, "en").get(at("feedback-one")))


def owner_page(client: Client) -> str:
    return text(client.get(reverse("themes-learning")))


def test_what_was_learnt_is_shown_and_used(home: House) -> None:
    client = logged_in(home.alice, "en")
    assert "0 corrections so far" in owner_page(client)
    receive(home.alice, *(voice(verbatim=f"第{i}天空调真是太棒了呢") for i in range(30)))
    receive(home.alice, *(voice(verbatim=f"第{i}天早餐很好吃") for i in range(10)))
    analysing.analyse_waiting(now=NOW)
    for r in FeedbackRecord.objects.exclude(verbatim=TEXT):
        sense = 1 if "早餐" in r.verbatim else -1
        said = [Verdict("polarity", "", sense)]
        correcting.correct(by=home.analyst, record=r, verdicts=said, now=NOW)
    learning.learn_due(now=NOW)
    shown = owner_page(client)
    assert "Better" in shown
    assert "Use it: read all texts again" in shown
    client.post(reverse("themes-learning-act"), {"act": "use"})
    rereading.work_on_next(now=NOW)
    assert "+own-1" in owner_page(client)
    assert "+own-1" in text(client.get(reverse("themes")))
    client.post(reverse("themes-learning-act"), {"act": "forget"})
    assert "+own-1" not in owner_page(client)


def test_what_was_learnt_of_a_theme_or_intent_has_its_line(home: House) -> None:
    part = {"n": 36, "said": 24, "confirmed": 12, "others": 10, "changed": 0.0, "used": True}
    ends = {"value": 0.9, "low": 0.8, "high": 0.95}
    part |= {"before": ends, "after": ends, "gain": ends}
    figures = {"intent:leaving": part, "texts": part, "aspect:service.queue": part}
    made = {"number": 1, "figures": figures, "base": "fast-1.0.0", "created_at": NOW}
    LearntHead.objects.create(organisation=home.organisation, **made)
    shown = owner_page(logged_in(home.alice, "en"))
    lines = ["Whole texts", "Whether meant: Thinks of leaving", "Whether spoken of: Service"]
    assert sorted(lines, key=shown.index)[0] == "Whole texts"
