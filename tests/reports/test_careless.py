"""Flags of care: counted with intervals, listed where people are known, never deleting."""

from __future__ import annotations

from typing import Any

import pytest

from manyi.feedback.models import FeedbackRecord, Score
from manyi.reports.analysis.careless import care
from manyi.stats.rates import share_counts
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


def filled(home: House, *, is_anonymous: bool = False, straight: int = 10) -> SurveyVersion:
    version = publish(home, is_anonymous=is_anonymous)
    answer(version, *[voted(1 + at % 5) for at in range(30)])
    answer(version, *[voted(5, straight=True) for _ in range(straight)], tag="s")
    _hurry(home, 4)
    return version


def _hurry(home: House, n: int) -> None:
    """Let the first of those who are not pleased at all have answered in no time."""
    mine = FeedbackRecord.objects.filter(organisation=home.organisation)
    least = Score.objects.filter(record__in=mine, item="overall", value=1).order_by("record")
    quick = set(least.values_list("record", flat=True)[:n])
    for one in mine:
        one.meta = {**one.meta, "seconds": 5 if one.pk in quick else 60}
        one.save(update_fields=["meta"])


@pytest.mark.db
def test_speed_and_straight_lines_are_shares_with_intervals(home: House) -> None:
    version = filled(home)
    found = care(version.survey, home.selection())
    told = {one.code: one.found for one in found.flags}
    assert told["speed"] == share_counts(4, 40)
    assert told["straight"] == share_counts(10, 40)
    assert told["twice"] is None
    assert found.any_flag == share_counts(14, 40)
    assert found.median == 60
    assert len(found.flagged) == 14


def test_the_figure_without_them_is_another(home: House) -> None:
    found = care(filled(home).survey, home.selection())
    assert found.whole is not None and found.careful is not None
    assert found.whole.n == 40 and found.careful.n == 26
    assert (found.whole.value or 0) > (found.careful.value or 0)


def test_an_anonymous_answer_is_not_listed(home: House) -> None:
    found = care(filled(home, is_anonymous=True).survey, home.selection())
    assert found.any_flag == share_counts(14, 40)
    assert not found.flagged


def test_what_a_few_anonymous_people_said_does_not_follow_from_two_figures(home: House) -> None:
    found = care(filled(home, is_anonymous=True).survey, home.selection())
    assert found.careful is not None and found.careful.n == 26
    for named, told in ((False, True), (True, False)):
        other = house()
        few = care(_slow(other, is_anonymous=named).survey, other.selection())
        assert (few.whole is not None, few.careful is not None) == (told, told)


def _slow(home: House, *, is_anonymous: bool) -> SurveyVersion:
    """Thirty answers, two of them in no time."""
    version = filled(home, is_anonymous=is_anonymous, straight=0)
    _hurry(home, 2)
    return version


def test_few_answers_are_not_judged(home: House) -> None:
    version = publish(home, is_anonymous=False)
    answer(version, voted(3), voted(4))
    found = care(version.survey, home.selection())
    assert found.problem is not None
    assert found.problem.code == "analysis.few_answers"
