"""Columns of real and typical exports are understood without help."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from manyi.tabular import reading
from manyi.tabular.guess import guess
from manyi.tabular.mapping import from_guess, from_json, parse_row

WJX = [
    "序号",
    "提交答卷时间",
    "所用时间",
    "来源",
    "来源详情",
    "来自IP",
    "1、您对我们的总体满意度",
    "2、您有多大可能向朋友推荐我们？",
    "3、请评价—服务态度",
    "3、请评价—环境卫生",
    "4(环境)",
    "4(服务)",
    "5、您喜欢的菜品",
    "6、您的年龄段",
    "7、您的意见和建议",
    "8、您的手机号",
]


def wjx_rows(n=60):
    rng = random.Random(7)
    return [
        [
            i + 1, f"2026/11/{i % 28 + 1} 9:{i % 60:02}:05", f"{rng.randint(30, 300)}秒",
            rng.choice(["微信", "手机提交", "链接"]), None, f"1.2.3.{i}(上海-上海)",
            rng.choice(["非常满意", "满意", "一般", "不满意"]), rng.randint(0, 10),
            rng.randint(1, 5), rng.randint(1, 5), rng.randint(0, 1), rng.randint(0, 1),
            rng.choice(["鱼┋肉", "汤"]), rng.choice(["18-25", "26-35"]),
            f"上菜太慢了，等了{i}分钟都没有人理", 13800000000 + i,
        ]
        for i in range(n)
    ]  # fmt: skip


def by_name(columns, rows):
    return {g.name: g for g in guess(columns, rows)}


def test_questionnaire_star_export():
    found = by_name(WJX, wjx_rows())
    roles = [found[name].role for name in WJX]
    assert roles == [
        "ignore",
        "occurred_at",
        "attribute",
        "channel",
        "attribute",
        "ignore",
        "score",
        "score",
        "score",
        "score",
        "answer",
        "answer",
        "answer",
        "attribute",
        "text",
        "phone",
    ]
    overall, nps = found["1、您对我们的总体满意度"], found["2、您有多大可能向朋友推荐我们？"]
    assert (overall.item, overall.metric, overall.scale) == ("overall", "csat", (1, 5))
    assert overall.values["非常满意"] == 5
    assert (nps.item, nps.metric, nps.scale) == ("nps", "nps", (0, 10))
    assert found["3、请评价—服务态度"].item == "服务态度"
    assert found["4(环境)"].item == found["4(服务)"].item == "q4"
    assert found["来源"].codes["微信"] == "wechat"


def test_english_review_export():
    columns = [
        "Review ID",
        "created_at",
        "Store",
        "Rating",
        "Comment",
        "Customer Email",
        "Language",
        "Nights",
    ]
    rows = [
        [f"R-{i}", f"{i % 12 + 1:02}/{i % 28 + 1:02}/2026", f"SH-{i % 3}", f"{i % 5 + 1} stars",
         f"The staff was friendly but room {i} was cold.", f"a{i}@x.com", "en", i % 4 + 1]
        for i in range(60)
    ]  # fmt: skip
    found = by_name(columns, rows)
    roles = [found[c].role for c in columns]
    assert roles == [
        "source_ref",
        "occurred_at",
        "unit",
        "score",
        "text",
        "email",
        "language",
        "attribute",
    ]
    assert found["created_at"].order == "mdy"


def test_values_alone_tell_columns_with_unknown_names():
    rows = [[f"u{i}@x.com", f"2026-11-{i % 28 + 1:02}", "满意" if i % 2 else "非常不满意",
             f"这家店的服务员态度很好，第{i}次来了"] for i in range(40)]  # fmt: skip
    found = guess(["a", "b", "c", "d"], rows)
    assert [g.role for g in found] == ["email", "occurred_at", "score", "text"]


def test_a_counter_is_no_reference_and_an_empty_column_no_trouble():
    found = guess(["ID", "评分", "空"], [[i, i % 6, None] for i in range(50)])
    assert [g.role for g in found] == ["attribute", "score", "ignore"]
    assert found[1].scale == (0, 5)


def test_a_column_called_words_holds_words_however_few_differ():
    said = ["服务好", "太慢了", "一般般吧", "还会再来"]
    for name in ("评价内容", "5、您的意见和建议", "客户原话", "comments", "Review Text"):
        rows = [[f"2026-10-{i % 28 + 1:02}", i % 5 + 1, said[i % 4]] for i in range(80)]
        assert by_name(["日期", "评分", name], rows)[name].role == "text", name
    kinds = [["2026-10-01", 5, ["咨询", "投诉", "表扬"][i % 3]] for i in range(80)]
    for name in ("评价内容类型", "意见分类", "reason"):
        assert by_name(["日期", "评分", name], kinds)[name].role != "text", name


def test_short_praise_is_a_comment_and_a_judgement_a_score():
    found = guess(["评论", "评价"], [["很好", "好评"], ["不错", "差评"], ["很好", "中评"]] * 10)
    assert [(g.role, g.scale) for g in found] == [("text", None), ("score", (1, 3))]


def test_a_wide_table_is_guessed_in_a_moment():
    columns = [f"c{i}" for i in range(500)]
    found = guess(columns, [["满意", "2026-11-01", "5", "abc"] * 125] * 1_000)
    assert [g.role for g in found[:4]] == ["score", "occurred_at", "score", "attribute"]


def test_sentiment_labels_of_hotel_takeaway_and_shopping_reviews(shared, tmp_path):
    for name in ("hotel_htl_train", "waimai_train", "shopping_train"):
        out = tmp_path / "converted"
        shape = reading.convert(shared(f"data/{name}.csv.gz"), out)
        found = {g.name: g.role for g in guess(shape.columns, reading.sample(out))}
        assert (found["label"], found["review"]) == ("label", "text")
        assert found.get("cat", "attribute") == "attribute"


def test_fourteen_items_of_an_airline(shared, tmp_path):
    out = tmp_path / "converted"
    shape = reading.convert(shared("oracles/k03_driver_airline_14_items/data.csv"), out)
    found = guess(shape.columns, reading.sample(out))
    assert (found[0].name, found[0].role) == ("sat", "label")
    assert {(g.role, g.scale, g.metric) for g in found[1:]} == {("score", (0, 5), "csat")}
    assert found[1].item == "inflight_wifi_service"


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NAMES = st.text(max_size=12) | st.sampled_from(WJX) | st.sampled_from(["score", "date", "Q1 a—b"])


@given(
    st.lists(NAMES, min_size=3, max_size=3, unique=True),
    st.lists(st.tuples(*[CELLS] * 3), max_size=8),
)
def test_no_table_breaks_a_guess_or_a_row(columns, rows):
    guessed = from_guess(guess(columns, rows))
    assert from_json(guessed.to_json()) == guessed
    for row in rows:
        parse_row(guessed, columns, row, zone=ZoneInfo("Asia/Shanghai"))


def test_a_heading_that_names_its_scale_is_believed():
    columns = [
        "Review no.",
        "Café",
        "Stars (1-5)",
        "How likely to recommend (0-10)",
        "清洁（1～5）",
    ]
    rows = [[f"R-{i}", f"C{i % 3}", i % 4 + 2, i % 10 + 1, i % 3 + 2] for i in range(60)]
    found = by_name(columns, rows)
    assert [found[c].role for c in columns] == ["source_ref", "unit", "score", "score", "score"]
    read = [(found[c].metric, found[c].item, found[c].scale) for c in columns[2:]]
    assert read == [
        ("csat", "overall", (1, 5)),
        ("nps", "nps", (0, 10)),
        ("csat", "清洁", (1, 5)),
    ]
    beyond = by_name(["Stars (1-5)"], [[i % 10 + 1] for i in range(60)])["Stars (1-5)"]
    assert beyond.scale == (1, 10)
