from __future__ import annotations

from datetime import date

import pytest

from manyi.accounts.permissions import scope
from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake import engine, writing
from manyi.lake.columns import layout
from manyi.lake.models import LakeFile
from manyi.metrics import queries, wire
from manyi.stats.compare import difference
from manyi.stats.metrics import estimate as estimated
from manyi.stats.moments import from_counts
from tests.factories import NOW, House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
FIVE = Scale(1, 5)


@pytest.fixture
def home() -> House:
    return house()


def give(
    home: House, scores: dict[int, int], day: date = date(2026, 10, 5), **values: object
) -> None:
    for score, n in scores.items():
        for _ in range(n):
            record(home.organisation, day, csat=score, **values)


def test_the_number_is_that_of_the_statistics(home: House) -> None:
    give(home, {5: 12, 3: 4, 0: 1})
    (row,) = queries.estimate(home.selection(), "csat")
    plain = estimated("csat", from_counts([3, 5], [4, 12]), FIVE)
    assert (row.status, row.n) == ("ok", 16)
    assert row.estimate.value == plain.value == 75
    assert row.estimate.low == pytest.approx(plain.low)
    assert [note.code for note in row.estimate.warnings] == ["off_scale"]


def test_few_answers_show_their_count_alone(home: House) -> None:
    give(home, {5: 9})
    (row,) = queries.estimate(home.selection(), "csat")
    assert (row.status, row.n, row.estimate.value, row.estimate.low) == ("too_few", 9, None, None)
    assert wire.row(row)["n"] == 9
    (none,) = queries.estimate(home.selection(), "nps")
    assert (none.status, none.n) == ("too_few", 0)


def test_a_deed_without_its_item_or_metric_is_refused(home: House) -> None:
    with pytest.raises(Problem, match="metric_needs_item"):
        queries.estimate(home.selection(), "mean")
    with pytest.raises(Problem, match="metric_unknown"):
        queries.estimate(home.selection(), "happiness")


def test_pages_that_select_the_same_show_the_same(home: House) -> None:
    give(home, {5: 20, 4: 7, 2: 6}, unit_id=home.north_1.pk)
    writing.append(home.organisation.pk, NOW)
    give(home, {5: 11, 1: 3}, unit_id=home.north_1.pk)
    whole = home.selection().during(OCTOBER)
    (alone,) = queries.estimate(whole, "csat")
    (by_unit,) = queries.estimate(whole.split("unit"), "csat")
    (compared,) = queries.compare(whole, "csat")
    (unit,) = queries.units_compared(whole, "csat")
    (month,) = queries.trend(whole, "csat", interval="month")
    (bobs,) = queries.estimate(Selection(scope(home.bob)).during(OCTOBER), "csat")
    values = {
        (row.estimate.value, row.estimate.low, row.estimate.high, row.n)
        for row in (alone, by_unit, compared.current, unit.row, month, bobs)
    }
    assert len(values) == 1
    assert month.period == "2026-10"


def test_changes_come_with_their_interval(home: House) -> None:
    give(home, {5: 30, 1: 10})
    give(home, {5: 10, 1: 30}, date(2026, 9, 3))
    (one,) = queries.compare(home.selection().during(OCTOBER), "csat")
    plain = difference(from_counts([1, 5], [10, 30]), from_counts([1, 5], [30, 10]), "csat", FIVE)
    assert one.delta is not None
    assert one.delta.value == plain.value == 50
    assert (one.delta.low, one.delta.high) == pytest.approx((plain.low, plain.high))
    assert one.direction == 1
    assert one.year_before is not None
    assert (one.year_before.status, one.delta_year) == ("too_few", None)


def test_the_same_people_on_both_sides_make_a_change_surer(home: House) -> None:
    def answer(ids: list[int], day: date, moved: int) -> None:
        for at, pk in enumerate(ids):
            score = 5 if at % 2 or at < moved else 1
            record(home.organisation, day, csat=score, customer_id=pk)

    pairs = [customer(home).pk for _ in range(60)]
    answer(pairs, date(2026, 9, 3), 0)
    answer(pairs, date(2026, 10, 3), 8)
    (same,) = queries.compare(home.selection().during(OCTOBER), "csat_index")
    home = house()
    answer([customer(home).pk for _ in range(60)], date(2026, 9, 3), 0)
    answer([customer(home).pk for _ in range(60)], date(2026, 10, 3), 8)
    (others,) = queries.compare(home.selection().during(OCTOBER), "csat_index")
    assert same.delta is not None
    assert others.delta is not None
    assert same.delta.half_width < others.delta.half_width / 2
    assert others.delta.method == "welch"


def customer(home: House) -> Customer:
    return Customer.objects.create(
        id=new_id(), organisation=home.organisation, created_at=NOW, updated_at=NOW
    )


