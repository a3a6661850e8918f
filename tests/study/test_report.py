"""A file in, a report out: what it holds, in two languages, safe to open anywhere."""

import csv
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from manyi.kit.problems import Problem
from manyi.stats.rates import share_counts
from manyi.study.page import DRAWING
from manyi.study.run import analyze
from tests.study.conftest import BAD, GOOD, NOW, Report, shared, spoken

Make = Callable[..., Report]


def test_a_chinese_survey_is_understood(report: Make, survey: Path) -> None:
    found = report(survey).result.found
    uses = {c.name: c.use for c in found.sheet.columns}
    assert uses == {
        "提交时间": "date",
        "门店": "group",
        "总体满意度": "score",
        "服务态度": "score",
        "等待时间": "score",
        "推荐意愿（0-10）": "score",
        "手机号": "left",
        "意见与建议": "text",
    }
    assert found.main is not None and found.main.name == "总体满意度"
    leads = {i.name: i.lead.code for i in found.items}
    assert leads["推荐意愿（0-10）"] == "nps" and leads["服务态度"] == "csat"
    waiting = next(i for i in found.items if i.name == "等待时间")
    assert waiting.moments.count == 380


def test_the_leading_figure_is_the_share_counted_by_hand(report: Make, survey: Path) -> None:
    with survey.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    satisfied = sum(row["总体满意度"] in ("满意", "非常满意") for row in rows)
    expected = share_counts(satisfied, len(rows))
    made = report(survey)
    assert made.result.found.main is not None
    lead = made.result.found.main.lead.estimate
    assert (lead.value, lead.low, lead.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
    assert f"{expected.value:.1f}%" in made.result.answer and "n 400" in made.result.answer


def test_the_store_that_truly_differs_is_named_and_the_others_are_not(
    report: Make, survey: Path
) -> None:
    made = report(survey)
    [stores] = made.result.found.comparisons
    assert "三里屯店" in stores.differing and stores.name == "门店"
    assert "Truly below the rest: 三里屯店" in made.text


def test_the_words_of_low_and_high_scores_are_words(report: Make, survey: Path) -> None:
    words = report(survey).result.found.words
    assert words is not None
    low, high = ({w.word for w in side} for side in (words.low, words.high))
    assert {"太慢", "很差"} <= low and {"不错", "热情"} & high
    assert not low & high and not {"服务员", "房间"} & (low | high)


def test_the_trend_covers_the_months(report: Make, survey: Path) -> None:
    trend = report(survey).result.found.trend
    assert trend is not None and trend.interval == "month"
    assert [label for label, _ in trend.points] == [f"2026-{m:02d}" for m in range(1, 11)]


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_picture_has_a_finding_and_a_table(report: Make, survey: Path, language: str) -> None:
    made = report(survey, language=language)
    figures = len(made.page.named("figure"))
    plots = [a for a in made.page.named("div") if a.get("role") == "img"]
    assert figures == len(plots) == len(made.charts()) >= 6
    assert all((a.get("aria-label") or "").strip() for a in plots)
    assert len([a for a in made.page.named("details") if a.get("class") == "twin"]) == figures
    assert f'<html lang="{language}">' in made.html


def test_the_page_needs_nothing_from_outside(report: Make, survey: Path) -> None:
    made = report(survey)
    policy = next(
        a["content"] or ""
        for a in made.page.named("meta")
        if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert not made.page.named("link") and not made.page.named("img")
    assert not [a for a in made.page.named("script") if "src" in a]
    outside = [a.get("href") or "" for _, a in made.page.tags if "href" in a]
    assert all(href.startswith("#") for href in outside)
    assert len(made.html.encode()) < 1_200_000


def test_no_code_is_left_unsaid(report: Make, survey: Path) -> None:
    for language in ("zh-Hans", "en"):
        text = report(survey, language=language).text
        assert not re.findall(r"\b(?:study|chart)\.[a-z_]+", text)
        assert not re.findall(r"\{[a-z_]+\}", text)


def test_phones_are_masked_in_quotes_and_their_column_is_left_out(
    report: Make, survey: Path
) -> None:
    lines = survey.read_text("utf-8-sig").replace("没人管", "没人管，电话13912345678")
    survey.write_text(lines, "utf-8-sig")
    made = report(survey)
    assert not re.search(r"(?<![\d.])13\d{9}", made.html.split("<script>")[0])


HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">{b}@accent\u2028'


def test_hostile_text_stays_text(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "<b>x&y.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["score", f"<i>group{HOSTILE}", "comment"])
        for i in range(200):
            group = HOSTILE if i % 2 else "<svg onload=alert(3)>"
            words = "terrible <script>alert(4)</script>" if i % 5 < 2 else f"wonderful {HOSTILE}"
            writer.writerow([1 + i % 5, group, f"{words} number {i}"])
    made = report(path, title=HOSTILE)
    scripts = [a for a in made.page.named("script") if a.get("type") != "application/json"]
    assert len(scripts) <= 2
    assert not made.page.named("img") and not made.page.named("svg") and not made.page.named("b1")
    assert not [a for _, a in made.page.tags if any(key.startswith("on") for key in a)]
    assert "alert(1)" in made.text and len(made.charts()) >= 2


def test_no_odd_letter_turns_the_page_around_or_stretches_it(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["score", "store\u202e", "comment"])
        for i in range(300):
            words = f"terrible {'x' * 5000}" if i % 5 < 2 else f"wonderful\x01 \u2066{'y' * 5000}"
            writer.writerow([1 + i % 5, "\u202enorth" if i % 2 else "\u0001🧨 south", words])
    made = report(path, title="\u202eodd\x1b")
    assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", made.html)
    assert "terrible" in made.text
    assert max(len(word) for word in made.text.split()) < 200


def test_an_english_nps_export(report: Make, tmp_path: Path) -> None:
    lines = ["Response date,NPS score,Region,Why?"]
    for i in range(90):
        kind = (9, 10, 7, 3, 9, 2)[i % 6]
        why = "Support was slow to answer" if kind < 7 else "Easy to use and reliable"
        lines.append(f"2026-0{1 + i % 9}-1{i % 9},{kind},{'EU' if i % 2 else 'US'},{why}")
    path = tmp_path / "nps.csv"
    path.write_text("\n".join(lines))
    made = report(path)
    main = made.result.found.main
    assert main is not None and main.lead.code == "nps"
    assert main.lead.estimate.value == pytest.approx(100 * (3 - 2) / 6)
    assert "Promoters (9–10)" in made.text and "+17" in made.result.answer


def test_json_lines(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "ratings.jsonl"
    rows = [{"rating": 1 + i % 5, "comment": f"comment number {i} about tea"} for i in range(60)]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    made = report(path)
    assert made.result.rows == 60 and made.result.found.items[0].moments.count == 60


def test_a_workbook(report: Make, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["门店", "满意度评分"])
    for i in range(60):
        sheet.append(["东店" if i % 2 else "西店", 1 + i % 5])
    path = tmp_path / "评分.xlsx"
    book.save(path)
    made = report(path, language="zh-Hans")
    assert made.result.used == 60 and made.result.found.comparisons[0].name == "门店"
    assert "满意率" in made.text


def test_only_text(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "comments.csv"
    rng = random.Random(2)
    lines = [spoken(rng, GOOD + BAD) for _ in range(120)]
    path.write_text("评论\n" + "\n".join(lines), "utf-8")
    made = report(path)
    found = made.result.found
    assert found.main is None and not found.items
    assert {"前台", "房间", "服务员"} <= {w.word for w in found.frequent}
    assert "no scores" in made.result.answer


def test_only_scores(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("rating\n" + "\n".join(str(1 + i % 5) for i in range(50)))
    made = report(path)
    assert made.result.found.words is None and "What they say" not in made.text
    assert "40.0%" in made.result.answer


def test_one_row_is_too_few_to_judge(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("rating,comment\n5,very good tea and friendly people\n")
    made = report(path)
    assert "too few to judge" in made.result.answer
    assert "100.0%" not in made.text.split("How answers spread")[0]


def test_zero_is_an_answer(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "zero.csv"
    path.write_text("推荐意愿 NPS\n" + "\n".join(["0"] * 20 + ["10"] * 20))
    main = report(path).result.found.main
    assert main is not None and main.moments.count == 40 and main.lead.estimate.value == 0.0


def test_what_is_named_wins_over_what_is_guessed(report: Make, survey: Path) -> None:
    made = report(survey, score=("等待时间",), by=("提交时间",), text=("意见与建议",))
    found = made.result.found
    assert [i.name for i in found.items] == ["等待时间"] and found.trend is None
    assert [c.name for c in found.comparisons] == ["提交时间"]


def test_a_scale_that_is_handed_in_leaves_the_rest_out(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("food,room\n" + "\n".join(f"{i % 6},{5 - i % 6}" for i in range(60)))
    guessed = report(path)
    assert "--scale 1-5" in guessed.text
    main = report(path, scale="1-5").result.found.main
    assert main is not None and main.moments.count == 50 and main.lead.code == "csat"


def test_the_command_shown_does_the_same_again(report: Make, survey: Path) -> None:
    first = report(survey)
    shown = re.search(r"manyi analyze .*?--scale (\S+)", first.text)
    assert shown and shown[1] == "1-5"
    again = report(survey, scale=shown[1])
    values = [[i.lead.estimate for i in r.result.found.items] for r in (first, again)]
    assert values[0] == values[1]


def test_answers_that_cannot_be_read_are_counted_and_shown(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text("rating\n" + "\n".join(["5"] * 30 + ["1"] * 30 + ["later"] * 3 + ["99"]))
    made = report(path, score=("rating",), scale="1-5")
    assert "“later” ×3" in made.text and "1 answers lie off the scale" in made.text
    assert made.result.found.items[0].moments.count == 60


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"", {}, "file.empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, {}, "file.unknown_format"),
        (b"<!doctype html><html><body>no table</body></html>", {}, "file.not_a_table"),
        (b"rating\n5\n4\n", {"score": ("stars",)}, "study.column_unknown"),
        (b"rating\n5\n4\n", {"scale": "five"}, "study.scale_invalid"),
        (b"name,city\nAnn,Rome\nBob,Oslo\n", {}, "study.nothing_to_study"),
        (b"name,city\nAnn,Rome\nBob,Oslo\n", {"score": ("city",)}, "study.score_unreadable"),
    ],
)  # fmt: skip
def test_a_hopeless_file_is_refused_in_a_sentence(
    report: Make, tmp_path: Path, content: bytes, options: dict[str, object], code: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(Problem) as refused:
        report(path, **options)
    assert refused.value.code == code


def test_a_missing_file_and_a_missing_folder(report: Make, survey: Path, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"study\.file_missing"):
        report(tmp_path / "nothing.csv")
    with pytest.raises(Problem, match=r"study\.cannot_write"):
        analyze(survey, out=tmp_path / "no" / "where.html", now=NOW)


def test_the_drawing_script_is_held_whole_where_it_was_built(report: Make, survey: Path) -> None:
    import manyi

    built = (Path(manyi.__file__).parent / DRAWING).is_file()
    made = report(survey)
    assert ("window.echarts" in made.html.split('"application/json"')[-1]) is built or not built
    assert len(made.page.named("details")) >= 6


SHARED = [
    ("data/hotel_htl_train.csv.gz", {"前台"}, {"方便", "干净"}),
    ("data/waimai_train.csv.gz", {"难吃", "太慢"}, {"好吃", "很快"}),
    ("data/shopping_train.csv.gz", {"客服", "退货"}, {"喜欢", "舒服"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "low", "high"), SHARED)
def test_known_files_tell_known_words(
    report: Make, name: str, low: set[str], high: set[str]
) -> None:
    found = report(shared(name), language="zh-Hans").result.found
    assert found.main is not None and found.main.lead.code == "positive"
    assert found.words is not None
    assert low <= {w.word for w in found.words.low}
    assert high <= {w.word for w in found.words.high}


@pytest.mark.slow
def test_fourteen_items_stand_beside_their_outcome(report: Make) -> None:
    folder = "oracles/k03_driver_airline_14_items"
    made = report(shared(f"{folder}/data.csv"))
    found = made.result.found
    assert found.main is not None and found.main.name == "sat" and len(found.related) == 14
    best = max(found.related.items(), key=lambda pair: pair[1].value or 0.0)
    assert best[0] == "Online.boarding" and "Association, not cause" in made.text


def test_names_of_groups_hold_no_number_of_a_person(report: Make, tmp_path: Path) -> None:
    names = ("王府井店", "请回电13912345678", "请回电13912345679", "a.wang@example.com", "2026-11")
    lines = [f"{1 + i % 5},{names[i // 20]}" for i in range(100)]
    path = tmp_path / "groups.csv"
    path.write_text("总体满意度,门店\n" + "\n".join(lines), encoding="utf-8")
    made = report(path)
    (groups,) = made.result.found.sheet.groups
    assert groups.names == ["王府井店", "请回电***", "***", "2026-11"]
    assert [int((groups.codes == i).sum()) for i in range(4)] == [20, 40, 20, 20]
    assert "1391234" not in made.html
    assert "a.wang" not in made.html
