"""Those who answered late or not at all: are they others than those who answered at once?"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.adjust import adjust
from manyi.stats.coefficients import sandwich
from manyi.stats.effect.waves import share_test_counts
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Test

Key = TypeVar("Key", bound=Hashable)


def late_rows(
    y: ArrayLike,
    attempt: ArrayLike,
    *,
    response_rate: float,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[Test, Estimate]:
    """Return whether answers change with the `attempt` (1 at once, 2 after a reminder, …) they
    took, and the mean that continuing the trend to those who never answered would give.

    Armstrong & Overton 1977: a line over the share that had answered by the middle of each
    attempt, carried on to those who did not. A hint of bias, no correction; `response_rate` is
    0 to 1. Errors know sample `weights` and customers who answered again (`cluster`).
    """
    answers, tries = np.asarray(y, np.float64), np.asarray(attempt, np.float64)
    w = np.ones(len(answers)) if weights is None else np.asarray(weights, np.float64)
    there = ~(np.isnan(answers) | np.isnan(tries)) & (w > 0)
    answers, tries, w = answers[there], tries[there], w[there]
    place = _places(tries, w) * response_rate
    n = len(answers)
    x = np.column_stack([np.ones(n), place])
    bread = np.asarray(np.linalg.pinv((x * w[:, None]).T @ x), np.float64)
    beta = bread @ (x.T @ (w * answers))
    scores = np.asarray(x * (w * (answers - x @ beta))[:, None], np.float64)
    df = float(max(n - 2, 1))
    if cluster is None:
        covariance = bread @ (scores.T @ scores) @ bread * n / df
    else:
        ids = np.asarray(cluster)[there]
        covariance, df = sandwich(bread, scores, ids), float(max(len(np.unique(ids)) - 1, 1))
    quantile = intervals.t_quantile(level, df)
    all_at = np.array([1.0, 0.5])  # the middle of everybody, those who never answered last
    value = float(all_at @ beta)
    se = math.sqrt(max(float(all_at @ covariance @ all_at), 0.0))
    whole = Estimate(
        value, *intervals.around(value, se, quantile), level, n, float(n), df, "extrapolated"
    )
    slope, error = float(beta[1]), math.sqrt(max(float(covariance[1, 1]), 0.0))
    effect = Estimate(
        slope, *intervals.around(slope, error, quantile), level, n, float(n), df, "robust_slope"
    )
    if np.ptp(answers) == 0 or error == 0:
        return Test(None, 1.0, df, effect, "late_respondents", n), whole
    t = slope / error
    p = 2 * float(special.stdtr(df, -abs(t)))
    return Test(t, p, df, effect, "late_respondents", n), whole


def _places(tries: FloatArray, w: FloatArray) -> FloatArray:
    """Return the share of those who answered that had done so by the middle of each attempt."""
    at = np.unique(tries, return_inverse=True)[1]
    counts = np.bincount(at, weights=w)
    before = np.cumsum(counts) - counts
    return np.asarray(((before + counts / 2) / w.sum())[at])


def frame_differences_counts(
    answered: Mapping[Key, int], invited: Mapping[Key, int], *, level: float = 0.95
) -> dict[Key, Test]:
    """Return, for each category of something known of everybody invited (region, plan, age),
    the share among those who answered less that among those who did not, p by Holm."""
    n, size = sum(answered.values()), sum(invited.values())
    rest = size - n
    keys = list(invited)
    raw = {}
    for key in keys:
        x1, x2 = answered.get(key, 0), invited[key] - answered.get(key, 0)
        raw[key] = share_test_counts(x1, n, x2, rest, level=level)
    adjusted = adjust([raw[key].p or 0.0 for key in keys], "holm").tolist()
    return {
        key: replace(raw[key], p=p, method="holm") for key, p in zip(keys, adjusted, strict=True)
    }
