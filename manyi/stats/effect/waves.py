"""Two waves: tests of a change, of sameness, and of the same people asked twice.

Moments carry weights and customers: where answers weigh differently or customers answer again,
the same functions use the errors of whole customers, and `method` says so.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import ArrayLike
from scipy import special

from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.compare import change_test
from manyi.stats.means import Means, Score, as_answered, means_of, means_scored, plain
from manyi.stats.moments import FloatArray, Moments, from_values
from manyi.stats.result import Estimate, Note, Test, nothing
from manyi.stats.spread import spread

Correction = Literal["none", "edwards", "exact"]
RankMethod = Literal["corrected", "plain", "exact"]


def welch(one: Moments, two: Moments, *, n_shared: int | None = None, level: float = 0.95) -> Test:
    """Return Welch's t test of one - two; with weights or customers who answer again, or are in
    both (`n_shared` is not 0), with the errors of whole customers."""
    found = means_of((one, two), n_shared=n_shared)
    method = _named("welch", one, two, n_shared)
    least = min(one.count, two.count)
    test = found.t_test(n=least, method=method, level=level)
    return replace(test, p=float(found.gap()[0] == 0)) if test.statistic is None else test


def _named(method: str, one: Moments, two: Moments, n_shared: int | None) -> str:
    return method if plain((one, two), n_shared=n_shared) else f"{method}_by_customers"


def paired(differences: Moments, *, level: float = 0.95) -> Test:
    """Return the paired t test from the moments of each person's difference; with weights or
    people who come in several pairs with the errors of whole people."""
    found = spread(differences, differences.values)
    method = "paired_t" if plain((differences,)) else "paired_t_by_customers"
    ends = intervals.around(found.value, found.se, intervals.t_quantile(level, found.df))
    effect = Estimate(found.value, *ends, level, found.n, found.n_effective, found.df, method)
    if not found.told:
        return Test(None, float(found.value == 0), found.df, effect, method, found.n)
    t = found.value / found.se
    p = 2 * float(special.stdtr(found.df, -abs(t)))
    return Test(t, p, found.df, effect, method, found.n)


def cohen_d(
    one: Moments,
    two: Moments,
    *,
    score: Score = as_answered,
    n_shared: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the difference in pooled standard deviations (.2 small, .5 middling, .8 large) with
    the interval of the noncentral t distribution; with weights or customers who answer again
    that of the difference's own error (delta method)."""
    parts = (one, two)
    (m1, v1), (m2, v2) = (_mean_and_variance(part, score(part.values)) for part in parts)
    n1, n2 = one.count, two.count
    least = min(n1, n2)
    pooled = math.sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / max(n1 + n2 - 2, 1))
    if pooled < 1e-9:
        return nothing(level=level, n=least, warnings=(Note("no_spread"),))
    d = (m1 - m2) / pooled
    if not plain(parts, n_shared=n_shared):
        return _robust_d(d, pooled, means_of(parts, score, n_shared=n_shared), least, level)
    root, df = math.sqrt(n1 * n2 / (n1 + n2)), n1 + n2 - 2
    low, high = (
        _noncentral(d * root, df, side) / root for side in ((1 + level) / 2, (1 - level) / 2)
    )
    return Estimate(d, low, high, level, least, float(least), float(df), "noncentral_t")


def _mean_and_variance(part: Moments, y: FloatArray) -> tuple[float, float]:
    mean = float(part.w @ y) / part.sum_w
    n = part.count
    return mean, float(part.w @ (y - mean) ** 2) / part.sum_w * n / max(n - 1, 1)


def _robust_d(d: float, pooled: float, found: Means, least: int, level: float) -> Estimate:
    _, se, df = found.gap()
    own = d**2 / (2 * found.n_effective)
    ends = intervals.around(
        d, math.hypot(se / pooled, math.sqrt(own)), intervals.t_quantile(level, df)
    )
    voices = min(one.n_effective for one in found.spreads)
    return Estimate(d, *ends, level, least, voices, df, "d_by_customers")


