"""The page that weights a survey: margins in, figures before and after, and out again."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from manyi.metrics import queries
from manyi.programmes.models import Population
from manyi.surveys.models import Survey, SurveyVersion
from tests.factories import House
from tests.reports.test_drivers import given
from tests.web.numbers import OCTOBER, answer, publish
from tests.web.staff import logged_in, text
from tests.web.test_analysis import api, get

pytestmark = pytest.mark.django_db
HALVES = "channel, wechat, 50\nchannel, sms, 50"


@pytest.fixture
def version(house: House) -> SurveyVersion:
    found = publish(house, is_anonymous=False)
    answer(found, *[{**one, "overall": 5} for one in given(1, 40)], channel="wechat")
    answer(found, *[{**one, "overall": 1} for one in given(2, 20)], channel="sms")
    return found


def post(house: House, version: SurveyVersion, **values: Any) -> Any:
    form = {"name": "全体客户", "size": "share", "margins": HALVES, **values}
    return logged_in(house.alice).post(f"/analysis/weighting/{version.survey.code}/", form)


def population_of(version: SurveyVersion) -> Population | None:
    return Survey.objects.get(pk=version.survey_id).population


@pytest.mark.db
def test_margins_are_stored_and_the_figures_follow(house: House, version: SurveyVersion) -> None:
    assert post(house, version).status_code == 302
    stored = population_of(version)
    assert stored is not None
    assert stored.name_in("zh-Hans") == "全体客户"
    page = get(house, "weighting/", f"&survey={version.survey.code}")
    change = page.context["changes"][0]
    assert change["plain"]["value"] == pytest.approx(100 * 40 / 60)
    assert change["weighted"]["value"] == pytest.approx(50)
    assert "设计效应" in text(page)
    mine = house.selection(survey=(version.survey.code,))
    (same,) = queries.estimate(mine, "csat", weighting="raked")
    assert change["weighted"]["value"] == same.estimate.value


def test_the_api_tells_the_same(house: House, version: SurveyVersion) -> None:
    post(house, version)
    told = api(house, f"weighting?survey={version.survey.code}&{OCTOBER}").json()
    assert told["figures"][0]["weighted"]["value"] == pytest.approx(50)
    assert told["weights"]["deff"] == pytest.approx(60 * (40 * 0.75**2 + 20 * 1.5**2) / 60**2)
    assert (told["lightest"], told["heaviest"]) == pytest.approx((0.75, 1.5))
    assert {one["code"]: one["population"] for one in told["categories"]} == {
        "wechat": 50.0,
        "sms": 50.0,
    }


def test_shares_that_do_not_sum_are_refused(house: House, version: SurveyVersion) -> None:
    refused = post(house, version, margins="channel, wechat, 50\nchannel, sms, 40")
    assert refused.status_code == 422
    assert "90" in text(refused)
    assert population_of(version) is None


def test_a_line_that_lacks_a_part_is_named(house: House, version: SurveyVersion) -> None:
    refused = post(house, version, margins="channel, wechat, 50\nchannel sms 50")
    assert refused.status_code == 422
    assert "第 2 行" in text(refused)


def test_a_workbook_brings_head_counts(house: House, version: SurveyVersion) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("维度", "代码", "人数"), ("channel", "wechat", 300), ("channel", "sms", 100)):
        sheet.append(row)
    body = io.BytesIO()
    book.save(body)
    file = SimpleUploadedFile("总体.xlsx", body.getvalue())
    assert post(house, version, size="count", file=file, margins="").status_code == 302
    page = get(house, "weighting/", f"&survey={version.survey.code}")
    assert page.context["changes"][0]["weighted"]["value"] == pytest.approx(75)
    assert page.context["balances"][0]["r"] <= 1


def test_weighting_can_be_stopped(house: House, version: SurveyVersion) -> None:
    post(house, version)
    logged_in(house.alice).post(f"/analysis/weighting/{version.survey.code}/stop/")
    assert population_of(version) is None


def test_an_anonymous_small_category_is_not_told(house: House) -> None:
    version = publish(house, is_anonymous=True)
    answer(version, *given(3, 40), channel="wechat")
    answer(version, *given(4, 2), channel="sms")
    post(house, version)
    page = get(house, "weighting/", f"&survey={version.survey.code}")
    assert all(one["answered"] is None for one in page.context["categories"])


def test_a_viewer_may_look_and_not_change(house: House, version: SurveyVersion) -> None:
    client = logged_in(house.viewer)
    assert client.get(f"/analysis/weighting/?{OCTOBER}").status_code == 200
    refused = client.post(f"/analysis/weighting/{version.survey.code}/", {"margins": HALVES})
    assert refused.status_code == 403
