"""Whether coders agree beyond chance: kappas, Gwet's AC1, Krippendorff's alpha, ICC."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate, Note, Test, nothing

Near = Literal["none", "linear", "quadratic"]
Variance = Literal["fleiss", "psych"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]


def cohen_kappa_counts(
    table: ArrayLike,
    *,
    near: Near = "none",
    variance: Variance = "fleiss",
    level: float = 0.95,
) -> Estimate:
    """Return Cohen's kappa of two coders from their (k, k) counts: 1 is full agreement, 0
    what chance gives. `near` "linear" or "quadratic" counts near misses in part. Variance:
    Fleiss, Cohen & Everitt 1969, with the normal quantile; R's psych, which takes the second
    coder's mean weights otherwise, gives the same for plain kappa and another interval for
    weighted. Counts know no customers: `cohen_kappa_rows` does."""
    counts = np.asarray(table, np.float64)
    n, k = float(counts.sum()), len(counts)
    p = counts / n
    w = _agreement(k, near)
    kappa, chance = _kappa(p, w)
    se = math.sqrt(kappa_variance(p, w, kappa, chance, variance) / n)
    ends = intervals.around(kappa, se, intervals.normal_quantile(level))
    return Estimate(kappa, *ends, level, int(n), n, None, "fleiss_cohen_everitt")


def cohen_kappa_rows(
    one: ArrayLike,
    two: ArrayLike,
    *,
    near: Near = "none",
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the same from what either coder chose of each thing (n,), categories in the order
    of their values; things have sample `weights` and may come from the same customers
    (`cluster`): the error is that of the linearised kappa, summed over customers."""
    labels, at = np.unique(np.concatenate([np.asarray(one), np.asarray(two)]), return_inverse=True)
    n, k = len(at) // 2, len(labels)
    first, second = at[:n], at[n:]
    drawn = _Subjects.of(n, weights, cluster, level)
    p = np.zeros((k, k))
    np.add.at(p, (first, second), drawn.share)
    w = _agreement(k, near)
    kappa, chance = _kappa(p, w)
    along, across = w @ p.sum(axis=0), w.T @ p.sum(axis=1)
    pulls = w[first, second] - (along[first] + across[second]) * (1 - kappa)
    return drawn.estimate(kappa, (pulls - drawn.share @ pulls) / (1 - chance), "linearised")


def _kappa(p: FloatArray, w: FloatArray) -> tuple[float, float]:
    """Return kappa of shares (k, k), and the agreement that chance gives."""
    seen, chance = float((w * p).sum()), float(p.sum(axis=1) @ w @ p.sum(axis=0))
    return (seen - chance) / (1 - chance), chance


def kappa_variance(
    p: FloatArray, w: FloatArray, kappa: float, chance: float, variance: Variance = "fleiss"
) -> float:
    """Return n times the variance of (weighted) kappa."""
    rows = p.sum(axis=1)
    along = w @ p.sum(axis=0)
    across = w.T @ rows if variance == "fleiss" else rows * w.sum(axis=1)
    inner = w - (along[:, None] + across[None, :]) * (1 - kappa)
    square = float((p * inner**2).sum()) - (kappa - chance * (1 - kappa)) ** 2
    return square / (1 - chance) ** 2


def _agreement(k: int, near: Near) -> FloatArray:
    gap = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    if near == "none":
        return np.eye(k)
    return np.asarray(1 - (gap if near == "linear" else gap**2), np.float64)


