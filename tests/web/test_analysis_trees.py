"""Drivers by trees and who will leave: page, file and API say the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from manyi.accounts.actions import create_token
from manyi.surveys.models import SurveyVersion
from manyi.web.analysis import later
from tests.factories import NOW, House
from tests.reports.test_churn import lived
from tests.reports.test_drivers import given
from tests.web.numbers import OCTOBER, answer, publish
from tests.web.staff import logged_in, text

pytestmark = pytest.mark.django_db
ALL = "from=2025-11-01&to=2026-10-31"


@pytest.fixture
def version(house: House) -> SurveyVersion:
    return publish(house, is_anonymous=False)


def get(house: House, name: str, more: str = "", days: str = OCTOBER) -> Any:
    return logged_in(house.alice).get(f"/analysis/{name}/?{days}{more}")


def api(house: House, path: str) -> Any:
    secret = create_token(by=house.alice, name="test", now=NOW)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"}).get(f"/api/v1/analysis/{path}")


def body_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def test_drivers_by_trees_on_the_page_in_the_file_and_by_api(
    house: House, version: SurveyVersion
) -> None:
    answer(version, *given(1, 150))
    more = f"&survey={version.survey.code}&outcome=overall"
    page = get(house, "drivers/trees", more)
    said = text(page)
    assert "n 150" in said
    assert "按贡献占比" in said
    assert len(page.context["shapes"]) == 3
    answered = api(house, f"trees?{OCTOBER}{more}").json()
    first = answered["rows"][0]
    assert first["item"] == "aspects.manner"
    assert first["rank"] == [1, 1]
    assert answered["r2"]["low"] > 30
    file = body_of(get(house, "drivers/trees", f"{more}&format=csv"))
    assert f"{first['importance']['value']}"[:8] in file
    assert f"{first['shape'][0]['effect']['value']}"[:7] in file


def test_too_few_answers_are_said(house: House, version: SurveyVersion) -> None:
    answer(version, *given(1, 30))
    assert "至少需要 100 份" in text(get(house, "drivers/trees", "&outcome=overall"))
    assert api(house, f"trees?survey={version.survey.code}&outcome=overall").json()["rows"] == []


def test_who_will_leave_on_the_page_in_the_file_and_by_api(
    house: House, version: SurveyVersion
) -> None:
    lived(version)
    more = f"&survey={version.survey.code}&days=60"
    page = get(house, "churn", more, ALL)
    said = text(page)
    assert "left_on" in said
    assert "仅凭" in said
    assert page.context["calibrated"].option["series"][2]["data"]
    assert len(page.context["gains"]) == 10
    assert "全部题项带来的提升" in said
    assert len(page.context["verdicts"]) == 4
    assert all(one.low < one.high and one.n for _, one, _ in page.context["verdicts"])
    answered = api(house, f"churn?{ALL}{more}").json()
    assert answered["outcome"] == "left_on"
    model = answered["model"]
    assert model["in_time"] is True
    assert page.context["auc_gain"].value == pytest.approx(100 * model["auc_gain"]["value"])
    assert model["calibration_error"]["low"] <= model["calibration_error"]["value"]
    assert model["brier_scaled"]["high"] < 1
    assert answered["rows"][0]["item"] == "aspects.repair"
    assert answered["model"]["gains"][-1]["caught"]["value"] == 100
    file = body_of(get(house, "churn", f"{more}&format=csv", ALL))
    assert f"{answered['model']['brier']['value']}"[:8] in file


def test_the_page_says_which_data_it_needs(house: House, version: SurveyVersion) -> None:
    answer(version, *given(1, 30))
    said = text(get(house, "churn"))
    assert "流失日期" in said
    assert "/imports/" in get(house, "churn").content.decode()


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ("outcome=weather", "/outcome"),
        ("days=x", "/days"),
        ("worth=1", "/worth"),
        ("item=x", "/item"),
    ],
)
def test_what_is_wrong_is_named(
    house: House, version: SurveyVersion, asked: str, pointer: str
) -> None:
    answer(version, *given(1, 2))
    refused = api(house, f"churn?survey={version.survey.code}&{asked}")
    assert refused.status_code in (200, 422)
    if refused.status_code == 422:
        assert refused.json()["errors"][0]["pointer"] == pointer
    else:
        assert (asked, refused.json()["problem"]["code"]) == ("outcome=weather", "churn.no_outcome")


def main_of(page: Any) -> str:
    return str(page.content.decode().partition("<main")[2].partition("</main>")[0])


def said(page: Any) -> str:
    """Return what stands between the tags of a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", main_of(page)).split())


@pytest.mark.parametrize("name", ["drivers/trees", "quality"])
def test_of_many_answers_the_page_comes_first_and_fetches_what_is_found(
    house: House, version: SurveyVersion, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    answer(version, *given(1, 150))
    more = f"&survey={version.survey.code}"
    at_once = get(house, name, more)
    monkeypatch.setattr(later, "AT_ONCE", 149)
    page = get(house, name, more)
    assert "正在计算" in text(page)
    assert "told" not in page.context
    href = re.search(r'hx-get="([^"]*)"', page.content.decode())[1].replace("&amp;", "&")
    found = logged_in(house.alice).get(f"/analysis/{name}/{href}")
    assert said(found) == said(at_once)
    assert "part=found" not in main_of(found)
    # A file is the analysis itself.
    assert body_of(get(house, name, f"{more}&format=csv")).count("\n") > 1
    monkeypatch.setattr(later, "AT_ONCE", 150)
    assert "told" in get(house, name, more).context
