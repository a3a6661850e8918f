"""The lake against a plain count over the same records, through a random life of them."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord, Score
from manyi.kit.period import Period, bucket
from manyi.kit.selection import Scope, Selection
from manyi.lake import checking, queries, tidying, writing
from tests.factories import NOW, House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]
CHANNELS = ("app", "sms", "")


def live_a_while(home: House, rng: random.Random, turns: int = 60) -> None:
    """Add, change, erase, copy and compact in any order."""
    units = [home.north.pk, home.north_1.pk, home.north_2.pk, home.south_1.pk, None]
    customers = [
        Customer.objects.create(
            id=new_id(), organisation=home.organisation, created_at=NOW, updated_at=NOW
        ).pk
        for _ in range(6)
    ]
    for turn in range(turns):
        for _ in range(rng.randint(0, 3)):
            record(
                home.organisation,
                date(2026, 8, 1) + timedelta(days=rng.randint(0, 90)),
                csat=rng.randint(0, 5),
                unit_id=rng.choice(units),
                channel=rng.choice(CHANNELS),
                customer_id=rng.choice([*customers, None]),
                attributes={"tier": rng.choice(("gold", "tin"))} if rng.random() < 0.7 else {},
            )
        rows = list(FeedbackRecord.objects.order_by("pk"))
        if rows and rng.random() < 0.4:
            row = rng.choice(rows)
            Score.objects.filter(record=row).update(value=rng.randint(0, 5))
            row.lake_part, row.revision = None, row.revision + 1
            row.unit_id, row.day = rng.choice(units), row.day + timedelta(days=rng.randint(-20, 20))
            row.save()
        if rows and rng.random() < 0.1:
            gone = rng.choice(rows)
            writing.supersede(home.organisation.pk, [gone.pk], NOW)
            gone.delete()
        if rng.random() < 0.4:
            writing.append(home.organisation.pk, NOW)
        if rng.random() < 0.1:
            tidying.compact(NOW + timedelta(hours=turn))


def plainly(selection: Selection) -> dict:
    """Count in Python what `moments` counts in the engine."""
    found: Counter = Counter()
    people: dict = {}
    rows = Score.objects.select_related("record__unit").filter(item="overall", metric="csat")
    for score in rows:
        one = score.record
        if not admitted(one, selection):
            continue
        group = tuple(stored(one, name) for name in selection.by)
        starts = bucket(one.day, selection.interval).first if selection.interval else None
        found[(*group, starts), score.value] += 1
        people.setdefault((*group, starts), set()).add(one.customer_id or -one.pk)
    return {"counts": dict(found), "people": {key: len(who) for key, who in people.items()}}


def stored(one: FeedbackRecord, name: str) -> str | None:
    if name == "unit":
        return one.unit.code if one.unit else None
    if name == "channel":
        return one.channel or None
    return one.attributes.get(name.removeprefix("attribute:"))


def admitted(one: FeedbackRecord, selection: Selection) -> bool:
    when, ids = selection.when, selection.scope.unit_ids
    if when and not when.first <= one.day <= when.last:
        return False
    if ids is not None and one.unit_id not in ids:
        return False
    for name, codes in selection.where.items():
        if name == "unit":
            above = set()
            unit = one.unit
            while unit:
                above.add(unit.code)
                unit = unit.parent
            if not above & set(codes):
                return False
        elif stored(one, name) not in codes:
            return False
    return True


def from_lake(selection: Selection) -> dict:
    counts, people = {}, {}
    for one in queries.moments(selection, "csat"):
        key = (*one.group.values(), one.period)
        people[key] = one.moments.n_customers
        for value, n in zip(one.moments.values.tolist(), one.moments.n.tolist(), strict=True):
            counts[key, value] = n
        if one.moments.by_group is not None:
            assert one.moments.by_group.sum() == one.moments.count
    return {"counts": counts, "people": people}


def any_selection(home: House, rng: random.Random) -> Selection:
    seen = rng.choice([None, {home.north_1.pk, home.south_1.pk}, {home.north_2.pk}])
    first = date(2026, 7, 10) + timedelta(days=rng.randint(0, 80))
    where = {
        "unit": (rng.choice(("N", "N-001", "HQ")),),
        "channel": tuple(rng.sample(("app", "sms"), rng.randint(1, 2))),
        "attribute:tier": ("gold",),
    }
    return Selection(
        Scope(home.organisation.pk, None if seen is None else frozenset(seen)),
        {name: codes for name, codes in where.items() if rng.random() < 0.35},
        when=None if rng.random() < 0.3 else Period(first, first + timedelta(rng.randint(0, 60))),
        by=tuple(rng.sample(("unit", "channel", "attribute:tier"), rng.randint(0, 2))),
        interval=rng.choice((None, "day", "week", "month", "quarter", "year")),
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_lake_counts_as_one_would_by_hand(seed: int) -> None:
    rng = random.Random(seed)
    home = house()
    live_a_while(home, rng)
    for _ in range(12):
        selection = any_selection(home, rng)
        assert from_lake(selection) == plainly(selection), selection
    assert checking.recount() == []


@pytest.mark.parametrize("seed", range(3))
def test_periods_read_in_one_go_are_those_read_one_by_one(seed: int) -> None:
    rng = random.Random(seed)
    home = house()
    live_a_while(home, rng)
    days = [date(2026, 8, 1) + timedelta(days=rng.randint(0, 60)) for _ in range(3)]
    sides = [Period(day, day + timedelta(days=rng.randint(0, 40))) for day in days]
    for by in ((), ("unit",), ("channel", "attribute:tier")):
        whole = home.selection().split(*by)
        found = queries.moments_of_sides(whole, sides, "csat")
        for at, side in enumerate(sides):
            alone = queries.moments(whole.during(side), "csat")
            assert [told(one) for one in found.each[at]] == [told(one) for one in alone]
        for at in (1, 2):
            both = people(home, sides[0]) & people(home, sides[at])
            if not by:
                assert found.shared.get((), {}).get((0, at), 0) == len(both)


def told(one: queries.GroupMoments) -> tuple:
    m = one.moments
    return tuple(one.group.values()), m.values.tolist(), m.n.tolist(), m.n_customers, one.n_known


def people(home: House, when: Period) -> set[int]:
    rows = FeedbackRecord.objects.filter(
        organisation=home.organisation, day__gte=when.first, day__lte=when.last
    )
    return set(rows.exclude(customer=None).values_list("customer_id", flat=True))
