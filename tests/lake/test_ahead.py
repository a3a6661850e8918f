"""What is counted ahead of several items is what each of them is asked for alone."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.kit.period import Period
from manyi.lake import ahead, halves, queries, question, writing
from manyi.lake.scores import Part
from manyi.lake.tables import SCORES
from manyi.surveys.models import Survey
from tests.factories import NOW, House, house
from tests.lake.records import record
from tests.voices import made

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
DAYS = (date(2026, 8, 1), date(2026, 9, 15), date(2026, 10, 30))
# The first two overlap, and the first period is asked for twice.
SIDES = [Period(DAYS[0], DAYS[1]), Period(DAYS[0], DAYS[2]), Period(DAYS[0], DAYS[1])]
EACH: list[tuple[str | None, str]] = [("csat", "overall"), ("nps", "overall"), (None, "price")]


def lived(home: House, rng: random.Random, *, copied_at: int = 100) -> list[Survey]:
    surveys = [made(home.alice, "csat"), made(home.alice, "nps")]
    known = [
        Customer.objects.create(
            id=new_id(), organisation=home.organisation, created_at=NOW, updated_at=NOW
        ).pk
        for _ in range(5)
    ]
    for at in range(120):
        survey = rng.choice([None, *surveys])
        record(
            home.organisation,
            DAYS[0] + timedelta(days=rng.randint(0, 90)),
            csat=rng.randint(1, 5),
            nps=rng.randint(0, 10),
            scores=(("price", "score", 1, 5, rng.randint(1, 5)),),
            unit_id=rng.choice((home.north_1.pk, home.south_1.pk)),
            survey_id=survey.pk if survey else None,
            is_anonymous=survey is not None,
            customer_id=rng.choice([*known, None]),
        )
        if at == copied_at:
            writing.append(home.organisation.pk, NOW)
    return surveys


def told(found: queries.Sides) -> Any:
    lines = [(at, line(one)) for at, side in enumerate(found.each) for one in side]
    return lines, found.shared


def line(one: queries.GroupMoments) -> Any:
    own = one.moments
    grouped = None if own.by_group is None else own.by_group.tolist()
    counts = own.values.tolist(), own.n.tolist(), own.n_customers, one.n_known, one.n_anonymous
    return one.family, one.scale, grouped, counts


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The measures that were counted."""
    found: list[str] = []
    ask = halves.ask
    monkeypatch.setattr(
        halves, "ask", lambda shape, *a: found.append(shape.measure) or ask(shape, *a)
    )
    return found


def parts(surveys: list[Survey]) -> list[Part | None]:
    return [None, Part(None), *(Part(one.code) for one in surveys)]


@pytest.mark.parametrize(("seed", "copied_at"), [(0, 100), (1, 119), (2, -1)])
def test_each_item_is_told_as_if_it_was_asked_for_alone(
    seed: int, copied_at: int, asked: list[str]
) -> None:
    home = house()
    surveys = lived(home, random.Random(seed), copied_at=copied_at)
    whole = home.selection().narrowed(unit=home.north_1.code)

    def all_told() -> list[Any]:
        return [
            told(queries.moments_of_sides(whole, SIDES, metric, item, part=part))
            for metric, item in EACH
            for part in parts(surveys)
        ]

    alone, many = all_told(), len(asked)
    question.read(whole, SCORES).answers.clear()
    asked.clear()
    ahead.count_ahead(whole, SIDES, EACH)
    assert all_told() == alone
    assert asked == ["people_by_sides", "cells_by_cluster"]
    assert many == 6


def test_of_many_rows_nothing_is_counted_ahead(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = house()
    lived(home, random.Random(0))
    monkeypatch.setattr(ahead, "_MOST_ROWS", 5)
    ahead.count_ahead(home.selection().narrowed(unit=home.north_1.code), SIDES, EACH)
    assert asked == []


def test_one_item_is_not_counted_ahead(asked: list[str]) -> None:
    home = house()
    lived(home, random.Random(0))
    ahead.count_ahead(home.selection().narrowed(unit=home.north_1.code), SIDES, [EACH[0], EACH[0]])
    assert asked == []
