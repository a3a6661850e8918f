"""Weibull's accelerated lifetimes: what makes customers stay longer, and by how much."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from manyi.stats import intervals
from manyi.stats.coefficients import sandwich
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class Weibull:
    """log T = x·β + scale·W as R's survreg: coefficients (p,), `scale` (1 is exponential; the
    shape is 1/scale), their covariance (p + 1, p + 1) with log(scale) last, the likelihood."""

    coefficients: FloatArray
    scale: float
    covariance: FloatArray
    log_likelihood: float
    n: int
    events: int

    @property
    def se(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance))[:-1])

    def time_ratio(self, at: int, *, level: float = 0.95) -> Estimate:
        """Return by how much one more of a variable multiplies every lifetime."""
        value, se = float(self.coefficients[at]), float(self.se[at])
        ends = intervals.around(value, se, intervals.normal_quantile(level))
        ratio, low, high = (math.exp(one) for one in (value, *ends))
        return Estimate(ratio, low, high, level, self.n, float(self.events), None, "weibull")

    def quantile(self, x: ArrayLike, share: float = 0.5) -> FloatArray:
        """Return when that share has left, for each row (n, p)."""
        middle = np.asarray(x, np.float64) @ self.coefficients
        return np.asarray(np.exp(middle + self.scale * math.log(-math.log(1 - share))))


def weibull_rows(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
) -> Weibull:
    """Fit by maximum likelihood; `x` (n, p) brings its own constant, times are above 0, rows
    with a NaN are left out.

    Weights count a row so many times, unless `cluster` (customers; each row its own for plain
    sample weights) asks for the robust errors of R's survreg.
    """
    t, e, a = (np.asarray(one, np.float64) for one in (time, event, x))
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    there = ~(np.isnan(t) | np.isnan(e) | np.isnan(a).any(axis=1)) & (w > 0)
    y, e, a, w = np.log(t[there]), e[there], a[there], w[there]
    start = np.append(np.linalg.lstsq(a, y, rcond=None)[0], 0.0)
    best = optimize.minimize(
        lambda theta: _loss(theta, y, e, a, w)[:2],
        start,
        jac=True,
        method="BFGS",
        options={"gtol": 1e-9},
    )
    theta = np.asarray(best.x, np.float64)
    for _ in range(5):
        _, slope, curve = _loss(theta, y, e, a, w)
        theta = theta - np.linalg.solve(curve, slope)
    value, _, curve = _loss(theta, y, e, a, w)
    # On the scale of time itself, as R reports it.
    likelihood = -value - float((w * e) @ y)
    covariance = np.asarray(np.linalg.inv(curve), np.float64)
    if cluster is not None:
        ids = np.asarray(cluster)[there]
        covariance = sandwich(covariance, _scores(theta, y, e, a, w), ids, widened=False)
    return Weibull(
        theta[:-1], math.exp(theta[-1]), covariance, likelihood, len(y), round(float(e.sum()))
    )


def _loss(
    theta: FloatArray, y: FloatArray, e: FloatArray, a: FloatArray, w: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Return the negative log-likelihood of log time, its gradient and second derivatives."""
    scale = math.exp(min(theta[-1], 50.0))
    z = (y - a @ theta[:-1]) / scale
    grown = np.exp(np.minimum(z, 700.0))
    value = float(w @ (grown - e * (z - theta[-1])))
    pull = w * (grown - e)
    slope = np.append(-(a.T @ pull) / scale, -float(pull @ z) + float(w @ e))
    size, p = w * grown, a.shape[1]
    curve = np.zeros((p + 1, p + 1))
    curve[:p, :p] = (a * size[:, None]).T @ a / scale**2
    curve[:p, p] = curve[p, :p] = a.T @ (size * z + pull) / scale
    curve[p, p] = float(size @ z**2 + pull @ z)
    return value, slope, curve


def _scores(
    theta: FloatArray, y: FloatArray, e: FloatArray, a: FloatArray, w: FloatArray
) -> FloatArray:
    """Return what each row adds to the slope of the likelihood (n, p + 1)."""
    scale = math.exp(theta[-1])
    z = (y - a @ theta[:-1]) / scale
    pull = w * (np.exp(z) - e)
    return np.column_stack([a * pull[:, None] / scale, pull * z - w * e])


def proportional_hazards(found: Weibull) -> FloatArray:
    """Return the log hazard ratios that the same model has as a model of hazards: -β/scale."""
    return np.asarray(-found.coefficients / found.scale)


def mean_lifetime(found: Weibull, x: ArrayLike) -> FloatArray:
    """Return the expected lifetime of each row, which reaches beyond what was watched."""
    middle = np.asarray(x, np.float64) @ found.coefficients
    return np.asarray(np.exp(middle) * special.gamma(1 + found.scale))
