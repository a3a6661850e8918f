"""One variable by another from stored answers: the right analysis, guarded, counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from manyi.metrics import queries
from manyi.reports.analysis.explained import Found, explained
from manyi.reports.analysis.variables import Variable
from manyi.surveys.models import SurveyVersion
from tests.factories import House, house
from tests.reports.test_drivers import given
from tests.web.numbers import answer, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def version(home: House) -> SurveyVersion:
    return publish(home, is_anonymous=False)


def codes(one: Variable, given: Sequence[str]) -> dict[str, str]:
    return {code: code for code in given}


def ask(home: House, version: SurveyVersion, outcome: str, by: str, **where: str) -> Found:
    selection = home.selection(**{name: (code,) for name, code in where.items()})
    return explained(
        version.survey, selection, outcome=outcome, by=by, title=lambda v: v.code, words=codes
    )


@pytest.mark.db
def test_channels_are_compared_by_their_means(home: House, version: SurveyVersion) -> None:
    answer(version, *[{**one, "overall": 5} for one in given(1, 30)], channel="wechat")
    answer(version, *given(2, 40), channel="sms")
    found = ask(home, version, "overall", "channel").explained
    assert found is not None
    assert (found.analysis, found.real, found.n) == ("two_means", True, 70)
    mine = home.selection(survey=(version.survey.code,), channel=("sms",))
    (shown,) = queries.estimate(mine, "csat_mean", "overall")
    sms = next(one for one in found.groups if one.label == "sms")
    assert sms.estimate.value == pytest.approx(shown.estimate.value)


@pytest.mark.db
def test_small_groups_are_left_out_and_told(home: House, version: SurveyVersion) -> None:
    answer(version, *given(3, 30), channel="wechat")
    answer(version, *given(4, 30), channel="sms")
    answer(version, *given(5, 4), channel="phone")
    found = ask(home, version, "overall", "channel")
    assert found.explained is not None
    assert [one.label for one in found.explained.groups] == ["sms", "wechat"]
    assert (found.few, found.explained.n) == (1, 60)


def test_a_hidden_group_hides_a_second_one(home: House) -> None:
    version = publish(home, is_anonymous=True)
    for channel, n in (("wechat", 30), ("sms", 14), ("phone", 3)):
        answer(version, *given(n, n), channel=channel)
    found = ask(home, version, "overall", "channel")
    assert found.explained is None or "sms" not in [g.label for g in found.explained.groups]


def test_ratings_go_together(home: House, version: SurveyVersion) -> None:
    answer(version, *given(6))
    found = ask(home, version, "overall", "aspects.manner").explained
    assert found is not None
    assert found.analysis == "correlation"
    assert found.real
    assert (found.effect.value or 0) > 0.5


def test_a_choice_is_a_share(home: House, version: SurveyVersion) -> None:
    rng = np.random.default_rng(7)
    bad = []
    for at in range(60):
        reasons = ["repair"] if at % 3 else ["noise" if rng.random() < 0.0 else "cleaning"]
        bad.append({"overall": 2, "recommend": 3, "reasons": reasons})
    answer(version, *bad[:30], channel="wechat")
    answer(version, *[{**one, "reasons": ["cleaning"]} for one in bad[30:]], channel="sms")
    found = ask(home, version, "reasons=repair", "channel")
    assert found.explained is not None
    assert found.explained.analysis == "two_shares"
    assert found.whole is not None
    assert found.whole.value == pytest.approx(100 / 3)


def test_hardly_any_answers_make_no_finding(home: House, version: SurveyVersion) -> None:
    answer(version, *given(8, 6))
    found = ask(home, version, "overall", "channel")
    assert found.problem is not None
    assert found.problem.code == "analysis.few_answers"


def test_time_is_a_trend(home: House, version: SurveyVersion) -> None:
    from datetime import timedelta

    from tests.factories import NOW

    for week in range(8):
        when = NOW - timedelta(days=7 * week + 1)
        rows = [{**one, "overall": 5 - week // 2} for one in given(week, 8)]
        answer(version, *rows, at=when, tag=f"{week}")
    found = ask(home, version, "overall", "day").explained
    assert found is not None
    assert found.finding.code == "explain_trend_up"
