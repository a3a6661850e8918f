"""Do segments differ at all, and which ones: tests of several groups from their moments.

Where every answer is one person of equal weight these are the textbook tests. Where answers
weigh differently, customers answer again or are in several groups, the same functions compare
the means of groups with errors of whole customers; `method` says which it was. What takes plain
counts, which know neither weights nor customers, says so in its name.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from scipy import special

from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.adjust import Method, adjust
from manyi.stats.compare import change_test
from manyi.stats.means import FTest, Means, Score, chi_square_test, means_of, plain
from manyi.stats.moments import FloatArray, Moments, merge_all
from manyi.stats.noncentral import share_of_f
from manyi.stats.result import Estimate, Overall, Test, nothing_tested

Key = TypeVar("Key", bound=Hashable)
_MARKS = Scale(0, 1)


def _facts(groups: Mapping[Key, Moments]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return n, mean and variance of each group."""
    n = np.array([m.count for m in groups.values()], np.float64)
    mean = np.array([float(m.n @ m.values) / m.count for m in groups.values()])
    square = [
        float(m.n @ (m.values - at) ** 2) for m, at in zip(groups.values(), mean, strict=True)
    ]
    return n, mean, np.array(square) / np.maximum(n - 1, 1)


def anova(
    groups: Mapping[Key, Moments], *, n_shared: int | None = None, level: float = 0.95
) -> Overall:
    """Return Fisher's analysis of variance, which supposes equal variances; with weights or
    customers who answer again, `welch_anova`."""
    if not plain(list(groups.values()), n_shared=n_shared):
        return welch_anova(groups, n_shared=n_shared, level=level)
    n, mean, variance = _facts(groups)
    k, total = len(n), float(n.sum())
    centre = float(n @ mean) / total
    between = float(n @ (mean - centre) ** 2) / (k - 1)
    within = float((n - 1) @ variance) / max(total - k, 1)
    if within <= 0:
        return nothing_tested(int(total), "anova", level)
    f, df, df2 = between / within, float(k - 1), total - k
    found = FTest(f, df, df2, float(special.fdtrc(df, df2, f)))
    return _of_f(found, "anova", int(total), total, level)


def welch_anova(
    groups: Mapping[Key, Moments], *, n_shared: int | None = None, level: float = 0.95
) -> Overall:
    """Return Welch's analysis of variance, which lets variances differ (R's oneway.test).

    With weights or customers who answer again the same with the errors of whole customers;
    where customers are in several groups (`n_shared` is not 0), Hotelling's T². The effect is
    ω², the share of variance that groups explain, in percent.
    """
    parts = list(groups.values())
    found = means_of(parts, n_shared=n_shared)
    method = "welch_anova" if plain(parts, n_shared=n_shared) else _by_customers(found)
    return _alike(found, method, level)


def _by_customers(means: Means) -> str:
    return "welch_by_customers" if means.together is None else "hotelling"


def _alike(means: Means, method: str, level: float) -> Overall:
    found = means.alike()
    if found is None:
        return nothing_tested(means.n, method, level)
    return _of_f(found, method, means.n, means.n_effective, level)


def _of_f(found: FTest, method: str, n: int, n_effective: float, level: float) -> Overall:
    effect = share_of_f(found, n=n, n_effective=n_effective, level=level)
    return Overall(found.statistic, found.p, found.df, effect, method, n, (), found.df2)


def kruskal(
    groups: Mapping[Key, Moments], *, n_shared: int | None = None, level: float = 0.95
) -> Overall:
    """Return Kruskal and Wallis's test by ranks, corrected for ties; with weights or customers
    who answer again the means of estimated ranks are compared (Lumley & Scott 2013)."""
    parts = list(groups.values())
    if not plain(parts, n_shared=n_shared):
        means = means_of(parts, _ranks(parts), n_shared=n_shared)
        return _alike(means, "ranks_by_customers", level)
    values = np.unique(np.concatenate([m.values for m in parts]))
    counts = np.zeros((len(parts), len(values)))
    for row, m in enumerate(parts):
        counts[row, np.searchsorted(values, m.values)] = m.n
    ties, n = counts.sum(axis=0), counts.sum(axis=1)
    total = float(n.sum())
    ranks = np.cumsum(ties) - (ties - 1) / 2
    if len(values) < 2:
        return nothing_tested(int(total), "kruskal", level)
    h = 12 / (total * (total + 1)) * float(((counts @ ranks) ** 2 / n).sum()) - 3 * (total + 1)
    h /= 1 - float((ties**3 - ties).sum()) / (total**3 - total)
    return _of_chi_square(h, float(len(n) - 1), "kruskal", int(total), level)


