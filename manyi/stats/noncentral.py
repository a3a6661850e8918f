"""Intervals of effect sizes by turning noncentral distributions round (Steiger 2004)."""

from __future__ import annotations

import math
from collections.abc import Callable

import scipy  # its large parts are loaded when they are first asked for
from scipy import special

from manyi.stats.means import FTest
from manyi.stats.result import Estimate


def _bounds(cdf: Callable[[float], float], guess: float, level: float) -> tuple[float, float]:
    """Return the noncentralities under which what was seen is just not too rare."""
    tail = (1 - level) / 2

    def at(share: float) -> float:
        if cdf(0.0) <= share:
            return 0.0
        high = guess + 10.0
        while cdf(high) > share and high < 1e9:
            high *= 2
        return float(scipy.optimize.brentq(lambda size: cdf(size) - share, 0.0, high, xtol=1e-8))

    return at(1 - tail), at(tail)


# Beyond this the noncentral distributions cannot be computed, and need not be.
_HUGE = 1e7


def _noncentrality(found: FTest, level: float) -> tuple[float, float, float]:
    """Return the noncentrality with its ends; an infinite second df is that of chi-square."""
    df, df2 = found.df, found.df2
    if found.statistic * df > _HUGE:
        return _of_huge(found.statistic * df, df2, level)
    if math.isinf(df2):
        chi = found.statistic * df
        size = max(chi - df, 0.0)
        return size, *_bounds(lambda nc: float(scipy.stats.ncx2.cdf(chi, df, nc)), size, level)
    f = found.statistic
    size = df * max(f - 1, 0.0)
    return size, *_bounds(lambda nc: float(scipy.stats.ncf.cdf(f, df, df2, nc)), size, level)


def _of_huge(size: float, df2: float, level: float) -> tuple[float, float, float]:
    """Return the same where the noncentrality is all of the statistic: what is uncertain is the
    spread inside the groups, or of a chi-square its own error."""
    tail = (1 - level) / 2
    if math.isinf(df2):
        away = 2 * math.sqrt(size) * float(special.ndtri(1 - tail))
        return size, size - away, size + away
    low, high = (float(special.chdtri(df2, share)) / df2 for share in (1 - tail, tail))
    return size, size * low, size * high


def share_of_f(found: FTest, *, n: int, n_effective: float, level: float) -> Estimate:
    """Return ω² in percent, the share of variance that groups explain, from F or chi-square;
    `n_effective` is how many answers of independent people of equal weight there are."""
    sizes = _noncentrality(found, level)
    value, low, high = (100 * one / (one + n_effective) for one in sizes)
    return Estimate(value, low, high, level, n, n_effective, found.df, "noncentral")


def cramers_v(found: FTest, *, n: int, n_effective: float, smaller: int, level: float) -> Estimate:
    """Return Cramér's V (0 to 1) less what chance makes of it: √((χ² - df)/(n·(k - 1)))."""
    size = n_effective * max(smaller - 1, 1)
    value, low, high = (min(math.sqrt(x / size), 1.0) for x in _noncentrality(found, level))
    return Estimate(value, low, high, level, n, n_effective, found.df, "noncentral")
