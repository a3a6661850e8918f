"""Themes: shares and net sentiment with intervals, one customer once, few people never."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from manyi.feedback import analysing
from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.metrics import themes as reckoned
from manyi.metrics.queries import estimate
from manyi.metrics.themes import Theme, themes
from manyi.stats.rates import share_counts
from manyi.stats.result import Estimate
from manyi.stats.scoring import Metric
from tests.factories import NOW, House, house
from tests.voices import published, receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
GOOD, BAD, OTHER = "服务员态度很好", "服务员态度很差", "早餐很好吃"


@pytest.fixture
def home() -> House:
    return house()


def hear(home: House, *texts: str, **values: object) -> None:
    receive(home.alice, *(voice(verbatim=one, **values) for one in texts))
    analysing.analyse_waiting(now=NOW)


def attitude(home: House, **more: object) -> Theme:
    found = themes(Selection(home.scope(), **more))  # type: ignore[arg-type]
    return next(one for one in found.rows if one.aspect == "service.attitude")


def test_share_and_net_have_interval_and_n(home: House) -> None:
    hear(home, *[GOOD] * 30, *[BAD] * 10, *[OTHER] * 40)
    told = attitude(home)
    by_hand = share_counts(40, 80)
    assert told.share.estimate.value == 50.0
    assert told.share.estimate.n == 80
    assert told.share.estimate.low == pytest.approx(by_hand.low, abs=0.1)
    assert (told.negative, told.neutral, told.positive) == (10, 0, 30)
    assert told.net.estimate.value == pytest.approx(50.0)
    assert told.net.n == 40
    assert told.net.estimate.low is not None
    assert told.net.estimate.low < 50.0
    assert themes(Selection(home.scope())).voices.n == 80


def test_one_loud_customer_widens_the_interval(home: House) -> None:
    hear(home, *[BAD] * 40, *[OTHER] * 40)
    alone = attitude(home).share.estimate
    other = house()
    hear(other, *[BAD] * 40, customer={"ref": "loud"})
    hear(other, *[OTHER] * 40)
    clustered = attitude(other).share.estimate
    assert alone.half_width is not None
    assert clustered.half_width is not None
    assert clustered.n_effective < alone.n_effective
    assert clustered.half_width > alone.half_width


def test_few_voices_have_no_number(home: House) -> None:
    hear(home, BAD, OTHER)
    told = attitude(home)
    assert told.net.status == "too_few"
    assert told.net.estimate.value is None
    assert told.n == 1


def test_a_rise_is_told_where_it_is_real(home: House) -> None:
    hear(home, *[OTHER] * 60, BAD, occurred_at="2026-09-15T09:00:00+08:00")
    hear(home, *[BAD] * 40, *[OTHER] * 20, occurred_at="2026-10-15T09:00:00+08:00")
    told = attitude(home, when=Period(date(2026, 10, 1), date(2026, 10, 31)))
    assert told.direction == 1
    assert told.change is not None
    assert told.change.low is not None
    assert told.change.low > 20


def test_units_are_groups(home: House) -> None:
    hear(home, *[BAD] * 40, unit="N-001")
    hear(home, *[GOOD] * 40, unit="S-001")
    found = themes(Selection(home.scope(), by=("unit",)))
    nets = {one.group["unit"]: one.net.estimate.value for one in found.rows}
    assert nets == {"N-001": -100.0, "S-001": 100.0}


def test_few_anonymous_people_are_hidden(home: House) -> None:
    survey = published(home.alice, "csat", is_anonymous=True).survey
    for text, n in ((BAD, 3), (OTHER, 40)):
        receive(
            home.alice,
            *(voice(verbatim=text, survey=survey.code, unit="N-001") for _ in range(n)),
        )
    analysing.analyse_waiting(now=NOW)
    told = attitude(home)
    assert told.share.status == told.net.status == "suppressed"
    assert (told.n, told.negative, told.share.estimate.value) == (None, None, None)


def test_scores_are_asked_of_those_who_speak_of_a_theme(home: House) -> None:
    hear(home, *[BAD] * 30, scores=[{"metric": "csat", "value": 1, "scale": [1, 5]}])
    hear(home, *[OTHER] * 30, scores=[{"metric": "csat", "value": 5, "scale": [1, 5]}])
    asked = Selection(home.scope(), where={"aspect": ("service",), "polarity": ("negative",)})
    (row,) = estimate(asked, "csat")
    assert (row.estimate.value, row.n) == (0.0, 30)


def test_only_what_is_asked_for_is_reckoned(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    hear(home, *[BAD] * 12, unit="N-001", occurred_at="2026-10-15T09:00:00+08:00")
    hear(home, *[GOOD] * 12, unit="S-001", occurred_at="2026-10-15T09:00:00+08:00")
    asked: list[object] = []
    plain = reckoned.estimate

    def counted(metric: Metric, *given: Any, **more: Any) -> Estimate:
        asked.append(metric)
        return plain(metric, *given, **more)

    monkeypatch.setattr(reckoned, "estimate", counted)
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    found = themes(Selection(home.scope(), when=october, by=("unit",)))
    assert [one.n for one in found.rows] == [12, 12]
    assert not asked
    assert [one.net.ok for one in found.rows] == [one.net.ok for one in found.rows] == [True, True]
    assert len(asked) == 2
    assert found.voices.n == 24
    assert len(asked) == 3


def test_what_is_reckoned_in_one_go_is_what_is_reckoned_alone(home: House) -> None:
    survey = published(home.alice, "csat", is_anonymous=True).survey.code
    for at, unit in enumerate(("N-001", "N-002", "S-001")):
        told = [GOOD] * (9 + at) + [BAD] * (14 - 5 * at) + [OTHER] * 11
        hear(home, *told, unit=unit)
        hear(home, *told, unit=unit, customer={"ref": f"loud {at}"})
        receive(home.alice, *(voice(verbatim=t, survey=survey, unit=unit) for t in told))
    analysing.analyse_waiting(now=NOW)
    asked = themes(Selection(home.scope(), by=("unit",)))
    units, aspects = asked.most("unit", 9), asked.most(None, 9)
    plain = {one.key: one.net for one in asked.rows}
    at_once = {
        one.key: one.net
        for one in themes(Selection(home.scope(), by=("unit",))).among("unit", units, aspects)
    }
    assert at_once.keys() == plain.keys()
    assert len(at_once) == 3
    for key, row in at_once.items():
        own, alone = row.estimate, plain[key].estimate
        assert (row.status, own.n, own.method) == (plain[key].status, alone.n, alone.method)
        assert own.warnings == alone.warnings
        for name in ("value", "low", "high", "n_effective", "df"):
            assert getattr(own, name) == pytest.approx(getattr(alone, name), rel=1e-9)