def test_a_trend_shows_the_gaps(home: House) -> None:
    give(home, {5: 12}, date(2026, 8, 3))
    give(home, {4: 3}, date(2026, 10, 3))
    period = Period(date(2026, 8, 1), date(2026, 10, 31))
    rows = queries.trend(home.selection().during(period), "csat_mean", interval="month")
    assert [(row.period, row.status, row.n) for row in rows] == [
        ("2026-08", "ok", 12),
        ("2026-09", "too_few", 0),
        ("2026-10", "too_few", 3),
    ]
    quarters = queries.trend(home.selection().during(period), "csat_mean", interval="quarter")
    assert [(row.period, row.n) for row in quarters] == [("2026-Q3", 12), ("2026-Q4", 3)]


def test_different_scales_meet_as_share_and_never_as_mean(home: House) -> None:
    give(home, {5: 6, 1: 6})
    for _ in range(8):
        record(home.organisation, scores=(("overall", "csat", 1, 10, 10),))
    (share,) = queries.estimate(home.selection(), "csat")
    assert (share.estimate.value, share.n) == (70, 20)
    (index,) = queries.estimate(home.selection(), "csat_index")
    assert index.estimate.value == 70
    (mean,) = queries.estimate(home.selection(), "csat_mean")
    assert (mean.estimate.value, mean.n) == (3, 12)
    assert [note.code for note in mean.estimate.warnings] == ["other_scales"]
    (spread,) = queries.distribution(home.selection(), "overall")
    assert [one.count for one in spread.shares] == [6, 0, 0, 0, 6]


def test_anonymous_answers_of_few_hide_their_neighbour_too(home: House) -> None:
    for place, n in ((home.north_1, 30), (home.north_2, 3), (home.south_1, 12)):
        give(home, {5: n}, unit_id=place.pk, is_anonymous=True)
    whole = home.selection()
    by_unit = {row.group["unit"]: row for row in queries.estimate(whole.split("unit"), "csat")}
    assert by_unit["N-002"].status == "suppressed"
    assert by_unit["N-002"].n is None
    assert wire.row(by_unit["N-002"])["n"] is None
    # N less N-001 would be N-002: its neighbour in the same region goes as well.
    assert by_unit["N-001"].status == "suppressed"
    (alone,) = queries.estimate(home.selection(unit=("N-001",)), "csat")
    assert alone.status == "suppressed"
    (south,) = queries.estimate(home.selection(unit=("S",)), "csat")
    assert south.status == "ok"


def test_units_are_told_apart_only_where_they_differ(home: House) -> None:
    give(home, {5: 30, 1: 30}, unit_id=home.north_1.pk)
    give(home, {5: 31, 1: 29}, unit_id=home.north_2.pk)
    give(home, {5: 58, 1: 2}, unit_id=home.south_1.pk)
    found = {one.unit: one for one in queries.units_compared(home.selection(), "csat")}
    assert found["S-001"].differs == 1
    assert found["N-001"].differs == -1
    best = found["S-001"]
    assert best.shrunken is not None
    assert best.row.estimate.value is not None
    assert best.shrunken.value is not None
    assert 50 < best.shrunken.value < best.row.estimate.value
    regions = queries.units_compared(home.selection(), "csat", depth=1)
    assert [(one.unit, one.row.n) for one in regions] == [("N", 120), ("S", 60)]


def test_answers_are_distributed_and_completion_counted(home: House) -> None:
    give(home, {5: 8, 0: 1, 1: 2})
    record(home.organisation, completed_at=None, is_partial=True)
    record(home.organisation, completed_at=None)
    (found,) = queries.distribution(home.selection(), "overall", metric="csat")
    assert [(one.value, one.count) for one in found.shares] == [
        (1, 2),
        (2, 0),
        (3, 0),
        (4, 0),
        (5, 8),
    ]
    (rate,) = queries.completion(home.selection())
    assert rate.n == 12
    assert rate.estimate.value == pytest.approx(100 * 11 / 12)


def test_a_failure_says_so_and_is_never_no_data(home: House) -> None:
    give(home, {5: 20})
    writing.append(home.organisation.pk, NOW)
    for path in LakeFile.objects.values_list("path", flat=True):
        (engine.folder() / path).unlink()
        layout.beside(engine.folder() / path).unlink(missing_ok=True)
    (row,) = queries.estimate(home.selection(), "csat")
    assert (row.status, row.estimate.value, row.n) == ("failed", None, None)
    (one,) = queries.compare(home.selection().during(OCTOBER), "csat")
    assert one.current.status == "failed"
    assert {row.status for row in queries.trend(home.selection(), "csat")} == {"failed"}
