"""Means and covariances of items of which some answers are missing (EM)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray


@dataclass(frozen=True, eq=False)
class Filled:
    """The likeliest means (p,) and covariance (p, p; divisor Σw) of normal items, from `n` rows
    with any answer at all, and how many `rounds` it took."""

    means: FloatArray
    covariance: FloatArray
    n: int
    rounds: int


def em_covariance_rows(
    items: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    tolerance: float = 1e-9,
    most_rounds: int = 2000,
) -> Filled:
    """Return the moments of all items (n, p) by EM (Dempster, Laird & Rubin 1977), as lavaan's
    missing = "ml" and SPSS's EM.

    Right where what is missing depends on what was answered only; complete rows or the mean of
    a column need that it depends on nothing. Use the covariance in `pls.fit` or
    `cfa.confirm_covariance`.
    """
    x = np.asarray(items, np.float64)
    there = ~np.isnan(x)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
    used = there.any(axis=1) & (w > 0)
    x, there, w = x[used], there[used], w[used]
    patterns, of = np.unique(there, axis=0, return_inverse=True)
    rows = [np.flatnonzero(of == one) for one in range(len(patterns))]
    totals = (there * w[:, None]).sum(axis=0)
    seen = np.where(there, x, 0.0)
    mean = (w @ seen) / totals
    sd = np.sqrt((w @ np.where(there, (seen - mean) ** 2, 0.0)) / totals)
    # On one scale, so that one tolerance serves all items.
    z, centre, spread = (seen - mean) / sd, np.zeros(x.shape[1]), np.eye(x.shape[1])
    far, rounds = np.inf, 0
    while far >= tolerance and rounds < most_rounds:
        first, second = np.zeros_like(centre), np.zeros_like(spread)
        for pattern, at in zip(patterns, rows, strict=True):
            full, left = _expected(z[at], pattern, centre, spread)
            first += w[at] @ full
            second += (full * w[at, None]).T @ full + float(w[at].sum()) * left
        moved = first / w.sum()
        widened = second / w.sum() - np.outer(moved, moved)
        far = max(float(np.abs(moved - centre).max()), float(np.abs(widened - spread).max()))
        centre, spread, rounds = moved, widened, rounds + 1
    return Filled(mean + sd * centre, spread * np.outer(sd, sd), len(x), rounds)


def _expected(
    z: FloatArray, pattern: np.ndarray, centre: FloatArray, spread: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return rows with the gaps filled by what is expected, and the variance left in the gaps."""
    gap = ~pattern
    full, left = z.copy(), np.zeros_like(spread)
    if gap.any():
        slope = np.linalg.solve(spread[np.ix_(pattern, pattern)], spread[np.ix_(pattern, gap)])
        full[:, gap] = centre[gap] + (z[:, pattern] - centre[pattern]) @ slope
        left[np.ix_(gap, gap)] = spread[np.ix_(gap, gap)] - spread[np.ix_(gap, pattern)] @ slope
    return full, left
