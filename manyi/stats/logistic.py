"""Logistic regression by reweighted least squares, shared by drivers, non-response and churn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.coefficients import sandwich
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class Logistic:
    """A fitted model: `coefficients` (p,), their `covariance` (p, p), and the likelihoods."""

    coefficients: FloatArray
    covariance: FloatArray
    log_likelihood: float
    null_log_likelihood: float
    n: float

    def estimate(self, at: int, *, level: float = 0.95) -> Estimate:
        """Return one coefficient with its normal interval."""
        value, se = float(self.coefficients[at]), float(self.se[at])
        ends = intervals.around(value, se, intervals.normal_quantile(level))
        return Estimate(value, *ends, level, round(self.n), self.n, None, "logistic")

    @property
    def se(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def deviance(self) -> float:
        return -2 * self.log_likelihood

    @property
    def aic(self) -> float:
        return self.deviance + 2 * len(self.coefficients)

    @property
    def mcfadden(self) -> float:
        """Return 1 - logL/logL₀: 0 tells nothing, 1 everything."""
        return 1 - self.log_likelihood / self.null_log_likelihood

    @property
    def nagelkerke(self) -> float:
        """Return Cox and Snell's R² over its greatest possible value."""
        snell = 1 - np.exp(2 * (self.null_log_likelihood - self.log_likelihood) / self.n)
        return float(snell / (1 - np.exp(2 * self.null_log_likelihood / self.n)))

    def predict(self, x: ArrayLike) -> FloatArray:
        """Return the probability for each row of the design matrix."""
        return np.asarray(special.expit(np.asarray(x, np.float64) @ self.coefficients))


def logistic_rows(
    x: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
    ridge: float = 0.0,
) -> Logistic:
    """Fit P(y = 1) = expit(x·β) by maximum likelihood; `x` (n, p) brings its own constant.

    `weights` alone count a row so often. With `cluster` (customer) the covariance is the
    sandwich over customers, which is right for sample weights too: R's svyglm with quasibinomial,
    sandwich's vcovCL of type HC0; a row of its own for each is right for weights alone.
    `ridge` penalises all but the first coefficient by ridge/2·β². Raises
    Problem("separated") where the outcome can be told without error, so that β has no end.
    """
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    w = np.ones(len(b)) if weights is None else np.asarray(weights, np.float64)
    penalty = np.full(a.shape[1], ridge)
    penalty[0] = 0.0
    eta = special.logit((w * b + 0.5) / (w + 1))
    likelihood = _likelihood(b, eta, w)
    for _ in range(60):
        p = special.expit(eta)
        size = np.maximum(w * p * (1 - p), 1e-300)
        information = (a * size[:, None]).T @ a + np.diag(penalty)
        aim = a.T @ (size * eta + w * (b - p))
        beta, *_ = np.linalg.lstsq(information, aim, rcond=None)
        eta = a @ beta
        before, likelihood = likelihood, _likelihood(b, eta, w)
        if np.abs(eta).max() > 500:
            raise Problem("separated")
        # R's rule to stop, and R's covariance: that of the weights of the last step.
        if abs(likelihood - before) < 1e-8 * (abs(likelihood) + 0.05):
            break
    covariance = np.asarray(np.linalg.pinv(information), np.float64)
    if ridge == 0 and _endless(a, b, special.expit(eta), covariance):
        raise Problem("separated")
    if cluster is not None:
        away = w * (b - special.expit(eta))
        covariance = sandwich(covariance, a * away[:, None], cluster)
    base = float(w @ b / w.sum())
    null = float(w.sum()) * float(-special.entr(base) - special.entr(1 - base))
    return Logistic(np.asarray(beta), covariance, likelihood, null, float(w.sum()))


def _endless(x: FloatArray, y: FloatArray, p: FloatArray, covariance: FloatArray) -> bool:
    """Whether the iterations stopped on the way to infinity: the outcome is told without
    error, or a coefficient is so unsure that only separation can be why."""
    if np.abs(y - p).max() < 1e-5:
        return True
    size = np.sqrt(np.abs(np.diag(covariance))) * np.ptp(x, axis=0)
    return bool(size.max() > 100)


def _likelihood(y: FloatArray, eta: FloatArray, w: FloatArray) -> float:
    return float(w @ (y * eta - np.logaddexp(0, eta)))