def hedges_g(
    one: Moments, two: Moments, *, n_shared: int | None = None, level: float = 0.95
) -> Estimate:
    """Return Cohen's d freed from its bias in small groups (Hedges 1981), interval and all."""
    d = cohen_d(one, two, n_shared=n_shared, level=level)
    if d.value is None or d.low is None or d.high is None or d.df is None:
        return d
    half = d.df / 2
    less = math.exp(special.gammaln(half) - special.gammaln(half - 0.5)) / math.sqrt(half)
    return replace(d, value=less * d.value, low=less * d.low, high=less * d.high)


def _noncentral(t: float, df: float, share: float) -> float:
    """Return the noncentrality under which that share of chances lies below t."""
    if t < 0:
        return -_noncentral(-t, df, 1 - share)
    return float(special.nctdtrinc(df, share, t))


def equivalence(
    one: Moments,
    two: Moments,
    margin: float,
    *,
    n_shared: int | None = None,
    level: float = 0.95,
) -> Test:
    """Return the test of "they differ by `margin` or more" (two one-sided Welch tests): a small
    p means that the two are the same for all practical purposes. The effect has the interval
    at 2·level - 1, which lies within ±margin exactly where p < 1 - level."""
    means, least = means_of((one, two), n_shared=n_shared), min(one.count, two.count)
    d, se, df = means.gap()
    inner = 2 * level - 1
    ends = intervals.around(d, se, intervals.t_quantile(inner, df))
    voices = min(one.n_effective for one in means.spreads)
    method = _named("welch", one, two, n_shared)
    effect = Estimate(d, *ends, inner, least, voices, df, method)
    if se == 0:
        return Test(None, float(abs(d) >= margin), df, effect, "equivalence", least)
    nearer = (margin - abs(d)) / se
    return Test(nearer, float(special.stdtr(df, -nearer)), df, effect, "equivalence", least)


def wilcoxon(
    one: Moments,
    two: Moments,
    *,
    method: RankMethod = "corrected",
    n_shared: int | None = None,
    level: float = 0.95,
) -> Test:
    """Return the rank-sum test with ties (R's wilcox.test): Wilcoxon's W, "corrected" for
    continuity (R's default for ties or 50 answers and more) or "plain"; "exact" needs answers
    without ties (Problem("ties")).

    The effect is the chance in percent that an answer of one exceeds one of the other, ties
    counting half, with DeLong's interval. With weights or customers who answer again it is the
    chance that is tested, with the errors of whole customers, as Brunner and Munzel do.
    """
    values = np.union1d(one.values, two.values)
    if not plain((one, two), n_shared=n_shared):
        return _superior(one, two, values, n_shared, level)
    a, b = _on(one.n, one, values), _on(two.n, two, values)
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
    effect = _superiority(a, b, w, level)
    return Test(w, p, None, effect, f"wilcoxon_{method}", effect.n)


def _superior(
    one: Moments, two: Moments, values: FloatArray, n_shared: int | None, level: float
) -> Test:
    """Return Brunner and Munzel's test of weighted answers of whole customers."""
    a, b = _on(one.w, one, values), _on(two.w, two, values)
    over = ((np.cumsum(b) - b / 2) / b.sum())[np.searchsorted(values, one.values)]
    under = (1 - (np.cumsum(a) - a / 2) / a.sum())[np.searchsorted(values, two.values)]
    means = means_scored((one, two), (over, -under), n_shared=n_shared)
    theta, least = means.spreads[0].value, min(one.count, two.count)
    _, se, df = means.gap()
    voices = min(part.n_effective for part in means.spreads)
    if not se > 0:
        ends = intervals.clopper_pearson(theta * voices, voices, level)
        p = None
    else:
        p = 2 * float(special.stdtr(df, -abs(theta - 0.5) / se))
        ends = intervals.logit(theta, se, intervals.t_quantile(level, df))
    low, high, name = 100 * ends.low, 100 * ends.high, "brunner_munzel_by_customers"
    effect = Estimate(100 * theta, low, high, level, least, voices, df, name)
    return Test((theta - 0.5) / se if se > 0 else None, p, df, effect, name, least)


