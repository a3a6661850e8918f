"""A standard of service of one's own: checked, versioned, and conversations judged by it."""

from __future__ import annotations

from typing import Any

import pytest

from manyi.accounts.models import AuditEntry
from manyi.feedback import analysing, scorecards, standard, talks
from manyi.feedback.models import FeedbackRecord, TalkReading
from manyi.kit.problems import Forbidden, Problem
from manyi.kit.selection import Selection
from manyi.text.rubric import MET, MISSED
from tests.factories import NOW, House, house
from tests.feedback.test_talks import BAD, GOOD, talk
from tests.voices import receive

pytestmark = [pytest.mark.django_db, pytest.mark.db]
RULES = {"code": "own.id", "name": {"en": "Asks for the number"}, "says": ["单号", "order number"]}


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, talk(source_ref="good", agent="A-1", channel="chat"))
    receive(home.alice, talk(BAD, source_ref="bad", agent="A-2", channel="phone"))
    analysing.analyse_waiting(now=NOW)
    return home


def items(reference: str) -> dict[str, str]:
    found = talks.of_record(FeedbackRecord.objects.get(source_ref=reference))
    assert found is not None
    return {code: one.result for code, one in found.items.items()}


def choose(home: House, *given: dict[str, Any]) -> None:
    standard.choose(by=home.alice, items=given, now=NOW)


def test_a_new_standard_judges_what_was_read_and_what_comes(home: House) -> None:
    choose(home, RULES, {"code": "closing", "is_on": False})
    assert standard.due(home.organisation.pk).count() == 2
    assert standard.judge_due(now=NOW) == 2
    assert standard.judge_due(now=NOW) == 0
    assert items("good")["own.id"] == MISSED
    assert "closing" not in items("good")
    said = (*GOOD[:2], ("客服", 65, "请告诉我单号"), *GOOD[2:])
    receive(home.alice, talk(said, source_ref="new"))
    analysing.analyse_waiting(now=NOW)
    assert items("new")["own.id"] == MET
    assert not standard.due(home.organisation.pk).exists()


def test_own_phrases_fulfil_and_break_items(home: House) -> None:
    assert items("bad")["greeting"] == MISSED
    choose(
        home,
        {"code": "greeting", "knows": False, "says": ["没办法"]},
        {"code": "forbidden", "knows": False, "never": ["祝您生活愉快"]},
        {"code": "solution", "never": ["查询"]},
    )
    standard.judge_due(now=NOW)
    assert items("bad")["greeting"] == MET
    assert items("bad")["forbidden"] == MET
    assert items("good")["greeting"] == MISSED
    assert items("good")["forbidden"] == MISSED
    assert items("good")["solution"] == MISSED


def test_an_item_holds_in_its_channels_alone(home: House) -> None:
    choose(home, {"code": "greeting", "channels": ["phone"]})
    standard.judge_due(now=NOW)
    assert "greeting" not in items("good")
    assert items("bad")["greeting"] == MISSED


def test_weights_make_what_was_kept(home: House) -> None:
    only = [{"code": code, "is_on": False} for code in ("empathy", "explanation", "solution")]
    only += [{"code": code, "is_on": False} for code in ("closing", "promise")]
    choose(home, *only, {"code": "greeting", "weight": 3}, {"code": "forbidden", "weight": 0})
    standard.judge_due(now=NOW)
    assert TalkReading.objects.get(record__source_ref="good").kept == 100
    assert TalkReading.objects.get(record__source_ref="bad").kept == 0


def test_faults_are_named_and_nothing_is_kept(home: House) -> None:
    wrong = (
        {"code": "greeting", "knows": False},
        {"code": "smile"},
        {"code": "own.a", "says": ["x y"]},
        {"code": "closing", "weight": float("nan")},
        {"code": "empathy", "says": ["字" * 61]},
        {"code": "promise", "channels": ["Not a code"]},
        {"code": "closing"},
    )
    with pytest.raises(Problem) as found:
        choose(home, *wrong)
    assert [one.code for one in found.value.errors] == [
        "standard.phrases_missing",
        "standard.code_invalid",
        "standard.name_missing",
        "standard.weight_invalid",
        "standard.phrases_long",
        "standard.channel_invalid",
        "standard.code_twice",
    ]
    with pytest.raises(Problem, match=r"standard\.empty"):
        choose(home, *({"code": code, "is_on": False} for code in standard.BUILT_IN))
    assert standard.number(home.organisation.pk) == 0


def test_no_letter_that_a_database_refuses_is_kept(home: House) -> None:
    name = {"en": "\x00", "zh-Hans": "单号\ud800"}
    choose(home, {**RULES, "name": name, "says": ["单\x00号", "\x00"]})
    own = standard.current(home.organisation.pk)[-1]
    assert (own.says, own.name) == (("单号",), {"zh-Hans": "单号"})


def test_only_the_owner_chooses_and_it_is_written_down(home: House) -> None:
    with pytest.raises(Forbidden):
        standard.choose(by=home.bob, items=[], now=NOW)
    choose(home)
    choose(home, RULES)
    assert [one.number for one in standard.versions(home.organisation.pk)] == [2, 1]
    assert standard.version(home.organisation.pk, 1) == standard.DEFAULT
    assert AuditEntry.objects.filter(action="standard.choose").count() == 2


def test_cards_show_the_standard_in_force(home: House) -> None:
    receive(home.alice, *(talk(agent="A-1") for _ in range(31)))
    analysing.analyse_waiting(now=NOW)
    choose(home, RULES, {"code": "greeting", "is_on": False})
    standard.judge_due(now=NOW)
    card = scorecards.cards(home.alice, Selection(home.scope()))[0]
    assert [one.code for one in card.items][-1] == "own.id"
    assert "greeting" not in [one.code for one in card.items]
    assert card.kept.value is not None and 0 < card.kept.value < 100
    assert card.kept.low is not None and card.kept.low <= card.kept.value
