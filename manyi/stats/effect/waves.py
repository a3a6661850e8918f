"""Two waves: tests of a change, of sameness, and of the same people asked twice."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import ArrayLike
from scipy import special

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.moments import FloatArray, Moments
from manyi.stats.result import Estimate, Note, Test, nothing

Correction = Literal["none", "edwards", "exact"]
RankMethod = Literal["corrected", "plain", "exact"]


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


def cohen_d(one: Moments, two: Moments, *, level: float = 0.95) -> Estimate:
    """Return the difference in pooled standard deviations (.2 small, .5 middling, .8 large) with
    the interval of the noncentral t distribution."""
    (m1, v1, n1), (m2, v2, n2) = _facts(one), _facts(two)
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / df)
    least = min(n1, n2)
    if pooled == 0:
        return nothing(level=level, n=least, warnings=(Note("no_spread"),))
    d, root = (m1 - m2) / pooled, math.sqrt(n1 * n2 / (n1 + n2))
    low, high = (
        _noncentral(d * root, df, side) / root for side in ((1 + level) / 2, (1 - level) / 2)
    )
    return Estimate(d, low, high, level, least, float(least), float(df), "noncentral_t")


def hedges_g(one: Moments, two: Moments, *, level: float = 0.95) -> Estimate:
    """Return Cohen's d freed from its bias in small groups (Hedges 1981), interval and all."""
    d = cohen_d(one, two, level=level)
    if d.value is None or d.low is None or d.high is None or d.df is None:
        return d
    half = d.df / 2
    less = math.exp(special.gammaln(half) - special.gammaln(half - 0.5)) / math.sqrt(half)
    return replace(d, value=less * d.value, low=less * d.low, high=less * d.high)


def _noncentral(t: float, df: float, share: float) -> float:
    """Return the noncentrality under which that share of chances lies below t."""
    reach = 10 + abs(t)
    return float(
        scipy.optimize.brentq(
            lambda nc: float(scipy.stats.nct.cdf(t, df, nc)) - share, t - reach, t + reach
        )
    )


def equivalence(one: Moments, two: Moments, margin: float, *, level: float = 0.95) -> Test:
    """Return the test of "they differ by `margin` or more" (two one-sided Welch tests): a small
    p means that the two are the same for all practical purposes. The effect has the interval
    at 2·level - 1, which lies within ±margin exactly where p < 1 - level."""
    (m1, v1, n1), (m2, v2, n2) = _facts(one), _facts(two)
    se = math.sqrt(v1 / n1 + v2 / n2)
    df = intervals.welch_df(v1 / n1, n1 - 1, v2 / n2, n2 - 1)
    d, least = m1 - m2, min(n1, n2)
    inner = 2 * level - 1
    ends = intervals.around(d, se, intervals.t_quantile(inner, df))
    effect = Estimate(d, *ends, inner, least, float(least), df, "welch")
    if se == 0:
        return Test(None, float(abs(d) >= margin), df, effect, "equivalence", least)
    nearer = (margin - abs(d)) / se
    return Test(nearer, float(special.stdtr(df, -nearer)), df, effect, "equivalence", least)


@dataclass(frozen=True)
class Ranks:
    """Wilcoxon's W, its p, and the chance 0..1 that an answer of one exceeds one of the other,
    ties counting half, with DeLong's interval."""

    statistic: float
    p: float
    superiority: Estimate


def wilcoxon(
    one: Moments, two: Moments, *, method: RankMethod = "corrected", level: float = 0.95
) -> Ranks:
    """Return the rank-sum test with ties (R's wilcox.test): normal, "corrected" for continuity
    (R's default for ties or 50 answers and more) or "plain"; "exact" needs answers without
    ties (Problem("ties"))."""
    values = np.union1d(one.values, two.values)
    a, b = _counts(one, values), _counts(two, values)
    n1, n2 = float(a.sum()), float(b.sum())
    w = float(a @ (np.cumsum(b) - b / 2))
    ties, n = a + b, n1 + n2
    sigma = math.sqrt(n1 * n2 / 12 * (n + 1 - float((ties**3 - ties).sum()) / (n * (n - 1))))
    away = w - n1 * n2 / 2
    half = 0.5 if method == "corrected" and away else 0.0
    z = (away - math.copysign(half, away)) / sigma if sigma > 0 else 0.0
    p = 2 * float(special.ndtr(-abs(z)))
    if method == "exact":
        if ties.max() > 1:
            raise Problem("ties")
        p = float(scipy.stats.mannwhitneyu(one.values, two.values, method="exact").pvalue)
    return Ranks(w, p, _superiority(a, b, w, level))


