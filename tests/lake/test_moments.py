from __future__ import annotations

from datetime import date

import pytest

from manyi.accounts.permissions import scope
from manyi.base import once
from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.kit.period import Period
from manyi.kit.selection import Scope, Selection
from manyi.lake import queries, snapshot, writing
from tests.factories import NOW, House, house, stranger_house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def home() -> House:
    return house()


def told(selection: Selection, metric: str = "csat", item: str = "overall") -> list:
    """Return (group, period, {value: n}) of each group."""
    return [
        (
            tuple(one.group.values()),
            one.period,
            dict(zip(one.moments.values.tolist(), one.moments.n.tolist(), strict=True)),
        )
        for one in queries.moments(selection, metric, item)
    ]


def places(home: House) -> dict[str, int]:
    return {
        "N-001": home.north_1.pk,
        "N-002": home.north_2.pk,
        "S-001": home.south_1.pk,
    }


def fill(home: House) -> None:
    for unit, scores in {"N-001": (5, 5, 4), "N-002": (1, 0), "S-001": (3,)}.items():
        for value in scores:
            record(home.organisation, csat=value, unit_id=places(home)[unit])
    record(home.organisation, date(2026, 9, 30), csat=2)


@pytest.fixture(params=["hot", "cold", "half"])
def stored(request: pytest.FixtureRequest, home: House) -> str:
    """Put the same records into the database, the lake, or half of them into each."""
    if request.param == "half":
        for value in (5, 5, 4):
            record(home.organisation, csat=value, unit_id=home.north_1.pk)
        writing.append(home.organisation.pk, NOW)
        for value in (1, 0):
            record(home.organisation, csat=value, unit_id=home.north_2.pk)
        record(home.organisation, csat=3, unit_id=home.south_1.pk)
        record(home.organisation, date(2026, 9, 30), csat=2)
    else:
        fill(home)
    if request.param == "cold":
        writing.append(home.organisation.pk, NOW)
    return request.param


def test_counts_are_the_same_wherever_the_rows_lie(home: House, stored: str) -> None:
    whole = home.selection()
    assert told(whole) == [((), None, {0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 2})]
    assert told(whole.during(OCTOBER).split("unit")) == [
        (("N-001",), None, {4: 1, 5: 2}),
        (("N-002",), None, {0: 1, 1: 1}),
        (("S-001",), None, {3: 1}),
    ]
    assert told(whole.split(interval="month")) == [
        ((), date(2026, 9, 1), {2: 1}),
        ((), date(2026, 10, 1), {0: 1, 1: 1, 3: 1, 4: 1, 5: 2}),
    ]


def test_a_unit_admits_its_subtree(home: House, stored: str) -> None:
    assert told(home.selection(unit=("N",))) == [((), None, {0: 1, 1: 1, 4: 1, 5: 2})]
    assert told(home.selection(unit=("nowhere",))) == []


def test_units_roll_up_to_a_level(home: House, stored: str) -> None:
    split = home.selection().during(OCTOBER).split("unit")
    found = queries.moments(split, "csat", depth=1)
    assert [(one.group["unit"], one.moments.count) for one in found] == [("N", 5), ("S", 1)]


def test_levels_tell_the_same_whichever_is_asked_first(home: House, stored: str) -> None:
    split = home.selection().during(OCTOBER).split("unit")
    alone = [queries.moments(split, "csat", depth=depth) for depth in (0, 1)]
    snapshot._local.__dict__.clear()
    once.forget()
    queries.moments(split, "csat", depth=2)
    after = [queries.moments(split, "csat", depth=depth) for depth in (0, 1)]
    for one, other in zip(alone, after, strict=True):
        assert [vars_of(row) for row in one] == [vars_of(row) for row in other]


def vars_of(one: queries.GroupMoments) -> tuple[object, ...]:
    own = one.moments
    counts = (own.values.tolist(), own.n.tolist(), own.n_customers)
    return (dict(one.group), counts, one.n_anonymous, one.n_known)


def test_a_manager_sees_only_below_their_unit(home: House, stored: str) -> None:
    bobs = Selection(scope(home.bob))
    assert told(bobs) == [((), None, {0: 1, 1: 1, 4: 1, 5: 2})]
    assert told(bobs.narrowed(unit="S-001")) == []
    nobody = Selection(Scope(home.organisation.pk, frozenset()))
    assert told(nobody) == []


