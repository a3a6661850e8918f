"""Whether coders agree beyond chance: kappa for two and for many, Krippendorff's alpha."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate

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
    """Kappa of many coders, what was seen and what chance gives, and the test against 0."""

    kappa: float
    seen: float
    chance: float
    se: float

    @property
    def z(self) -> float:
        return self.kappa / self.se

    @property
    def p(self) -> float:
        return 2 * float(special.ndtr(-abs(self.z)))


def fleiss_kappa(counts: ArrayLike) -> Fleiss:
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
    return Fleiss((seen - chance) / (1 - chance), seen, chance, se)


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
