"""The proportional-odds model: an ordered outcome such as low, medium, high satisfaction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from manyi.stats import intervals
from manyi.stats.coefficients import sandwich
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class Ordinal:
    """logit P(Y ≤ j) = threshold_j - x·β: β (p,), thresholds (k-1,), errors of both in turn, from
    `n` rows of `people`."""

    coefficients: FloatArray
    thresholds: FloatArray
    covariance: FloatArray
    deviance: float
    n: int
    people: int

    def estimate(self, at: int, *, level: float = 0.95) -> Estimate:
        """Return a coefficient, or after these a threshold, with its normal interval."""
        value = float(np.concatenate([self.coefficients, self.thresholds])[at])
        ends = intervals.around(value, float(self.se[at]), intervals.normal_quantile(level))
        return Estimate(value, *ends, level, self.n, float(self.people), None, "ordinal")

    @property
    def se(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def predict(self, x: ArrayLike) -> FloatArray:
        """Return the probability of each level for each row (n, k)."""
        at = np.asarray(x, np.float64) @ self.coefficients
        below = special.expit(self.thresholds - at[:, None])
        full = np.hstack([np.zeros((len(at), 1)), below, np.ones((len(at), 1))])
        return np.asarray(np.diff(full, axis=1))


def ordinal_rows(
    x: ArrayLike,
    level: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
) -> Ordinal:
    """Fit by maximum likelihood; `x` (n, p) has no constant, `level` (n,) counts from 0.

    Weights count a row so many times, unless `cluster` (customers; each row its own for plain
    sample weights) asks for the errors of R's svyolr.
    """
    a, y = np.asarray(x, np.float64), np.asarray(level, np.int64)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    share = np.cumsum(np.bincount(y, weights=w))[:-1] / w.sum()
    start = np.concatenate([np.zeros(a.shape[1]), special.logit(share)])

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        return _loss(theta, a, y, w)

    best = optimize.minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-8})
    covariance = np.asarray(np.linalg.inv(_hessian(best.x, a, y, w)), np.float64)
    if cluster is not None:
        covariance = sandwich(covariance, _scores(best.x, a, y, w), cluster)
    p = a.shape[1]
    rows = len(y) if weights is None or cluster is not None else round(float(w.sum()))
    people = rows if cluster is None else len(np.unique(np.asarray(cluster)))
    return Ordinal(best.x[:p], best.x[p:], covariance, 2 * float(best.fun), rows, people)


def _loss(
    theta: FloatArray, x: FloatArray, y: np.ndarray, w: FloatArray
) -> tuple[float, FloatArray]:
    """Return the negative log-likelihood and its gradient."""
    chance, up, down = _slopes(theta, x, y, w)
    k = len(theta) - x.shape[1] + 2
    by_cut = np.bincount(y + 1, weights=up, minlength=k) - np.bincount(y, weights=down, minlength=k)
    gradient = np.concatenate([-x.T @ (up - down), by_cut[1:-1]])
    return -float(w @ np.log(chance)), -gradient


def _slopes(
    theta: FloatArray, x: FloatArray, y: np.ndarray, w: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the chance of each row's level, and its slopes by the cuts above and below."""
    p = x.shape[1]
    cuts = np.concatenate([[-np.inf], theta[p:], [np.inf]])
    at = x @ theta[:p]
    upper, lower = special.expit(cuts[y + 1] - at), special.expit(cuts[y] - at)
    chance = np.maximum(upper - lower, 1e-300)
    return chance, w * upper * (1 - upper) / chance, w * lower * (1 - lower) / chance


def _scores(theta: FloatArray, x: FloatArray, y: np.ndarray, w: FloatArray) -> FloatArray:
    """Return what each row adds to the slope of the likelihood (n, p + thresholds)."""
    _, up, down = _slopes(theta, x, y, w)
    cuts = np.arange(1, len(theta) - x.shape[1] + 1)
    by_cut = up[:, None] * (y[:, None] + 1 == cuts) - down[:, None] * (y[:, None] == cuts)
    return np.column_stack([-x * (up - down)[:, None], by_cut])


def _hessian(theta: FloatArray, x: FloatArray, y: np.ndarray, w: FloatArray) -> FloatArray:
    rows = []
    for at in range(len(theta)):
        step = np.zeros(len(theta))
        step[at] = 1e-5
        rows.append((_loss(theta + step, x, y, w)[1] - _loss(theta - step, x, y, w)[1]) / 2e-5)
    found = np.array(rows)
    return (found + found.T) / 2
