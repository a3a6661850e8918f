"""A survey whose pages are weighted: every number of it is, everywhere, and says so."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi.customers.models import Customer
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.metrics import actions, indicators, queries, weighted
from manyi.metrics.models import Indicator
from manyi.reports import dashboards
from manyi.surveys import actions as surveys
from manyi.surveys.models import Survey
from tests.api.test_api import Api
from tests.factories import NOW, House, house
from tests.lake.records import record
from tests.metrics.test_weighting import weigh_to
from tests.voices import made

pytestmark = [pytest.mark.django_db, pytest.mark.db]
SHARES = {"channel": {"app": 70.0, "sms": 30.0}}
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def survey(home: House) -> Survey:
    found = made(home.alice)
    weigh_to(home, found, SHARES, "share")
    return use(home, found)


def use(home: House, survey: Survey, *, wanted: bool = True) -> Survey:
    survey.refresh_from_db()
    return surveys.update_draft(by=home.alice, survey=survey, now=NOW, is_weighted=wanted)


def store(home: House, survey: Survey, month: int, apps: int, texts: int) -> None:
    """Store fives by app and ones by text message, half of each in the north."""
    for n, channel, value in ((apps, "app", 5), (texts, "sms", 1)):
        for at in range(n):
            day = date(2026, month, 1) + timedelta(days=at % 28)
            unit = home.north_1 if at % 2 else home.south_1
            record(home.organisation, day, csat=value, survey=survey, channel=channel, unit=unit)


def of(home: House, survey: Survey) -> Selection:
    return home.selection(survey=(survey.code,)).during(OCTOBER)


def test_every_number_hits_the_margins(home: House, survey: Survey) -> None:
    store(home, survey, 9, 20, 60)
    store(home, survey, 10, 60, 40)
    mine = of(home, survey)
    (row,) = queries.estimate(mine, "csat")
    assert row.estimate.value == pytest.approx(70)
    assert row.weighted_to == "all"
    assert row.estimate.n_effective == pytest.approx(100 / (60 * (7 / 6) ** 2 + 40 * 0.75**2) * 100)
    compared = queries.compare(mine, "csat")[0]
    assert compared.current.estimate == row.estimate
    assert compared.previous is not None
    assert compared.previous.estimate.value == pytest.approx(70)
    assert compared.delta is not None
    assert compared.delta.value == pytest.approx(0)
    trend = queries.trend(mine, "csat", interval="month")
    assert [one.estimate.value for one in trend] == pytest.approx([70])
    (spread,) = queries.distribution(mine, "overall", metric="csat")
    assert [round(one.share.value or 0, 6) for one in spread.shares] == [30, 0, 0, 0, 70]
    assert spread.heights == (30, 0, 0, 0, 70)
    units = queries.units_compared(mine, "csat")
    assert [one.row.estimate.value for one in units] == pytest.approx([70, 70])
    assert {one.row.weighted_to for one in units} == {"all"}
    headline = dashboards.headlines(mine)[0]
    assert headline.row.estimate == row.estimate
    plain = queries.estimate(mine, "csat", weighting="none")[0]
    assert (plain.estimate.value, plain.weighted_to) == (pytest.approx(60), None)


def test_two_pages_that_select_the_same_show_the_same(home: House, survey: Survey) -> None:
    store(home, survey, 10, 50, 50)
    mine = of(home, survey)
    (row,) = queries.estimate(mine, "csat")
    told = Api(home.alice).get(
        "/metrics", metric="csat", survey=survey.code, **{"from": "2026-10-01", "to": "2026-10-31"}
    )
    assert told.json()["weighting"] == "raked"
    assert told.json()["rows"][0]["value"] == row.estimate.value
    plain = Api(home.alice).get(
        "/metrics", metric="csat", survey=survey.code, weighting="none", **{"from": "2026-10-01"}
    )
    assert plain.json()["rows"][0]["value"] == pytest.approx(50)


def test_a_period_too_small_to_weight_counts_each_once(home: House, survey: Survey) -> None:
    store(home, survey, 9, 20, 9)
    store(home, survey, 10, 40, 40)
    compared = queries.compare(of(home, survey), "csat")[0]
    assert compared.previous is not None
    assert compared.previous.weighted_to is None
    assert compared.previous.estimate.value == pytest.approx(100 * 20 / 29)
    assert "raked_few" in {one.code for one in compared.previous.estimate.warnings}
    # A weighted number and one that is not differ for that reason alone.
    assert compared.delta is None


def test_the_change_of_the_same_people_knows_it(home: House, survey: Survey) -> None:
    rng = np.random.default_rng(5)
    for at in range(200):
        person = Customer.objects.create(
            id=9000 + at, organisation=home.organisation, ref=f"P{at}", created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        channel, own = ("app", "sms")[at % 2], int(rng.integers(1, 6))
        for month in (9, 10):
            record(
                home.organisation,
                date(2026, month, 1 + at % 28),
                csat=own,
                survey=survey,
                channel=channel,
                customer=person,
            )
    mine = of(home, survey)
    found = queries.compare(mine, "csat_mean")[0]
    assert found.delta is not None
    assert found.current.weighted_to == "all"
    # Everybody answered alike both times: between independent groups it would be ±0.3.
    assert (found.delta.value, found.delta.low, found.delta.high) == pytest.approx((0, 0, 0))


def test_the_switch_is_the_surveys_own_and_is_written_down(home: House, survey: Survey) -> None:
    store(home, survey, 10, 40, 40)
    assert weighted.weighting_of(of(home, survey)) == "raked"
    assert weighted.weighting_of(home.selection()) == "none"
    other = made(home.alice)
    with pytest.raises(Problem, match=r"survey\.invalid"):
        use(home, other)
    both = home.selection(survey=(survey.code, other.code))
    assert weighted.weighting_of(both) == "none"
    use(home, survey, wanted=False)
    assert queries.estimate(of(home, survey), "csat")[0].weighted_to is None
    use(home, survey)
    surveys.update_draft(by=home.alice, survey=survey, now=NOW, population=None)
    survey.refresh_from_db()
    assert survey.is_weighted is False


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    counts=st.lists(st.integers(5, 25), min_size=4, max_size=4),
    values=st.lists(st.integers(1, 5), min_size=12, max_size=12),
)
def test_weights_of_one_change_nothing(counts: list[int], values: list[int]) -> None:
    home = house()
    survey = made(home.alice)
    names = [f"c{at}" for at in range(4)]
    n = max(sum(counts), 30)
    counts = [*counts[:3], n - sum(counts[:3])] if sum(counts) < 30 else counts
    for at, (name, count) in enumerate(zip(names, counts, strict=True)):
        for i in range(count):
            value = values[(at * 3 + i) % 12]
            record(home.organisation, date(2026, 10, 2), csat=value, survey=survey, channel=name)
    sizes = {"channel": {c: float(k) for c, k in zip(names, counts, strict=True)}}
    weigh_to(home, survey, sizes, "count")
    use(home, survey)
    mine = of(home, survey)
    for metric in ("csat", "csat_mean", "csat_index"):
        one = queries.estimate(mine, metric)[0]
        two = queries.estimate(mine, metric, weighting="none")[0]
        assert one.weighted_to == "all"
        same = ("value", "low", "high", "n", "n_effective")
        assert [getattr(one.estimate, k) for k in same] == pytest.approx(
            [getattr(two.estimate, k) for k in same], rel=1e-12, abs=1e-12
        )
        assert one.estimate.method == two.estimate.method


def test_a_composite_says_which_of_its_parts_are_weighted(home: House, survey: Survey) -> None:
    store(home, survey, 10, 60, 40)

    def add(code: str, **values: object) -> Indicator:
        return actions.add_indicator(by=home.alice, code=code, name=code, now=NOW, **values)

    top = add("top")
    add("own", metric="csat", parent=top, query=f"survey={survey.code}")
    row = indicators.indicator(top, home.selection().during(OCTOBER)).row
    assert (row.estimate.value, row.weighted_to) == (pytest.approx(70), "all")
    add("any", metric="csat", parent=top)
    row = indicators.indicator(top, home.selection().during(OCTOBER)).row
    [note] = [one for one in row.estimate.warnings if one.code == "raked_parts"]
    assert note.params == {"n": 1, "of": 2}
    assert (row.estimate.value, row.weighted_to) == (pytest.approx(65), None)