@dataclass(frozen=True, eq=False)
class _Subjects:
    """What was coded: the `share` of weight of each (n,), and the customer it came from."""

    share: FloatArray
    people: IntArray
    level: float

    @classmethod
    def of(
        cls, n: int, weights: ArrayLike | None, cluster: ArrayLike | None, level: float
    ) -> _Subjects:
        w = np.ones(n) if weights is None else np.asarray(weights, np.float64)
        ids = np.arange(n) if cluster is None else np.asarray(cluster)
        return cls(w / w.sum(), np.unique(ids, return_inverse=True)[1].astype(np.int64), level)

    @property
    def count(self) -> int:
        return int(self.people.max()) + 1

    @property
    def n_effective(self) -> float:
        return min(1 / float(self.share @ self.share), float(self.count))

    def only(self, there: np.ndarray) -> _Subjects:
        return _Subjects.of(int(there.sum()), self.share[there], self.people[there], self.level)

    def se(self, pulls: FloatArray) -> float:
        """Return the error of a mean whose rows pull it so (n,), summed over customers."""
        sums = np.bincount(self.people, self.share * pulls)
        return math.sqrt(float(sums @ sums) * self.count / max(self.count - 1, 1))

    def estimate(
        self,
        value: float,
        pulls: FloatArray,
        method: str,
        *,
        least: float = -1.0,
        size: float = 1.0,
    ) -> Estimate:
        df = float(max(self.count - 1, 1))
        ends = intervals.around(value, self.se(pulls), intervals.t_quantile(self.level, df))
        low, high = intervals.clip(ends, least, 1.0)
        told = (size * value, size * low, size * high)
        return Estimate(*told, self.level, len(self.share), self.n_effective, df, method)


@dataclass(frozen=True)
class Fleiss:
    """Kappa of many coders with its interval over subjects (Gwet 2008), the agreement that was
    `seen` and that `chance` gives (in percent), and the test against 0 by the error that there
    is without agreement (Fleiss, Nee & Landis 1979)."""

    kappa: Estimate
    seen: Estimate
    chance: Estimate
    test: Test


