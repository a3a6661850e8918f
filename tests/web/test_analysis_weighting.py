"""The page that weights a survey: margins in, figures before and after, and out again."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from manyi.metrics import queries
from manyi.metrics.weighted_choices import shares
from manyi.programmes.models import Population
from manyi.questionnaire.model import NA
from manyi.reports.analysis import segments
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
    assert page.context["balances"][0]["r"].high <= 1


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


def use(house: House, version: SurveyVersion, wanted: str = "1") -> Any:
    return logged_in(house.alice).post(
        f"/analysis/weighting/{version.survey.code}/use/", {"use": wanted}
    )


def test_the_survey_s_pages_are_weighted_once_somebody_says_so(
    house: House, version: SurveyVersion
) -> None:
    post(house, version)
    code = version.survey.code
    client = logged_in(house.alice)
    overview = f"/?{OCTOBER}&survey={code}"
    assert client.get(overview).context["tiles"][0]["row"]["value"] == pytest.approx(100 * 40 / 60)
    assert use(house, version).status_code == 302
    tile = client.get(overview).context["tiles"][0]
    assert tile["row"]["value"] == pytest.approx(50)
    assert tile["weighted"] == "按“全体客户”加权"
    assert any("设计效应 1.12" in words for _, words in tile["about"])
    results = client.get(f"/surveys/{code}/results/?{OCTOBER}")
    card = next(one for one in results.context["cards"] if one["code"] == "overall")
    assert card["part"].value["numbers"][0]["row"]["value"] == pytest.approx(50)
    assert "按“全体客户”加权" in text(results)
    listed = client.get(f"/results/?{OCTOBER}").context["surveys"][0]
    assert listed["row"]["value"] == pytest.approx(50)
    units = client.get(f"/standings/?{OCTOBER}&survey={code}")
    assert "按“全体客户”加权" in text(units)
    use(house, version, "0")
    assert client.get(overview).context["tiles"][0]["weighted"] == ""


def test_segments_say_what_the_results_say(house: House, version: SurveyVersion) -> None:
    post(house, version)
    use(house, version)
    mine = house.selection(survey=(version.survey.code,))
    told = segments.compared(Survey.objects.get(pk=version.survey_id), mine, by="unit")
    (row,) = queries.estimate(mine, told.figure.metric, told.figure.asked.item)
    assert told.whole.estimate == row.estimate
    assert told.whole.weighted_to == "population-1"


def test_chosen_answers_are_weighted(house: House) -> None:
    version = publish(house, is_anonymous=False)
    answer(version, *[{"overall": 2, "reasons": ["fees"]}] * 40, channel="wechat")
    answer(version, *[{"overall": 2, "reasons": ["noise"]}] * 20, channel="sms")
    answer(version, *[{"overall": 5}] * 20, channel="sms", tag="none")
    mine = house.selection(survey=(version.survey.code,))
    assert shares(mine, "reasons", without=NA) == {}
    post(house, version)
    use(house, version)
    found = {code: one for (code, _), one in shares(mine, "reasons", without=NA).items()}
    # Only those who were asked for their reasons are weighted: half of them by each channel.
    assert {code: one.value for code, one in found.items()} == pytest.approx(
        {"fees": 50, "noise": 50}
    )
    assert found["fees"].n == 60
    assert found["fees"].n_effective == pytest.approx(60**2 / (40 * 0.75**2 + 20 * 1.5**2))
    page = logged_in(house.alice).get(f"/surveys/{version.survey.code}/results/?{OCTOBER}")
    card = next(one for one in page.context["cards"] if one["code"] == "reasons")
    rows = card["part"].value["chart"]["table"]["rows"]
    assert sum("50" in str(cells) for cells in rows) == 2


def test_only_who_may_edit_may_switch(house: House, version: SurveyVersion) -> None:
    post(house, version)
    refused = logged_in(house.viewer).post(
        f"/analysis/weighting/{version.survey.code}/use/", {"use": "1"}
    )
    assert refused.status_code == 403
