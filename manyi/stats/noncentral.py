"""Intervals of effect sizes by turning noncentral distributions round (Steiger 2004)."""

from __future__ import annotations

import math
from collections.abc import Callable

import scipy  # its large parts are loaded when they are first asked for

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


def _noncentrality(found: FTest, level: float) -> tuple[float, float, float]:
    """Return the noncentrality with its ends; an infinite second df is that of chi-square."""
    df, df2 = found.df, found.df2
    if math.isinf(df2):
        chi = found.statistic * df
        size = max(chi - df, 0.0)
        return size, *_bounds(lambda nc: float(scipy.stats.ncx2.cdf(chi, df, nc)), size, level)
    f = found.statistic
    size = df * max(f - 1, 0.0)
    return size, *_bounds(lambda nc: float(scipy.stats.ncf.cdf(f, df, df2, nc)), size, level)


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
