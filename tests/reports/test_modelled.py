"""Kano, SERVQUAL and the satisfaction index, from stored answers to their templates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import Problem
from manyi.packs.templates import template
from manyi.reports.analysis.modelled import features, gaps, indices
from manyi.stats.kano import cross_table, kano_counts
from manyi.stats.servqual import servqual_rows
from manyi.surveys import actions as surveys
from tests.factories import NOW, House, house
from tests.web.numbers import BEFORE, answer, publish

pytestmark = pytest.mark.django_db
RNG = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def _the_same_draws() -> None:
    """What a test draws does not hang on which tests this process ran before it."""
    RNG.bit_generator.state = np.random.default_rng(5).bit_generator.state


@pytest.fixture
def home() -> House:
    return house()


def rows_of(name: str, question: str) -> list[str]:
    asked = [q for page in template(name)["pages"] for q in page["questions"]]
    return [row["code"] for q in asked if q["code"] == question for row in q["rows"]]


def rated(rows: list[str], values: Any) -> dict[str, int]:
    return dict(zip(rows, (int(v) for v in values), strict=True))


@pytest.mark.db
def test_kano_is_that_of_the_crossed_answers(home: House) -> None:
    version = publish(home, "kano", is_anonymous=False)
    rows = rows_of("kano", "if_there")
    there, lacking = RNG.integers(1, 4, (40, len(rows))), RNG.integers(3, 6, (40, len(rows)))
    answer(
        version,
        *[
            {"if_there": rated(rows, a), "if_not": rated(rows, b)}
            for a, b in zip(there, lacking, strict=True)
        ],
    )
    found = features(version.survey, home.selection())
    for at, one in enumerate(found.features):
        expected = kano_counts(cross_table(there[:, at], lacking[:, at]))
        assert one.found is not None and expected is not None
        assert (one.n, one.found.counts) == (40, expected.counts)
        assert one.found.better == expected.better


def test_a_feature_that_few_answered_is_not_judged(home: House) -> None:
    version = publish(home, "kano", is_anonymous=False)
    rows = rows_of("kano", "if_there")
    full = {"if_there": rated(rows, [1] * 5), "if_not": rated(rows, [5] * 5)}
    answer(version, *[full] * 6)
    found = features(version.survey, home.selection())
    assert all(one.found is None and one.n == 6 for one in found.features)


@pytest.mark.db
def test_servqual_gaps_are_those_of_the_rows(home: House) -> None:
    version = publish(home, "servqual", is_anonymous=False)
    rows = rows_of("servqual", "should")
    should, does = RNG.integers(5, 8, (50, len(rows))), RNG.integers(3, 7, (50, len(rows)))
    answer(
        version,
        *[
            {"should": rated(rows, a), "does": rated(rows, b), "overall": 3}
            for a, b in zip(should, does, strict=True)
        ],
    )
    found = gaps(version.survey, home.selection())
    expected = servqual_rows(should, does, {"tangibles": [0, 1]})
    assert found.n == 50
    assert found.dimensions[0].gap == expected.dimensions["tangibles"]
    assert [one.gap for one in found.items] == list(expected.items)


@pytest.mark.db
def test_the_index_follows_the_model(home: House) -> None:
    version = publish(home, "ecsi", is_anonymous=False)
    blocks = template("ecsi")["models"][0]["groups"]
    rows = []
    for _ in range(90):
        mood = RNG.normal(7, 1.5)
        one: dict[str, dict[str, int]] = {}
        for item in (i for group in blocks for i in group["items"]):
            block, row = item.split(".")
            value = int(np.clip(round(mood + RNG.normal(0, 0.8)), 1, 10))
            one.setdefault(block, {})[row] = value
        rows.append(one)
    answer(version, *rows)
    found = indices(version.survey, home.selection())
    assert found.problem is None
    assert found.n == 90
    mine = np.array([list(one["satisfaction"].values()) for one in rows], float)
    plain = ((mine - 1) / 9 * 100).mean()
    assert found.indices["satisfaction"].value == pytest.approx(plain, abs=2)
    effects = {(one.start, one.end): one.path for one in found.effects}
    path = effects["satisfaction", "loyalty"]
    assert path is not None and path.low is not None and path.low > 0
    assert found.r2["satisfaction"].n == 90


ITEMS = [item for group in template("ecsi")["models"][0]["groups"] for item in group["items"]]


TRUST = {"zh-Hans": "信任", "en": "Trust"}


def own_model(draw: Any) -> Any:
    """Put a model of one's own into the template, its groups in no order."""
    draw["models"] = [
        {
            "kind": "index",
            "structure": "own",
            "outcome": "trust",
            "groups": [
                {
                    "code": "trust",
                    "items": ["image.trusted", "image.caring"],
                    "label": TRUST,
                },
                {"code": "care", "items": ["quality.product", "quality.service"]},
                {"code": "stay", "items": ["loyalty.again", "loyalty.recommend"]},
            ],
            "paths": [{"from": "care", "to": "trust"}, {"from": "trust", "to": "stay"}],
        }
    ]
    return draw


