"""Every metric against plain Python over the database's rows, wherever the rows lie."""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord, Score
from manyi.kit.period import Period, bucket
from manyi.kit.scale import Scale
from manyi.kit.selection import Scope, Selection
from manyi.lake import tidying, writing
from manyi.lake.tables import clusters
from manyi.metrics import queries, registry
from manyi.stats.compare import difference
from manyi.stats.metrics import estimate as estimated
from manyi.stats.moments import Moments, from_cells
from tests.factories import NOW, House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]
SEEDS = range(200 if os.environ.get("TEST_LONG") else 10)
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London")
CHANNELS = ("app", "sms", "")
# Days at which calendars go wrong: leap days, turns of years, week 53, changes of the clock.
ODD_DAYS = (
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 12, 28),
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2027, 1, 3),
    date(2027, 1, 4),
)
SCALES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}
METRICS = [(m.code, None if not m.needs_item else "aspects.price") for m in registry.metrics()]


def populate(home: House, rng: random.Random) -> None:
    """Store records on odd days, some of the same customers, some partial, some under way."""
    zone = ZoneInfo(rng.choice(ZONES))
    units = [home.north.pk, home.north_1.pk, home.north_2.pk, home.south_1.pk, None]
    customers = [
        Customer.objects.create(
            id=new_id(), organisation=home.organisation, created_at=NOW, updated_at=NOW
        ).pk
        for _ in range(5)
    ]
    for _ in range(rng.randint(30, 90)):
        # Near midnight, where the local day and the day in London differ.
        local = datetime.combine(rng.choice(ODD_DAYS), datetime.min.time(), zone)
        at = local + timedelta(minutes=rng.choice((0, 1, 719, 1438)))
        scores = [
            ("overall", family, *ends, float(rng.randint(*ends)))
            for family, ends in SCALES.items()
            if rng.random() < 0.7
        ]
        if rng.random() < 0.6:
            scores.append(("aspects.price", "csat", 1, 5, float(rng.randint(1, 5))))
        done = rng.random()
        record(
            home.organisation,
            at.astimezone(zone).date(),
            scores=tuple(scores),
            occurred_at=at.astimezone(UTC),
            unit_id=rng.choice(units),
            channel=rng.choice(CHANNELS),
            customer_id=rng.choice([*customers, None, None]),
            attributes={"tier": rng.choice(("gold", "tin"))} if rng.random() < 0.7 else {},
            completed_at=at if done < 0.8 else None,
            is_partial=0.8 <= done < 0.9,
        )


def disturb(home: House, rng: random.Random) -> None:
    """Change a few records and erase a few, as the one door and the purge do."""
    for row in rng.sample(list(FeedbackRecord.objects.order_by("pk")), 6):
        if rng.random() < 0.4:
            writing.supersede(home.organisation.pk, [row.pk], NOW)
            row.delete()
            continue
        row.lake_part, row.revision = None, row.revision + 1
        row.day, row.unit_id = rng.choice(ODD_DAYS), home.north_2.pk
        row.save()


def plainly(selection: Selection, family: str | None, item: str) -> dict[tuple[Any, ...], Moments]:
    """Return the moments of each group, gathered score by score."""
    cells: dict[Any, Counter[tuple[float, int]]] = defaultdict(Counter)
    who: dict[Any, set[int]] = defaultdict(set)
    rows = Score.objects.select_related("record__unit").filter(item=item)
    for score in rows.filter(metric=family) if family else rows:
        one = score.record
        counts = one.completed_at is not None or one.is_partial
        if not counts or not admitted(one, selection):
            continue
        starts = bucket(one.day, selection.interval).first if selection.interval else None
        key = (*(stored(one, name) for name in selection.by), starts)
        person = one.customer_id or -one.pk
        cells[key][score.value, person] += 1
        who[key].add(person)
    return {key: moments(cell, len(who[key])) for key, cell in cells.items()}


def moments(cell: Counter[tuple[float, int]], people: int) -> Moments:
    values, who = zip(*cell, strict=True)
    groups = clusters(list(who)).tolist()
    return from_cells(values, groups, list(cell.values()), n_customers=people)


def stored(one: FeedbackRecord, name: str) -> str | None:
    if name == "unit":
        return one.unit.code if one.unit else None
    if name == "channel":
        return one.channel or None
    found: str | None = one.attributes.get(name.removeprefix("attribute:"))
    return found


