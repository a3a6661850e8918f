"""What is spoken of and what is said of it: pieces, pairs, and their bounds."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from manyi.text import crossed, pairing, spans, tagger, terms
from manyi.text.normal import batch

ODD = [
    "",
    "好",
    " 好 吃 ",
    "菜好吃" * 40,
    "\x00好\x00",
    "，。！",
    "good food, bad service",
    "😀好吃😀",
]


def _said(text: str) -> set[tuple[str | None, str, str]]:
    [found] = terms([text], tier="fast")
    cut = lambda place: None if place is None else text[slice(*place)]  # noqa: E731
    return {(cut(t.aspect), text[slice(*t.opinion)], t.polarity) for t in found.opinions}


def test_each_opinion_is_about_its_own_aspect() -> None:
    said = _said("环境优雅，价格有点贵")
    assert said == {("环境", "优雅", "positive"), ("价格", "有点贵", "negative")}


@pytest.mark.parametrize("end", ["", "。", "！"])
def test_the_mark_at_the_end_changes_nothing(end: str) -> None:
    assert _said(f"服务态度很好{end}") == {("服务态度", "很好", "positive")}


def test_an_opinion_may_be_about_nothing_that_is_named() -> None:
    assert any(about is None and sense == "positive" for about, _, sense in _said("非常好吃"))


@pytest.mark.parametrize("text", ODD)
def test_pieces_overlap_no_other_of_their_kind_and_stay_in_their_text(text: str) -> None:
    one = batch([text, "味道不错", text])
    scores = tagger.load("terms").scores(one, after="。")
    for kind in (0, 1):
        runs = spans.found(one, scores, kind)
        assert runs == sorted(runs)
        assert all(a[1] <= b[0] for a, b in pairwise(runs))
        assert all(0 < b - a <= spans.LONGEST for a, b in runs)
        assert all(one.owner[a] == one.owner[b - 1] for a, b in runs)


@pytest.mark.parametrize("text", [*ODD, "服务员态度很热情，就是环境有点吵"])
def test_a_text_is_read_alike_in_any_company(text: str) -> None:
    alone, beside = terms([text], tier="fast")[0], terms(["服务很好", text, "好"], tier="fast")[1]
    assert alone == beside


def test_a_long_text_of_nothing_but_opinions_takes_no_squared_time() -> None:
    short, long = "味道不错，服务很差，" * 200, "味道不错，服务很差，" * 1_600
    terms([short], tier="fast")
    took = []
    for text in (short, long):
        begun = time.process_time()
        terms([text], tier="fast")
        took.append(time.process_time() - begun)
    assert took[1] < 30 * took[0]


def test_facts_that_differ_by_their_number_only_are_the_same_fact() -> None:
    facts = {"inner#1": np.array([7, 8]), "inner#2": np.array([8, 7]), "size": np.array([7, 8])}
    first, second, third = crossed.crossed(facts, (("inner#1",), ("inner#2",), ("size",)))
    assert first.tolist() == second.tolist()[::-1]
    assert not set(first.tolist()) & set(third.tolist())


def test_facts_know_the_opinions_and_aspects_closest_to_a_place() -> None:
    runs = [(10 * k, 10 * k + 2) for k in range(1_000)]
    near = pairing.Around(runs, runs).near((5_000, 5_002))
    assert (5_000, 5_002) in near.aspects and (5_010, 5_012) in near.opinions
    assert len(near.aspects) < 20
