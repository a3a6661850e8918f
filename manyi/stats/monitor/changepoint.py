"""When a level changed: least squares over all ways to cut a series (Bai & Perron)."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class ChangePoints:
    """The cuts chosen by BIC: `breaks` are the numbers of points before each change, `means`
    those of the segments, each taken as given (t); `bic` and `rss` for 0, 1, 2, … cuts."""

    breaks: tuple[int, ...]
    means: tuple[Estimate, ...]
    bic: FloatArray
    rss: FloatArray


def change_points(values: ArrayLike, *, least: float | int = 0.15, most: int = 5) -> ChangePoints:
    """Return the change points of the mean of a series (t,).

    A segment has at least `least` points (a share of t when below 1). Exact, by dynamic
    programming over prefix sums, O(most·t²) in whole-array steps.
    """
    x = np.asarray(values, np.float64)
    n = len(x)
    h = max(math.floor(least * n) if least < 1 else int(least), 1)
    most = min(most, n // h - 1)
    best, before = _best_cuts(x - x.mean(), h, max(most, 0))
    rss = np.maximum([one[-1] for one in best], 0)
    cuts = np.arange(len(rss))
    fit = n * (np.log(np.maximum(rss, 1e-300)) + 1 - math.log(n) + math.log(2 * math.pi))
    bic = fit + math.log(n) * 2 * (cuts + 1)
    breaks = _trace(before, int(np.argmin(bic)), n)
    edges = [0, *breaks, n]
    means = tuple(_mean(x[a:b]) for a, b in itertools.pairwise(edges))
    return ChangePoints(tuple(breaks), means, bic, rss)


def _mean(x: FloatArray) -> Estimate:
    n, value = len(x), float(x.mean())
    if n < 2:
        return Estimate(value, None, None, 0.95, n, float(n), None, "t")
    se, df = float(x.std(ddof=1)) / math.sqrt(n), float(n - 1)
    ends = intervals.around(value, se, intervals.t_quantile(0.95, df))
    return Estimate(value, *ends, 0.95, n, float(n), df, "t")


def _best_cuts(x: FloatArray, least: int, most: int) -> tuple[list[FloatArray], list[IntArray]]:
    """Return, for 0, 1, … cuts, the least sum of squares of x[:j] for j = 0, …, n, and (from
    one cut on) the place of the last cut."""
    s, q = np.concatenate([[0], np.cumsum(x)]), np.concatenate([[0], np.cumsum(x * x)])
    gain = _gains(s, least)
    best, before = [q - gain[:, 0]], []
    for _ in range(most):
        # One row an end, so that each search runs through memory in order.
        left = (best[-1] - q)[None, :] - gain
        at = left.argmin(axis=1)
        best.append(left[np.arange(len(q)), at] + q)
        before.append(at)
    return best, before


def _gains(s: FloatArray, least: int) -> FloatArray:
    """Return (Σx)²/length of x[i:j] in row j, column i, from running sums; too short is -inf."""
    places = np.arange(len(s), dtype=np.float64)
    length = places[:, None] - places
    gain = s[:, None] - s
    gain *= gain
    with np.errstate(divide="ignore", invalid="ignore"):
        gain /= length
    gain[length < least] = -np.inf
    return gain


def _trace(before: list[IntArray], cuts: int, n: int) -> list[int]:
    found, end = [], n
    for level in range(cuts - 1, -1, -1):
        end = int(before[level][end])
        found.append(end)
    return found[::-1]


def sup_f(values: ArrayLike, *, trim: float = 0.15) -> tuple[float, int]:
    """Return the greatest F of one change in level, and the number of points before it."""
    x = np.asarray(values, np.float64)
    n = len(x)
    first, last = math.floor(trim * n), math.floor((1 - trim) * n)
    at = np.arange(max(first, 1), min(last, n - 1) + 1)
    s, q = np.cumsum(x - x.mean()), float(((x - x.mean()) ** 2).sum())
    gain = s[at - 1] ** 2 * (1 / at + 1 / (n - at))
    f = gain / ((q - gain) / (n - 2))
    return float(f.max()), int(at[f.argmax()])


def ols_cusum(values: ArrayLike) -> tuple[float, float]:
    """Return the OLS-CUSUM statistic max|Σe|/(σ√n) and its p (a Brownian bridge)."""
    x = np.asarray(values, np.float64)
    e = x - x.mean()
    statistic = float(np.abs(np.cumsum(e)).max() / (e.std(ddof=1) * math.sqrt(len(x))))
    terms = np.arange(1, 101)
    p = 2 * float(((-1.0) ** (terms + 1) * np.exp(-2 * terms**2 * statistic**2)).sum())
    return statistic, min(max(p, 0.0), 1.0)