def admitted(one: FeedbackRecord, selection: Selection) -> bool:
    when, ids = selection.when, selection.scope.unit_ids
    if when is not None and not when.first <= one.day <= when.last:
        return False
    if ids is not None and one.unit_id not in ids:
        return False
    for name, codes in selection.where.items():
        if name == "unit":
            line, unit = set(), one.unit
            while unit:
                line.add(unit.code)
                unit = unit.parent
            if not line & set(codes):
                return False
        elif stored(one, name) not in codes:
            return False
    return True


def any_selection(home: House, rng: random.Random) -> Selection:
    seen = rng.choice([None, None, {home.north_1.pk, home.south_1.pk, home.north_2.pk}])
    ends = sorted(rng.sample(ODD_DAYS, 2))
    when = rng.choice([None, Period(*ends), bucket(ends[0], rng.choice(("week", "month", "year")))])
    where = {
        "unit": (rng.choice(("N", "N-001", "HQ")),),
        "channel": tuple(rng.sample(("app", "sms"), rng.randint(1, 2))),
        "attribute:tier": ("gold",),
    }
    return Selection(
        Scope(home.organisation.pk, None if seen is None else frozenset(seen)),
        {name: codes for name, codes in where.items() if rng.random() < 0.25},
        when=when,
        by=tuple(rng.sample(("unit", "channel", "attribute:tier"), rng.choice((0, 0, 1, 2)))),
        interval=rng.choice((None, None, "day", "week", "month", "quarter", "year")),
    )


def check(selection: Selection, metric: str, item: str | None) -> None:
    code, named = registry.asked(metric, item)
    family = registry.family(metric) or ("csat" if item else None)
    scale = Scale(*SCALES[family or "csat"])
    wanted = plainly(selection, family, named)
    rows = {
        (*row.group.values(), row.starts): row for row in queries.estimate(selection, metric, item)
    }
    for key, own in wanted.items():
        row = rows.pop(key)
        plain = estimated(code, own, scale)
        assert row.n == own.count, (selection, metric, key)
        assert row.status == ("ok" if own.count >= 10 else "too_few")
        if row.ok:
            assert row.estimate.value == pytest.approx(plain.value), (selection, metric)
            ends = (row.estimate.low, row.estimate.high)
            assert ends == pytest.approx((plain.low, plain.high)), (selection, metric)
    assert all(row.n == 0 for row in rows.values())


def check_before(selection: Selection, metric: str) -> None:
    """环比 and 同比: each side is the plain number of its own days."""
    selection = selection.split()
    when = selection.when
    if when is None:
        return
    (found,) = queries.compare(selection, metric)
    sides = (when, when.previous(), when.year_before())
    rows = (found.current, found.previous, found.year_before)
    family = registry.family(metric)
    each = [plainly(selection.during(side), family, "overall").get((None,)) for side in sides]
    for row, own in zip(rows, each, strict=True):
        assert row is not None
        assert row.n == (own.count if own else 0)
    if found.delta is not None:
        assert each[0] is not None
        assert each[1] is not None
        plain = difference(each[0], each[1], metric, Scale(*SCALES[family or "csat"]))
        assert found.delta.value == pytest.approx(plain.value)


def life(home: House, rng: random.Random) -> list[tuple[str, Any]]:
    """Return the deeds through which every number must stay right."""
    owner = home.organisation.pk
    return [
        ("hot", lambda: None),
        ("appended", lambda: writing.append(owner, NOW)),
        ("disturbed", lambda: disturb(home, rng)),
        ("appended again", lambda: writing.append(owner, NOW)),
        ("compacted", lambda: tidying.compact(NOW + timedelta(hours=1))),
        ("rebuilt", lambda: writing.rebuild(NOW + timedelta(hours=2))),
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_is_the_plain_one(seed: int) -> None:
    rng = random.Random(seed)
    home = house()
    populate(home, rng)
    for _, deed in life(home, rng):
        deed()
        for _ in range(2):
            selection = any_selection(home, rng)
            for metric, item in rng.sample(METRICS, 2):
                check(selection, metric, item)
            check_before(selection, rng.choice(("csat", "nps", "ces", "csat_index")))


def test_weeks_and_periods_keep_to_the_calendar() -> None:
    home = house()
    for day in (date(2026, 12, 28), date(2027, 1, 3), date(2027, 1, 4), date(2024, 2, 29)):
        record(home.organisation, day, csat=5)
    rows = queries.estimate(home.selection().split(interval="week"), "csat")
    assert [(row.period, row.n) for row in rows] == [
        ("2024-W09", 1),
        ("2026-W53", 2),
        ("2027-W01", 1),
    ]
    leap = Period(date(2024, 2, 29), date(2024, 2, 29))
    (found,) = queries.compare(home.selection().during(leap), "csat")
    assert (found.current.n, leap.year_before()) == (1, Period(*[date(2023, 2, 28)] * 2))
