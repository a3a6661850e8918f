"""The analyst's pages: what is on offer, and that a page says what its numbers say."""

from __future__ import annotations

from typing import Any

import pytest

from manyi.accounts.actions import create_token
from manyi.feedback.models import FeedbackRecord
from manyi.reports.analysis.leaving import leave_out_flagged
from manyi.surveys.models import SurveyVersion
from tests.factories import NOW, House
from tests.reports.test_drivers import given
from tests.web.numbers import OCTOBER, answer, publish
from tests.web.staff import logged_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(house: House) -> SurveyVersion:
    found = publish(house, is_anonymous=False)
    answer(found, *given(1))
    return found


def get(house: House, name: str, more: str = "") -> Any:
    return logged_in(house.alice).get(f"/analysis/{name}?{OCTOBER}{more}")


def api(house: House, path: str) -> Any:
    secret = create_token(by=house.alice, name="test", now=NOW)[1]
    from django.test import Client

    return Client(headers={"Authorization": f"Bearer {secret}"}).get(f"/api/v1/analysis/{path}")


def test_the_landing_page_says_what_a_survey_lacks(house: House) -> None:
    publish(house, "csat")
    page = get(house, "")
    assert "需要至少含三道评分题的问卷" in text(page)
    assert "/analysis/response/" in page.content.decode()


def test_the_landing_page_leads_to_the_analyses(house: House, version: SurveyVersion) -> None:
    page = get(house, "")
    assert f"survey={version.survey.code}" in page.content.decode()
    assert "关键驱动因素与改进优先级" in text(page)


def test_drivers_are_told_drawn_and_listed(house: House, version: SurveyVersion) -> None:
    page = get(house, "drivers/", "&outcome=overall")
    said = text(page)
    assert "n 120" in said
    assert page.context["picture"].option["series"][1]["data"]
    assert page.context["rows"][0]["rank"] == "1"


def test_drivers_are_shared_out_by_pmvd_too(house: House, version: SurveyVersion) -> None:
    more = f"&survey={version.survey.code}&outcome=overall"
    page = get(house, "drivers/", f"{more}&measure=pmvd")
    assert "PMVD：按次序加权" in text(page)
    usual, other = (
        api(house, f"drivers?{OCTOBER}{more}&measure={one}").json() for one in ("lmg", "pmvd")
    )
    assert (usual["measure"], other["measure"]) == ("lmg", "pmvd")
    assert other["rows"][0]["importance"]["value"] > usual["rows"][0]["importance"]["value"]
    assert other["r2"] == usual["r2"]
    shown = page.context["rows"][0]["importance"]
    assert shown.value == other["rows"][0]["importance"]["value"]
    refused = api(house, f"drivers?{OCTOBER}{more}&measure=guess")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/measure"


def test_drivers_as_a_file_and_by_api_are_the_same(house: House, version: SurveyVersion) -> None:
    more = f"&survey={version.survey.code}&outcome=overall"
    file = get(house, "drivers/", f"{more}&format=csv")
    body = b"".join(file.streaming_content).decode("utf-8-sig")
    answered = api(house, f"drivers?{OCTOBER}{more}").json()
    first = answered["rows"][0]
    assert first["item"] == "aspects.manner"
    assert f"{first['importance']['value']}"[:8] in body
    assert first["importance"]["n"] == 120
    assert answered["problem"] is None


def test_a_question_that_is_not_asked_is_named(house: House, version: SurveyVersion) -> None:
    refused = api(house, f"drivers?survey={version.survey.code}&outcome=weather")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/outcome"


def test_explain_says_it_in_a_sentence(house: House, version: SurveyVersion) -> None:
    page = get(house, "explain/", "&outcome=overall&by_what=aspects.manner")
    said = text(page)
    assert "相关系数" in said
    assert page.context["method"]
    answered = api(
        house, f"explain?survey={version.survey.code}&outcome=overall&by_what=aspects.manner"
    ).json()
    assert answered["analysis"] == "correlation"
    assert answered["notes"][0]["code"] == "explain_rises"
    assert answered["real"] is True


def test_another_surveys_question_is_forgotten(house: House, version: SurveyVersion) -> None:
    page = get(house, "explain/", "&outcome=weather&by_what=moon")
    assert page.status_code == 200


def test_segments_are_compared_on_a_page_and_by_api(house: House, version: SurveyVersion) -> None:
    answer(version, *[{**one, "overall": 1} for one in given(2, 60)], channel="sms")
    page = get(house, "segments/", "&figure=csat:overall&by_what=channel&against=pairs")
    said = text(page)
    assert "低于“短信”" in said or "高于“短信”" in said or "“短信”低于" in said
    path = f"segments?survey={version.survey.code}&figure=csat:overall&by_what=channel"
    answered = api(house, path).json()
    assert {one["group"] for one in answered["groups"]} == {"wechat", "sms"}
    assert answered["differences"][0]["real"] is True
    assert api(house, f"{path}&against=everybody").status_code == 422


def test_the_planner_plans_and_names_what_makes_no_sense(house: House) -> None:
    page = get(house, "sample-size/", "&what=share&margin=5&rate=50")
    assert page.context["plan"].answers == 385
    assert "770" in text(page)
    wrong = get(house, "sample-size/", "&what=share&margin=-3")
    assert "“-3”超出范围" in text(wrong)
    assert api(house, "sample-size?what=share&margin=5").json()["answers"] == 385
    assert api(house, "sample-size?margin=-3").status_code == 422


def test_reliability_says_why_there_is_none(house: House, version: SurveyVersion) -> None:
    page = get(house, "reliability/", "&scale=aspects")
    assert "各项齐全的回答有 0 份" in text(page)
    told = api(house, f"reliability?survey={version.survey.code}").json()
    assert told["problem"]["code"] == "analysis.few_lines"