def fleiss_kappa(
    counts: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Fleiss:
    """Return Fleiss's kappa (1971) from the (subjects, categories) counts of equally many
    coders a subject. Subjects have sample `weights`, and some come from the same customers
    (`cluster`): errors are summed over these, and the test's grows by their design effect."""
    table = np.asarray(counts, np.float64)
    drawn = _Subjects.of(len(table), weights, cluster, level)
    coders = float(table[0].sum())
    p = drawn.share @ table / coders
    agreed = ((table**2).sum(axis=1) - coders) / (coders * (coders - 1))
    seen, chance = float(drawn.share @ agreed), float(p @ p)
    by_chance = table @ p / coders
    kappa = _over_subjects(agreed, by_chance, (seen, chance), "fleiss_kappa", drawn)
    return Fleiss(
        kappa,
        drawn.estimate(seen, agreed - seen, "mean", least=0.0, size=100.0),
        drawn.estimate(chance, 2 * (by_chance - chance), "linearised", least=0.0, size=100.0),
        _against_none(kappa, p, coders, drawn, _pulls(agreed, by_chance, seen, chance)),
    )


def _against_none(
    kappa: Estimate, p: FloatArray, coders: float, drawn: _Subjects, pulls: FloatArray
) -> Test:
    pq, n = p * (1 - p), len(drawn.share)
    spread = float(pq.sum()) ** 2 - float((pq * (1 - 2 * p)).sum())
    se = math.sqrt(2 * spread / (n * coders * (coders - 1))) / float(pq.sum())
    if drawn.n_effective < n - 1e-9:
        alone = math.sqrt(float(pulls @ pulls) / (n * max(n - 1, 1)))
        se *= max(drawn.se(pulls) / max(alone, 1e-300), 1.0)
    z = (kappa.value or 0.0) / se
    return Test(z, 2 * float(special.ndtr(-abs(z))), None, kappa, "fleiss_nee_landis", n)


def _pulls(agreed: FloatArray, by_chance: FloatArray, seen: float, chance: float) -> FloatArray:
    """Return how each subject pulls (seen - chance)/(1 - chance), after Gwet."""
    value = (seen - chance) / (1 - chance)
    whole = (agreed - chance - 2 * (1 - value) * (by_chance - chance)) / (1 - chance)
    return np.asarray(whole - value)


def _over_subjects(
    agreed: FloatArray,
    by_chance: FloatArray,
    mean: tuple[float, float],
    method: str,
    drawn: _Subjects,
) -> Estimate:
    """Return (seen - chance) / (1 - chance) with Gwet's variance over subjects drawn, from
    each one's agreement and what it adds to that by chance."""
    seen, chance = mean
    pulls = _pulls(agreed, by_chance, seen, chance)
    return drawn.estimate((seen - chance) / (1 - chance), pulls, method)


def krippendorff_alpha(
    ratings: ArrayLike, level: Level = "nominal", weights: ArrayLike | None = None
) -> float | None:
    """Return Krippendorff's alpha of (coders, units) with NaN for missing: 1 is full
    agreement, 0 chance. None where nothing can be paired or all values are one. `weights`
    (units,) say how often each unit counts."""
    table = np.asarray(ratings, np.float64)
    values = np.unique(table[~np.isnan(table)])
    at = np.searchsorted(values, np.nan_to_num(table, nan=values[0] if len(values) else 0))
    counts = np.zeros((table.shape[1], len(values)))
    for coder in range(len(table)):
        there = np.flatnonzero(~np.isnan(table[coder]))
        counts[there, at[coder, there]] += 1
    rated = counts.sum(axis=1)
    w = np.ones(len(counts)) if weights is None else np.asarray(weights, np.float64)
    counts, w = counts[rated >= 2], w[rated >= 2]
    if len(counts) == 0 or w.sum() == 0:
        return None
    share = w[:, None] * counts / (counts.sum(axis=1, keepdims=True) - 1)
    coincidence = counts.T @ share - np.diag((share).sum(axis=0))
    totals = coincidence.sum(axis=1)
    distance = _distance(values, totals, level)
    expected = float(totals @ distance @ totals) / (float(totals.sum()) - 1)
    return None if expected == 0 else 1 - float((coincidence * distance).sum()) / expected


def _distance(values: FloatArray, totals: FloatArray, level: Level) -> FloatArray:
    if level == "nominal":
        return np.asarray(1 - np.eye(len(values)))
    if level == "interval":
        return np.asarray(np.subtract.outer(values, values) ** 2)
    if level == "ratio":
        added = np.add.outer(values, values)
        gap = np.subtract.outer(values, values)
        ratio = np.divide(gap, added, out=np.zeros_like(gap), where=added != 0)
        return np.asarray(ratio**2)
    middle = np.cumsum(totals) - totals / 2
    return np.asarray(np.subtract.outer(middle, middle) ** 2)


def alpha_estimate(
    ratings: ArrayLike,
    measured: Level = "nominal",
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return Krippendorff's alpha with an interval by leaving out each unit in turn, or all of
    one customer's (`cluster`); `weights` (units,) are scaled to the number of units."""
    table = np.asarray(ratings, np.float64)
    there = (~np.isnan(table)).sum(axis=0) >= 2
    table, units = table[:, there], int(there.sum())
    if units == 0:
        return nothing(level=level, warnings=(Note("no_answers"),))
    drawn = _Subjects.of(len(there), weights, cluster, level).only(there)
    w = drawn.share * units
    whole = krippendorff_alpha(table, measured, w)
    if whole is None:
        return nothing(level=level, n=units, warnings=(Note("no_answers"),))
    parts = [
        krippendorff_alpha(table, measured, np.where(drawn.people == one, 0.0, w))
        for one in range(drawn.count)
    ]
    told, g = np.array([whole if one is None else one for one in parts]), drawn.count
    se = math.sqrt((g - 1) / g * float(((told - told.mean()) ** 2).sum()))
    df = float(max(g - 1, 1))
    ends = intervals.around(whole, se, intervals.t_quantile(level, df))
    ends = intervals.clip(ends, -math.inf, 1.0)
    return Estimate(whole, *ends, level, units, drawn.n_effective, df, "jackknife")


def gwet_ac1(
    counts: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return Gwet's AC1 (2008) from (subjects, categories) counts of coders: like kappa, but
    steady where nearly all say the same. Subjects may have different numbers of coders; the
    variance is that of irrCAC's conditional formula over subjects, with their sample `weights`
    and summed over the customers that they come from (`cluster`)."""
    table = np.asarray(counts, np.float64)
    k = table.shape[1]
    coders = table.sum(axis=1)
    drawn = _Subjects.of(len(table), weights, cluster, level).only(coders > 0)
    table, coders = table[coders > 0], coders[coders > 0]
    pi = drawn.share @ (table / coders[:, None])
    paired = coders >= 2
    among = drawn.share[paired] / drawn.share[paired].sum()
    each = (table * (table - 1)).sum(axis=1)[paired] / (coders * (coders - 1))[paired]
    seen, chance = float(among @ each), float((pi * (1 - pi)).sum()) / (k - 1)
    agreed = np.full(len(table), chance)
    agreed[paired] += (each - chance) / drawn.share[paired].sum()
    by_chance = (table / coders[:, None]) @ (1 - pi) / (k - 1)
    return _over_subjects(agreed, by_chance, (seen, chance), "gwet_ac1", drawn)


@dataclass(frozen=True)
class Intraclass:
    """Shrout and Fleiss's six intraclass correlations (1979): one coder (`single`) or the mean
    of all (`average`); coders other for each subject (1), random (2) or these very ones (3)."""

    single: tuple[Estimate, Estimate, Estimate]
    average: tuple[Estimate, Estimate, Estimate]


def intraclass_unweighted(ratings: ArrayLike, *, level: float = 0.95) -> Intraclass:
    """Return the ICCs of ratings (subjects, coders) without gaps; rows with one are left out.
    The F distribution holds for subjects of equal weight and different customers only."""
    x = np.asarray(ratings, np.float64)
    x = x[~np.isnan(x).any(axis=1)]
    n, k = x.shape
    mean = float(x.mean())
    rows, columns = x.mean(axis=1), x.mean(axis=0)
    between = k * float(((rows - mean) ** 2).sum()) / (n - 1)
    within = float(((x - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    coders = n * float(((columns - mean) ** 2).sum()) / (k - 1)
    error = (within * n * (k - 1) - coders * (k - 1)) / ((n - 1) * (k - 1))
    one = _icc_ends(between / within, n - 1, n * (k - 1), level)
    three = _icc_ends(between / error, n - 1, (n - 1) * (k - 1), level)
    two = _icc_two(between, coders, error, (n, k), level)
    made = [
        (_icc(between / within, k), *(_icc(f, k) for f in one)),
        two,
        (_icc(between / error, k), *(_icc(f, k) for f in three)),
    ]

    def told(ends: tuple[float, ...]) -> Estimate:
        return Estimate(ends[0], ends[1], ends[2], level, n, float(n), float(n - 1), "icc")

    single = tuple(told(ends) for ends in made)
    average = tuple(told(tuple(k * r / (1 + (k - 1) * r) for r in ends)) for ends in made)
    return Intraclass((single[0], single[1], single[2]), (average[0], average[1], average[2]))


def _icc(f: float, k: int) -> float:
    return (f - 1) / (f + k - 1)


def _icc_ends(f: float, df1: int, df2: int, level: float) -> tuple[float, float]:
    tail = (1 + level) / 2
    return f / float(special.fdtri(df1, df2, tail)), f * float(special.fdtri(df2, df1, tail))


def _icc_two(
    between: float, coders: float, error: float, size: tuple[int, int], level: float
) -> tuple[float, float, float]:
    n, k = size
    value = (between - error) / (between + (k - 1) * error + k * (coders - error) / n)
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    df = (a * coders + b * error) ** 2 / (
        (a * coders) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    )
    tail = (1 + level) / 2
    up, down = float(special.fdtri(n - 1, df, tail)), float(special.fdtri(df, n - 1, tail))
    rest = k * coders + (k * n - k - n) * error
    low = n * (between - up * error) / (up * rest + n * between)
    high = n * (down * between - error) / (rest + n * down * between)
    return value, low, high
