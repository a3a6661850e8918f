"""Survey results: each question as suits it, bars that filter, nothing that shows a person."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from manyi.metrics import queries
from manyi.stats.rates import share_counts
from manyi.surveys import actions as surveys
from manyi.surveys.models import SurveyVersion
from manyi.web.results import shown as shown_module
from tests import factories
from tests.browser import obstacles, press_chart, rest
from tests.factories import NOW, House
from tests.web.conftest import DESK, Opener
from tests.web.numbers import OCTOBER, answer, publish
from tests.web.staff import logged_in, text

pytestmark = pytest.mark.django_db
GOOD = {"overall": 5, "aspects": {"manner": 5, "parking": 2}, "recommend": 10}
BAD = {
    "overall": 2,
    "aspects": {"manner": 4, "parking": 1},
    "recommend": 3,
    "reasons": ["repair", "noise"],
    "comment": "=HYPERLINK(1)",
}


@pytest.fixture
def version(house: House) -> SurveyVersion:
    found = publish(house, is_anonymous=False)
    answer(found, *[GOOD] * 14, unit="N-001", channel="wechat")
    answer(found, *[BAD] * 12, unit="S-001", channel="sms")
    return found


def at(version: SurveyVersion, more: str = "") -> str:
    return f"/surveys/{version.survey.code}/results/?{OCTOBER}{more}"


def card(response: Any, code: str) -> dict[str, Any]:
    (found,) = [c for c in response.context["cards"] if c["code"] == code]
    return found["part"].value


def csv_rows(client: Client, address: str) -> list[list[str]]:
    body = b"".join(client.get(address).streaming_content)
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


@pytest.mark.db
def test_the_numbers_are_those_of_the_metrics(house: House, version: SurveyVersion) -> None:
    page = logged_in(house.alice).get(at(version))
    numbers = {one["name"]: one["row"] for one in card(page, "overall")["numbers"]}
    selection = shown_of(house, version)
    (expected,) = queries.estimate(selection, "csat", "overall")
    assert numbers["满意率"]["value"] == expected.estimate.value
    assert numbers["满意率"]["n"] == 26
    assert "当前范围 26 份回答，累计收到 26 份" in text(page)


def shown_of(house: House, version: SurveyVersion) -> Any:
    return house.selection(survey=(version.survey.code,))


@pytest.mark.db
def test_choices_are_shares_of_those_who_were_asked(house: House, version: SurveyVersion) -> None:
    page = logged_in(house.alice).get(at(version))
    told = card(page, "reasons")["chart"]["picture"]
    repair = share_counts(12, 12)
    assert told.option["series"][0]["data"][0]["value"] == repair.value
    assert told.table.rows[0][3] == "12"
    assert "占 12 位作答者的比例；可多选" in text(page)


@pytest.mark.db
def test_a_matrix_starts_with_its_best_row(house: House, version: SurveyVersion) -> None:
    rows = card(logged_in(house.alice).get(at(version)), "aspects")["grid"]
    assert rows[0]["label"] == "工作人员的态度"
    assert [row["row"]["n"] for row in rows[:2]] == [26, 26]
    assert rows[0]["row"]["value"] > rows[1]["row"]["value"]


@pytest.mark.db
def test_a_bar_leads_to_the_page_filtered_by_it_and_back(
    house: House, version: SurveyVersion
) -> None:
    client = logged_in(house.alice)
    page = client.get(at(version))
    columns = card(page, "overall")["chart"]["picture"].option["series"][0]["data"]
    links = {datum["href"] for datum in columns}
    (two,) = [link for link in links if link.endswith("answer%3Aoverall=2")]
    assert two.replace("&", "&amp;") in text(page)  # the table twin holds the same link
    filtered = client.get(two)
    assert card(filtered, "recommend")["row"].estimate.n == 12
    (chip,) = filtered.context["chips"]
    assert chip["value"] == "2 不满意"
    assert not chip["label"].endswith("？")  # a colon follows
    back = card(filtered, "overall")["chart"]["picture"].option["series"][0]["data"]
    assert any("answer" not in datum["href"] for datum in back)
    assert "answer" not in chip["href"]


@pytest.mark.db
def test_a_cell_of_a_matrix_filters_by_row_and_answer(house: House, version: SurveyVersion) -> None:
    filtered = logged_in(house.alice).get(at(version, "&answer:aspects.parking=1"))
    assert card(filtered, "overall")["row"].estimate.n == 12
    assert filtered.context["chips"][0]["label"] == "停车管理"


@pytest.mark.db
def test_what_is_behind_a_number_is_told_by_names_and_not_by_codes(
    house: House, version: SurveyVersion
) -> None:
    more = "&answer:aspects.parking=1&answer:reasons=noise&channel=sms&polarity=negative"
    page = logged_in(house.alice).get(at(version, more))
    about = dict(card(page, "overall")["numbers"][0]["about"])
    told = about["范围"].partition("；")[2]
    title = version.survey.title_in("zh-Hans")
    for part in ("停车管理：1", "渠道：短信", "负面", f"问卷：{title}"):
        assert part in told, told
    for code in ("aspects", "noise", "sms", "negative", version.survey.code):
        assert code not in told


@pytest.mark.db
def test_it_splits_by_unit_channel_and_month(house: House, version: SurveyVersion) -> None:
    client = logged_in(house.alice)
    by_channel = client.get(at(version, "&split=channel")).context["split"].value
    assert [g["name"] for g in by_channel["groups"]] == ["微信", "短信"]
    assert [g["cells"][0]["row"]["n"] for g in by_channel["groups"]] == [14, 12]
    by_unit = client.get(at(version, "&split=unit")).context["split"].value
    assert by_unit["is_fair"]
    assert by_unit["groups"][0]["differs"] == 1
    by_month = client.get(at(version, "&split=month")).context["split"].value
    assert [g["name"] for g in by_month["groups"]] == ["2026-10"]
    assert client.get(at(version, "&split=no-such-thing")).context["split"].value is None


@pytest.mark.db
def test_the_first_anonymous_answers_are_seen_to_have_arrived(house: House) -> None:
    secret = publish(house, is_anonymous=True)
    answer(secret, *[{"overall": 1, "comment": "我是唯一的人"}] * 3)
    page = logged_in(house.alice).get(at(secret))
    assert "已收到 3 份回答，但不足 5 份" in text(page)
    assert card(page, "overall")["row"].status == "suppressed"
    assert card(page, "overall")["chart"] is None
    assert "我是唯一的人" not in text(page)
    assert "25.0" not in text(page)
    english = text(logged_in(house.alice, "en").get(at(secret)))
    assert "Answers received: 3. The survey is anonymous" in english
    # That nobody answered a question tells of each of the three that they did not.
    assert "0 of 10 answers" not in english


@pytest.mark.db
def test_a_small_sibling_cannot_be_worked_out(house: House) -> None:
    secret = publish(house, is_anonymous=True)
    bad = {"overall": 1, "reasons": ["repair"]}
    answer(secret, *[bad] * 14, unit="N-001")
    answer(secret, *[bad] * 2, unit="N-002")
    page = logged_in(house.alice).get(at(secret, "&unit=N-001"))
    assert card(page, "reasons")["row"].status == "suppressed"
    assert card(page, "overall")["row"].status == "suppressed"


@pytest.mark.db
def test_nobody_asked_is_not_a_fault(house: House) -> None:
    page = logged_in(house.alice, "en").get(at(publish(house)))
    assert page.status_code == 200
    assert "Nobody has answered yet" in text(page)
    assert "no answers" not in page.context["answer"]


@pytest.mark.db
def test_texts_are_for_those_who_may_read_them(house: House, version: SurveyVersion) -> None:
    assert "HYPERLINK" in text(logged_in(house.alice).get(at(version)))
    outside = text(logged_in(house.external).get(at(version)))
    assert "HYPERLINK" not in outside
    assert "您的角色不能查看填写的文字" in outside


@pytest.mark.db
def test_bob_sees_the_answers_of_his_branch(house: House, version: SurveyVersion) -> None:
    page = logged_in(house.bob).get(at(version))
    assert card(page, "overall")["row"].estimate.n == 14
    assert card(page, "reasons")["row"].estimate.n == 0
    assert "当前范围 14 份回答，累计收到 14 份" in text(page)


@pytest.mark.db
def test_a_survey_of_strangers_is_not_found(version: SurveyVersion) -> None:
    charlie = factories.stranger_house().charlie
    assert logged_in(charlie).get(at(version)).status_code == 404


@pytest.mark.db
def test_the_file_holds_codes_and_labels_and_runs_nothing(
    house: House, version: SurveyVersion
) -> None:
    client = logged_in(house.alice)
    rows = csv_rows(client, at(version, "&format=csv"))
    assert ["reasons", "repair", "报修处理慢或没修好", "12"] in [
        [row[0], row[4], row[5], row[6]] for row in rows
    ]
    assert any(row[0] == "aspects" and row[2] == "manner" for row in rows)
    assert client.get(at(version, "&format=xlsx"))["Content-Type"].endswith("sheet")
    named = {tongue: logged_in(house.alice, tongue).get(at(version, "&format=csv"))
             for tongue in ("en", "zh-hans")}  # fmt: skip
    assert named["en"]["Content-Disposition"] != named["zh-hans"]["Content-Disposition"]


@pytest.mark.db
def test_a_question_taken_out_is_still_shown_and_says_so(
    house: House, version: SurveyVersion
) -> None:
    survey = version.survey
    definition = {**survey.definition}
    definition["pages"] = [
        page for page in definition["pages"] if page["code"] in {"overall", "aspects"}
    ]
    surveys.update_draft(by=house.alice, survey=survey, now=NOW, definition=definition)
    surveys.publish(by=house.alice, survey=survey, now=NOW)
    page = logged_in(house.alice).get(at(version))
    gone = {c["code"]: c["gone_since"] for c in page.context["cards"]}
    assert gone["overall"] is None
    assert gone["recommend"] == 2
    assert "这份问卷有 2 个版本" in text(page)


@pytest.mark.db
def test_cards_of_a_large_survey_come_one_by_one(
    house: House, version: SurveyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_module, "AT_ONCE", 0)
    client = logged_in(house.alice)
    page = client.get(at(version, "&channel=sms"))
    later = {c["code"]: c["later"] for c in page.context["cards"]}
    part = client.get(later["reasons"])
    assert part.context["card"]["part"].value["row"].estimate.n == 12
    missing = client.get(f"/surveys/{version.survey.code}/results/nonsense/")
    assert missing.status_code == 404


@pytest.mark.db
def test_the_list_tells_what_each_survey_received(house: House, version: SurveyVersion) -> None:
    page = logged_in(house.alice).get(f"/results/?{OCTOBER}")
    (row,) = page.context["surveys"]
    assert (row["total"], row["metric"]) == (26, "满意率")
    assert row["row"]["n"] == 26


def test_the_list_of_nobody_says_what_to_do(house: House) -> None:
    assert "还没有发布问卷" in text(logged_in(house.alice).get("/results/"))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_click_on_a_bar_filters_the_page(browse: Opener) -> None:
    house = factories.house()
    version = publish(house, is_anonymous=False)
    answer(version, *[GOOD] * 14)
    answer(version, *[BAD] * 12, tag="bad")
    page = browse(house.alice, "en", DESK)
    page.goto(at(version))
    picture = page.locator("#q-overall .chart-canvas")
    rest(page)
    box = picture.bounding_box()
    assert box is not None
    # The last of five columns, a little above the axis.
    with page.expect_navigation():
        press_chart(picture, [(box["width"] * 0.9, box["height"] - 40)])
    expect(page.locator(".chip")).to_contain_text("5 Very satisfied")
    assert "answer%3Aoverall=5" in page.url
    expect(page.locator(".answer")).to_contain_text("Answers in this selection: 14")
    assert obstacles(page) == []


NUMBERED: dict[str, Any] = {
    "schema": 1,
    "languages": ["zh-Hans", "en"],
    "title": {"zh-Hans": "等候", "en": "Waiting"},
    "pages": [
        {
            "code": "p",
            "questions": [
                {
                    "code": "minutes",
                    "kind": "number",
                    "title": {"zh-Hans": "等了几分钟？", "en": "How many minutes?"},
                },
                {
                    "code": "visited",
                    "kind": "date",
                    "title": {"zh-Hans": "哪天来的？", "en": "On which day?"},
                },
            ],
        }
    ],
}


def test_numbers_have_mean_median_and_box_and_days_are_drawn_over_time(house: House) -> None:
    survey = surveys.create(by=house.alice, definition=NUMBERED, now=NOW)
    surveys.update_draft(by=house.alice, survey=survey, is_anonymous=False, now=NOW)
    found = surveys.publish(by=house.alice, survey=survey, now=NOW)
    answer(found, *({"minutes": n, "visited": f"2026-10-{1 + n:02}"} for n in range(20)))
    shown = logged_in(house.alice, "en").get(at(found))
    mean, median = (one["row"] for one in card(shown, "minutes")["numbers"])
    assert (mean["value"], mean["n"]) == (9.5, 20)
    assert median["low"] < median["value"] == 9.5 < median["high"]
    assert "Median 9.50; half of the answers lie between" in text(shown)
    assert "/methods/#mean" in text(shown)
    days = card(shown, "visited")["chart"]["picture"].table.rows
    assert [row[0] for row in days][::19] == ["2026-10-01", "2026-10-20"]
