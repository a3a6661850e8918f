"""Drivers from stored answers: the same as from the rows, guarded, of complete answers only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.lake.variables import ScoreOf, side_by_side
from manyi.metrics import queries
from manyi.reports.analysis.drivers import drivers
from manyi.stats.cross import cross_rows
from manyi.stats.drivers.linear import key_drivers
from manyi.surveys.models import SurveyVersion
from tests.factories import House, house
from tests.web.numbers import answer, publish

pytestmark = pytest.mark.django_db


def given(seed: int, n: int = 120) -> list[dict[str, Any]]:
    """Return answers in which the manner counts for most and the parking for nothing."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        manner, parking, repair = (int(v) for v in rng.integers(1, 6, 3))
        overall = int(np.clip(round(0.7 * manner + 0.3 * repair + rng.normal(0, 0.4)), 1, 5))
        aspects = {"manner": manner, "parking": parking, "repair": repair}
        found.append({"overall": overall, "aspects": aspects, "recommend": 2 * overall})
    return found


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def version(home: House) -> SurveyVersion:
    return publish(home, is_anonymous=False)


ITEMS = ("aspects.manner", "aspects.parking", "aspects.repair")


@pytest.mark.db
def test_drivers_are_those_of_the_rows(home: House, version: SurveyVersion) -> None:
    rows = given(1)
    answer(version, *rows)
    found = drivers(version.survey, home.selection(), outcome="overall", items=ITEMS)
    table = [[*(one["aspects"].values()), one["overall"]] for one in rows]
    expected = key_drivers(cross_rows([*ITEMS, "overall"], table), "overall")
    assert found.problem is None
    assert found.movers[0].variable.code == "aspects.manner"
    assert found.n == 120
    by_name = {one.name: one for one in expected.drivers}
    for mover in found.movers:
        same = by_name[mover.variable.code].importance.value
        assert mover.driver.importance.value == pytest.approx(same)
    assert found.found is not None
    assert found.found.r2.value == pytest.approx(expected.r2.value)


@pytest.mark.db
def test_performance_is_what_other_pages_show(home: House, version: SurveyVersion) -> None:
    answer(version, *given(2))
    found = drivers(version.survey, home.selection(), items=ITEMS)
    mine = home.selection(survey=(version.survey.code,))
    (shown,) = queries.estimate(mine, "csat_index", "aspects.manner")
    mover = next(one for one in found.movers if one.variable.code == "aspects.manner")
    assert mover.performance.estimate == shown.estimate


def test_incomplete_answers_are_left_out_and_told(home: House, version: SurveyVersion) -> None:
    whole, lacking = given(3), given(4, 20)
    for one in lacking:
        del one["aspects"]["repair"]
    answer(version, *whole, *lacking)
    found = drivers(version.survey, home.selection(), items=ITEMS)
    assert (found.n, found.incomplete) == (120, 20)


def test_an_item_that_few_answered_is_skipped(home: House, version: SurveyVersion) -> None:
    rows = given(5)
    for one in rows[:80]:
        del one["aspects"]["parking"]
    answer(version, *rows)
    found = drivers(version.survey, home.selection(), items=ITEMS)
    assert [one.code for one in found.skipped] == ["aspects.parking"]
    assert found.n == 120


def test_too_few_answers_make_no_finding(home: House, version: SurveyVersion) -> None:
    answer(version, *given(6, 12))
    found = drivers(version.survey, home.selection(), items=ITEMS)
    assert found.problem is not None
    assert found.problem.code == "analysis.few_lines"
    assert not found.movers


def test_an_anonymous_store_is_not_told_apart(home: House) -> None:
    version = publish(home, is_anonymous=True)
    answer(version, *given(7), unit="N-001")
    answer(version, *given(8, 3), unit="N-002")
    selection = home.selection(unit=("N-001",))
    found = drivers(version.survey, selection, items=ITEMS)
    assert found.problem is not None
    assert found.problem.code == "analysis.hidden"
    assert found.n == 0


def test_alike_outcomes_explain_nothing(home: House, version: SurveyVersion) -> None:
    rows = [{**one, "overall": 5} for one in given(9)]
    answer(version, *rows)
    found = drivers(version.survey, home.selection(), items=ITEMS)
    assert found.problem is not None
    assert found.problem.code == "analysis.no_spread"


def test_an_unknown_question_is_refused(home: House, version: SurveyVersion) -> None:
    with pytest.raises(Problem) as caught:
        drivers(version.survey, home.selection(), outcome="weather")
    assert caught.value.errors[0].code == "analysis.variable_unknown"


def test_bob_sees_the_north_alone(home: House, version: SurveyVersion) -> None:
    answer(version, *given(10), unit="N-001")
    answer(version, *given(11), unit="S-001")
    from manyi.accounts.permissions import scope
    from manyi.kit.selection import Selection

    found = drivers(version.survey, Selection(scope(home.bob)), items=ITEMS)
    assert found.n == 120


@pytest.mark.db
def test_lines_lie_side_by_side_by_record(home: House, version: SurveyVersion) -> None:
    rows = given(12, 30)
    answer(version, *rows)
    asked = [ScoreOf("overall", "csat"), ScoreOf("aspects.manner", "csat")]
    lines = side_by_side(home.selection(), asked)
    seen = sorted(zip(*(lines.columns[one].tolist() for one in asked), strict=True))
    expected = sorted(
        ((one["overall"] - 1) * 25.0, (one["aspects"]["manner"] - 1) * 25.0) for one in rows
    )
    assert seen == expected