def _superiority(a: FloatArray, b: FloatArray, w: float, level: float) -> Estimate:
    n1, n2 = float(a.sum()), float(b.sum())
    over, under = (np.cumsum(b) - b / 2) / n2, 1 - (np.cumsum(a) - a / 2) / n1
    value, least = w / (n1 * n2), int(min(n1, n2))
    if least < 2:
        return Estimate(100 * value, 0.0, 100.0, level, least, float(least), None, "delong")
    inside = float(a @ (over - value) ** 2) / (n1 - 1) / n1
    variance = inside + float(b @ (under - value) ** 2) / (n2 - 1) / n2
    ends = intervals.around(value, math.sqrt(variance), intervals.normal_quantile(level))
    ends = intervals.clip(ends, 0.0, 1.0)
    low, high = 100 * ends.low, 100 * ends.high
    return Estimate(100 * value, low, high, level, least, float(least), None, "delong")


def _on(amounts: ArrayLike, moments: Moments, values: FloatArray) -> FloatArray:
    found = np.zeros(len(values))
    found[np.searchsorted(values, moments.values)] = np.asarray(amounts)
    return found


def mcnemar_rows(
    before: ArrayLike,
    after: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    correction: Correction = "none",
    level: float = 0.95,
) -> Test:
    """Return McNemar's test of marks (0 or 1) of the same things before and after; the effect
    is the share marked before less that after, in percentage points.

    With weights, or where a customer (`cluster`) has several pairs, the gains of whole customers
    are compared with their own spread (Obuchowski 1998; Durkalski et al. 2003), with a t interval.
    """
    a, b = np.asarray(before, np.float64), np.asarray(after, np.float64)
    w = np.ones(len(a)) if weights is None else np.asarray(weights, np.float64)
    there = ~(np.isnan(a) | np.isnan(b)) & (w > 0)
    a, b, w = a[there], b[there], w[there]
    ids = None if cluster is None else np.unique(np.asarray(cluster)[there], return_inverse=True)[1]
    again = ids is not None and len(ids) > int(ids.max(initial=-1)) + 1
    if not again and np.ptp(w) == 0:
        table = [[a @ b, a @ (1 - b)], [(1 - a) @ b, (1 - a) @ (1 - b)]]
        return mcnemar_counts(table, correction=correction, level=level)
    moved = w * (a - b)
    gains = np.bincount(np.arange(len(a)) if ids is None else ids, weights=moved)
    squares = float(gains @ gains)
    statistic = float(gains.sum()) ** 2 / squares if squares else 0.0
    effect = paired(from_values(100 * (a - b), w, ids), level=level).effect
    p = float(special.chdtrc(1, statistic))
    return Test(statistic, p, 1.0, effect, "mcnemar_by_customers", len(a))


def mcnemar_counts(
    table: ArrayLike, *, correction: Correction = "none", level: float = 0.95
) -> Test:
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


def share_test(
    one: Moments, two: Moments, *, n_shared: int | None = None, level: float = 0.95
) -> Test:
    """Return the test of two shares of 1 among marks of 0 and 1, in percentage points: the
    pooled score test, or with weights or customers who answer again that of `change_test`."""
    if plain((one, two), n_shared=n_shared):
        x1, x2 = (int(part.n[part.values == 1].sum()) for part in (one, two))
        return share_test_counts(x1, one.count, x2, two.count, level=level)
    marks = Scale(0, 1)
    return change_test(one, two, "csat", marks, n_shared=n_shared, level=level, box=(1.0,))


def share_test_counts(x1: int, n1: int, x2: int, n2: int, *, level: float = 0.95) -> Test:
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


def share_wald_counts(x1: int, n1: int, x2: int, n2: int, *, level: float = 0.95) -> Estimate:
    """Return the plain Wald interval of a difference of shares, to be compared with."""
    p1, p2 = x1 / n1, x2 / n2
    se = math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    gap, least = 100 * (p1 - p2), min(n1, n2)
    ends = intervals.around(gap, 100 * se, intervals.normal_quantile(level))
    return Estimate(gap, *ends, level, least, float(least), None, "wald")
