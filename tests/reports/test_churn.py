"""Who leaves, from stored answers and customers: in time, of those who are known, and no others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from manyi.accounts.permissions import scope
from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.reports.analysis.churn import Churn, Wanted, churn
from manyi.reports.analysis.outcomes import day_of
from manyi.surveys.models import SurveyVersion
from tests.factories import NOW, House, house
from tests.web.numbers import answer, publish

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
PEOPLE = 300


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def version(home: House) -> SurveyVersion:
    return publish(home, is_anonymous=False)


def lived(version: SurveyVersion, *, dated: bool = True, seed: int = 1) -> None:
    """Let three hundred known customers answer over 300 days; who was badly treated leaves."""
    rng = np.random.default_rng(seed)
    for at in range(PEOPLE):
        manner, repair = (int(v) for v in rng.integers(1, 6, 2))
        overall = int(np.clip(round(0.3 * manner + 2 + rng.normal(0, 0.8)), 1, 5))
        given = {"overall": overall, "aspects": {"manner": manner, "repair": repair}}
        when = NOW - timedelta(days=330 - at)
        answer(version, {**given, "recommend": 7}, at=when, tag=f"c{at}-")
        leaves = rng.random() < (0.6 if repair <= 2 else 0.08)
        on = (when + timedelta(days=int(rng.integers(5, 60)))).date()
        attributes: dict[str, Any] = {"tier": "gold", "born": f"19{50 + at % 50}-01-01"}
        if dated:
            attributes["left_on"] = on.isoformat() if leaves else None
        else:
            attributes["state"] = "流失" if leaves else "在网"
        _of(version, at, attributes)


def _of(version: SurveyVersion, at: int, attributes: dict[str, Any]) -> None:
    someone = Customer.objects.create(
        id=new_id(),
        organisation=version.survey.organisation,
        ref=f"C-{at}",
        attributes=attributes,
        created_at=NOW,
        updated_at=NOW,
    )
    last = FeedbackRecord.objects.filter(survey=version.survey).order_by("-pk").first()
    assert last is not None
    FeedbackRecord.objects.filter(pk=last.pk).update(customer=someone, lake_part=None)


def told(version: SurveyVersion, house_: House, **wanted: Any) -> Churn:
    return churn(version.survey, house_.selection(), Wanted(**wanted), today=TODAY)


@pytest.mark.db
def test_leaving_is_told_from_what_went_before(home: House, version: SurveyVersion) -> None:
    lived(version)
    found = told(version, home, days=60)
    assert found.problem is None
    assert found.outcome is not None
    assert (found.outcome.name, found.outcome.kind) == ("left_on", "date")
    assert found.found is not None
    assert found.found.in_time
    assert found.n == 271  # the others' sixty days are not over
    assert found.found.n < found.n
    assert found.found.auc.low is not None and found.found.auc.low > 0.6
    assert found.found.auc_gain.low is not None and found.found.auc_gain.low > 0
    assert found.movers[0].variable.code == "aspects.repair"
    assert [one.code for one in found.notes] == ["churn.settled"]
    assert found.left is not None
    assert found.left.value == pytest.approx(28, abs=8)


def test_a_word_may_tell_who_left_and_the_page_says_what_is_missing(
    home: House, version: SurveyVersion
) -> None:
    lived(version, dated=False)
    found = told(version, home)  # one of its words sounds like leaving, a birthday does not
    assert [one.name for one in found.outcomes] == ["state", "born"]
    assert found.value == "流失"
    assert found.n == PEOPLE
    assert found.found is not None and not found.found.in_time
    assert "churn.undated" in [one.code for one in found.notes]
    turned = told(version, home, outcome="state", value="在网")
    assert found.left is not None and turned.left is not None
    assert (found.left.value or 0) + (turned.left.value or 0) == pytest.approx(100)


def test_without_customers_there_is_no_outcome(home: House, version: SurveyVersion) -> None:
    answer(version, {"overall": 4, "recommend": 7})
    found = told(version, home)
    assert found.problem is not None and found.problem.code == "churn.no_outcome"


def test_answers_whose_days_are_not_over_do_not_count(home: House, version: SurveyVersion) -> None:
    lived(version)
    found = told(version, home, days=365)
    assert found.problem is not None
    assert (found.problem.code, found.n) == ("churn.few_known", 0)


def test_names_that_do_not_exist_and_odd_numbers_are_refused(
    home: House, version: SurveyVersion
) -> None:
    lived(version)
    for wanted in (
        {"outcome": "weather"},
        {"days": 0},
        {"worth": 1},
        {"satisfaction": "weather"},
        {"items": ("weather",)},
    ):
        with pytest.raises(Problem) as caught:
            told(version, home, **wanted)
        assert caught.value.code == "parameters.invalid"


def test_who_may_not_see_personal_data_is_told_nothing(home: House, version: SurveyVersion) -> None:
    lived(version)
    selection = Selection(scope(home.external))
    found = churn(version.survey, selection, Wanted(), today=TODAY)
    assert found.problem is not None and found.problem.code == "churn.personal"
    assert found.outcomes == ()
    assert found.n == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.db
def test_a_second_look_finds_the_same_until_a_customer_leaves() -> None:
    home = house()
    version = publish(home, is_anonymous=False)
    lived(version)
    found = told(version, home, days=60)
    assert told(version, home, days=60) is found
    away = Customer.objects.filter(attributes__left_on=None).values_list("pk", flat=True)[:30]
    for someone in Customer.objects.filter(pk__in=list(away)):
        record = FeedbackRecord.objects.get(customer=someone)
        left_on = (record.day + timedelta(days=10)).isoformat()
        someone.attributes = {**someone.attributes, "left_on": left_on}
        someone.save()
    later = told(version, home, days=60)
    assert found.left is not None and later.left is not None
    assert found.left.value is not None and later.left.value is not None
    assert later.left.value > found.left.value + 5


def test_days_are_read_as_they_are_written() -> None:
    day = date(2026, 1, 5)
    assert day_of("2026-01-05") == day_of("2026/1/5") == day_of("20260105") == day
    assert day_of("2026-01-05T10:00:00+08:00") == day
    assert day_of("2026-02-30") is None
    assert day_of("13800138000") is None
    assert day_of("gold") is None