def _of_chi_square(statistic: float, df: float, method: str, n: int, level: float) -> Overall:
    found = chi_square_test(statistic, df)
    effect = share_of_f(found, n=n, n_effective=float(n), level=level)
    return Overall(statistic, found.p, df, effect, method, n)


def _ranks(parts: Sequence[Moments]) -> Score:
    """Return what gives an answer the share of all weight below it, ties counting half."""
    whole = merge_all(parts)
    share = (np.cumsum(whole.w) - whole.w / 2) / whole.sum_w
    return lambda values: np.asarray(share[np.searchsorted(whole.values, values)])


def chi_square(
    groups: Mapping[Key, Moments], *, n_shared: int | None = None, level: float = 0.95
) -> Overall:
    """Return Pearson's test that the shares of 1 among marks of 0 and 1 are one; with weights
    or customers who answer again Rao and Scott's, as F with the second-order correction."""
    parts = list(groups.values())
    if plain(parts, n_shared=n_shared):
        marked = {key: int(m.n[m.values == 1].sum()) for key, m in groups.items()}
        counts = {key: m.count for key, m in groups.items()}
        return chi_square_counts(marked, counts, level=level)
    means = means_of(parts, n_shared=n_shared)
    weight = np.array([part.sum_w for part in parts]) / sum(part.sum_w for part in parts)
    return _rao_scott(means, weight, level)


def _rao_scott(means: Means, weight: FloatArray, level: float) -> Overall:
    p = float(weight @ means.values)
    covariance = means.covariance
    form = np.diag(weight) - np.outer(weight, weight)
    drawn = form @ covariance / max(p * (1 - p), 1e-300)
    trace = float(np.trace(drawn))
    if not 0 < p < 1 or not trace > 0:
        return nothing_tested(means.n, "rao_scott", level)
    away = means.values - p
    f = float(away @ form @ away) / (p * (1 - p)) / trace
    df = trace**2 / float(np.trace(drawn @ drawn))
    df2 = df * means.freedom
    found = FTest(f, df, df2, float(special.fdtrc(df, df2, f)))
    return _of_f(found, "rao_scott", means.n, means.n_effective, level)


def chi_square_counts(
    successes: Mapping[Key, int], n: Mapping[Key, int], *, level: float = 0.95
) -> Overall:
    """Return Pearson's test that all shares are one, without continuity correction."""
    x = np.array([successes[key] for key in n], np.float64)
    size = np.array(list(n.values()), np.float64)
    total = int(size.sum())
    p = float(x.sum() / total)
    if not 0 < p < 1:
        return nothing_tested(total, "chi_square", level)
    statistic = float(((x - size * p) ** 2 / (size * p * (1 - p))).sum())
    return _of_chi_square(statistic, float(len(size) - 1), "chi_square", total, level)


def pairwise_shares(
    groups: Mapping[Key, Moments],
    *,
    n_shared: int | None = None,
    method: Method | None = "holm",
    level: float = 0.95,
) -> dict[tuple[Key, Key], Test]:
    """Return every difference of two shares of 1 among marks of 0 and 1 in percentage points
    (first less second) with its adjusted p: score intervals, squared and added, of as many
    independent voices as there are (`compare.change_test`)."""
    pairs = list(combinations(groups, 2))
    found = [
        change_test(
            groups[a], groups[b], "csat", _MARKS, n_shared=n_shared, level=level, box=(1.0,)
        )
        for a, b in pairs
    ]
    return dict(zip(pairs, _adjusted(found, method), strict=True))


def _adjusted(found: list[Test], method: Method | None) -> list[Test]:
    known = [1.0 if one.p is None else one.p for one in found]
    if method is None:
        return found
    return [
        one if one.p is None else replace(one, p=p)
        for one, p in zip(found, adjust(known, method).tolist(), strict=True)
    ]


