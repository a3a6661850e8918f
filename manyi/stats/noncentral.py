"""Intervals of effect sizes by turning noncentral distributions round (Steiger 2004)."""

from __future__ import annotations

import math
from collections.abc import Callable

import scipy  # its large parts are loaded when they are first asked for

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


def share_of_f(
    f: float, df: float, df2: float, *, n: int, n_effective: float, level: float
) -> Estimate:
    """Return ω² in percent, the share of variance that groups explain, from F."""
    ends = _bounds(lambda nc: float(scipy.stats.ncf.cdf(f, df, df2, nc)), df * max(f - 1, 0), level)
    return _share(df * max(f - 1, 0.0), ends, df, n, n_effective, level)


def share_of_chi_square(
    chi: float, df: float, *, n: int, n_effective: float, level: float
) -> Estimate:
    """Return the same share in percent from a chi-square statistic."""
    size = max(chi - df, 0.0)
    ends = _bounds(lambda nc: float(scipy.stats.ncx2.cdf(chi, df, nc)), size, level)
    return _share(size, ends, df, n, n_effective, level)


def _share(
    size: float, ends: tuple[float, float], df: float, n: int, n_effective: float, level: float
) -> Estimate:
    value, low, high = (100 * one / (one + n_effective) for one in (size, *ends))
    return Estimate(value, low, high, level, n, n_effective, df, "noncentral")


def cramers_v(chi_square: float, df: int, n: float, smaller: int, level: float) -> Estimate:
    """Return Cramér's V (0 to 1) less what chance makes of it: √((χ² - df)/(n·(k - 1)))."""
    low, high = _bounds(
        lambda nc: float(scipy.stats.ncx2.cdf(chi_square, df, nc)), max(chi_square - df, 0.0), level
    )
    size = n * max(smaller - 1, 1)
    found = max(chi_square - df, 0.0)
    value, low, high = (min(math.sqrt(one / size), 1.0) for one in (found, low, high))
    return Estimate(value, low, high, level, round(n), n, float(df), "noncentral")
