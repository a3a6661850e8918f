"""Conversations in files: a turn a row, JSON, or a transcript in a cell."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from manyi.tabular import mapping, reading
from manyi.tabular.guess import guess
from manyi.tabular.talks import customer_said, is_talk, speaker, timed, turns

ZONE = ZoneInfo("Asia/Shanghai")
TRANSCRIPT = "[00:00] 客服小王：您好\n[00:12] 客户：加湿器坏了\n订单号：88\n[01:02] 客服：马上换"


def records(path: Path) -> list[dict[str, Any]]:
    out = path.with_suffix(".rows")
    shape = reading.convert(path, out)
    chosen = mapping.from_guess(guess(shape.columns, reading.sample(out)))
    assert mapping.problems(chosen) == []
    assert chosen.kind == "conversation"
    found = []
    for row in reading.rows(out):
        record, wrong = mapping.parse_row(chosen, shape.columns, row.cells, zone=ZONE)
        assert wrong == []
        found.append(record)
    return found


@pytest.mark.parametrize(
    ("said", "who"),
    [
        *(("客服小王", "客服"), ("客服 02", "客服"), ("Agent 2", "agent"), ("Agent Amy", "agent")),
        *(("USER", "user"), ("系统", "系统"), ("订单号", ""), ("客户经理部总负责", ""), ("", "")),
    ],
)
def test_speakers_are_known_by_what_they_are_called(said: str, who: str) -> None:
    assert speaker(said) == who


def test_a_transcript_is_read_line_by_line() -> None:
    found = turns(TRANSCRIPT)
    assert [(t["role"], t["at"]) for t in found] == [
        *(("客服", "00:00"), ("客户", "00:12"), ("客服", "01:02")),
    ]
    assert found[1]["text"] == "加湿器坏了\n订单号：88"
    assert customer_said(TRANSCRIPT) == "加湿器坏了\n订单号：88"
    times = [t["at"] for t in timed(found, datetime(2026, 11, 1), ZONE)]
    assert times[2] == "2026-11-01T00:01:02+08:00"
    assert [t["at"] for t in timed(found, None, ZONE)] == [None, None, None]


@pytest.mark.parametrize(
    "cell",
    [
        "Customer (2026-11-01 10:00:01): it broke\nAgent (2026-11-01 10:00:31): sorry",
        "Customer 2026-11-01 10:00:01\nit broke\nAgent 2026-11-01 10:00:31\nsorry",
        '[{"role": "user", "content": "it broke"}, {"role": "assistant", "content": "sorry"}]',
        '{"messages": [{"sender": "Customer", "text": "it broke"},'
        ' {"sender": "Agent", "text": "sorry"}]}',
    ],
)
def test_forms_of_talks(cell: str) -> None:
    assert is_talk(cell)
    assert [t["text"] for t in turns(cell)] == ["it broke", "sorry"]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "好吃",
            "注意：很差\n建议：改进",
            "[1, 2",
            "{}",
            "[]",
            "[null]",
            "[" * 5_000,
            "：\n：",
            "",
        ),
        "客服：" * 3,
    ],
)
def test_what_is_no_talk(cell: str) -> None:
    assert not is_talk(cell)


def test_a_turn_a_row_is_gathered_wherever_the_rows_stand(tmp_path: Path) -> None:
    path = tmp_path / "turns.csv"
    lines = ["会话ID,时间,角色,客服工号,内容"]
    for k in range(30):
        lines.append(f"C{k},2026-11-01 10:{k:02}:40,客服,A-1,马上处理{k}")
    for k in range(30):
        lines.append(f"C{k},2026-11-01 10:{k:02}:05,客户,,东西坏了{k}")
    path.write_text("\n".join(lines), encoding="utf-8")
    found = records(path)
    assert len(found) == 30
    assert [t["text"] for t in found[7]["turns"]] == ["东西坏了7", "马上处理7"]
    assert found[7]["source_ref"] == "C7"
    assert found[7]["agent"] == "A-1"
    assert found[7]["occurred_at"] == "2026-11-01T10:07:05+08:00"


def test_lines_of_json_with_lists_of_turns(tmp_path: Path) -> None:
    path = tmp_path / "talks.jsonl"
    said = [
        {"role": "agent", "at": "2026-11-01T10:00:00Z", "text": "Hello"},
        {"role": "customer", "at": "2026-11-01T10:00:30Z", "text": "It broke"},
    ]
    rows = [{"conversation_id": f"J{k}", "channel": "chat", "turns": said} for k in range(12)]
    path.write_text("\n".join(map(json.dumps, rows)))
    found = records(path)
    assert found[3]["occurred_at"] == "2026-11-01T10:00:00+00:00"
    assert [t["role"] for t in found[3]["turns"]] == ["agent", "customer"]
    assert found[3]["channel"] == "chat"


def test_reviews_by_users_and_staff_are_not_gathered(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    rows = "\n".join(f"{k},2026-11-01,user,很好{k}" for k in range(20))
    path.write_text(f"ticket,日期,role,评论\n{rows}", encoding="utf-8")
    assert reading.convert(path, tmp_path / "out").rows == 20


def test_a_cell_without_turns_is_refused() -> None:
    columns = [{"name": "对话", "role": "turns"}]
    chosen = mapping.from_json({"columns": columns, "occurred_at": "2026-11-01"})
    _, wrong = mapping.parse_row(chosen, ["对话"], ["没有人说话"], zone=ZONE)
    assert [p.code for p in wrong] == ["row.turns_invalid"]


@pytest.mark.parametrize(
    ("cell", "roles"),
    [
        ("客服：您好\n王小明：坏了\n客服：抱歉\n王小明：谢谢", ["客服", "客户", "客服", "客户"]),
        ("顾客：坏了\n李雷：抱歉\n顾客：好\n李雷：再见", ["顾客", "客服", "顾客", "客服"]),
        ("10:00 Ann: How can I help?\n10:01 Bob: it broke", ["agent", "customer"]),
        ("10:00 Ann: hello\n10:01 Bob: it broke", ["Ann", "Bob"]),
        ("Support: hello\nBob: it broke\nSupport: sorry\nBob: ok", ["agent", "customer"] * 2),
    ],
)
def test_a_speaker_known_by_name_gets_a_side_where_it_is_told(cell: str, roles: list[str]) -> None:
    assert [t["role"] for t in turns(cell)] == roles
    said = [{"role": "客服", "text": "您好"}, {"role": "王小明", "text": "坏了"}]
    assert customer_said(json.dumps(said)) == "坏了"


def test_of_several_names_beside_the_service_nobody_is_taken_for_the_customer() -> None:
    said = [{"role": r, "text": r} for r in ("agent", "Ann", "Bob")]
    assert [t["role"] for t in turns(json.dumps(said))] == ["agent", "Ann", "Bob"]


def test_the_side_of_a_name_in_turns_a_row(tmp_path: Path) -> None:
    path = tmp_path / "turns.csv"
    lines = ["会话ID,时间,角色,内容"]
    for k in range(30):
        lines += [f"C{k},2026-11-01 10:{k:02}:05,{'客户' if k else '王小明'},坏了"]
        lines += [f"C{k},2026-11-01 10:{k:02}:40,客服,抱歉"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [t["role"] for t in records(path)[0]["turns"]] == ["客户", "客服"]