def test_quality_is_told_and_a_viewer_sees_no_single_answers(
    house: House, version: SurveyVersion
) -> None:
    page = get(house, "quality/")
    assert "的回答带有标记" in text(page)
    told = api(house, f"quality?survey={version.survey.code}").json()
    assert [one["flag"] for one in told["flags"]] == ["speed", "straight", "twice"]
    assert told["index"]["n"] == 120
    outside = logged_in(house.external).get(f"/analysis/quality/?{OCTOBER}")
    assert outside.context["listed"] == []


@pytest.mark.parametrize("name", ["kano", "servqual", "index"])
def test_a_model_has_its_page_and_interface(house: House, name: str) -> None:
    other = publish(house, "ecsi" if name == "index" else name, is_anonymous=False)
    page = get(house, f"{name}/", f"&survey={other.survey.code}")
    assert page.status_code == 200
    assert "没有“" not in text(page)
    told = api(house, f"{name}?survey={other.survey.code}")
    assert told.status_code == 200
    without = publish(house, "csat", is_anonymous=False)
    assert "模板" in text(get(house, f"{name}/", f"&survey={without.survey.code}"))
    assert api(house, f"{name}?survey={without.survey.code}").json()["code"] == "analysis.no_model"


def test_response_rates_are_entered_told_and_answered_by_api(
    house: House, version: SurveyVersion
) -> None:
    code = version.survey.code
    before = get(house, "response/", f"&survey={code}")
    assert "尚不知道共邀请了多少人" in text(before)
    client = logged_in(house.alice)
    client.post(f"/analysis/response/{code}/", {"n_2.11": "80", "n_3.1": "40", "n_4.7": "50"})
    page = get(house, "response/", f"&survey={code}")
    assert "50.0% 完整作答" not in text(page)
    assert "完整作答（RR3" in text(page)
    told = api(house, f"response-rates?survey={code}").json()
    rates = {one["rate"]: one["estimate"] for one in told["rates"]}
    assert rates["RR1"]["value"] == 50 and rates["RR1"]["n"] == 240
    assert told["e"] == 200 / 250 and told["e_given"] is False
    assert api(house, f"response-rates?survey={code}&e=2").status_code == 422
    assert api(house, f"response-rates?survey={code}&from=2026-01-01").status_code == 422
    file = get(house, "response/", f"&survey={code}&format=csv")
    assert b"RR3" in b"".join(file.streaming_content)
    client.post(f"/analysis/response/{code}/", {"n_2.11": "80", "eligible": "0.5"})
    kept = api(house, f"response-rates?survey={code}").json()
    assert (kept["e"], kept["e_given"]) == (0.5, True)
    assert "已随本问卷保存" in text(get(house, "response/", f"&survey={code}"))
    wrong = client.post(f"/analysis/response/{code}/", {"n_2.11": "-3"})
    assert wrong.status_code == 422


def test_counts_of_ends_come_as_a_file_too(house: House, version: SurveyVersion) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    code, client = version.survey.code, logged_in(house.alice)
    sheet = "代码,数量\n2.11,80\n2.20,60\n".encode()
    sent = client.post(
        f"/analysis/response/{code}/", {"file": SimpleUploadedFile("ends.csv", sheet)}
    )
    assert sent.status_code == 302
    told = api(house, f"response-rates?survey={code}").json()
    assert {one["code"]: one["entered"] for one in told["dispositions"]} == {
        "1.1": None,
        "2.11": 80,
        "2.20": 60,
    }
    bad = SimpleUploadedFile("ends.csv", b"code,n\n9.9,5\n")
    refused = client.post(f"/analysis/response/{code}/", {"file": bad})
    assert refused.status_code == 422 and "不是最终处置代码" in text(refused)


def test_flagged_answers_are_left_out_by_a_switch_and_every_page_says_so(
    house: House, version: SurveyVersion
) -> None:
    code, client = version.survey.code, logged_in(house.alice)
    FeedbackRecord.objects.filter(survey=version.survey).update(meta={"seconds": 60})
    quick = FeedbackRecord.objects.filter(survey=version.survey).values_list("pk", flat=True)[:9]
    FeedbackRecord.objects.filter(pk__in=list(quick)).update(meta={"seconds": 5})
    client.post(f"/analysis/quality/{code}/", {"use": "1"})
    leave_out_flagged(NOW)
    said = "此处数字不含 9 份带标记的回答"
    for path in (
        f"/analysis/drivers/?{OCTOBER}&outcome=overall",
        f"/surveys/{code}/results/?{OCTOBER}",
        f"/?{OCTOBER}",
        f"/standings/?{OCTOBER}&survey={code}",
        f"/themes/?{OCTOBER}",
        f"/themes/units/?{OCTOBER}",
        f"/indicators/?{OCTOBER}",
    ):
        assert said in text(client.get(path)), path
    quality = get(house, "quality/")
    assert "本页所涉回答中已排除 9 份" in text(quality)
    assert api(house, f"quality?survey={code}").json()["leaves_out_flagged"] is True
    one = next(iter(quick))
    other = FeedbackRecord.objects.filter(survey=version.survey).exclude(pk__in=list(quick))[0]
    assert "未计入" in text(client.get(f"/feedback/{one}/"))
    assert "未计入" not in text(client.get(f"/feedback/{other.pk}/"))
    client.post(f"/analysis/quality/{code}/", {"use": "0"})
    leave_out_flagged(NOW)
    assert said not in text(client.get(f"/?{OCTOBER}"))
