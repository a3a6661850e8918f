"""Do segments differ at all, and which ones: tests of several groups from their moments.

These are the textbook tests of equally weighted, independent answers; where customers answer
more than once or weights differ, `compare.change_test` and `pooling.from_rest` are the ones.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeVar

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from scipy import special

from manyi.stats import intervals
from manyi.stats.adjust import Method, adjust
from manyi.stats.moments import FloatArray, Moments
from manyi.stats.result import Estimate, Test

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Overall:
    """A test of "all groups are alike": statistic, one or two degrees of freedom, p."""

    statistic: float
    df: tuple[float, ...]
    p: float
    method: str


def _facts(groups: Mapping[Key, Moments]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return n, mean and variance of each group."""
    n = np.array([m.count for m in groups.values()], np.float64)
    mean = np.array([float(m.n @ m.values) / m.count for m in groups.values()])
    square = [
        float(m.n @ (m.values - at) ** 2) for m, at in zip(groups.values(), mean, strict=True)
    ]
    return n, mean, np.array(square) / np.maximum(n - 1, 1)


def anova(groups: Mapping[Key, Moments]) -> Overall:
    """Return Fisher's analysis of variance, which supposes equal variances."""
    n, mean, variance = _facts(groups)
    k, total = len(n), float(n.sum())
    centre = float(n @ mean) / total
    between = float(n @ (mean - centre) ** 2) / (k - 1)
    within = float((n - 1) @ variance) / (total - k)
    f, df = between / within, (float(k - 1), total - k)
    return Overall(f, df, float(special.fdtrc(*df, f)), "anova")


def welch_anova(groups: Mapping[Key, Moments]) -> Overall:
    """Return Welch's analysis of variance, which lets variances differ (R's oneway.test)."""
    n, mean, variance = _facts(groups)
    k, w = len(n), n / variance
    centre = float(w @ mean) / w.sum()
    off = float(((1 - w / w.sum()) ** 2 / (n - 1)).sum()) / (k**2 - 1)
    f = float(w @ (mean - centre) ** 2) / (k - 1) / (1 + 2 * (k - 2) * off)
    df = (float(k - 1), 1 / (3 * off))
    return Overall(f, df, float(special.fdtrc(*df, f)), "welch_anova")


def kruskal(groups: Mapping[Key, Moments]) -> Overall:
    """Return Kruskal and Wallis's test by ranks, corrected for ties."""
    values = np.unique(np.concatenate([m.values for m in groups.values()]))
    counts = np.zeros((len(groups), len(values)))
    for row, m in enumerate(groups.values()):
        counts[row, np.searchsorted(values, m.values)] = m.n
    ties, n = counts.sum(axis=0), counts.sum(axis=1)
    total = float(n.sum())
    ranks = np.cumsum(ties) - (ties - 1) / 2
    h = 12 / (total * (total + 1)) * float(((counts @ ranks) ** 2 / n).sum()) - 3 * (total + 1)
    h /= 1 - float((ties**3 - ties).sum()) / (total**3 - total)
    df = float(len(n) - 1)
    return Overall(h, (df,), float(special.chdtrc(df, h)), "kruskal")


def chi_square(successes: Mapping[Key, int], n: Mapping[Key, int]) -> Overall:
    """Return Pearson's test that all shares are one, without continuity correction."""
    x = np.array([successes[key] for key in n], np.float64)
    size = np.array(list(n.values()), np.float64)
    p = float(x.sum() / size.sum())
    statistic = float(((x - size * p) ** 2 / (size * p * (1 - p))).sum())
    df = float(len(size) - 1)
    return Overall(statistic, (df,), float(special.chdtrc(df, statistic)), "chi_square")


def pairwise_shares(
    successes: Mapping[Key, int],
    n: Mapping[Key, int],
    *,
    method: Method | None = "holm",
    level: float = 0.95,
) -> dict[tuple[Key, Key], Test]:
    """Return every difference of two shares 0..1 (first less second) with its adjusted p: pooled
    score test, Newcombe's interval."""
    pairs = list(combinations(n, 2))
    raw = [_pooled_p(successes[a], n[a], successes[b], n[b]) for a, b in pairs]
    p = raw if method is None else adjust(raw, method).tolist()
    found = {}
    for (a, b), one in zip(pairs, p, strict=True):
        ends = intervals.newcombe(successes[a], n[a], successes[b], n[b], level)
        value, both = successes[a] / n[a] - successes[b] / n[b], n[a] + n[b]
        effect = Estimate(value, *ends, level, both, float(both), None, "newcombe")
        found[a, b] = Test(None, one, 1.0, effect, "pooled", both)
    return found


def _pooled_p(x1: int, n1: int, x2: int, n2: int) -> float:
    p = (x1 + x2) / (n1 + n2)
    variance = p * (1 - p) * (1 / n1 + 1 / n2)
    if variance == 0:
        return 1.0
    return float(special.chdtrc(1, (x1 / n1 - x2 / n2) ** 2 / variance))


def pairwise_means(
    groups: Mapping[Key, Moments], *, method: Method | None = "holm", level: float = 0.95
) -> dict[tuple[Key, Key], Test]:
    """Return every difference of two means (first less second) with its adjusted p, by Welch."""
    n, mean, variance = _facts(groups)
    pairs = list(combinations(range(len(n)), 2))
    names = list(groups)
    found, raw = [], []
    for a, b in pairs:
        v1, v2 = variance[a] / n[a], variance[b] / n[b]
        df = intervals.welch_df(v1, n[a] - 1, v2, n[b] - 1)
        value, se = float(mean[a] - mean[b]), math.sqrt(v1 + v2)
        raw.append(2 * float(special.stdtr(df, -abs(value) / se)) if se > 0 else float(value == 0))
        ends, both = intervals.around(value, se, intervals.t_quantile(level, df)), n[a] + n[b]
        effect = Estimate(value, *ends, level, int(both), float(both), df, "welch")
        found.append(Test(value / se if se > 0 else None, None, df, effect, "welch", int(both)))
    p = raw if method is None else adjust(raw, method).tolist()
    return {
        (names[a], names[b]): replace(one, p=q)
        for (a, b), one, q in zip(pairs, found, p, strict=True)
    }


def tukey(groups: Mapping[Key, Moments], *, level: float = 0.95) -> dict[tuple[Key, Key], Test]:
    """Return Tukey and Kramer's honestly significant differences of all pairs of means."""
    n, mean, variance = _facts(groups)
    k, df = len(n), float(n.sum() - len(n))
    within = float((n - 1) @ variance) / df
    reach = float(scipy.stats.studentized_range.ppf(level, k, df))
    names, found = list(groups), {}
    for a, b in combinations(range(k), 2):
        se = math.sqrt(within / 2 * (1 / n[a] + 1 / n[b]))
        value = float(mean[a] - mean[b])
        statistic = value / se if se > 0 else None
        p = float(value == 0)
        if statistic is not None:
            p = float(scipy.stats.studentized_range.sf(abs(statistic), k, df))
        ends, both = (value - reach * se, value + reach * se), int(n[a] + n[b])
        effect = Estimate(value, *ends, level, both, float(both), df, "tukey")
        found[names[a], names[b]] = Test(statistic, p, df, effect, "tukey", both)
    return found
