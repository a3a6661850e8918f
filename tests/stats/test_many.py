"""Many groups in one go against each of them by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.kit.scale import Scale
from manyi.stats import compare, many, pooling
from manyi.stats.metrics import estimate, named
from manyi.stats.moments import Moments, empty, from_cells, from_values, merge_all, without
from manyi.stats.result import Estimate
from manyi.stats.stacked import of_groups

SCALES = {
    "csat": Scale(1, 5),
    "csat_mean": Scale(1, 5),
    "csat_index": Scale(5, 1),
    "nps": Scale(0, 10),
}
KINDS = ("alone", "weighted", "customers", "mixed")


def groups(rng: np.random.Generator, scale: Scale, kind: str, most: int) -> list[Moments]:
    """Return units of very different sizes, some of one mind, some of one customer."""
    found = []
    for at in range(int(rng.integers(2, 9))):
        n = int(rng.integers(1, [3, 12, 60, most][at % 4] + 1))
        lean = rng.dirichlet(np.full(int(scale.high - scale.low) + 1, 0.4))
        x = rng.choice(np.arange(scale.low, scale.high + 1), n, p=lean)
        x = np.full(n, x[0]) if rng.random() < 0.15 else x
        weights = rng.uniform(0.2, 4, n) if kind == "weighted" else None
        if kind in ("alone", "weighted"):
            found.append(from_values(x, weights))
            continue
        pool = 1 if rng.random() < 0.1 else max(1, n // 3) if kind == "customers" else 10**9
        found.append(from_values(x, weights, rng.integers(0, pool, n)))
    return found


def close(one: Any, other: Any, hair: float) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=hair, abs_tol=hair)
    return bool(one == other)


def same(one: Estimate, other: Estimate, hair: float = 1e-9) -> bool:
    a, b = vars(one), vars(other)
    return all(close(a[name], b[name], hair) for name in a)


def differing_one_by_one(
    units: list[Moments], metric: str, scale: Scale, level: float
) -> list[int]:
    whole = merge_all(units)
    signs, p_values = [], []
    for own in units:
        test = compare.change_test(own, without(whole, own), metric, scale, level=level)
        signs.append(compare.direction(test.effect))
        p_values.append(test.p if signs[-1] else 1.0)
    adjusted = compare.holm(p_values)
    pairs = zip(signs, adjusted, strict=True)
    return [sign if p is not None and p < 1 - level else 0 for sign, p in pairs]


@pytest.mark.parametrize("metric", SCALES)
@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 10**6), level=st.sampled_from([0.95, 0.8]))
@settings(max_examples=25, deadline=None)
def test_groups_side_by_side_are_told_as_each_alone(
    metric: str, kind: str, seed: int, level: float
) -> None:
    scale = SCALES[metric]
    units = groups(np.random.default_rng(seed), scale, kind, 200)
    found = many.side(units, named(metric), scale)
    assert found is not None
    alone = [estimate(metric, one, scale, level=level) for one in units]
    told = many.estimates(found, level=level)
    assert all(map(same, told, alone)), [p for p in zip(told, alone, strict=True) if not same(*p)]
    drawn = pooling.shrunken(dict(enumerate(units)), metric, scale, level=level)
    # How far they are drawn is searched for, and found to some digits.
    pairs = zip(many.drawn_to_whole(found, level=level), drawn.values(), strict=True)
    assert all(same(one, other, 1e-5) for one, other in pairs)
    every = np.arange(len(units))
    differs = many.differing(found, merge_all(units), every, level=level)
    assert differs == differing_one_by_one(units, metric, scale, level)


def test_some_of_the_groups_are_compared_with_all_others() -> None:
    rng = np.random.default_rng(4)
    units = [from_values(rng.choice([1, 2, 3, 4, 5], 400, p=p)) for p in PATTERNS]
    found = many.side(units, named("csat"), Scale(1, 5))
    assert found is not None
    whole = merge_all(units)
    assert many.differing(found, whole, np.arange(3)) == [1, -1, 0]
    assert many.differing(found, whole, np.array([1])) == [-1]


PATTERNS = ((0.05, 0.05, 0.1, 0.3, 0.5), (0.4, 0.2, 0.2, 0.1, 0.1), (0.2, 0.15, 0.15, 0.2, 0.3))


def test_answers_off_the_scale_and_none_are_left_to_who_tells_of_one() -> None:
    good = from_values([1, 2, 5])
    assert many.side([good, from_values([1, 7])], named("csat"), Scale(1, 5)) is None
    assert many.side([good, empty()], named("csat"), Scale(1, 5)) is None
    assert many.side([], named("csat"), Scale(1, 5)) is None


@pytest.mark.parametrize("is_clustered", [True, False])
def test_moments_of_all_groups_are_those_of_each(*, is_clustered: bool) -> None:
    rng = np.random.default_rng(7)
    group, values = np.sort(rng.integers(0, 6, 400)), rng.integers(1, 9, 400) / 2
    clusters = rng.integers(0, 64, 400) if is_clustered else None
    n, people = rng.integers(0, 4, 400), list(range(6))
    for x in (values, np.where(rng.random(400) < 0.1, np.nan, values)):
        found = of_groups(6, group, x, clusters, n, n_customers=people)
        for at, one in enumerate(found):
            mine = group == at
            own = None if clusters is None else clusters[mine]
            each = from_cells(x[mine], own, n[mine], n_customers=at)
            for name in ("values", "n", "w", "w2", "by_group", "n_customers"):
                np.testing.assert_array_equal(getattr(one, name), getattr(each, name), strict=True)
