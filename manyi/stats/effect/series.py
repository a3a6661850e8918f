"""Interrupted series and trends: level and slope before and after, with autocorrelation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from manyi.stats.effect.ols import Fit, fit_rows
from manyi.stats.moments import FloatArray


def interrupted_rows(y: ArrayLike, start: int, *, season: ArrayLike | None = None) -> Fit:
    """Return the segmented regression: constant, trend, jump at `start`, change of slope
    (coefficients 0 to 3), then one for each season but the first (Wagner et al. 2002)."""
    n = len(np.asarray(y))
    t = np.arange(n, dtype=np.float64)
    after = (t >= start).astype(np.float64)
    columns = [np.ones(n), t, after, after * (t - start)]
    if season is not None:
        labels = np.asarray(season)
        columns += [labels == one for one in np.unique(labels)[1:]]
    return fit_rows(np.column_stack(columns).astype(np.float64), y)


@dataclass(frozen=True, eq=False)
class AutoRegression:
    """A regression with AR(1) errors by (restricted) maximum likelihood: φ is their
    correlation."""

    coefficients: FloatArray
    se: FloatArray
    phi: float
    log_likelihood: float


def ar1_rows(x: ArrayLike, y: ArrayLike, *, method: Literal["ml", "reml"] = "ml") -> AutoRegression:
    """Return the generalised least squares fit with AR(1) errors, as nlme's gls with method ML
    or, for short series, REML (its default)."""
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    best = optimize.minimize_scalar(
        lambda phi: -_ar1(a, b, float(phi), method)[0],
        bounds=(-0.99, 0.99),
        method="bounded",
        options={"xatol": 1e-9},
    )
    phi = float(best.x)
    likelihood, fit = _ar1(a, b, phi, method)
    return AutoRegression(fit.coefficients, np.sqrt(np.diag(fit.classical())), phi, likelihood)


def _ar1(x: FloatArray, y: FloatArray, phi: float, method: str) -> tuple[float, Fit]:
    root = math.sqrt(1 - phi**2)
    moved_x = np.vstack([root * x[:1], x[1:] - phi * x[:-1]])
    moved_y = np.concatenate([root * y[:1], y[1:] - phi * y[:-1]])
    fit = fit_rows(moved_x, moved_y)
    n = len(y) if method == "ml" else fit.df
    variance = float(fit.residuals @ fit.residuals) / n
    found = -n / 2 * (math.log(2 * math.pi * variance) + 1) + math.log(root)
    if method == "reml":
        found += float(np.linalg.slogdet(fit.bread)[1]) / 2
    return found, fit


@dataclass(frozen=True)
class Trend:
    """A test of "no trend": statistic, p, and where it has one the slope a step of time."""

    statistic: float
    p: float
    slope: float | None = None


def cochran_armitage(successes: ArrayLike, sizes: ArrayLike) -> Trend:
    """Return the test for a trend of shares over waves (R's prop.trend.test): chi-square, p."""
    x, n = np.asarray(successes, np.float64), np.asarray(sizes, np.float64)
    t = np.arange(1, len(x) + 1, dtype=np.float64)
    p = float(x.sum() / n.sum())
    away = t - float(n @ t / n.sum())
    statistic = float(away @ x) ** 2 / (p * (1 - p) * float(n @ away**2))
    slope = float(away @ x) / float(n @ away**2)
    return Trend(statistic, float(special.chdtrc(1, statistic)), slope)


def mann_kendall(y: ArrayLike) -> Trend:
    """Return Mann and Kendall's test for any monotone trend, with ties and continuity
    correction; the statistic is z, the slope Theil and Sen's."""
    x = np.asarray(y, np.float64)
    s = kendall_s(x)
    z = (s - np.sign(s)) / math.sqrt(kendall_variance(x))
    return Trend(float(z), 2 * float(special.ndtr(-abs(z))), theil_sen(x))


def kendall_s(y: FloatArray) -> float:
    """Return rises less falls over all pairs of times."""
    return float(np.sign(np.subtract.outer(y, y))[np.tril_indices(len(y), -1)].sum())


def kendall_variance(y: FloatArray) -> float:
    """Return the variance of S under no trend."""
    n, ties = len(y), np.unique(y, return_counts=True)[1].astype(np.float64)
    return float((n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18)


def theil_sen(y: ArrayLike) -> float:
    """Return the median slope of all pairs, which outliers cannot move."""
    x = np.asarray(y, np.float64)
    i, j = np.triu_indices(len(x), 1)
    return float(np.median((x[j] - x[i]) / (j - i)))


def trend_rows(y: ArrayLike) -> Fit:
    """Return the straight line over time (coefficients: level, slope); use its
    `newey_west` errors where neighbours are alike."""
    n = len(np.asarray(y))
    return fit_rows(np.column_stack([np.ones(n), np.arange(1, n + 1)]), y)
