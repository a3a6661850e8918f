"""Logistic regression by Newton's method, shared by drivers, non-response and churn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.kit.problems import Problem
from manyi.stats.moments import FloatArray


@dataclass(frozen=True, eq=False)
class Logistic:
    """A fitted model: `coefficients` (p,), their `covariance` (p, p), and the likelihoods."""

    coefficients: FloatArray
    covariance: FloatArray
    log_likelihood: float
    null_log_likelihood: float
    n: float

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
    x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, *, ridge: float = 0.0
) -> Logistic:
    """Fit P(y = 1) = expit(x·β) by maximum likelihood; `x` (n, p) brings its own constant.

    `ridge` penalises all but the first coefficient by ridge/2·β². Raises
    Problem("separated") where the outcome can be told without error, so that β has no end.
    """
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    w = np.ones(len(b)) if weights is None else np.asarray(weights, np.float64)
    penalty = np.full(a.shape[1], ridge)
    penalty[0] = 0.0
    beta = np.zeros(a.shape[1])
    for _ in range(60):
        p = special.expit(a @ beta)
        gradient = a.T @ (w * (b - p)) - penalty * beta
        information = (a * (w * p * (1 - p))[:, None]).T @ a + np.diag(penalty)
        step, *_ = np.linalg.lstsq(information, gradient, rcond=None)
        beta = beta + step
        if np.abs(a @ beta).max() > 500:
            raise Problem("separated")
        if np.abs(step).max() < 1e-10 * (1 + np.abs(beta).max()):
            break
    p = special.expit(a @ beta)
    information = (a * (w * p * (1 - p))[:, None]).T @ a + np.diag(penalty)
    base = float(w @ b / w.sum())
    null = float(w.sum()) * float(-special.entr(base) - special.entr(1 - base))
    likelihood = float(w @ (special.xlogy(b, p) + special.xlogy(1 - b, 1 - p)))
    return Logistic(beta, np.linalg.inv(information), likelihood, null, float(w.sum()))
