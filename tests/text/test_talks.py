"""Conversations as pure values: moods, endings, waits, the standard of service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from manyi.text import store
from manyi.text.rubric import MET, MISSED, rubric
from manyi.text.talks import Turn, courses, waits

START = datetime(2026, 11, 1, tzinfo=UTC)


def talk(*rows: tuple[str, str]) -> list[Turn]:
    return [Turn(role, text, START + timedelta(minutes=i)) for i, (role, text) in enumerate(rows)]


THANKS = talk(("user", "Book a table"), ("assistant", "Done."), ("user", "Great, thank you!"))
TEMPER = talk(("user", "Book a table"), ("assistant", "No."), ("user", "This is terrible."))


def test_endings_and_moods_follow_what_is_said() -> None:
    good, bad = courses([THANKS, TEMPER])
    assert good.ending is not None and bad.ending is not None
    assert good.ending > bad.ending
    assert good.moods[1] is None
    assert good.moods[2] is not None and good.moods[2] > 0
    assert bad.moods[2] is not None and bad.moods[2] < 0
    assert good.chances is not None and sum(good.chances) == pytest.approx(1, abs=0.001)


def test_nothing_said_has_no_ending() -> None:
    for one in courses([[], talk(("system", "joined")), talk(("agent", "Hello"))]):
        assert (one.ending, one.waits.first) == (None, None)


def test_waiting_begins_with_the_first_unanswered_turn() -> None:
    rows = talk(
        *(("客户", "在吗"), ("客户", "有人吗"), ("客服", "您好")),
        *(("客户", "还在吗"), ("客服", "在"), ("客服", "请讲")),
    )
    found = waits(rows)
    assert (found.first, found.mean, found.longest) == (120, 90, 120)
    assert waits([Turn("客户", "在吗"), Turn("客服", "在", START)]).first is None


@pytest.mark.parametrize("role", ["客服", "Agent", "坐席", "assistant"])
def test_roles_have_many_names(role: str) -> None:
    [found] = rubric([[Turn(role, "您好，请问有什么可以帮您")]], [[None]])
    assert {v.item: v.result for v in found}["greeting"] == MET


def test_no_occasion_no_verdict() -> None:
    [found] = rubric([THANKS], [[0.0, None, 0.9]])
    assert "empathy" not in {v.item for v in found}
    [found] = rubric([TEMPER], [[0.0, None, -0.9]])
    assert {v.item: v.result for v in found}["empathy"] == MISSED


def test_words_inside_words_are_no_cue() -> None:
    [found] = rubric([[Turn("agent", "This shirt is white")]], [[None]])
    assert {v.item: v.result for v in found}["greeting"] == MISSED  # “hi” in “this”


def test_the_model_says_how_good_it_is() -> None:
    figures = store.manifest("talk")["figures"]
    assert figures["kappa_SGD"] >= 0.34
    assert figures["kappa_MWOZ"] >= 0.23
    assert figures["end_brier"] < figures["end_brier_of_shares_alone"]