def test_nothing_leaks_to_another_organisation(home: House, stored: str) -> None:
    other = stranger_house()
    record(other.organisation, csat=1, unit_id=other.north_1.pk)
    writing.append(other.organisation.pk, NOW)
    theirs = Selection(other.scope(), where={"unit": ("N-001",)})
    assert told(theirs) == [((), None, {1: 1})]
    assert told(Selection(other.scope()).split("unit")) == [(("N-001",), None, {1: 1})]
    assert told(home.selection())[0][2] == {0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 2}


def test_customers_are_counted_once_and_exactly(home: House) -> None:
    one, two = (
        Customer.objects.create(
            id=new_id(), organisation=home.organisation, ref=r, created_at=NOW, updated_at=NOW
        )
        for r in ("C1", "C2")
    )
    for _ in range(3):
        record(home.organisation, csat=5, customer=one, unit_id=home.north_1.pk)
    writing.append(home.organisation.pk, NOW)
    record(home.organisation, csat=4, customer=one, unit_id=home.north_1.pk)
    record(home.organisation, csat=3, customer=two, unit_id=home.north_2.pk)
    record(home.organisation, csat=3, unit_id=home.north_2.pk)
    (whole,) = queries.moments(home.selection(), "csat")
    assert (whole.moments.count, whole.moments.n_customers) == (6, 3)
    assert whole.moments.clustered
    by_unit = queries.moments(home.selection().split("unit"), "csat")
    assert [one.moments.n_customers for one in by_unit] == [1, 2]
    assert all(one.moments.by_group is not None for one in by_unit)


def test_dimensions_attributes_and_answers_narrow_and_split(home: House) -> None:
    place = {"touchpoint": home.repair, "agent": home.agent_1, "channel": "app"}
    asked = (("q1", "", "yes", None),)
    record(home.organisation, csat=5, attributes={"tier": "gold"}, answers=asked, **place)
    writing.append(home.organisation.pk, NOW)
    record(home.organisation, csat=1, attributes={"tier": "tin", "vip": True})
    record(home.organisation, csat=2)
    split = home.selection().split
    assert told(split("touchpoint")) == [((None,), None, {1: 1, 2: 1}), (("repair",), None, {5: 1})]
    assert told(split("channel", "agent")) == [
        ((None, None), None, {1: 1, 2: 1}),
        (("app", "A-1"), None, {5: 1}),
    ]
    assert told(split("attribute:tier")) == [
        ((None,), None, {2: 1}),
        (("gold",), None, {5: 1}),
        (("tin",), None, {1: 1}),
    ]
    assert told(home.selection(**{"attribute:vip": ("true",)})) == [((), None, {1: 1})]
    answered = Selection(home.scope(), answers={"q1": ("yes", "no")})
    assert told(answered) == [((), None, {5: 1})]
    rated = (("q2", "speed", "", 4.0), ("q2", "price", "", 1.0))
    record(home.organisation, csat=3, answers=rated)
    for asked, codes, n in (("q2", ("4",), 1), ("q2.speed", ("4",), 1), ("q2.price", ("4",), 0)):
        found = told(Selection(home.scope(), answers={asked: codes}))
        assert found == ([((), None, {3: 1})] if n else [])
    (count,) = queries.answer_counts(home.selection(), "q1")
    assert (count.code, count.n, count.asked) == ("yes", 1, 1)


def test_scales_stay_apart(home: House) -> None:
    record(home.organisation, csat=5)
    record(home.organisation, scores=(("overall", "csat", 1, 10, 5),))
    record(home.organisation, nps=0)
    assert sorted(one.scale.high for one in queries.moments(home.selection(), "csat")) == [5, 10]
    assert {one.family for one in queries.moments(home.selection(), None)} == {"csat", "nps"}


def test_what_is_under_way_counts_when_complete_or_partial(home: House) -> None:
    row = record(home.organisation, csat=5, completed_at=None)
    assert told(home.selection()) == []
    writing.append(home.organisation.pk, NOW)
    row.refresh_from_db()
    assert row.lake_part is None
    row.is_partial = True
    row.save()
    assert told(home.selection()) == [((), None, {5: 1})]
    writing.append(home.organisation.pk, NOW)
    (count,) = queries.counts(home.selection())
    assert (count.records, count.complete, count.partial) == (1, 0, 1)


def test_single_rows_come_in_the_same_order_each_time(home: House, stored: str) -> None:
    some = queries.rows(home.selection(), ("value", "record"), 4, metric="csat")
    assert some.num_rows == 4
    assert some.equals(queries.rows(home.selection(), ("value", "record"), 4, metric="csat"))