def _superiority(a: FloatArray, b: FloatArray, w: float, level: float) -> Estimate:
    n1, n2 = float(a.sum()), float(b.sum())
    over, under = (np.cumsum(b) - b / 2) / n2, 1 - (np.cumsum(a) - a / 2) / n1
    value, least = w / (n1 * n2), int(min(n1, n2))
    if least < 2:
        return Estimate(value, 0.0, 1.0, level, least, float(least), None, "delong")
    inside = float(a @ (over - value) ** 2) / (n1 - 1) / n1
    variance = inside + float(b @ (under - value) ** 2) / (n2 - 1) / n2
    ends = intervals.around(value, math.sqrt(variance), intervals.normal_quantile(level))
    ends = intervals.clip(ends, 0.0, 1.0)
    return Estimate(value, *ends, level, least, float(least), None, "delong")


def _counts(moments: Moments, values: FloatArray) -> FloatArray:
    found = np.zeros(len(values))
    found[np.searchsorted(values, moments.values)] = moments.n
    return found


def mcnemar(table: ArrayLike, *, correction: Correction = "none", level: float = 0.95) -> Test:
    """Return McNemar's test of (2, 2) counts of the same people before (rows) and after
    (columns); the effect is the share of the first row less that of the first column, in
    percentage points with Bonett and Price's interval (2012).

    `correction`: none (SAS, and R with correct = FALSE), edwards (R's default) or the exact
    binomial test, which is right for few changes.
    """
    t = np.asarray(table, np.float64)
    up, down, n = float(t[0, 1]), float(t[1, 0]), round(float(t.sum()))
    changed = up + down
    gap = max(abs(up - down) - (correction == "edwards"), 0.0)
    statistic = gap**2 / changed if changed else 0.0
    p = float(special.chdtrc(1, statistic))
    if correction == "exact":
        p = min(1.0, 2 * float(special.bdtr(min(up, down), round(changed), 0.5)))
    a, b = (up + 1) / (n + 2), (down + 1) / (n + 2)
    se = math.sqrt((a + b - (a - b) ** 2) / (n + 2))
    value = 100 * (up - down) / max(n, 1)
    ends = intervals.around(100 * (a - b), 100 * se, intervals.normal_quantile(level))
    ends = intervals.Interval(min(ends.low, value), max(ends.high, value))
    effect = Estimate(value, *ends, level, n, float(n), None, "bonett_price")
    return Test(statistic, p, 1.0, effect, f"mcnemar_{correction}", n)


def share_test(x1: int, n1: int, x2: int, n2: int, *, level: float = 0.95) -> Test:
    """Return the pooled score test (z) of two shares, x1 of n1 less x2 of n2; the effect is in
    percentage points with Newcombe's interval."""
    p = (x1 + x2) / (n1 + n2)
    variance = p * (1 - p) * (1 / n1 + 1 / n2)
    gap = x1 / n1 - x2 / n2
    z = gap / math.sqrt(variance) if variance > 0 else 0.0
    ends = intervals.newcombe(x1, n1, x2, n2, level)
    least = min(n1, n2)
    effect = Estimate(
        100 * gap, 100 * ends.low, 100 * ends.high, level, least, float(least), None, "newcombe"
    )
    return Test(z, 2 * float(special.ndtr(-abs(z))), None, effect, "pooled_z", least)


def share_wald(x1: int, n1: int, x2: int, n2: int, level: float = 0.95) -> intervals.Interval:
    """Return the plain Wald interval of a difference of shares, to be compared with."""
    p1, p2 = x1 / n1, x2 / n2
    se = math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return intervals.around(p1 - p2, se, intervals.normal_quantile(level))
