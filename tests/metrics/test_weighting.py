"""Weighted to the population: the margins are hit, and nobody looks past the scope."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from manyi.accounts.permissions import scope
from manyi.customers.models import Customer
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake import writing
from manyi.metrics import queries
from manyi.metrics.weighted import raked
from manyi.programmes.actions import upsert_population
from manyi.programmes.queries import population_by_code
from manyi.stats import moments
from manyi.stats.metrics import estimate as estimated
from manyi.stats.survey.rake import margins_of, rake_rows
from manyi.surveys import actions as surveys
from manyi.surveys.models import Survey
from tests.api.test_api import Api
from tests.factories import NOW, House, house
from tests.lake.records import record
from tests.voices import made

pytestmark = [pytest.mark.django_db, pytest.mark.db]
FIVE = Scale(1, 5)
SHARES = {"channel": {"app": 70, "sms": 30}, "attribute:age": {"young": 40, "old": 60}}
COUNTS = {"unit": {"N": 400, "S": 600}}
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def survey(home: House) -> Survey:
    return made(home.alice)


def weigh_to(home: House, survey: Survey, known: dict[str, dict[str, float]], size: str) -> None:
    rows = [
        {"dimension": name, "code": code, size: value}
        for name, sizes in known.items()
        for code, value in sizes.items()
    ]
    upsert_population(by=home.alice, code="all", margins=rows, now=NOW)
    population = population_by_code(home.scope(), "all")
    surveys.update_draft(by=home.alice, survey=survey, population=population, now=NOW)


def fill(home: House, survey: Survey, n: int = 160, **values: Any) -> list[dict[str, Any]]:
    """Store answers of young people by app, mostly; return them."""
    rng = np.random.default_rng(3)
    answers = []
    for _ in range(n):
        channel = str(rng.choice(["app", "sms"], p=[0.45, 0.55]))
        age = str(rng.choice(["young", "old"], p=[0.6, 0.4]))
        low = 1 if channel == "sms" else 3
        value = int(rng.integers(low, 6))
        record(
            home.organisation,
            csat=value,
            survey=survey,
            channel=channel,
            attributes={"age": age},
            **values,
        )
        answers.append({"channel": channel, "attribute:age": age, "value": value})
    return answers


def asked(home: House, survey: Survey, **where: tuple[str, ...]) -> Selection:
    return home.selection(survey=(survey.code,), **where)


def by_hand(answers: list[dict[str, Any]], known: dict[str, dict[str, float]]) -> moments.Moments:
    """Weigh the rows themselves."""
    codes = np.array([[list(known[d]).index(a[d]) for d in known] for a in answers])
    totals = [np.array(list(s.values())) / sum(s.values()) * len(answers) for s in known.values()]
    found = rake_rows(codes, np.ones(len(answers)), margins_of(totals))
    assert found.factors.max() < 5
    return moments.from_values([a["value"] for a in answers], found.factors)


@pytest.mark.parametrize("cold", [False, True])
def test_the_number_is_that_of_weighted_rows(home: House, survey: Survey, cold: bool) -> None:
    weigh_to(home, survey, SHARES, "share")
    answers = fill(home, survey)
    fill(home, made(home.alice), n=20)
    if cold:
        writing.append(home.organisation.pk, NOW)
    theirs = by_hand(answers, SHARES)
    for metric in ("csat_mean", "csat", "csat_index"):
        (row,) = queries.estimate(asked(home, survey), metric, weighting="raked")
        plain = estimated(metric, theirs, FIVE)
        mine = row.estimate
        assert (row.status, row.n) == ("ok", 160)
        assert (mine.value, mine.low, mine.high, mine.n_effective) == pytest.approx(
            (plain.value, plain.low, plain.high, plain.n_effective)
        )
        assert mine.method == plain.method
        (note, *others) = [one for one in mine.warnings if one.code.startswith("raked")]
        assert note.params["deff"] == pytest.approx(160 / theirs.kish, abs=0.01)
        assert others == []


def test_the_margins_are_hit_in_the_groups_together(home: House, survey: Survey) -> None:
    weigh_to(home, survey, SHARES, "share")
    fill(home, survey)
    for dimension, sizes in SHARES.items():
        found = raked(asked(home, survey).split(dimension), "csat", level=0.95)
        weights = {key[0]: one.sum_w for key, one in found.weights[0].groups.items()}
        assert weights == pytest.approx({code: 1.6 * size for code, size in sizes.items()})
        assert [row.group[dimension] for row in found.rows] == sorted(sizes)


def test_each_period_is_weighted_by_itself(home: House, survey: Survey) -> None:
    weigh_to(home, survey, {"channel": SHARES["channel"]}, "share")
    for month, apps in ((9, 10), (10, 40)):
        for n, channel, value in ((apps, "app", 5), (30, "sms", 1)):
            for _ in range(n):
                day = date(2026, month, 5)
                record(home.organisation, day, csat=value, survey=survey, channel=channel)
    monthly = asked(home, survey).split(interval="month")
    rows = queries.estimate(monthly, "csat", weighting="raked")
    assert [row.estimate.value for row in rows] == pytest.approx([70, 70])
    assert [round(row.estimate.value or 0) for row in queries.estimate(monthly, "csat")] == [25, 57]


def test_a_store_counts_for_its_region(home: House, survey: Survey) -> None:
    weigh_to(home, survey, COUNTS, "count")
    for unit, n, value in ((home.north_1, 20, 5), (home.north_2, 10, 5), (home.south_1, 10, 1)):
        for _ in range(n):
            record(home.organisation, csat=value, survey=survey, unit=unit)
    found = raked(asked(home, survey), "csat", level=0.95)
    assert found.rows[0].estimate.value == pytest.approx(40)
    rates = np.array([30 / 400, 10 / 600])
    spread = np.sqrt((np.array([400, 600]) * (rates - 0.04) ** 2).sum() / 999)
    assert found.weights[0].balance["unit"].r_indicator.value == pytest.approx(1 - 2 * spread)
    by_region = raked(asked(home, survey).split("unit"), "csat", level=0.95, depth=1)
    assert [(row.group["unit"], row.n) for row in by_region.rows] == [("N", 30), ("S", 10)]


def test_weights_are_made_inside_the_scope(home: House, survey: Survey) -> None:
    weigh_to(home, survey, {**COUNTS, "channel": {"app": 500, "sms": 500}}, "count")
    for unit, n, channel, value in (
        (home.north_1, 20, "app", 5),
        (home.north_2, 10, "sms", 1),
        (home.south_1, 50, "sms", 5),
    ):
        for _ in range(n):
            record(home.organisation, csat=value, survey=survey, unit=unit, channel=channel)
    bobs = Selection(scope(home.bob), {"survey": (survey.code,)})
    found = raked(bobs, "csat", level=0.95)
    (row,) = found.rows
    assert (row.n, row.estimate.value) == (30, pytest.approx(50))
    notes = {one.code: one.params for one in row.estimate.warnings}
    assert "raked_missing" not in notes
    assert notes["raked_part"] == {"dimension": "channel"}
    assert "channel" not in found.weights[0].balance
    (north,) = queries.estimate(asked(home, survey, unit=("N",)), "csat", weighting="raked")
    assert north.estimate == row.estimate


def test_who_is_missing_and_who_is_unknown_is_said(home: House, survey: Survey) -> None:
    known = {"channel": {"app": 40, "sms": 40, "mail": 20}}
    weigh_to(home, survey, known, "share")
    for n, channel, value in ((20, "app", 5), (10, "sms", 1), (10, "store", 5)):
        for _ in range(n):
            record(home.organisation, csat=value, survey=survey, channel=channel)
    (row,) = queries.estimate(asked(home, survey), "csat", weighting="raked")
    assert row.n == 40
    # A quarter keeps its weight; app and sms divide the rest evenly.
    assert row.estimate.value == pytest.approx(25 + 37.5)
    notes = {one.code: one.params for one in row.estimate.warnings}
    assert notes["raked_missing"] == {"dimension": "channel", "count": 1, "share": 20.0}
    assert notes["raked_outside"] == {"dimension": "channel", "count": 10}


def test_one_customer_in_several_cells_is_one_person(home: House, survey: Survey) -> None:
    weigh_to(home, survey, {"channel": SHARES["channel"]}, "share")
    for i in range(40):
        # Ids of our own: which customers share a hash group decides the last few per cent.
        person = Customer.objects.create(
            id=7000 + i, organisation=home.organisation, ref=f"C{i}", created_at=NOW, updated_at=NOW
        )
        for channel in ("app", "sms"):
            value = 5 if i % 2 else 1
            record(home.organisation, csat=value, survey=survey, channel=channel, customer=person)
    (row,) = queries.estimate(asked(home, survey), "csat", weighting="raked")
    assert row.estimate.method == "logit_jackknife"
    assert row.estimate.n_effective < 50


def test_too_few_stay_too_few(home: House, survey: Survey) -> None:
    weigh_to(home, survey, SHARES, "share")
    fill(home, survey, n=9)
    found = raked(asked(home, survey), "csat", level=0.95)
    assert [(row.status, row.n, row.estimate.value) for row in found.rows] == [("too_few", 9, None)]
    assert found.weights == []
    (none,) = queries.estimate(asked(home, survey).during(OCTOBER), "nps", weighting="raked")
    assert (none.status, none.n) == ("too_few", 0)


def test_a_survey_without_a_population_is_refused(home: House, survey: Survey) -> None:
    weigh_to(home, survey, SHARES, "share")
    other = made(home.alice)
    for where in ({}, {"survey": (other.code,)}, {"survey": (survey.code, other.code)}):
        with pytest.raises(Problem, match="weighting_no_population"):
            queries.estimate(home.selection(**where), "csat", weighting="raked")


def test_programs_ask_for_weighted_numbers(home: House) -> None:
    alice = Api(home.alice)
    margins = [
        {"dimension": "channel", "code": code, "share": share}
        for code, share in SHARES["channel"].items()
    ]
    stored = alice.put("/populations", {"code": "all", "name": "全体", "margins": margins})
    assert (stored.status_code, stored.json()["result"]) == (201, "created")
    assert alice.get("/populations").json()["items"][0]["margins"] == margins
    assert alice.get("/populations/all").json()["name"] == {"zh-Hans": "全体"}
    survey = made(home.alice)
    assert alice.get("/metrics", metric="csat", weighting="raked").status_code == 422
    named = alice.put(f"/surveys/{survey.code}", {"population": "all"})
    assert named.json()["population"] == "all"
    fill(home, survey, n=60)
    query = {"metric": "csat", "survey": survey.code, "by": "channel", "weighting": "raked"}
    shown = alice.get("/metrics", **query).json()
    assert shown["weighting"] == "raked"
    assert [row["group"]["channel"] for row in shown["rows"]] == ["app", "sms"]
    (weights,) = shown["weights"]
    assert (weights["population"], weights["balance"]) == ("all", {})
    assert weights["deff"] > 1
    wrong = alice.put("/populations", {"code": "all", "margins": margins[:1]})
    assert wrong.status_code == 422
    assert {one["code"] for one in wrong.json()["errors"]} >= {"population.one_category"}
    assert alice.get("/metrics", metric="csat", weighting="best").status_code == 422
    assert Api(home.bob).put("/populations", {"code": "x"}).status_code == 403


def test_what_is_cut_off_is_told(home: House, survey: Survey) -> None:
    weigh_to(home, survey, {"channel": {"app": 50, "sms": 50}}, "share")
    for n, channel in ((2, "app"), (38, "sms")):
        for value in range(n):
            record(home.organisation, csat=1 + value % 5, survey=survey, channel=channel)
    found = raked(asked(home, survey), "csat", level=0.95)
    (row,) = found.rows
    # Two of forty would weigh 10 each and are held at 5: a quarter of the weight.
    assert found.weights[0].trimmed == pytest.approx(25)
    notes = {one.code: one.params for one in row.estimate.warnings}
    assert notes["weights_capped"] == {"count": 1, "cap": 5.0}
    assert notes["raked"]["trimmed"] == 25.0
