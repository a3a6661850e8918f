"""Kernels of intervals: numbers in, (low, high) out; shares here run from 0 to 1.

`x` successes of `n` may be fractions: an effective number of answers is one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import scipy  # its large parts are loaded when they are first asked for
from scipy import special


class Interval(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


def normal_quantile(level: float) -> float:
    """Return z such that a standard normal lies within ±z with probability `level`."""
    return float(special.ndtri(0.5 + level / 2))


def t_quantile(level: float, df: float) -> float:
    """Return the same of Student's t; an infinite df gives the normal quantile."""
    if math.isinf(df):
        return normal_quantile(level)
    return float(special.stdtrit(df, 0.5 + level / 2))


def clip(interval: Interval, low: float, high: float) -> Interval:
    """Return the interval cut to the range that is possible."""
    return Interval(max(interval.low, low), min(interval.high, high))


def around(value: float, se: float, quantile: float) -> Interval:
    """Return value ± quantile·se."""
    return Interval(value - quantile * se, value + quantile * se)


def wilson(x: float, n: float, level: float = 0.95) -> Interval:
    """Return Wilson's score interval (1927), the default for shares.

    (p + z²/2n ± z√(p(1-p)/n + z²/4n²)) / (1 + z²/n); 0 of n begins at exactly 0.
    """
    return wilson_by(x, n, normal_quantile(level))


def wilson_by(x: float, n: float, quantile: float) -> Interval:
    """Return Wilson's interval with any quantile, such as that of a t distribution."""
    p, z2 = x / n, quantile**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = quantile / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Interval(0.0 if x <= 0 else middle - half, 1.0 if x >= n else middle + half)


def wilson_corrected(x: float, n: float, level: float = 0.95) -> Interval:
    """Return Wilson's interval with continuity correction (Newcombe 1998, method 4)."""
    z, p = normal_quantile(level), x / n
    z2, q = z * z, 1 - x / n
    low = high = 0.0
    if x > 0:
        root = z2 - 2 - 1 / n + 4 * p * (n * q + 1)
        low = max(0.0, (2 * n * p + z2 - 1 - z * math.sqrt(root)) / (2 * (n + z2)))
    if x < n:
        root = z2 + 2 - 1 / n + 4 * p * (n * q - 1)
        high = (2 * n * p + z2 + 1 + z * math.sqrt(max(root, 0.0))) / (2 * (n + z2))
    return Interval(low, min(1.0, high) if x < n else 1.0)


def clopper_pearson(x: float, n: float, level: float = 0.95) -> Interval:
    """Return the "exact" interval, which never covers less than `level` (and often more)."""
    tail = (1 - level) / 2
    low = 0.0 if x <= 0 else float(special.betaincinv(x, n - x + 1, tail))
    high = 1.0 if x >= n else float(special.betaincinv(x + 1, n - x, 1 - tail))
    return Interval(low, high)


def jeffreys(x: float, n: float, level: float = 0.95) -> Interval:
    """Return the Beta(½, ½) interval; its end is 0 at x = 0 and 1 at x = n (Brown et al. 2001)."""
    tail = (1 - level) / 2
    low = 0.0 if x <= 0 else float(special.betaincinv(x + 0.5, n - x + 0.5, tail))
    high = 1.0 if x >= n else float(special.betaincinv(x + 0.5, n - x + 0.5, 1 - tail))
    return Interval(low, high)


def agresti_coull(x: float, n: float, level: float = 0.95) -> Interval:
    """Return the "add z²/2 successes and failures" interval, cut to 0..1."""
    z = normal_quantile(level)
    total = n + z * z
    p = (x + z * z / 2) / total
    return clip(around(p, math.sqrt(p * (1 - p) / total), z), 0.0, 1.0)


def wald(p: float, n: float, level: float = 0.95) -> Interval:
    """Return p ± z√(p(1-p)/n), uncut: here to be compared with, not to be shown."""
    return around(p, math.sqrt(p * (1 - p) / n), normal_quantile(level))


def korn_graubard(p: float, n_effective: float, level: float = 0.95) -> Interval:
    """Return Clopper and Pearson's interval at an effective n (Korn & Graubard 1998)."""
    return clopper_pearson(p * n_effective, n_effective, level)


