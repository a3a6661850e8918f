"""Reliability from stored answers, and the planner's checks."""

from __future__ import annotations

import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.lake.variables import MOST_LINES, Lines
from manyi.reports.analysis.planning import planned
from manyi.reports.analysis.reliable import reliable
from manyi.reports.analysis.variables import sampled
from manyi.stats.reliability import reliability_rows
from manyi.surveys.models import SurveyVersion
from tests.factories import House, house
from tests.web.numbers import answer, publish

ITEMS = ("manner", "parking", "repair")


@pytest.fixture
def home(db: None) -> House:
    return house()


@pytest.fixture
def version(home: House) -> SurveyVersion:
    return publish(home, is_anonymous=False)


def alike(n: int, items: tuple[str, ...] = ITEMS) -> list[dict[str, object]]:
    rng = np.random.default_rng(3)
    found = []
    for _ in range(n):
        mood = rng.normal(3, 1)
        values = np.clip(np.round(mood + rng.normal(0, 0.7, len(items))), 1, 5).astype(int)
        aspects = dict(zip(items, (int(v) for v in values), strict=True))
        found.append({"overall": int(np.clip(round(mood), 1, 5)), "aspects": aspects})
    return [{**one, "recommend": 8} for one in found]


@pytest.mark.db
def test_alpha_is_that_of_the_rows(home: House, version: SurveyVersion) -> None:
    every = ("cleaning", "security", "greening", "repair", "facilities", "parking", "manner")
    rows = alike(80, (*every, "communication"))
    answer(version, *rows)
    found = reliable(version.survey, home.selection(), scale="aspects")
    expected = reliability_rows([list(one["aspects"].values()) for one in rows])  # type: ignore[attr-defined]
    assert found.found is not None and found.omega is not None
    assert found.found.alpha.value == pytest.approx(expected.alpha.value)
    assert found.n == 80
    assert len(found.items) == 8
    assert 0.7 < (found.omega.value or 0) <= 1
    assert found.verdict in {"good", "high"}


def test_incomplete_answers_leave_too_few(home: House, version: SurveyVersion) -> None:
    answer(version, *alike(50))
    found = reliable(version.survey, home.selection(), scale="aspects")
    assert found.problem is not None
    assert (found.problem.code, found.n, found.incomplete) == ("analysis.few_lines", 0, 50)


def test_a_survey_of_one_rating_has_no_scale(home: House) -> None:
    single = publish(home, "csat")
    with pytest.raises(Problem) as caught:
        reliable(single.survey, home.selection())
    assert caught.value.code == "analysis.scale_items"


def test_the_plan_for_a_share_is_the_textbooks() -> None:
    assert planned("share", {"margin": "5", "rate": "50"}).answers == 385
    assert planned("share", {"margin": "5", "rate": "50"}).invitations == 770
    assert planned("share", {"margin": "5", "population": "1000"}).answers == 278


@pytest.mark.parametrize(
    ("what", "given", "pointer"),
    [
        ("share", {"margin": "0"}, "margin"),
        ("share", {"margin": "many"}, "margin"),
        ("nps", {"promoters": "70", "detractors": "40"}, "detractors"),
        ("share_difference", {"expected": "60", "after": "60"}, "after"),
        ("moon", {}, "what"),
        ("mean", {"deff": "nan"}, "deff"),
    ],
)
def test_what_makes_no_sense_is_named(what: str, given: dict[str, str], pointer: str) -> None:
    with pytest.raises(Problem) as caught:
        planned(what, given)
    assert caught.value.errors[0].pointer == pointer


def test_it_is_said_where_only_a_sample_was_looked_at() -> None:
    rows = np.arange(MOST_LINES)
    few = Lines(rows[1:], rows[1:], rows[1:] > 0, {}, {})
    many = Lines(rows, rows, rows > 0, {}, {})
    assert sampled(few) == ()
    assert [one.code for one in sampled(many)] == ["analysis.sampled"]
