"""Interrupted series and trends: level and slope before and after, with autocorrelation.

What takes one number a period says so in its name, `…_periods`: such numbers come without
customers. `mean_trend` and `share_trend` take the moments of each period, which carry both
weights and customers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from manyi.stats import intervals
from manyi.stats.coefficients import Coefficients
from manyi.stats.effect.ols import Fit, fit_rows
from manyi.stats.means import means_of, plain
from manyi.stats.moments import FloatArray, Moments
from manyi.stats.result import Estimate, Note, Test


def interrupted_periods(
    y: ArrayLike,
    start: int,
    *,
    season: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Fit:
    """Return the segmented regression: constant, trend, jump at `start`, change of slope
    (coefficients 0 to 3), then one for each season but the first (Wagner et al. 2002).

    `weights` say how exact the number of each period is: one over its variance.
    """
    n = len(np.asarray(y))
    t = np.arange(n, dtype=np.float64)
    after = (t >= start).astype(np.float64)
    columns = [np.ones(n), t, after, after * (t - start)]
    if season is not None:
        labels = np.asarray(season)
        columns += [labels == one for one in np.unique(labels)[1:]]
    return fit_rows(np.column_stack(columns).astype(np.float64), y, weights)


@dataclass(frozen=True, eq=False)
class AutoRegression(Coefficients):
    """A regression with AR(1) errors by (restricted) maximum likelihood: φ is their
    correlation."""

    coefficients: FloatArray
    covariance: FloatArray
    df: float
    n: int
    phi: Estimate
    log_likelihood: float


def ar1_periods(
    x: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    method: Literal["ml", "reml"] = "ml",
    level: float = 0.95,
) -> AutoRegression:
    """Return the generalised least squares fit with AR(1) errors, as nlme's gls with method ML
    or, for short series, REML (its default); `weights` as in `interrupted_periods`. The
    interval of φ is that of its profile likelihood's curvature on Fisher's scale."""
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    logs = 0.0
    if weights is not None:
        root = np.sqrt(np.asarray(weights, np.float64))
        a, b, logs = a * root[:, None], b * root, float(np.log(root).sum())
    best = optimize.minimize_scalar(
        lambda phi: -_ar1(a, b, float(phi), method)[0],
        bounds=(-0.99, 0.99),
        method="bounded",
        options={"xatol": 1e-9},
    )
    phi = float(best.x)
    likelihood, fit = _ar1(a, b, phi, method)
    return AutoRegression(
        fit.coefficients,
        fit.classical(),
        float(fit.df),
        len(b),
        _phi(a, b, phi, method, level),
        likelihood + logs,
    )


def _phi(x: FloatArray, y: FloatArray, phi: float, method: str, level: float) -> Estimate:
    middle, step = math.atanh(phi), 1e-3
    at = [_ar1(x, y, math.tanh(middle + way * step), method)[0] for way in (-1, 0, 1)]
    curvature = -(at[0] - 2 * at[1] + at[2]) / step**2
    n = len(y)
    if not curvature > 0:
        note = Note("no_known_interval")
        return Estimate(phi, None, None, level, n, float(n), None, "likelihood", (note,))
    ends = intervals.around(middle, 1 / math.sqrt(curvature), intervals.normal_quantile(level))
    low, high = (math.tanh(one) for one in ends)
    return Estimate(phi, low, high, level, n, float(n), None, "likelihood")


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


def mean_trend(
    periods: Sequence[Moments],
    times: ArrayLike | None = None,
    *,
    n_shared: int | None = None,
    level: float = 0.95,
) -> Test:
    """Return the test of "no trend" of the means of periods, with the slope a step of time (or
    of `times`) as its effect and the errors of whole customers, who may answer in several
    periods (`n_shared` is not 0)."""
    means = means_of(periods, n_shared=n_shared)
    weight = np.array([one.sum_w for one in periods])
    pull = _pull(weight, times)
    return means.test(pull, method="trend_by_customers", level=level)


def _pull(weight: FloatArray, times: ArrayLike | None) -> FloatArray:
    """Return what each period's number adds to the weighted least-squares slope."""
    k = len(weight)
    t = np.arange(1, k + 1, dtype=np.float64) if times is None else np.asarray(times, np.float64)
    away = t - float(weight @ t / weight.sum())
    return np.asarray(weight * away / float(weight @ away**2))


