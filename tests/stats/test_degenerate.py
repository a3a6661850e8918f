"""Answers that are all alike, all apart or hardly there are told of, or said not to tell."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.stats import noncentral, segments
from manyi.stats.explain import Variable, explain
from manyi.stats.means import FTest
from manyi.stats.moments import from_values
from manyi.stats.result import Estimate, Test

GROUPS = {
    "alike": ([5.0] * 5, [5.0] * 5),
    "apart": ([1.0] * 5, [5.0] * 5),
    "hardly_apart": ([0.0] * 50, [0.0] * 49 + [1e-9]),
    "almost_apart": ([1.0] * 50, [5.0] * 50 + [4.9999]),
    "far_apart": ([0.0] * 99 + [1e-7], [1e9] * 99 + [1e9 + 1]),
    "alone": ([1.0], [5.0]),
}
TESTS: dict[str, Callable[..., Any]] = {
    "anova": segments.anova,
    "welch": segments.welch_anova,
    "kruskal": segments.kruskal,
    "pairs": segments.pairwise_means,
    "tukey": segments.tukey,
}


def held(found: Test) -> None:
    assert found.p is None or 0 <= found.p <= 1
    ordered(found.effect)


def ordered(effect: Estimate) -> None:
    if effect.value is None or effect.low is None or effect.high is None:
        return
    near = 1e-9 * (1 + abs(effect.value))
    assert effect.low - near <= effect.value <= effect.high + near


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("test", TESTS)
def test_groups_without_spread_are_not_compared(test: str, groups: str) -> None:
    found = TESTS[test]({at: from_values(np.array(one)) for at, one in enumerate(GROUPS[groups])})
    for one in found.values() if isinstance(found, dict) else [found]:
        held(one)
        if groups in ("alike", "alone") and test in ("anova", "welch"):
            assert one.p is None and one.warnings[0].code == "no_spread"


@pytest.mark.parametrize(("df", "df2"), [(1, 3), (3, 40), (11, 5000), (5, math.inf)])
def test_a_huge_difference_goes_on_from_a_large_one(df: int, df2: float) -> None:
    less, more = (
        noncentral.share_of_f(FTest(f / df, df, df2, 0.0), n=100, n_effective=1e6, level=0.95)
        for f in (0.999999e7, 1.000001e7)
    )
    for one, other in zip((less.low, less.high), (more.low, more.high), strict=True):
        assert one == pytest.approx(other, rel=1e-4)
    ordered(noncentral.share_of_f(FTest(1e20, df, df2, 0.0), n=9, n_effective=9, level=0.95))


def variables(n: int) -> Iterator[Variable]:
    rng = np.random.default_rng(3)
    yield Variable("const", "scale", np.full(n, 5.0))
    yield Variable("near", "scale", 5 + 1e-9 * rng.random(n))
    yield Variable("one", "scale", np.r_[np.full(n - 1, 5.0), 4.0])
    yield Variable("huge", "scale", rng.random(n) * 1e15)
    yield Variable("missing", "scale", np.where(rng.random(n) < 0.5, np.nan, rng.normal(size=n)))
    yield Variable("same", "ordinal", np.full(n, 5.0))
    yield Variable("stars", "ordinal", rng.integers(1, 6, n).astype(float))
    yield Variable("no", "binary", np.zeros(n, int), {0: "no", 1: "yes"})
    yield Variable("rare", "binary", np.r_[np.zeros(n - 1, int), 1], {0: "no", 1: "yes"})
    yield Variable("three", "nominal", np.array([f"g{k % 3}" for k in range(n)]))
    yield Variable("all", "nominal", np.array(["a"] * n))
    yield Variable("each", "nominal", np.array([f"u{k}" for k in range(n)]))
    yield Variable("day", "date", np.full(n, np.datetime64("2026-01-01")))


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize("how", ["plain", "weights", "cluster", "one_customer"])
def test_whatever_is_asked_of_few_is_told_or_refused_in_a_sentence(n: int, how: str) -> None:
    options: dict[str, Any] = {
        "plain": {},
        "weights": {"weights": np.linspace(0.5, 2, n)},
        "cluster": {"cluster": np.arange(n) // 2},
        "one_customer": {"cluster": np.zeros(n, int)},
    }[how]
    for outcome, by in itertools.permutations(variables(n), 2):
        try:
            found = explain(outcome, by, **options)
        except Problem as problem:
            assert say(problem.code, "en", problem.params) != problem.code
            continue
        if found.test is not None:
            held(found.test)
        for note in found.notes:
            assert say(note.code, "zh-Hans", note.params) != note.code
