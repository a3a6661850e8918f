"""Two waves: tests of a change, of sameness, and of the same people asked twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray, Moments
from manyi.stats.result import Estimate, Test


def _facts(moments: Moments) -> tuple[float, float, int]:
    n = moments.count
    mean = float(moments.n @ moments.values) / n
    return mean, float(moments.n @ (moments.values - mean) ** 2) / (n - 1), n


def welch(one: Moments, two: Moments, *, level: float = 0.95) -> Test:
    """Return Welch's t test of one - two (equally weighted, independent answers)."""
    (m1, v1, n1), (m2, v2, n2) = _facts(one), _facts(two)
    se = math.sqrt(v1 / n1 + v2 / n2)
    df = intervals.welch_df(v1 / n1, n1 - 1, v2 / n2, n2 - 1)
    return _t_test(m1 - m2, se, df, min(n1, n2), "welch", level)


def paired(differences: Moments, *, level: float = 0.95) -> Test:
    """Return the paired t test from the moments of each person's difference."""
    mean, variance, n = _facts(differences)
    return _t_test(mean, math.sqrt(variance / n), n - 1, n, "paired_t", level)


def _t_test(value: float, se: float, df: float, n: int, method: str, level: float) -> Test:
    ends = intervals.around(value, se, intervals.t_quantile(level, df))
    effect = Estimate(value, *ends, level, n, float(n), float(df), method)
    if se == 0:
        return Test(None, 1.0 if value == 0 else 0.0, float(df), effect, method, n)
    t = value / se
    return Test(t, 2 * float(special.stdtr(df, -abs(t))), float(df), effect, method, n)


def cohen_d(one: Moments, two: Moments) -> float:
    """Return the difference in pooled standard deviations: .2 small, .5 middling, .8 large."""
    (m1, v1, n1), (m2, v2, n2) = _facts(one), _facts(two)
    return (m1 - m2) / math.sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / (n1 + n2 - 2))


def equivalence(one: Moments, two: Moments, margin: float) -> float:
    """Return the p of "they differ by `margin` or more" (two one-sided Welch tests): small
    means that the two are the same for all practical purposes."""
    (m1, v1, n1), (m2, v2, n2) = _facts(one), _facts(two)
    se = math.sqrt(v1 / n1 + v2 / n2)
    df = intervals.welch_df(v1 / n1, n1 - 1, v2 / n2, n2 - 1)
    d = m1 - m2
    return max(
        float(special.stdtr(df, (d - margin) / se)), float(special.stdtr(df, -(d + margin) / se))
    )


@dataclass(frozen=True)
class Ranks:
    """Wilcoxon's W, its p, and the chance that an answer of one exceeds one of the other."""

    statistic: float
    p: float
    superiority: float


def wilcoxon(one: Moments, two: Moments) -> Ranks:
    """Return the rank-sum test with ties and continuity correction (R's wilcox.test)."""
    values = np.union1d(one.values, two.values)
    a, b = _counts(one, values), _counts(two, values)
    n1, n2 = float(a.sum()), float(b.sum())
    w = float(a @ (np.cumsum(b) - b / 2))
    ties, n = a + b, n1 + n2
    sigma = math.sqrt(n1 * n2 / 12 * (n + 1 - float((ties**3 - ties).sum()) / (n * (n - 1))))
    away = w - n1 * n2 / 2
    z = (away - math.copysign(0.5, away)) / sigma if away else 0.0
    return Ranks(w, 2 * float(special.ndtr(-abs(z))), w / (n1 * n2))


def _counts(moments: Moments, values: FloatArray) -> FloatArray:
    found = np.zeros(len(values))
    found[np.searchsorted(values, moments.values)] = moments.n
    return found


def mcnemar(table: ArrayLike) -> tuple[float, float]:
    """Return McNemar's chi-square and p of (2, 2) counts of the same people, uncorrected."""
    t = np.asarray(table, np.float64)
    return _mcnemar(abs(float(t[0, 1] - t[1, 0])), float(t[0, 1] + t[1, 0]))


def mcnemar_corrected(table: ArrayLike) -> tuple[float, float]:
    """Return the same with continuity correction."""
    t = np.asarray(table, np.float64)
    return _mcnemar(max(abs(float(t[0, 1] - t[1, 0])) - 1, 0.0), float(t[0, 1] + t[1, 0]))


def _mcnemar(gap: float, total: float) -> tuple[float, float]:
    statistic = gap**2 / total if total else 0.0
    return statistic, float(special.chdtrc(1, statistic))


def share_test(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Return z of the pooled score test of two shares, and its p."""
    p = (x1 + x2) / (n1 + n2)
    variance = p * (1 - p) * (1 / n1 + 1 / n2)
    z = (x1 / n1 - x2 / n2) / math.sqrt(variance) if variance > 0 else 0.0
    return z, 2 * float(special.ndtr(-abs(z)))


def share_wald(x1: int, n1: int, x2: int, n2: int, level: float = 0.95) -> intervals.Interval:
    """Return the plain Wald interval of a difference of shares, to be compared with."""
    p1, p2 = x1 / n1, x2 / n2
    se = math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return intervals.around(p1 - p2, se, intervals.normal_quantile(level))
