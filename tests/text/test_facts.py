"""Plain facts complain and praise without a word of opinion; questions do neither."""

from __future__ import annotations

import pytest

from manyi.text import analyse
from training import own

_TRADES = {"general", "property", "hotline", "hospital", "bank", "technology", "manufacturing"}


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("水管爆裂三天没人来看", "negative"),
        ("报了五次还没给说法", "negative"),
        ("维修工当天就上门修好了", "positive"),
        ("打了个电话马上就换新了", "positive"),
        ("the heating has been broken for a week", "negative"),
        ("they fixed it the same day", "positive"),
    ],
)
def test_what_happened_is_a_verdict(text: str, polarity: str) -> None:
    [found] = analyse([text], tier="fast")
    assert {f.polarity for f in found.findings} == {polarity}
    assert found.polarity == polarity


@pytest.mark.parametrize("text", ["请问电梯什么时候检修", "怎么办理停车卡", "where is the lift"])
def test_a_question_judges_nothing(text: str) -> None:
    [found] = analyse([text], tier="fast")
    assert not {f.polarity for f in found.findings} - {"neutral"}


def test_a_quick_failure_is_no_praise() -> None:
    [found] = analyse(["用了两天就坏了"], tier="fast")
    assert {f.polarity for f in found.findings} == {"negative"}


def test_own_clauses_that_no_weight_was_learnt_from() -> None:
    held_out = own.clauses("dev")
    assert not {c.text for c in held_out} & {c.text for c in own.clauses("train")}
    assert {c.trade for c in held_out} >= _TRADES
    right = []
    for clause in held_out:
        [found] = analyse([clause.text], taxonomy=clause.trade, tier="fast")
        senses = {f.polarity for f in found.findings} or {"neutral"}
        right.append(("negative", "neutral", "positive")[clause.sense + 1] in senses)
    # 0.80 of those written first, 0.62 of those written since, which say it by rarer facts.
    assert sum(right) / len(right) > 0.68