def share_trend(
    periods: Sequence[Moments],
    times: ArrayLike | None = None,
    *,
    n_shared: int | None = None,
    level: float = 0.95,
) -> Test:
    """Return the test of "no trend" of the shares of 1 among marks of 0 and 1, the slope in
    percentage points: Cochran and Armitage's, or with weights or customers who answer again
    that of `mean_trend`."""
    if plain(periods, n_shared=n_shared):
        x = [int(one.n[one.values == 1].sum()) for one in periods]
        return cochran_armitage_counts(x, [one.count for one in periods], times, level=level)
    means = means_of(periods, lambda values: 100.0 * (values == 1), n_shared=n_shared)
    pull = _pull(np.array([one.sum_w for one in periods]), times)
    return means.test(pull, method="trend_by_customers", level=level)


def cochran_armitage_counts(
    successes: ArrayLike, sizes: ArrayLike, times: ArrayLike | None = None, *, level: float = 0.95
) -> Test:
    """Return the test for a trend of shares over waves (R's prop.trend.test): chi-square, and
    the slope in percentage points a step with its normal interval."""
    x, n = np.asarray(successes, np.float64), np.asarray(sizes, np.float64)
    pull = _pull(n, times)
    p, share, total = float(x.sum() / n.sum()), x / n, int(n.sum())
    slope = float(pull @ share)
    spread = p * (1 - p) * float(pull**2 @ (1 / n))
    statistic = slope**2 / spread if spread > 0 else 0.0
    se = 100 * math.sqrt(float(pull**2 @ (share * (1 - share) / n)))
    ends = intervals.around(100 * slope, se, intervals.normal_quantile(level))
    effect = Estimate(100 * slope, *ends, level, total, float(total), None, "wald")
    chance = float(special.chdtrc(1, statistic))
    return Test(statistic, chance, 1.0, effect, "cochran_armitage", total)


def mann_kendall_periods(y: ArrayLike, *, level: float = 0.95) -> Test:
    """Return Mann and Kendall's test for any monotone trend of one number a period, with ties
    and continuity correction; the statistic is z, the effect Theil and Sen's slope with Sen's
    interval (1968). Numbers of neighbouring periods must be independent."""
    x = np.asarray(y, np.float64)
    s, sigma = kendall_s(x), math.sqrt(kendall_variance(x))
    z = float((s - np.sign(s)) / sigma) if sigma > 0 else 0.0
    effect = theil_sen_periods(x, level=level)
    return Test(z, 2 * float(special.ndtr(-abs(z))), None, effect, "mann_kendall", len(x))


def kendall_s(y: FloatArray) -> float:
    """Return rises less falls over all pairs of times."""
    return float(np.sign(np.subtract.outer(y, y))[np.tril_indices(len(y), -1)].sum())


def kendall_variance(y: FloatArray) -> float:
    """Return the variance of S under no trend."""
    n, ties = len(y), np.unique(y, return_counts=True)[1].astype(np.float64)
    return float((n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18)


def theil_sen_periods(y: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the median slope of all pairs, which outliers cannot move, with the slopes between
    which Kendall's S is not surprising (Sen 1968)."""
    x = np.asarray(y, np.float64)
    i, j = np.triu_indices(len(x), 1)
    slopes = np.sort((x[j] - x[i]) / (j - i))
    reach = intervals.normal_quantile(level) * math.sqrt(max(kendall_variance(x), 0.0))
    first, last = round((len(slopes) - reach) / 2) - 1, round((len(slopes) + reach) / 2)
    low = float(slopes[max(first, 0)])
    high = float(slopes[min(last, len(slopes) - 1)])
    n = len(x)
    return Estimate(float(np.median(slopes)), low, high, level, n, float(n), None, "sen")


def trend_periods(y: ArrayLike, *, weights: ArrayLike | None = None) -> Fit:
    """Return the straight line over time (coefficients: level, slope); use its
    `newey_west` errors where neighbours are alike. `weights` as in `interrupted_periods`."""
    n = len(np.asarray(y))
    return fit_rows(np.column_stack([np.ones(n), np.arange(1, n + 1)]), y, weights)
