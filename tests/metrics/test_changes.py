"""A drop goes with the theme that was planted, in the unit it was planted in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from manyi.accounts.permissions import scope
from manyi.feedback import analysing
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.metrics.changes import Changes, changes
from manyi.metrics.themes import themes
from tests.factories import NOW, House, house
from tests.voices import published, rated, receive

pytestmark = [pytest.mark.django_db, pytest.mark.db]
RUDE, TASTY, PLAIN = "服务员态度很差", "早餐很好吃", "早餐很差"
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
BEFORE = {"occurred_at": "2026-09-15T09:00:00+08:00"}
NOW_ON = {"occurred_at": "2026-10-15T09:00:00+08:00"}


@pytest.fixture
def home() -> House:
    return house()


def hear(home: House, value: int, text: str, n: int, **more: Any) -> None:
    receive(home.alice, *(rated(value, verbatim=text, **more) for _ in range(n)))
    analysing.analyse_waiting(now=NOW)


def asked(home: House, metric: str = "csat_index", **more: Any) -> Changes:
    return changes(Selection(home.scope(), when=OCTOBER, **more), metric)


def drop(home: House) -> None:
    for when, rude in ((BEFORE, 3), (NOW_ON, 30)):
        hear(home, 5, TASTY, 80, unit="N-001", **when)
        hear(home, 5, TASTY, 80, unit="S-001", **when)
        hear(home, 1, RUDE, rude, unit="S-001", **when)
        hear(home, 2, PLAIN, 10, unit="N-001", **when)


def test_the_planted_theme_and_unit_come_first(home: House) -> None:
    drop(home)
    found = asked(home)
    assert found.status == "ok"
    assert found.themes is not None
    assert found.places is not None
    first = found.themes.parts[0]
    assert first.key == ("service.attitude", -1, None)
    assert first.sure
    assert (first.n, first.n_before) == (30, 3)
    assert first.points.high is not None
    assert first.points.high < 0
    assert first.share is not None
    assert found.places.parts[0].key == ("service.attitude", -1, "S-001")


def test_the_change_is_that_of_the_number(home: House) -> None:
    drop(home)
    now, before = (160 * 100 + 30 * 0 + 10 * 25) / 200, (160 * 100 + 10 * 25) / 173
    found = asked(home).themes
    assert found is not None
    assert found.change.value == pytest.approx(now - before)


@pytest.mark.django_db(transaction=True)
def test_what_was_found_is_found_anew_once_texts_are_read(home: House) -> None:
    drop(home)
    before = asked(home)
    assert asked(home).themes is before.themes
    receive(home.alice, *(rated(1, verbatim=RUDE, unit="S-001", **NOW_ON) for _ in range(9)))
    heard = asked(home)
    assert heard.n == before.n + 9
    assert heard.themes is not None
    assert heard.themes.parts[0].n == 30
    analysing.analyse_waiting(now=NOW)
    after = asked(home).themes
    assert after is not None
    assert after.parts[0].n == 39


def test_where_nothing_changed_nothing_is_sure(home: House) -> None:
    for when in (BEFORE, NOW_ON):
        hear(home, 5, TASTY, 60, **when)
        hear(home, 1, RUDE, 20, **when)
    found = asked(home).themes
    assert found is not None
    assert found.sure == ()


def test_few_answers_and_no_period_say_so(home: House) -> None:
    hear(home, 5, TASTY, 3, **NOW_ON)
    assert asked(home).status == "too_few"
    assert changes(Selection(home.scope()), "nps").status == "no_period"
    with pytest.raises(Problem):
        asked(home, "csat")


def test_anonymous_answers_are_left_out(home: House) -> None:
    drop(home)
    survey = published(home.alice, "csat", is_anonymous=True).survey
    hear(home, 1, RUDE, 20, survey=survey.code, **NOW_ON)
    found = asked(home)
    assert found.n == 200
    assert found.n_anonymous == 20


def test_how_few_anonymous_answers_were_left_out_is_not_told(home: House) -> None:
    drop(home)
    survey = published(home.alice, "csat", is_anonymous=True).survey
    hear(home, 1, RUDE, 2, survey=survey.code, **NOW_ON)
    assert asked(home).n_anonymous is None


def test_nothing_outside_ones_units_is_seen(home: House) -> None:
    drop(home)
    found = changes(Selection(scope(home.bob), when=OCTOBER), "csat_index")
    keys = {p.key for one in (found.themes, found.places) if one for p in one.parts}
    assert all(key[2] != "S-001" for key in keys)
    assert ("service.attitude", -1, None) not in keys


def test_a_period_without_an_end_has_none_before(home: House) -> None:
    hear(home, 5, TASTY, 12, **NOW_ON)
    endless = Selection(home.scope(), when=Period(date(2026, 10, 1), date.max))
    assert changes(endless, "nps").status == "no_period"
    assert not themes(endless).is_failed
