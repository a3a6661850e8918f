"""Drivers by trees from stored answers: the same as from the rows, with shapes that may be told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.reports.analysis.by_trees import SEED, by_trees
from manyi.stats.drivers.trees import tree_drivers_rows
from manyi.surveys.models import SurveyVersion
from tests.factories import House, house
from tests.reports.test_drivers import given
from tests.web.numbers import answer, publish

pytestmark = pytest.mark.django_db
ITEMS = ("aspects.manner", "aspects.parking", "aspects.repair")


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def version(home: House) -> SurveyVersion:
    return publish(home, is_anonymous=False)


@pytest.mark.db
def test_they_are_those_of_the_rows(home: House, version: SurveyVersion) -> None:
    rows = given(1, 200)
    answer(version, *rows)
    found = by_trees(version.survey, home.selection(), outcome="overall", items=ITEMS)
    assert found.problem is None
    assert found.found is not None
    table = np.array([list(one["aspects"].values()) for one in rows], float)
    overall = np.array([one["overall"] for one in rows], float)
    same = tree_drivers_rows((table - 1) * 25, (overall - 1) * 25, rng=np.random.default_rng(SEED))
    first = found.movers[0]
    assert first.variable.code == "aspects.manner"
    assert first.rank == (1, 1)
    assert same.drivers[0].at == 0
    assert first.importance.value == pytest.approx(same.drivers[0].importance.value, rel=0.1)
    assert [step.low for step in first.shape] == [1, 2, 3, 4, 5]
    effects = [step.effect.value or 0.0 for step in first.shape]
    assert effects == sorted(effects)
    assert found.found.r2.low is not None and found.found.r2.low > 40


def test_a_blank_item_is_an_answer_of_its_own(home: House, version: SurveyVersion) -> None:
    rows: list[dict[str, Any]] = given(2, 150)
    for one in rows[:40]:
        one["aspects"]["parking"] = {"na": True}
    answer(version, *rows)
    found = by_trees(version.survey, home.selection(), outcome="overall", items=ITEMS)
    assert found.n == 150
    parking = next(one for one in found.movers if one.variable.code == "aspects.parking")
    assert parking.shape[-1].low is None
    assert parking.shape[-1].effect.n == 40


def test_few_answers_have_no_trees(home: House, version: SurveyVersion) -> None:
    answer(version, *given(3, 60))
    found = by_trees(version.survey, home.selection(), outcome="overall", items=ITEMS)
    assert found.problem is not None
    assert found.problem.code == "analysis.trees_few"
    assert found.problem.params == {"n": 60, "least": 100}


def test_the_anonymous_stay_hidden(home: House) -> None:
    secret = publish(home, is_anonymous=True)
    answer(secret, *given(4, 3))
    found = by_trees(secret.survey, home.selection(), outcome="overall", items=ITEMS)
    assert found.problem is not None
    assert found.problem.code == "analysis.hidden"
    assert found.n == 0


def test_a_question_that_is_not_asked_is_refused(home: House, version: SurveyVersion) -> None:
    with pytest.raises(Problem):
        by_trees(version.survey, home.selection(), outcome="weather")