@pytest.mark.db
def test_an_organisations_own_model_is_told_with_its_measures(home: House) -> None:
    survey = surveys.create(by=home.alice, definition=own_model(template("ecsi")), now=BEFORE)
    surveys.update_draft(by=home.alice, survey=survey, now=BEFORE, is_anonymous=False)
    version = surveys.publish(by=home.alice, survey=survey, now=BEFORE)
    rows = []
    for _ in range(120):
        care = RNG.normal(6, 1.5)
        trust = 0.7 * care + RNG.normal(2, 1)
        stay = 0.8 * trust + RNG.normal(1, 1)

        def said(mood: float) -> int:
            return int(np.clip(round(mood + RNG.normal(0, 0.6)), 1, 10))

        moods = {"quality": care, "image": trust, "loyalty": stay}
        one: dict[str, dict[str, int]] = {}
        for block, row in (item.split(".") for item in ITEMS):
            one.setdefault(block, {})[row] = said(moods.get(block, 5))
        rows.append(one)
    answer(version, *rows)
    found = indices(version.survey, home.selection())
    assert found.problem is None
    assert (found.structure, found.outcome, found.labels["trust"]) == (
        "own",
        "trust",
        TRUST,
    )
    assert list(found.indices) == ["care", "trust", "stay"]
    effects = {(one.start, one.end): one for one in found.effects}
    assert effects["care", "stay"].path is None
    through = effects["care", "trust"].path.value * effects["trust", "stay"].path.value  # type: ignore[union-attr,operator]
    assert effects["care", "stay"].total.value == pytest.approx(through)
    assert all((one.loading.low or 0) > 0.7 for one in found.items)
    assert (found.measures["trust"].reliability.low or 0) > 0.6
    assert found.measures["care"].nearest in ("trust", "stay")


def test_few_answers_make_no_index(home: House) -> None:
    version = publish(home, "ecsi", is_anonymous=False)
    found = indices(version.survey, home.selection())
    assert found.problem is not None
    assert (found.problem.code, found.n) == ("analysis.few_lines", 0)


def test_a_survey_without_a_model_says_so(home: House) -> None:
    version = publish(home, "csat", is_anonymous=False)
    with pytest.raises(Problem) as caught:
        features(version.survey, home.selection())
    assert caught.value.code == "analysis.no_model"


def _two_each(version: Any) -> None:
    """Let every known customer have given two of the answers."""
    home = version.survey.organisation
    records = FeedbackRecord.objects.filter(survey=version.survey).order_by("pk")
    for at, record in enumerate(records):
        if at % 2 == 0:
            someone = Customer.objects.create(
                id=new_id(), organisation=home, ref=f"C-{record.pk}", created_at=NOW, updated_at=NOW
            )
        FeedbackRecord.objects.filter(pk=record.pk).update(customer=someone, lake_part=None)


@pytest.mark.db
def test_what_one_customer_says_twice_counts_together(home: House) -> None:
    kano_of = publish(home, "kano", is_anonymous=False)
    rows = rows_of("kano", "if_there")
    there = np.repeat(RNG.integers(1, 4, (30, len(rows))), 2, axis=0)
    lacking = np.repeat(RNG.integers(3, 6, (30, len(rows))), 2, axis=0)
    pairs = zip(there, lacking, strict=True)
    answer(kano_of, *[{"if_there": rated(rows, a), "if_not": rated(rows, b)} for a, b in pairs])
    servqual_of = publish(home, "servqual", is_anonymous=False)
    items = rows_of("servqual", "should")
    should = np.repeat(RNG.integers(5, 8, (30, len(items))), 2, axis=0)
    does = np.repeat(RNG.integers(3, 7, (30, len(items))), 2, axis=0)
    answer(
        servqual_of,
        *[
            {"should": rated(items, a), "does": rated(items, b), "overall": 3}
            for a, b in zip(should, does, strict=True)
        ],
    )
    once = features(kano_of.survey, home.selection()), gaps(servqual_of.survey, home.selection())
    assert [one.again for one in once] == [0, 0]
    _two_each(kano_of)
    _two_each(servqual_of)
    twice = features(kano_of.survey, home.selection()), gaps(servqual_of.survey, home.selection())
    assert [one.again for one in twice] == [30, 30]
    wider = [
        (b.half_width or 0) / (a.half_width or 1)
        for a, b in [
            *((a.gap, b.gap) for a, b in zip(once[1].items, twice[1].items, strict=True)),
            *(
                (a.found.better, b.found.better)
                for a, b in zip(once[0].features, twice[0].features, strict=True)
                if a.found is not None and b.found is not None
            ),
        ]
    ]
    assert 1.25 < np.mean(wider) < 1.6
    assert [f.found.counts for f in once[0].features] == [f.found.counts for f in twice[0].features]  # type: ignore[union-attr]
