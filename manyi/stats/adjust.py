"""p-values of many tests at once, adjusted as R's p.adjust does."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray

Method = Literal["bonferroni", "holm", "hochberg", "hommel", "bh", "by"]


def adjust(p_values: ArrayLike, method: Method = "holm") -> FloatArray:
    """Return adjusted p-values in the order given; NaN, a test that could not be made, stays
    NaN and is not counted.

    bonferroni, holm, hochberg and hommel bound the chance of any false finding; bh and by
    the share of false findings among the findings (by: under any dependence).
    """
    given = np.asarray(p_values, np.float64)
    there = ~np.isnan(given)
    p = given[there]
    m = len(p)
    if m == 0:
        return given
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    rising = p[order]
    if method == "bonferroni":
        found = m * rising
    elif method == "holm":
        found = np.maximum.accumulate((m - rank + 1) * rising)
    elif method == "hommel":
        found = _hommel(rising)
    else:
        found = np.minimum.accumulate((_multiplier(method, m, rank) * rising)[::-1])[::-1]
    back = np.full(len(given), np.nan)
    back[np.flatnonzero(there)[order]] = np.minimum(found, 1.0)
    return back


def _multiplier(method: Method, m: int, rank: np.ndarray) -> FloatArray:
    if method == "hochberg":
        return np.asarray(m - rank + 1, np.float64)
    harmonic = float((1 / rank).sum()) if method == "by" else 1.0
    return np.asarray(harmonic * m / rank, np.float64)


def _hommel(p: FloatArray) -> FloatArray:
    m = len(p)
    at = np.arange(1, m + 1)
    q = np.full(m, float((m * p / at).min()))
    found = q.copy()
    for j in range(m - 1, 1, -1):
        last = np.arange(m - j + 1, m)
        least = float((j * p[last] / np.arange(2, j + 1)).min())
        first = np.arange(m - j + 1)
        q[first] = np.minimum(j * p[first], least)
        q[last] = q[m - j]
        found = np.maximum(found, q)
    return np.asarray(np.maximum(found, p), np.float64)
