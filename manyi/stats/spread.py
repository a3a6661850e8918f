"""How far the weighted mean of a scored answer may lie from the truth, from moments alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from manyi.stats.moments import FloatArray, Moments


@dataclass(frozen=True)
class Spread:
    """A weighted mean Σwy/Σw with its standard error.

    `se` is NaN where one answer, or one group of customers, is all there is; `people` is the
    number of independent voices to fall back on where `se` is NaN or 0; `skew` is the
    skewness of single answers, or of what `voices` customer groups add to the mean where
    customers answer more than once.
    """

    value: float
    se: float
    df: float
    n: int
    n_effective: float
    people: float
    clustered: bool
    skew: float = 0.0

    @property
    def voices(self) -> float:
        """Return how many independent parts `skew` is the skewness of."""
        return self.df + 1 if self.clustered else self.n_effective

    @property
    def told(self) -> bool:
        """Whether the answers differ enough to tell a standard error."""
        return self.se > 0


def spread(moments: Moments, y: FloatArray) -> Spread:
    """Return the mean of `y` (k,), the score of each distinct answer, and its error.

    Where customers answer more than once: the grouped jackknife, df = groups - 1. Else the
    linearised variance n/(n-1)·Σw²(y-ȳ)²/(Σw)² with Kish's effective n less one as df, which
    for equal weights is s²/n with n - 1.
    """
    if np.ptp(y) == 0:
        return _agreed(moments, float(y[0]))
    if moments.clustered:
        return _by_groups(moments, y)
    value = float(moments.w @ y) / moments.sum_w
    n, kish = moments.count, moments.kish
    variance = math.nan
    if n > 1:
        squares = float(moments.w2 @ (y - value) ** 2)
        variance = squares / moments.sum_w**2 * n / (n - 1)
    df, skew = max(kish - 1, 1e-9), _skewness(moments, y, value)
    return Spread(value, math.sqrt(variance), df, n, kish, kish, clustered=False, skew=skew)


def _agreed(moments: Moments, value: float) -> Spread:
    # Apart, because rounding must not make a spread where there is none.
    df = float(max(moments.filled_groups - 1, 1)) if moments.clustered else moments.count - 1.0
    people = float(moments.people) if moments.clustered else moments.kish
    return Spread(value, 0.0, df, moments.count, people, people, clustered=moments.clustered)


def _skewness(moments: Moments, y: FloatArray, value: float) -> float:
    away = y - value
    second = float(moments.w @ away**2) / moments.sum_w
    third = float(moments.w @ away**3) / moments.sum_w
    return third / second**1.5 if second > 1e-12 * (1 + value**2) else 0.0


def _by_groups(moments: Moments, y: FloatArray) -> Spread:
    value = float(moments.w @ y) / moments.sum_w
    n, groups, people = moments.count, moments.filled_groups, float(moments.people)
    if groups < 2:
        return Spread(value, math.nan, 1e-9, n, people, people, clustered=True)
    away = deleted(moments, y)
    variance = (groups - 1) / groups * float(((away - away.mean()) ** 2).sum())
    alone = float(moments.w @ (y - value) ** 2) / moments.sum_w * n / max(n - 1, 1)
    variance = variance if variance > 1e-24 * float(np.ptp(y)) ** 2 else 0.0
    n_effective = people if variance <= 0 else min(alone / variance, float(n))
    told = float(groups - 1), n, n_effective, people
    return Spread(value, math.sqrt(variance), *told, clustered=True, skew=_group_skew(away))


def _group_skew(deleted: FloatArray) -> float:
    """Return the skewness of what each group adds to the mean: without it the mean moves back."""
    pull, groups = deleted.mean() - deleted, len(deleted)
    second = float((pull**2).mean())
    if groups < 3 or second <= 1e-24:
        return 0.0
    small = math.sqrt(groups * (groups - 1)) / (groups - 2)
    third = float((pull**3).mean())
    return float(small * third / second**1.5)


def deleted(moments: Moments, y: FloatArray) -> FloatArray:
    """Return the mean without each filled customer group in turn (at least two are filled)."""
    assert moments.by_group is not None
    weight = moments.by_group.sum(axis=1)
    filled = weight > 0
    total = float(moments.w @ y)
    return np.asarray((total - moments.by_group[filled] @ y) / (moments.sum_w - weight[filled]))


def influence(moments: Moments, y: FloatArray) -> FloatArray:
    """Return how far each of the 64 customer groups pulls the mean: Σw(y-ȳ)/Σw, summing to 0.

    The covariance of two such means over the same groups is G/(G-1)·Σ of the products.
    """
    assert moments.by_group is not None
    value = float(moments.w @ y) / moments.sum_w
    pulls = np.asarray(moments.by_group @ (y - value) / moments.sum_w, np.float64)
    return without_rounding(pulls, y)


def without_rounding(pulls: FloatArray, y: FloatArray) -> FloatArray:
    """Return influences with those at 0 that are no more than the rounding of scores `y`: two
    that were nothing else would seem to go together."""
    return np.where(np.abs(pulls) > 1e-12 * float(np.abs(y).max(initial=0.0)), pulls, 0.0)


def correlation(one: FloatArray, two: FloatArray) -> float:
    """Return the correlation of two estimates from their influences; 0 where one has none."""
    size = math.sqrt(float(one @ one) * float(two @ two))
    return float(one @ two) / size if size > 0 else 0.0
