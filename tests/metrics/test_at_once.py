"""All groups of a table judged in one go, against each of them judged by itself."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.metrics import guard
from manyi.metrics.at_once import Everybody, Groups, refused_of
from manyi.metrics.conditions import ends_of, spans
from manyi.metrics.differencing import Watch
from tests.factories import House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]
START = date(2026, 3, 20)
SPLITS: list[tuple[str, ...]] = [("unit",), ("channel",), ("unit", "channel"), ()]
FILTERS: list[dict[str, tuple[str, ...]]] = [
    {},
    {"language": ("en",)},
    {"unit": ("N",)},
    {"channel": ("web",), "language": ("zh",)},
    {"unit": ("N",), "channel": ("web", "qr")},
]
PERIODS = [None, Period(START, START + timedelta(days=20)), Period(START, date(2026, 4, 30))]


def populated(rng: random.Random) -> House:
    home = house()
    places = [home.north_1, home.north_2, home.south_1, home.north, None]
    for _ in range(rng.choice([rng.randint(60, 150), 400])):
        record(
            home.organisation,
            START + timedelta(days=min(rng.randrange(45), rng.randrange(60))),
            csat=rng.randint(1, 5),
            is_anonymous=rng.random() < 0.9,
            unit=rng.choices(places, (9, 6, 3, 1, 1))[0],
            channel=rng.choice(["web", "web", "qr", "sms"]),
            language=rng.choice(["zh", "zh", "en"]),
        )
    return home


def watched(selection: Selection, depth: int | None) -> Watch:
    return Watch(selection, "csat", "overall", guard.limits(selection.scope), depth)


def keys(watch: Watch, interval: str | None) -> list[tuple[Any, ...]]:
    """Return every group that there could be, one that there is not among them."""
    values: list[tuple[Any, ...]] = [()]
    for name in watch.selection.by:
        own = [watch._rolled(name, one) for one in watch.tally_of(()).values[name]]
        values = [(*before, one) for before in values for one in dict.fromkeys([*own, "gone"])]
    starts: list[date | None] = [date(2026, 3, 1), date(2026, 4, 1)] if interval else [None]
    return [(*one, start) for one in values for start in starts]


@pytest.mark.parametrize("seed", range(3))
def test_the_verdict_on_many_groups_is_that_on_each(seed: int) -> None:
    home = populated(random.Random(seed))
    verdicts = set()
    for where in FILTERS:
        for by in SPLITS:
            for when, interval in [*((one, None) for one in PERIODS), (PERIODS[2], "month")]:
                whole = home.selection(**where)
                whole = (whole.during(when) if when else whole).split(*by, interval=interval)
                for depth in (None, 1) if "unit" in by else (None,):
                    watch = watched(whole, depth)
                    asked = dict(spans(whole, keys(watch, interval)))
                    found = refused_of(watch, asked)
                    alone = watched(whole, depth)
                    assert found == {key for key, one in asked.items() if alone.refuses(key, one)}
                    verdicts |= {bool(found), len(found) < len(asked)}
    assert verdicts == {True, False}


def test_what_may_be_told_of_many_groups_is_what_may_be_of_each() -> None:
    home = populated(random.Random(7))
    watch = watched(home.selection().split("unit"), None)
    for when in PERIODS:
        groups, ends = Groups(watch, keys(watch, None)), ends_of(when)
        lines = [watch.timeline_of(one) for one in groups.each]
        assert groups.between(*ends).tolist() == [one.between(*ends) for one in lines]
        assert groups.keeps(*ends).tolist() == [one.keeps(*ends) for one in lines]
        told = [one.between(*ends) for one in lines if one.keeps(*ends)]
        assert groups.told(*ends) == sum(n for n in told if n >= watch.minimum_n)
        assert groups.told(*ends) == Everybody(watch).told(*ends)


def test_all_groups_are_those_that_there_could_be() -> None:
    home = populated(random.Random(11))
    for where in FILTERS:
        for by in SPLITS:
            for depth in (None, 1) if "unit" in by else (None,):
                watch = watched(home.selection(**where).split(*by), depth)
                each = Groups(watch, keys(watch, None))
                found = [Everybody(watch).told(*ends_of(when)) for when in PERIODS]
                assert found == [each.told(*ends_of(when)) for when in PERIODS]
