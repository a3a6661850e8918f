"""Paths with bootstrap intervals, and whether two groups of customers have the same ones."""

from __future__ import annotations

import numpy as np

from manyi.stats.latent.pls import Solution
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Test


def path_estimates(
    solution: Solution, drawn: Solution, n: int, *, level: float = 0.95
) -> dict[tuple[str, str], Estimate]:
    """Return each path (from, to) with its percentile interval over the bootstrap solutions."""
    return {
        pair: _percentile(float(solution.path(*pair)), drawn.path(*pair), n, level)
        for pair in solution.model.paths
    }


def total_effect_estimates(
    solution: Solution, drawn: Solution, n: int, *, level: float = 0.95
) -> dict[tuple[str, str], Estimate]:
    """Return each direct and indirect effect together, wherever one reaches the other."""
    names = solution.model.latents
    whole, draws = solution.total_effects(), drawn.total_effects()
    reached = np.argwhere(np.abs(whole) > 1e-12)
    return {
        (names[start], names[end]): _percentile(
            float(whole[end, start]), draws[:, end, start], n, level
        )
        for end, start in reached.tolist()
    }


def _percentile(value: float, draws: FloatArray, n: int, level: float) -> Estimate:
    low, high = np.percentile(draws, [50 * (1 - level), 50 * (1 + level)])
    ends = min(float(low), value), max(float(high), value)
    return Estimate(value, *ends, level, n, float(n), None, "bootstrap")


def multigroup(
    one: Solution,
    two: Solution,
    drawn_one: Solution,
    drawn_two: Solution,
    n: tuple[int, int],
    *,
    level: float = 0.95,
) -> dict[tuple[str, str], Test]:
    """Return for each path the difference of two groups and its test (PLS-MGA, Henseler, Ringle
    & Sinkovics 2009): in how many pairs of draws the other group's path is the larger.

    Draws are centred at the solutions. `n` are the sizes of the groups. Adjust p (Holm) where
    more than one path is looked at.
    """
    found = {}
    for pair in one.model.paths:
        a, b = float(one.path(*pair)), float(two.path(*pair))
        first, second = drawn_one.path(*pair), drawn_two.path(*pair)
        first, second = first - first.mean() + a, second - second.mean() + b
        above = float((first[:, None] > second[None, :]).mean())
        p = min(2 * min(above, 1 - above), 1.0)
        gaps = (first[:, None] - second[None, :]).ravel()
        effect = _percentile(a - b, gaps, min(n), level)
        found[pair] = Test(above, p, None, effect, "pls_mga", min(n))
    return found