def logit(p: float, se: float, quantile: float) -> Interval:
    """Return the interval on the logit scale from the standard error of p, 0 < p < 1."""
    middle, spread = math.log(p / (1 - p)), quantile * se / (p * (1 - p))
    return Interval(float(special.expit(middle - spread)), float(special.expit(middle + spread)))


def likelihood(p: float, n: float, quantile: float) -> Interval:
    """Return the shares that are not too unlikely beside p, 0 < p < 1, given n answers: those
    whose deviance is at most quantile² above p's."""

    def beyond(share: float) -> float:
        there, not_there = p * math.log(p / share), (1 - p) * math.log((1 - p) / (1 - share))
        return 2 * n * (there + not_there) - quantile**2

    low, high = scipy.optimize.brentq(beyond, 1e-300, p), 1 - 1e-16
    return Interval(low, scipy.optimize.brentq(beyond, p, high) if beyond(high) > 0 else 1.0)


def nps_variance(promoters: float, detractors: float) -> float:
    """Return the trinomial variance of one answer: p₊ + p₋ - (p₊ - p₋)²."""
    return promoters + detractors - (promoters - detractors) ** 2


def adjusted_wald_nps(
    promoters: float, passives: float, detractors: float, level: float = 0.95
) -> Interval:
    """Return Rocks's adjusted Wald interval (2016) from counts, as shares -1..1, uncut.

    Adds ¾ promoter, 3/2 passives and ¾ detractor before the Wald formula.
    """
    total = promoters + passives + detractors + 3
    up, down = (promoters + 0.75) / total, (detractors + 0.75) / total
    se = math.sqrt(nps_variance(up, down) / total)
    return around(up - down, se, normal_quantile(level))


def skewed(value: float, se: float, skew: float, n: float, quantile: float) -> Interval:
    """Return Hall's interval of a mean (1992, J. R. Stat. Soc. B 54:221) from its skewness γ.

    Solves T + γT²/3 + γ²T³/27 + γ/6n = ±quantile/√n for T = (mean - truth)/s; without
    skewness it is the plain t interval.
    """
    if abs(skew) < 1e-6:
        return around(value, se, quantile)
    root = math.sqrt(n)

    def error(side: float) -> float:
        return 3 / skew * (math.cbrt(1 + skew * (side * quantile / root - skew / (6 * n))) - 1)

    return Interval(value - root * se * error(1.0), value - root * se * error(-1.0))


def unanimous(value: float, n: float, low: float, high: float, level: float = 0.95) -> Interval:
    """Return bounds of a mean on low..high when all n answers were `value`.

    No spread was seen, which is no proof that there is none: at most the share
    1 - (α/2)^(1/n) of all people would answer differently (Clopper and Pearson), and they
    could stand at either end of the scale. Covers at least `level`.
    """
    others = 1 - ((1 - level) / 2) ** (1 / n)
    return Interval(value - others * (value - low), value + others * (high - value))


def square_and_add(
    a: tuple[float, float, float], b: tuple[float, float, float], correlation: float = 0.0
) -> Interval:
    """Return the interval of a - b from (value, low, high) of each (Newcombe 1998).

    With Wilson's intervals and no correlation this is Newcombe's hybrid score interval; with
    a correlation of the two estimates it is Zou and Donner's extension (2008).
    """
    d = a[0] - b[0]
    below = _added_squares(a[0] - a[1], b[2] - b[0], correlation)
    above = _added_squares(a[2] - a[0], b[0] - b[1], correlation)
    return Interval(d - below, d + above)


def newcombe(x1: float, n1: float, x2: float, n2: float, level: float = 0.95) -> Interval:
    """Return Newcombe's hybrid score interval of x1/n1 - x2/n2."""
    return square_and_add((x1 / n1, *wilson(x1, n1, level)), (x2 / n2, *wilson(x2, n2, level)))


def _added_squares(one: float, two: float, correlation: float) -> float:
    return math.sqrt(max(one**2 + two**2 - 2 * correlation * one * two, 0.0))


def welch_df(v1: float, df1: float, v2: float, df2: float) -> float:
    """Return Satterthwaite's df for the sum of two variances of estimates."""
    bottom = v1**2 / df1 + v2**2 / df2
    return math.inf if bottom == 0 else (v1 + v2) ** 2 / bottom
