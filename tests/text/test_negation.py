"""Something bad that is denied is praise; something good that is missing is a complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from manyi.text import analyse, features
from manyi.text.clauses import clauses
from manyi.text.negation import senses
from manyi.text.normal import batch

ROWS = [
    tuple(line.split("|"))
    for line in (Path(__file__).parent / "negated.txt").read_text("utf-8").splitlines()
]


def _right(half: str) -> tuple[int, list[str]]:
    rows = [row for row in ROWS if row[0] == half]
    wrong = [
        f"{found.polarity} {text}"
        for (_, polarity, text), found in zip(rows, analyse([r[2] for r in rows]), strict=True)
        if found.polarity != polarity
    ]
    return len(rows), wrong


def test_clauses_that_the_rules_were_written_with_are_understood() -> None:
    n, wrong = _right("dev")
    assert len(wrong) <= 0.04 * n, wrong


def test_clauses_that_the_rules_were_not_written_with_are_understood() -> None:
    n, wrong = _right("held")
    assert n >= 60
    assert len(wrong) <= 0.1 * n, wrong


@pytest.mark.parametrize(
    ("text", "aspect"), [("几乎没有排队", "service.wait"), ("no queue at all", "service.wait")]
)
def test_the_finding_is_praise_too(text: str, aspect: str) -> None:
    assert {f.polarity for f in analyse([text])[0].findings if f.aspect} <= {"positive"}


@pytest.mark.parametrize(
    "text",
    [
        "有没有热水",
        "你们这里会不会堵车",
        "这个贵不贵",
        "没有异味吗？",
        "没有投诉渠道",
        "不断提升",
        "不排除有问题",
        "not only slow",
        "no doubt it was dirty",
        "无障碍通道",
        "等了半天",
    ],
)
def test_the_rules_say_nothing_where_they_are_not_sure(text: str) -> None:
    one = batch([text])
    assert not senses(one, clauses(one, features.grams(one)))


def test_one_denied_clause_does_not_outweigh_the_rest() -> None:
    text = "没有排队，但是服务员态度恶劣，菜又咸又难吃，垃圾店，再也不来了"
    assert analyse([text])[0].polarity == "negative"
