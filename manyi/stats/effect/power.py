"""How many to ask: sample size and power for shares, means, NPS, waves and margins of error.

Sizes are real numbers, per group unless said otherwise: round them up. Two-sided tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import scipy  # its large parts are loaded when they are first asked for
from scipy import special

from manyi.stats.intervals import normal_quantile, nps_variance


def _z(alpha: float, power: float) -> tuple[float, float]:
    return normal_quantile(1 - alpha), float(special.ndtri(power))


def _solve(power_at: Callable[[float], float], power: float, least: float = 2.0) -> float:
    high = 16.0
    while power_at(high) < power:
        high *= 2
    return float(scipy.optimize.brentq(lambda n: power_at(n) - power, least, high, xtol=1e-7))


def power_of_shares(p1: float, p2: float, n: float, *, alpha: float = 0.05) -> float:
    """Return the power to tell two shares apart with n in each group (R's power.prop.test)."""
    z = normal_quantile(1 - alpha)
    pooled = z * math.sqrt((p1 + p2) * (1 - (p1 + p2) / 2))
    return float(
        special.ndtr(
            (math.sqrt(n) * abs(p1 - p2) - pooled) / math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
        )
    )


def size_for_shares(p1: float, p2: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the size of each group that tells two shares apart."""
    z, t = _z(alpha, power)
    pooled = z * math.sqrt((p1 + p2) * (1 - (p1 + p2) / 2))
    return ((pooled + t * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))) / (p1 - p2)) ** 2


def arcsine_effect(p1: float, p2: float) -> float:
    """Return Cohen's h."""
    return 2 * math.asin(math.sqrt(p1)) - 2 * math.asin(math.sqrt(p2))


def size_by_arcsine(h: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the size of each group for Cohen's h (R's pwr.2p.test)."""
    return _solve(lambda n: _two_tails(abs(h) * math.sqrt(n / 2), alpha), power)


def size_of_second(h: float, n1: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the size of the second group where the first has n1 (R's pwr.2p2n.test)."""
    return _solve(lambda n: _two_tails(abs(h) * math.sqrt(n1 * n / (n1 + n)), alpha), power)


def _two_tails(shift: float, alpha: float) -> float:
    z = normal_quantile(1 - alpha)
    return float(special.ndtr(shift - z) + special.ndtr(-shift - z))


def power_of_means(delta: float, sd: float, n: float, *, alpha: float = 0.05) -> float:
    """Return the power of a t test of two groups of n (R's power.t.test, the far tail left out)."""
    return _t_power(delta / sd * math.sqrt(n / 2), 2 * (n - 1), alpha)


def size_for_means(delta: float, sd: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the size of each group that tells two means apart."""
    return _solve(lambda n: power_of_means(abs(delta), sd, n, alpha=alpha), power)


def size_for_paired(delta: float, sd: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the number of pairs for a mean difference; `sd` is that of the differences."""
    return _solve(lambda n: _t_power(abs(delta) / sd * math.sqrt(n), n - 1, alpha), power)


def _t_power(shift: float, df: float, alpha: float) -> float:
    return float(scipy.stats.nct.sf(scipy.stats.t.ppf(1 - alpha / 2, df), df, shift))


def size_for_groups(f: float, groups: int, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the size of each of several groups for Cohen's f (R's pwr.anova.test)."""

    def at(n: float) -> float:
        df = (groups - 1, (n - 1) * groups)
        return float(scipy.stats.ncf.sf(scipy.stats.f.ppf(1 - alpha, *df), *df, groups * n * f**2))

    return _solve(at, power)


def size_for_table(w: float, df: int, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the whole size for a chi-square test with Cohen's w (R's pwr.chisq.test)."""
    edge = scipy.stats.chi2.ppf(1 - alpha, df)
    return _solve(lambda n: float(scipy.stats.ncx2.sf(edge, df, n * w**2)), power)


def size_for_correlation(r: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the size that finds a correlation r (R's pwr.r.test)."""

    def at(n: float) -> float:
        edge = scipy.stats.t.ppf(1 - alpha / 2, n - 2)
        critical = math.sqrt(edge**2 / (edge**2 + n - 2))
        root = math.sqrt(n - 3)
        shift = math.atanh(r) + r / (2 * (n - 1))
        upper = special.ndtr((shift - math.atanh(critical)) * root)
        return float(upper + special.ndtr((-shift - math.atanh(critical)) * root))

    return _solve(at, power, 4.0)


def size_for_margin(
    margin: float,
    *,
    p: float = 0.5,
    population: float = math.inf,
    deff: float = 1.0,
    level: float = 0.95,
) -> float:
    """Return the whole size at which a share has that half-width (shares 0..1); a small
    population needs fewer, weights and clusters (`deff`) need more."""
    n = normal_quantile(level) ** 2 * p * (1 - p) / margin**2
    if not math.isinf(population):
        n = n / (1 + (n - 1) / population)
    return n * deff


def size_for_nps(
    margin: float, *, promoters: float = 0.5, detractors: float = 0.2, level: float = 0.95
) -> float:
    """Return the whole size at which NPS has that half-width in points; shares are 0..1."""
    variance = nps_variance(promoters, detractors)
    return normal_quantile(level) ** 2 * variance / (margin / 100) ** 2


def size_for_panel(
    p1: float, p2: float, correlation: float, *, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Return how many people to ask twice to tell two shares apart:
    Var = (v₁ + v₂ - 2ρ√(v₁v₂))/n."""
    z, t = _z(alpha, power)
    v1, v2 = p1 * (1 - p1), p2 * (1 - p2)
    variance = v1 + v2 - 2 * correlation * math.sqrt(v1 * v2)
    return (z + t) ** 2 * variance / (p1 - p2) ** 2


def detectable_share(p: float, n: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the least rise of a share p that n in each group can tell, at most 1 - p."""

    def lacking(rise: float) -> float:
        return power_of_shares(p, p + rise, n, alpha=alpha) - power

    if lacking(1 - p - 1e-9) < 0:
        return 1 - p
    return float(scipy.optimize.brentq(lacking, 1e-9, 1 - p - 1e-9))
