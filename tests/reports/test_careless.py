"""Flags of care: counted with intervals, listed where people are known, never deleting."""

from __future__ import annotations

from typing import Any

import pytest

from manyi.feedback.models import FeedbackRecord
from manyi.reports.analysis.careless import care
from manyi.stats.rates import share
from manyi.surveys.models import SurveyVersion
from tests.factories import House, house
from tests.web.numbers import answer, publish

pytestmark = pytest.mark.django_db
ROWS = ("cleaning", "security", "greening", "repair", "facilities", "parking", "manner")
ASPECTS = (*ROWS, "communication")


@pytest.fixture
def home() -> House:
    return house()


def voted(first: int, *, straight: bool = False) -> dict[str, Any]:
    values = [first if straight else 1 + (first + at) % 5 for at in range(len(ASPECTS))]
    return {"overall": first, "aspects": dict(zip(ASPECTS, values, strict=True)), "recommend": 7}


def filled(home: House, *, is_anonymous: bool = False) -> SurveyVersion:
    version = publish(home, is_anonymous=is_anonymous)
    answer(version, *[voted(1 + at % 5) for at in range(30)])
    answer(version, *[voted(5, straight=True) for _ in range(10)], tag="s")
    for at, one in enumerate(FeedbackRecord.objects.order_by("pk")):
        one.meta = {**one.meta, "seconds": 5 if at < 4 else 60}
        one.save(update_fields=["meta"])
    return version


@pytest.mark.db
def test_speed_and_straight_lines_are_shares_with_intervals(home: House) -> None:
    version = filled(home)
    found = care(version.survey, home.selection())
    told = {one.code: one.found for one in found.flags}
    assert told["speed"] == share(4, 40)
    assert told["straight"] == share(10, 40)
    assert told["twice"] is None
    assert found.any_flag == share(14, 40)
    assert found.median == 60
    assert len(found.flagged) == 14


def test_the_figure_without_them_is_another(home: House) -> None:
    found = care(filled(home).survey, home.selection())
    assert found.whole is not None and found.careful is not None
    assert found.whole.n == 40 and found.careful.n == 26
    assert (found.whole.value or 0) > (found.careful.value or 0)


def test_an_anonymous_answer_is_not_listed(home: House) -> None:
    found = care(filled(home, is_anonymous=True).survey, home.selection())
    assert found.any_flag == share(14, 40)
    assert not found.flagged


def test_few_answers_are_not_judged(home: House) -> None:
    version = publish(home, is_anonymous=False)
    answer(version, voted(3), voted(4))
    found = care(version.survey, home.selection())
    assert found.problem is not None
    assert found.problem.code == "analysis.few_answers"
