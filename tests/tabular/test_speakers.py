"""Speakers known by name alone: found with examples, and given the side that a person says."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from manyi.kit.problems import Problem
from manyi.tabular import speakers
from manyi.tabular.mapping import Column, Mapping, from_json, parse_row
from manyi.tabular.speakers import key_of, kind_of, turns, unknown

TALK = "阿木: 您好\n小雨: 加湿器坏了\n阿木: 我看看\n小雨: 快点"
HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd()",
    "\u202eeman",
    "a" * 300,
    "__proto__",
    "*",
    "\ud800",
]


def roles(cell: str, said: dict[str, str]) -> list[str]:
    return [one["role"] for one in turns(cell, said)]


def test_a_talk_of_two_names_is_found_and_read_as_a_person_says() -> None:
    found = unknown([TALK, "阿木：好的\n客户：谢谢\n阿木：不客气"], {})
    assert [(one.names, one.turns, one.guess) for one in found] == [
        (["阿木"], 4, "agent"),
        (["小雨"], 2, ""),
    ]
    assert found[1].examples == ["加湿器坏了", "快点"]
    assert roles(TALK, {}) == []
    said = {key_of("阿木"): "customer", key_of("小雨"): "agent"}
    assert roles(TALK, said) == ["客户", "客服", "客户", "客服"]
    assert [t["text"] for t in turns(TALK, said)] == ["您好", "加湿器坏了", "我看看", "快点"]


def test_beside_one_who_is_known_the_other_is_heard_too() -> None:
    assert roles(TALK, {key_of("阿木"): "agent"}) == ["客服", "客户", "客服", "客户"]


def test_what_is_left_is_guessed_with_what_was_said() -> None:
    talk = json.dumps([{"role": r, "text": "hm"} for r in ("Ann", "Bo", "Ann")])
    assert roles(talk, {}) == ["Ann", "Bo", "Ann"]
    assert roles(talk, {key_of("Ann"): "agent"}) == ["agent", "customer", "agent"]
    assert roles(talk, {key_of("ANN"): "guess"}) == ["Ann", "Bo", "Ann"]
    assert roles(talk, {key_of("Ann"): "system", "*": "customer"}) == [
        *("system", "customer", "system"),
    ]


def test_whom_everybody_knows_is_not_asked_about_and_stays() -> None:
    talk = "客服小王: 您好\n张女士: 坏了\n张女士: 快点"
    [one] = unknown([talk], {})
    assert (one.names, one.guess) == (["张女士"], "customer")
    assert roles(talk, {"*": "agent"}) == ["客服", "客服", "客服"]


def test_many_names_are_asked_about_by_what_they_have_in_common() -> None:
    cells = [f"客服: 您好\n{who}: 坏了\n{who}: 快" for who in ("张女士", "李女士", "欧阳女士")]
    cells += [f"客服: 您好\nwx_{n}: 坏了\nwx_{n}: 快" for n in range(1_000)]
    cells += [f"客服: 您好\n{a}{b}: 坏了\n{a}{b}: 快" for a in "赵钱孙李" for b in "木火土金水"]
    found = unknown(cells, {})
    assert [(one.key, one.n, one.turns) for one in found] == [
        *(("wx_*", 1_000, 2_000), ("*女士", 3, 6), ("*", 20, 40)),
    ]
    assert kind_of("Mrs. Lee") == "mrs *"
    assert roles(cells[0], {"*女士": "agent"}) == ["客服"] * 3
    again = unknown(cells[:1], {"*女士": "agent"})
    assert [(one.key, one.side) for one in again] == [("*女士", "agent")]


def test_a_page_never_asks_about_more_than_thirty() -> None:
    names = [a + b for a in "赵钱孙李周吴郑王冯陈" for b in "木火土金水风云雷电雨"]
    found = unknown([f"客服: 好\n{who}: 坏了\n{who}: 快" for who in names] * 2, {})
    assert len(found) == speakers.MOST
    assert found[-1].key == "*"
    assert sum(one.n for one in found) == len(names)
    one_by_one = {one.key for one in found}
    later = unknown([f"客服: 好\n{names[0]}: 坏了\n{names[0]}: 快"] * 2, {"*": "customer"})
    assert later[0].key in one_by_one
    assert later[0].side == "customer"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_names(name: str) -> None:
    talk = json.dumps([{"role": r, "text": "hm"} for r in (name, "Bo", name)])
    found = unknown([talk, "x" * 3_000_000, None, 7, "[" * 50_000], {})
    said = {one.key: "customer" for one in found}
    assert set(roles(talk, said)) <= {"customer", "客户"}
    assert all(len(key) < 40 for key in said)


def test_no_mapping_names_anybody() -> None:
    assert "小雨" not in json.dumps([one.key for one in unknown([TALK], {})], ensure_ascii=False)


def test_a_mapping_keeps_the_sides_and_refuses_what_is_none() -> None:
    column = Column("对话", "turns", codes={key_of("阿木"): "agent"})
    kept = from_json(Mapping((column,), occurred_at="2026-11-01").to_json())
    record, wrong = parse_row(kept, ["对话"], [TALK], zone=ZoneInfo("Asia/Shanghai"))
    assert wrong == []
    assert [t["role"] for t in record["turns"]] == ["客服", "客户", "客服", "客户"]
    with pytest.raises(Problem, match=r"mapping\.invalid"):
        from_json({"columns": [{"name": "a", "role": "turns", "codes": {"x": "boss"}}]})
