"""Response rates: what the house knows, what a person enters, and who may see them."""

from __future__ import annotations

from typing import Any

import pytest

from manyi.accounts.models import AuditEntry
from manyi.accounts.permissions import scope
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import Forbidden, Problem
from manyi.reports.analysis.responding import eligibility, responded
from manyi.stats.rates import share_counts
from manyi.surveys.dispositions import (
    dispositions,
    keep_eligibility,
    replace_dispositions,
)
from manyi.surveys.models import SurveyVersion
from tests.factories import NOW, House, house
from tests.web.numbers import answer, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def version(home: House) -> SurveyVersion:
    found = publish(home, "csat")
    answer(found, *[{"overall": 4}] * 12)
    return found


def enter(home: House, version: SurveyVersion, **counts: Any) -> None:
    rows = [{"code": code.replace("_", ".")[1:], "n": n} for code, n in counts.items()]
    replace_dispositions(by=home.alice, survey=version.survey, rows=rows, now=NOW)


def test_answers_alone_tell_no_rate(home: House, version: SurveyVersion) -> None:
    found = responded(version.survey, scope(home.alice))
    assert found.problem is not None and found.problem.code == "analysis.asked_unknown"
    assert not found.rates
    assert [(one.code, one.counted) for one in found.ends] == [("1.1", 12)]


def test_rates_join_answers_here_with_what_was_entered(home: House, version: SurveyVersion) -> None:
    enter(home, version, c2_11=8, c2_2=10, c3_1=20, c4_7=10)
    found = responded(version.survey, scope(home.alice))
    assert found.e == 30 / 40
    one, plain = found.rates["RR1"], share_counts(12, 50)
    assert (one.value, one.n) == (24, 50)
    assert one.low == pytest.approx(plain.low, abs=1e-6)
    assert found.rates["RR3"].value == pytest.approx(100 * 12 / (30 + 0.75 * 20))
    assert found.rates["RR5"].value == 40
    assert found.rates["COOP1"].value == 60
    assert found.rates["CON3"].value == pytest.approx(100 * 20 / 30)


def test_an_e_that_is_stored_stands_until_taken_back(home: House, version: SurveyVersion) -> None:
    enter(home, version, c2_11=8, c3_1=20, c4_7=10)
    survey, mine = version.survey, scope(home.alice)
    keep_eligibility(by=home.alice, survey=survey, e=0.0, now=NOW)
    survey.refresh_from_db()
    found = responded(survey, mine)
    assert (found.e, found.e_given) == (0.0, True)
    assert found.rates["RR3"].value == found.rates["RR5"].value == 60
    assert responded(survey, mine, e=0.5).e == 0.5
    last = AuditEntry.objects.order_by("-pk")[0]
    assert (last.action, last.detail["after"]) == ("survey.eligibility", "0.0")
    with pytest.raises(Problem) as wrong:
        keep_eligibility(by=home.alice, survey=survey, e=1.2, now=NOW)
    assert wrong.value.errors[0].pointer == "/e"
    keep_eligibility(by=home.alice, survey=survey, e=None, now=NOW)
    assert not responded(survey, mine).e_given


def test_a_chosen_e_is_taken_as_known(home: House, version: SurveyVersion) -> None:
    enter(home, version, c2_11=8, c3_1=20, c4_7=10)
    by = scope(home.alice)
    estimated, chosen = responded(version.survey, by), responded(version.survey, by, e=20 / 30)
    assert chosen.rates["RR3"].value == pytest.approx(estimated.rates["RR3"].value)
    assert chosen.rates["RR3"].low != pytest.approx(estimated.rates["RR3"].low)
    assert chosen.rates["RR5"] == estimated.rates["RR5"]
    assert responded(version.survey, by, e=0).rates["RR3"].value == 60


def test_what_was_entered_stands_and_the_difference_is_said(
    home: House, version: SurveyVersion
) -> None:
    enter(home, version, c1_10=100, c2_11=100)
    found = responded(version.survey, scope(home.alice))
    assert found.rates["RR1"].value == 50
    enter(home, version, c1_1=0, c2_11=100)
    found = responded(version.survey, scope(home.alice))
    assert found.rates["RR1"].value == 0
    assert [one.code for one in found.notes] == ["analysis.counted_otherwise"]


def test_a_partial_answer_counts_by_how_much_was_answered(home: House) -> None:
    version = publish(home, "csat")
    answer(version, *[{"overall": 4}] * 3)
    FeedbackRecord.objects.filter(survey=version.survey).update(completed_at=None, is_partial=True)
    enter(home, version, c2_2=3)
    found = responded(version.survey, scope(home.alice))
    assert sum(one.counted or 0 for one in found.ends) == 3
    assert found.outcomes.complete == 0
    assert found.outcomes.partial + found.outcomes.refused == 3


@pytest.mark.parametrize(
    ("code", "n", "problem"),
    [
        ("5.1", 3, "disposition.code"),
        ("2", 3, "disposition.code"),
        ("2.11; drop", 3, "disposition.code"),
        ("2.11", -1, "disposition.count"),
        ("2.11", "many", "disposition.count"),
        ("2.11", 10**10, "disposition.count"),
        ("2.11", True, "disposition.count"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_stored(
    home: House, version: SurveyVersion, code: str, n: object, problem: str
) -> None:
    enter(home, version, c2_11=7)
    rows = [{"code": "2.2", "n": 1}, {"code": code, "n": n}]
    with pytest.raises(Problem) as raised:
        replace_dispositions(by=home.alice, survey=version.survey, rows=rows, now=NOW)
    assert problem in {one.code for one in raised.value.errors}
    assert dispositions(version.survey) == {"2.11": 7}


def test_storing_is_recorded_once_and_only_designers_may(
    home: House, version: SurveyVersion
) -> None:
    enter(home, version, c2_11=7)
    enter(home, version, c2_11=7)
    told = AuditEntry.objects.filter(action="survey.dispositions")
    assert [one.detail for one in told] == [{"cases": 7}]
    with pytest.raises(Forbidden):
        replace_dispositions(by=home.bob, survey=version.survey, rows=[], now=NOW)


def test_who_sees_a_part_of_a_survey_is_told_so(home: House, version: SurveyVersion) -> None:
    with pytest.raises(Problem, match="whole_only"):
        responded(version.survey, scope(home.bob))


@pytest.mark.parametrize("given", ["-0.1", "1.5", "nan", "most"])
def test_an_e_that_is_no_share_is_refused(given: str) -> None:
    with pytest.raises(Problem):
        eligibility(given)
