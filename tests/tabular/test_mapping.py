"""A mapped row becomes one feedback record, the same one each time."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from manyi.kit.problems import Problem
from manyi.tabular import mapping
from manyi.tabular.guess import guess
from manyi.tabular.mapping import Column, Mapping, from_guess, from_json, parse_row, signature

from .test_guess import WJX, wjx_rows

ZONE = ZoneInfo("Asia/Shanghai")
HEADER = ("日期", "门店", "评分", "好评", "差评", "手机")
PLAIN = Mapping(
    (
        Column("日期", "occurred_at"),
        Column("门店", "unit", codes={"上海一店": "SH-001"}),
        Column("评分", "score", (1, 5), "csat", "overall", values={"超赞": 5.0}),
        Column("好评", "text"),
        Column("差评", "text"),
        Column("手机", "phone"),
    ),
    source="shop",
)


def row(*cells, mapped=PLAIN, **more):
    return parse_row(mapped, HEADER, cells, zone=ZONE, **more)


def test_row_on_the_wire():
    record, wrong = row("2026年11月1日 9:30", "上海一店", "4星", "快", None, 13800000000)
    assert wrong == []
    assert record == {
        "source": "shop",
        "source_ref": record["source_ref"],
        "survey": None,
        "kind": "rating",
        "channel": None,
        "occurred_at": "2026-11-01T09:30:00+08:00",
        "language": None,
        "unit": "SH-001",
        "touchpoint": None,
        "agent": None,
        "customer": {"phone": "+8613800000000"},
        "scores": [{"item": "overall", "metric": "csat", "value": 4.0, "scale": [1, 5]}],
        "answers": {},
        "verbatim": "好评: 快",
        "attributes": {},
    }


def test_same_row_same_reference():
    one = row("2026-11-01", "B", 5, "快", None, None)[0]["source_ref"]
    assert one.startswith("row-")
    assert row("2026-11-01", "B", 5.0, "快", None, None)[0]["source_ref"] == one
    assert row("2026-11-01", "B", "5", "快", None, None)[0]["source_ref"] == one
    assert row("2026-11-01", "B", "4", "快", None, None)[0]["source_ref"] != one
    assert row("2026-11-01", "B", 5, "快", None, None, occurrence=1)[0]["source_ref"] == f"{one}-2"


def test_reference_does_not_depend_on_the_order_of_columns():
    cells = ("2026-11-01", "B", 5, "快", "慢", None)
    one = row(*cells)[0]
    other = parse_row(PLAIN, HEADER[::-1], cells[::-1], zone=ZONE)[0]
    assert other == one


def test_several_texts_stand_under_their_names():
    assert row("2026-11-01", "B", None, "快", "吵")[0]["verbatim"] == "好评: 快\n差评: 吵"


@pytest.mark.parametrize("blank", [None, "", "不适用", "N/A", "-"])
def test_blank_makes_no_score(blank):
    record, wrong = row("2026-11-01", "B", blank, "快")
    assert (record["scores"], wrong) == ([], [])


def test_zero_is_an_answer():
    mapped = replace(
        PLAIN, columns=(*PLAIN.columns[:2], Column("评分", "score", (0, 10), "nps", "nps"))
    )
    record, wrong = row("2026-11-01", "B", 0, mapped=mapped)
    assert (record["scores"][0]["value"], wrong) == (0.0, [])


@pytest.mark.parametrize(
    ("cells", "pointer", "code"),
    [
        ((None, "B", 5), "日期", "row.date_missing"),
        (("昨天", "B", 5), "日期", "row.date_invalid"),
        (("0001-01-01", "B", 5), "日期", "row.date_invalid"),
        (("2026-11-01", "B", 6), "评分", "row.score_off_scale"),
        (("2026-11-01", "B", "80%"), "评分", "row.score_invalid"),
        (("2026-11-01", "B", "棒棒"), "评分", "row.score_invalid"),
        (("2026-11-01", "B", None), "", "row.empty"),
    ],
)
def test_problems_name_column_and_reason(cells, pointer, code):
    _, wrong = row(*cells)
    assert [(p.pointer, p.code) for p in wrong] == [(pointer, code)]


def test_words_of_the_mapping_and_of_the_scale():
    assert row("2026-11-01", "B", "超赞")[0]["scores"][0]["value"] == 5
    assert row("2026-11-01", "B", "比较满意")[0]["scores"][0]["value"] == 4


def test_a_date_for_the_whole_file():
    mapped = replace(PLAIN, occurred_at="2026-10-31")
    record, wrong = row(None, "B", 5, mapped=mapped)
    assert (record["occurred_at"], wrong) == ("2026-10-31T00:00:00+08:00", [])
    assert record["source_ref"] != row(None, "B", 5)[0]["source_ref"]


def test_json_round_trip_and_refusal():
    assert from_json(PLAIN.to_json()) == PLAIN
    with pytest.raises(Problem):
        from_json({**PLAIN.to_json(), "sources": "x"})
    with pytest.raises(Problem):
        from_json({"columns": [{"name": "a", "role": "hat"}]})
    with pytest.raises(Problem):
        from_json({"columns": [{"name": "a", "role": "score", "scale": [5, 5]}]})


def test_signature_knows_the_same_columns_again():
    assert signature(["评分", "Created At"]) == signature(["created_at", "评分 "])
    assert signature(["评分"]) != signature(["评价"])


def test_problems_of_a_mapping():
    assert mapping.problems(PLAIN) == []
    twice = Mapping((Column("a", "unit"), Column("b", "unit")))
    assert [p.code for p in mapping.problems(twice)] == [
        "mapping.no_content",
        "mapping.no_date",
        "mapping.two_columns",
    ]


def test_questionnaire_star_with_and_without_a_survey():
    rows = wjx_rows()
    guessed = from_guess(guess(WJX, rows), source="wjx")
    cells = [*rows[0][:10], 1, 0, "鱼┋肉", *rows[0][13:]]
    record, wrong = parse_row(guessed, WJX, cells, zone=ZONE)
    assert wrong == []
    assert (record["kind"], record["channel"] in ("wechat", "web"), len(record["scores"])) == (
        "survey",
        True,
        4,
    )
    assert record["attributes"]["您喜欢的菜品"] == "鱼; 肉"
    known = parse_row(replace(guessed, survey="s1"), WJX, cells, zone=ZONE)[0]
    assert known["answers"] == {"q4": ["环境"], "q5": ["鱼", "肉"]}


def test_a_recommendation_asked_once_is_of_the_whole_as_in_a_survey():
    columns = ["Stars (1-5)", "Recommend (0-10)", "推荐给同事（0-10）"]
    rows = [[i % 5 + 1, i % 11, i % 11] for i in range(60)]
    two = from_guess(guess(columns[:2], [row[:2] for row in rows])).columns
    assert [(c.metric, c.item) for c in two] == [("csat", "overall"), ("nps", "overall")]
    three = from_guess(guess(columns, rows)).columns
    assert len({(c.metric, c.item) for c in three}) == 3
