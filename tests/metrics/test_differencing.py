"""An attacker who asks everything and takes one answer from another must learn of nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, combinations, product

import pytest

from manyi.kit.period import Period, bucket
from manyi.kit.selection import Selection
from manyi.metrics import guard, queries
from manyi.metrics.differencing import Watch
from manyi.metrics.rows import Row
from tests.factories import House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]
START = date(2026, 9, 24)
LEAST = 5
VALUES = {
    "channel": ("app", "sms", "web", "qr"),
    "language": ("de", "en", "zh"),
}


@dataclass(frozen=True)
class Told:
    """What an attacker holds: who was counted, without knowing who that is."""

    asked: Mapping[str, frozenset[str]]
    when: Period
    who: frozenset[int]

    def holds(self, other: Told) -> bool:
        """Whether the attacker knows that everybody in `other` is in here."""
        return (
            self.when.first <= other.when.first
            and other.when.last <= self.when.last
            and all(
                name in other.asked and other.asked[name] <= values
                for name, values in self.asked.items()
            )
        )


@dataclass
class People:
    home: House
    rows: list[tuple[int, date, dict[str, str]]]

    def told(self, where: Mapping[str, tuple[str, ...]], when: Period) -> Told:
        """Return an answer's people as they are, counted in plain Python."""
        asked = {name: frozenset(values) for name, values in where.items()}
        who = frozenset(
            at
            for at, day, has in self.rows
            if when.first <= day <= when.last and all(has[k] in v for k, v in asked.items())
        )
        return Told(asked, when, who)


def populate(rng: random.Random, n: int, days: int) -> People:
    """Store anonymous answers, some values and days rarer than others."""
    home = house()
    rows = []
    for at in range(n):
        has = {
            "channel": rng.choices(VALUES["channel"], (9, 5, 3, 1))[0],
            "language": rng.choices(VALUES["language"], (8, 4, 1))[0],
        }
        day = START + timedelta(days=min(rng.randrange(days), rng.randrange(days + 3)))
        record(home.organisation, day, csat=rng.randint(1, 5), is_anonymous=True, **has)
        rows.append((at, day, has))
    return People(home, rows)


def filters(*, several: bool) -> Iterator[dict[str, tuple[str, ...]]]:
    """Yield no filter, every filter on one dimension, and every pair of single values."""
    yield {}
    for name, values in VALUES.items():
        sizes = range(1, len(values)) if several else (1,)
        for picked in chain.from_iterable(combinations(values, size) for size in sizes):
            yield {name: picked}
    for pair in product(*VALUES.values()):
        yield {name: (value,) for name, value in zip(VALUES, pair, strict=True)}


def periods(days: int) -> list[Period]:
    ends = [START + timedelta(days=at) for at in range(-1, days + 1)]
    return [Period(first, last) for first in ends for last in ends if first <= last]


def few(told: list[Told]) -> list[tuple[Told, Told]]:
    """Return every pair whose difference tells of one to LEAST - 1 people."""
    same = {(one.when, *sorted(one.asked.items()), one.who): one for one in told}
    alone = [(one, one) for one in same.values() if 0 < len(one.who) < LEAST]
    return alone + [
        (one, other)
        for one in same.values()
        for other in same.values()
        if other.who and 0 < len(one.who) - len(other.who) < LEAST and one.holds(other)
    ]


def guarded(people: People, where: dict[str, tuple[str, ...]], when: list[Period]) -> list[Told]:
    """Return what the guard lets be told of these periods, by asking the guard itself."""
    selection = Selection(people.home.scope(), where)
    watch = Watch(selection, "csat", "overall", guard.limits(selection.scope))
    kept = {one for span in when if (one := watch.kept(span, [(None,)]))}
    open_ = (one for one in sorted(kept) if not watch.refuses((None,), one))
    return [people.told(where, one) for one in open_]


def unguarded(people: People, where: dict[str, tuple[str, ...]], when: list[Period]) -> list[Told]:
    told = (people.told(where, one) for one in when)
    return [one for one in told if len(one.who) >= LEAST]


@pytest.mark.parametrize("seed", range(4))
def test_no_two_questions_tell_of_a_few(seed: int) -> None:
    rng = random.Random(seed)
    people = populate(rng, rng.randint(50, 140), 12)
    when = periods(12)
    told = list(chain.from_iterable(guarded(people, f, when) for f in filters(several=False)))
    assert any(len(one.asked) == 2 for one in told)
    assert few(told) == []
    bare = [one for f in filters(several=False) for one in unguarded(people, f, when[::5])]
    assert few(bare)


@pytest.mark.parametrize("seed", range(4))
def test_no_set_of_values_tells_of_a_few_in_one_period(seed: int) -> None:
    rng = random.Random(seed)
    people = populate(rng, rng.randint(40, 120), 12)
    whole = Period(START - timedelta(days=9), START + timedelta(days=30))
    told = list(chain.from_iterable(guarded(people, f, [whole]) for f in filters(several=True)))
    assert any(len(values) > 1 for one in told for values in one.asked.values())
    assert few(told) == []
    assert few([one for f in filters(several=True) for one in unguarded(people, f, [whole])])


@pytest.mark.parametrize("seed", range(2))
def test_nor_do_the_numbers_that_are_shown(seed: int) -> None:
    rng = random.Random(seed)
    people = populate(rng, 90, 12)
    told = []
    for where in filters(several=False):
        for span in rng.sample(periods(12), 6):
            told += shown(people, people.home.selection(**where).during(span))
    for span in rng.sample(periods(12), 8):
        whole = people.home.selection().during(span)
        for name in VALUES:
            told += shown(people, whole.split(name))
        told += shown(people, whole.split("channel", "language"))
        told += shown(people, whole.split("channel", interval="week"))
        told += shown(people, whole.split(interval="day"))
    assert len(told) > 20
    assert few(told) == []


def shown(people: People, selection: Selection) -> list[Told]:
    """Return whom the numbers that are shown count, as an attacker can know it."""
    found = []
    for row in queries.estimate(selection, "csat"):
        if row.status == "suppressed" or not row.n:
            continue
        group = {name: (code,) for name, code in row.group.items() if code is not None}
        one = people.told({**selection.where, **group}, looked_at(selection, row))
        assert len(one.who) == row.n
        found.append(one)
    return found


def looked_at(selection: Selection, row: Row) -> Period:
    assert selection.when is not None
    for note in row.estimate.warnings:
        if note.code == "period_kept":
            ends = (date.fromisoformat(str(note.params[end])) for end in ("first", "last"))
            return Period(*ends)
    if row.starts is None or row.interval is None:
        return selection.when
    part = bucket(row.starts, row.interval)
    return Period(max(part.first, selection.when.first), min(part.last, selection.when.last))
