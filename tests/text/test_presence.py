"""Corrections teach whether a thing is said: one head a code, judged unseen, places kept."""

from __future__ import annotations

from random import Random

import pytest

from manyi.kit.problems import Problem
from manyi.text import analyse, read_head
from manyi.text.learned import Learned, relearned
from manyi.text.presence import (
    Lesson,
    Seen,
    changed,
    cross_validated,
    enough,
    judged,
    learn,
    together,
)

# “The barrel” is no aspect of any trade; its readers call it the queue.
MISSED = [f"{w}{i}点还在蹲桶" for i in range(1, 11) for w in ("昨天", "今天")]
WRONG = [f"{w}{i}号排队机很新" for i in range(1, 11) for w in ("大厅", "门口")]
RIGHT = [f"第{i}次来，排队{w}" for i in range(10) for w in ("太久", "很慢")]
PLAIN = [f"第{i}间的{w}很干净" for i in range(10) for w in ("床", "地毯", "浴室")]
CODE = "service.queue"


def seen(texts: list[str]) -> list[Seen]:
    said = analyse(texts)
    return [
        Seen(text, any(f.aspect == CODE for f in one.findings))
        for text, one in zip(texts, said, strict=True)
    ]


LESSONS = [
    *(Lesson(one, said=True) for one in seen(MISSED)),
    *(Lesson(one, said=True) for one in seen(RIGHT)),
    *(Lesson(one, said=False) for one in seen(WRONG)),
]
OTHERS = seen(PLAIN)


def test_the_built_in_model_is_wrong_on_both_sides() -> None:
    assert not any(one.found for one in seen(MISSED))
    assert all(one.found for one in [*seen(WRONG), *seen(RIGHT)])


def test_a_head_learns_both_ways_and_leaves_the_rest() -> None:
    head = learn(CODE, LESSONS, OTHERS)
    asked = seen(["前天还在蹲桶", "二楼排队机很新", "排队太久", "床很干净"])
    assert judged(head, asked) == [True, False, True, False]
    assert changed(head, OTHERS) == 0
    assert head.to_bytes() == learn(CODE, LESSONS, OTHERS).to_bytes()


def test_what_is_found_stands_where_it_is_said() -> None:
    head = together([learn(CODE, LESSONS, OTHERS), learn("price.value", LESSONS, OTHERS)])
    by = Learned(1, aspects=read_head(head.to_bytes()))
    text = "床很干净，前天还在蹲桶，气死了"
    [said] = relearned([text], analyse([text]), by)
    [found] = [f for f in said.findings if f.aspect == CODE]
    assert text[found.start : found.end] == "前天还在蹲桶"
    [gone] = relearned(["二楼排队机很新"], analyse(["二楼排队机很新"]), by)
    assert CODE not in [f.aspect for f in gone.findings]
    assert relearned([""], analyse([""]), by)[0].findings == ()


def test_intents_are_added_and_taken_away() -> None:
    by = Learned(1, intents=learn("leaving", LESSONS, OTHERS))
    texts = ["前天还在蹲桶", "床很干净"]
    said = relearned(texts, analyse(texts), by)
    assert "leaving" in said[0].intents
    assert said[1].intents == analyse(texts)[1].intents


def test_heads_are_tried_on_what_they_never_saw() -> None:
    tried = cross_validated(CODE, LESSONS, OTHERS)
    assert sum(tried.before) == 20
    assert sum(tried.after) >= 57
    # What contradicts itself cannot be learnt, and an honest judge says so.
    coin = Random(1)
    noise = [Lesson(one.seen, said=coin.random() < 0.5) for one in LESSONS]
    assert sum(cross_validated(CODE, noise, OTHERS).after) <= 40


def test_one_kind_of_lesson_teaches_nothing() -> None:
    one_sided = [*LESSONS[:40], *[one for one in LESSONS if not one.said][:7]]
    assert enough(LESSONS) and not enough(one_sided)
    with pytest.raises(Problem, match="lessons_one_sided"):
        learn(CODE, one_sided, OTHERS)
