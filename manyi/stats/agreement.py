"""Whether coders agree beyond chance: kappas, Gwet's AC1, Krippendorff's alpha, ICC."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note, nothing

Weights = Literal["none", "linear", "quadratic"]
Variance = Literal["fleiss", "psych"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]


def cohen_kappa(
    table: ArrayLike,
    *,
    weights: Weights = "none",
    variance: Variance = "fleiss",
    level: float = 0.95,
) -> Estimate:
    """Return Cohen's kappa of two coders from their (k, k) counts: 1 is full agreement, 0
    what chance gives. Weighted kappa counts near misses in part. Variance: Fleiss, Cohen &
    Everitt 1969, with the normal quantile; R's psych, which takes the second coder's mean
    weights otherwise, gives the same for plain kappa and another interval for weighted."""
    counts = np.asarray(table, np.float64)
    n, k = float(counts.sum()), len(counts)
    p = counts / n
    w = _agreement(k, weights)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    seen, chance = float((w * p).sum()), float(rows @ w @ columns)
    kappa = (seen - chance) / (1 - chance)
    se = math.sqrt(kappa_variance(p, w, kappa, chance, variance) / n)
    ends = intervals.around(kappa, se, intervals.normal_quantile(level))
    return Estimate(kappa, *ends, level, int(n), n, None, "fleiss_cohen_everitt")


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


def _agreement(k: int, weights: Weights) -> FloatArray:
    gap = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    if weights == "none":
        return np.eye(k)
    return np.asarray(1 - (gap if weights == "linear" else gap**2), np.float64)


@dataclass(frozen=True)
class Fleiss:
    """Kappa of many coders with its interval over subjects (Gwet 2008), what was seen and what
    chance gives, and the test against 0 by the error `se` that there is without agreement."""

    kappa: Estimate
    seen: float
    chance: float
    se: float

    @property
    def z(self) -> float:
        return (self.kappa.value or 0.0) / self.se

    @property
    def p(self) -> float:
        return 2 * float(special.ndtr(-abs(self.z)))


def fleiss_kappa(counts: ArrayLike, *, level: float = 0.95) -> Fleiss:
    """Return Fleiss's kappa (1971) from the (subjects, categories) counts of equally many
    coders a subject; the error under "no agreement" is that of Fleiss, Nee & Landis 1979."""
    table = np.asarray(counts, np.float64)
    subjects, coders = len(table), float(table[0].sum())
    p = table.sum(axis=0) / (subjects * coders)
    seen = float(((table**2).sum(axis=1) - coders).mean() / (coders * (coders - 1)))
    chance = float(p @ p)
    pq = p * (1 - p)
    spread = float(pq.sum()) ** 2 - float((pq * (1 - 2 * p)).sum())
    se = math.sqrt(2 * spread / (subjects * coders * (coders - 1))) / float(pq.sum())
    agreed = ((table**2).sum(axis=1) - coders) / (coders * (coders - 1))
    kappa = _over_subjects(agreed, table @ p / coders, (seen, chance), "fleiss_kappa", level)
    return Fleiss(kappa, seen, chance, se)


def _over_subjects(
    agreed: FloatArray, by_chance: FloatArray, mean: tuple[float, float], method: str, level: float
) -> Estimate:
    """Return (seen - chance) / (1 - chance) with Gwet's variance over subjects drawn, from
    each one's agreement and what it adds to that by chance."""
    (seen, chance), n = mean, len(agreed)
    value = (seen - chance) / (1 - chance)
    pulls = (agreed - chance - 2 * (1 - value) * (by_chance - chance)) / (1 - chance)
    se = math.sqrt(float(((pulls - value) ** 2).sum()) / (n * max(n - 1, 1)))
    df = float(max(n - 1, 1))
    ends = intervals.around(value, se, intervals.t_quantile(level, df))
    ends = intervals.clip(ends, -1.0, 1.0)
    return Estimate(value, *ends, level, n, float(n), df, method)


def krippendorff_alpha(ratings: ArrayLike, level: Level = "nominal") -> float | None:
    """Return Krippendorff's alpha of (coders, units) with NaN for missing: 1 is full
    agreement, 0 chance. None where nothing can be paired or all values are one."""
    table = np.asarray(ratings, np.float64)
    values = np.unique(table[~np.isnan(table)])
    at = np.searchsorted(values, np.nan_to_num(table, nan=values[0] if len(values) else 0))
    counts = np.zeros((table.shape[1], len(values)))
    for coder in range(len(table)):
        there = np.flatnonzero(~np.isnan(table[coder]))
        counts[there, at[coder, there]] += 1
    rated = counts.sum(axis=1)
    counts = counts[rated >= 2]
    if len(counts) == 0:
        return None
    share = counts / (counts.sum(axis=1, keepdims=True) - 1)
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
    ratings: ArrayLike, measured: Level = "nominal", *, level: float = 0.95
) -> Estimate:
    """Return Krippendorff's alpha with an interval by leaving out each unit in turn."""
    table = np.asarray(ratings, np.float64)
    table = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    units = table.shape[1]
    whole = krippendorff_alpha(table, measured)
    if whole is None:
        return nothing(level=level, n=units, warnings=(Note("no_answers"),))
    parts = [krippendorff_alpha(np.delete(table, at, axis=1), measured) for at in range(units)]
    told = np.array([whole if one is None else one for one in parts])
    se = math.sqrt((units - 1) / units * float(((told - told.mean()) ** 2).sum()))
    df = float(max(units - 1, 1))
    ends = intervals.around(whole, se, intervals.t_quantile(level, df))
    ends = intervals.clip(ends, -math.inf, 1.0)
    return Estimate(whole, *ends, level, units, float(units), df, "jackknife")


def gwet_ac1(counts: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return Gwet's AC1 (2008) from (subjects, categories) counts of coders: like kappa, but
    steady where nearly all say the same. Subjects may have different numbers of coders; the
    variance is that of irrCAC's conditional formula over subjects."""
    table = np.asarray(counts, np.float64)
    k = table.shape[1]
    coders = table.sum(axis=1)
    table, coders = table[coders > 0], coders[coders > 0]
    pi = (table / coders[:, None]).mean(axis=0)
    paired = coders >= 2
    seen = (table * (table - 1)).sum(axis=1)[paired] / (coders * (coders - 1))[paired]
    chance = float((pi * (1 - pi)).sum()) / (k - 1)
    agreed = np.full(len(table), chance)
    agreed[paired] += len(table) / len(seen) * (seen - chance)
    by_chance = (table / coders[:, None]) @ (1 - pi) / (k - 1)
    return _over_subjects(agreed, by_chance, (float(seen.mean()), chance), "gwet_ac1", level)


@dataclass(frozen=True)
class Intraclass:
    """Shrout and Fleiss's six intraclass correlations (1979): one coder (`single`) or the mean
    of all (`average`); coders other for each subject (1), random (2) or these very ones (3)."""

    single: tuple[Estimate, Estimate, Estimate]
    average: tuple[Estimate, Estimate, Estimate]


def intraclass(ratings: ArrayLike, *, level: float = 0.95) -> Intraclass:
    """Return the ICCs of ratings (subjects, coders) without gaps; rows with one are left out."""
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