def pairwise_shares_counts(
    successes: Mapping[Key, int],
    n: Mapping[Key, int],
    *,
    method: Method | None = "holm",
    level: float = 0.95,
) -> dict[tuple[Key, Key], Test]:
    """Return the same from counts of independent answers: pooled score test, Newcombe's
    interval."""
    pairs, found = list(combinations(n, 2)), []
    for a, b in pairs:
        ends = intervals.newcombe(successes[a], n[a], successes[b], n[b], level)
        value, both = successes[a] / n[a] - successes[b] / n[b], n[a] + n[b]
        low, high = 100 * ends.low, 100 * ends.high
        effect = Estimate(100 * value, low, high, level, both, float(both), None, "newcombe")
        p = _pooled_p(successes[a], n[a], successes[b], n[b])
        found.append(Test(None, p, 1.0, effect, "pooled", both))
    return dict(zip(pairs, _adjusted(found, method), strict=True))


def _pooled_p(x1: int, n1: int, x2: int, n2: int) -> float:
    p = (x1 + x2) / (n1 + n2)
    variance = p * (1 - p) * (1 / n1 + 1 / n2)
    if variance == 0:
        return 1.0
    return float(special.chdtrc(1, (x1 / n1 - x2 / n2) ** 2 / variance))


def pairwise_means(
    groups: Mapping[Key, Moments],
    *,
    n_shared: int | None = None,
    method: Method | None = "holm",
    level: float = 0.95,
) -> dict[tuple[Key, Key], Test]:
    """Return every difference of two means (first less second) with its adjusted p, by Welch;
    with weights or customers who answer again with the errors of whole customers."""
    parts = list(groups.values())
    means, name = means_of(parts, n_shared=n_shared), _pair_method(parts, "welch", n_shared)
    pairs = list(combinations(range(len(parts)), 2))
    found = [_pair(means, a, b, name, level) for a, b in pairs]
    keys = list(groups)
    named = [(keys[a], keys[b]) for a, b in pairs]
    return dict(zip(named, _adjusted(found, method), strict=True))


def _pair_method(parts: Sequence[Moments], plainly: str, n_shared: int | None) -> str:
    return plainly if plain(parts, n_shared=n_shared) else f"{plainly}_by_customers"


def _pair(means: Means, a: int, b: int, method: str, level: float) -> Test:
    n = means.spreads[a].n + means.spreads[b].n
    return means.t_test(a, b, n=n, method=method, level=level)


def tukey(
    groups: Mapping[Key, Moments], *, n_shared: int | None = None, level: float = 0.95
) -> dict[tuple[Key, Key], Test]:
    """Return Tukey and Kramer's honestly significant differences of all pairs of means; with
    weights or customers who answer again Games and Howell's, whose errors are those of
    `pairwise_means`."""
    parts = list(groups.values())
    keys = list(groups)
    means = means_of(parts, n_shared=n_shared)
    pooled = None if not plain(parts, n_shared=n_shared) else _pooled(groups)
    pairs = combinations(range(len(parts)), 2)
    return {(keys[a], keys[b]): _honest_pair(means, (a, b), pooled, level) for a, b in pairs}


def _honest_pair(
    means: Means, pair: tuple[int, int], pooled: tuple[float, float] | None, level: float
) -> Test:
    one, two = (means.spreads[at] for at in pair)
    method = "games_howell" if pooled is None else "tukey"
    if min(one.df, two.df) <= 0:
        return nothing_tested(one.n + two.n, method, level)
    value, se, df = means.gap(*pair)
    if pooled is not None:
        variance, df = pooled
        se = float(np.sqrt(variance * (1 / one.n + 1 / two.n)))
    sizes = one.n + two.n, one.n_effective + two.n_effective, len(means.spreads)
    return _honest(value, se, df, sizes, method, level)


def _pooled(groups: Mapping[Key, Moments]) -> tuple[float, float]:
    n, _, variance = _facts(groups)
    df = float(n.sum() - len(n))
    return float((n - 1) @ variance) / max(df, 1.0), df


def _honest(
    value: float,
    se: float,
    df: float,
    sizes: tuple[int, float, int],
    method: str,
    level: float,
) -> Test:
    """Return a pair judged by the range of k means."""
    n, voices, k = sizes
    reach = float(scipy.stats.studentized_range.ppf(level, k, df)) / np.sqrt(2) * se
    t = value / se if se > 0 else None
    p = float(value == 0)
    if t is not None:
        p = float(scipy.stats.studentized_range.sf(abs(t) * np.sqrt(2), k, df))
    effect = Estimate(value, value - reach, value + reach, level, n, voices, df, method)
    return Test(None if t is None else t * float(np.sqrt(2)), p, df, effect, method, n)
