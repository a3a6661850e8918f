"""Segments: the numbers of the other pages, tested and corrected for their number."""

from __future__ import annotations

import pytest

from manyi.kit.problems import Problem
from manyi.metrics import queries
from manyi.reports.analysis.segments import compared
from manyi.stats.adjust import adjust
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
    found = publish(home, is_anonymous=False)
    answer(found, *[{**one, "overall": 5} for one in given(1, 40)], channel="wechat")
    answer(found, *given(2, 40), channel="sms")
    answer(found, *given(3, 40), channel="phone")
    answer(found, *given(4, 4), channel="kiosk")
    return found


@pytest.mark.db
def test_each_against_the_rest(home: House, version: SurveyVersion) -> None:
    found = compared(version.survey, home.selection(), by="channel")
    mine = home.selection(survey=(version.survey.code,)).split("channel")
    shown = {row.group["channel"]: row for row in queries.estimate(mine, "csat", "overall")}
    assert {code: row.estimate for code, row in found.groups} == {
        code: row.estimate for code, row in shown.items()
    }
    assert [d.one for d in found.real] == ["wechat"] or found.real[0].one == "wechat"
    assert all(d.other is None for d in found.differences)
    assert len(found.differences) == 3


def test_a_group_with_four_answers_is_not_judged(home: House, version: SurveyVersion) -> None:
    found = compared(version.survey, home.selection(), by="channel", against="pairs")
    kiosk = dict(found.groups)["kiosk"]
    assert kiosk.status == "too_few"
    assert len(found.differences) == 3
    assert "kiosk" not in {one for d in found.differences for one in (d.one, d.other)}


def test_two_corrections_of_the_same_tests(home: House, version: SurveyVersion) -> None:
    def ask(correction: str) -> list[float | None]:
        told = compared(
            version.survey,
            home.selection(),
            by="channel",
            against="pairs",
            correction=correction,  # type: ignore[arg-type]
        )
        pairs = sorted((str(d.one), str(d.other), d.p) for d in told.differences)
        return [p for _, _, p in pairs]

    holm, bh = ask("holm"), ask("bh")
    assert all(a >= b for a, b in zip(holm, bh, strict=True) if a is not None and b is not None)
    assert max(adjust([0.01, 0.02, 0.03], "holm")) >= max(adjust([0.01, 0.02, 0.03], "bh"))
    assert holm != bh


def test_one_group_is_no_comparison(home: House, version: SurveyVersion) -> None:
    found = compared(version.survey, home.selection(channel=("sms",)), by="channel")
    assert found.problem is not None
    assert found.problem.code == "analysis.one_group"


def test_an_unknown_figure_is_refused(home: House, version: SurveyVersion) -> None:
    with pytest.raises(Problem) as caught:
        compared(version.survey, home.selection(), figure="nps:overall")
    assert caught.value.errors[0].pointer == "figure"
