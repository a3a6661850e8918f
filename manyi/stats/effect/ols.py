"""Least squares from rows with the errors that dependence calls for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Test

Factor = Literal["cr0", "cr1", "cr1s"]
Working = Literal["equal", "inverse"]


@dataclass(frozen=True, eq=False)
class Fit:
    """A fit of y (n,) on x (n, k): coefficients, residuals and (x'x)⁻¹; with weights x and the
    residuals are times `root`, the square roots of the weights (n,)."""

    x: FloatArray
    coefficients: FloatArray
    residuals: FloatArray
    bread: FloatArray
    root: FloatArray | None = None

    @property
    def df(self) -> int:
        return len(self.x) - len(self.coefficients)

    def classical(self) -> FloatArray:
        """Return the covariance for independent errors of one variance."""
        return np.asarray(float(self.residuals @ self.residuals) / self.df * self.bread)

    def clustered(self, clusters: ArrayLike, *, factor: Factor = "cr1s") -> FloatArray:
        """Return the cluster-robust covariance times a small-sample factor: "cr1s" is Stata's
        and sandwich's HC1, G/(G-1)·(n-1)/(n-k); "cr1" G/(G-1); "cr0" none."""
        codes = np.unique(np.asarray(clusters), return_inverse=True)[1]
        groups = int(codes.max()) + 1
        sums = np.zeros((groups, self.x.shape[1]))
        np.add.at(sums, codes, self.x * self.residuals[:, None])
        n, k = self.x.shape
        wide = 1.0 if factor == "cr0" else groups / (groups - 1)
        if factor == "cr1s":
            wide *= (n - 1) / (n - k)
        return np.asarray(wide * self.bread @ sums.T @ sums @ self.bread)

    def newey_west(self, lag: int, *, factor: Literal["none", "n/(n-k)"] = "none") -> FloatArray:
        """Return the covariance for errors correlated over time up to `lag` (Bartlett weights,
        no prewhitening); "n/(n-k)" is Stata's, and sandwich's with adjust = TRUE."""
        scores = self.x * self.residuals[:, None]
        meat = scores.T @ scores
        for j in range(1, lag + 1):
            cross = scores[j:].T @ scores[:-j]
            meat += (1 - j / (lag + 1)) * (cross + cross.T)
        wide = 1.0 if factor == "none" else len(self.x) / self.df
        return np.asarray(wide * self.bread @ meat @ self.bread)

    def durbin_watson(self) -> float:
        """Return Durbin and Watson's statistic: 2 without, near 0 with autocorrelation."""
        e = self.residuals
        return float((np.diff(e) ** 2).sum() / (e @ e))

    def estimate(
        self, at: int, covariance: FloatArray, *, df: float | None = None, level: float = 0.95
    ) -> Estimate:
        """Return one coefficient with its t interval."""
        value, se = float(self.coefficients[at]), math.sqrt(covariance[at, at])
        free = float(self.df) if df is None else df
        ends = intervals.around(value, se, intervals.t_quantile(level, free))
        n = len(self.x)
        return Estimate(value, *ends, level, n, float(n), free, "least_squares")


def fit_rows(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> Fit:
    """Return the (weighted) least-squares fit; `x` brings its own constant and may be rank
    deficient. With weights, x, y and the residuals are those times √weight."""
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    root = None if weights is None else np.sqrt(np.asarray(weights, np.float64))
    if root is not None:
        a, b = a * root[:, None], b * root
    bread = np.asarray(np.linalg.pinv(a.T @ a), np.float64)
    beta = np.asarray(np.linalg.lstsq(a, b, rcond=None)[0], np.float64)
    return Fit(a, beta, b - a @ beta, bread, root)


@dataclass(frozen=True, eq=False)
class SmallSample:
    """Bell and McCaffrey's CR2 covariance, and what Satterthwaite's df need."""

    fit: Fit
    covariance: FloatArray
    adjusted: list[FloatArray]
    rows: list[np.ndarray]
    spread: FloatArray

    def df(self, at: int) -> float:
        """Return Satterthwaite's degrees of freedom of one coefficient (few clusters: few)."""
        x, bread, spread = self.fit.x, self.fit.bread, self.spread
        pairs = list(zip(self.adjusted, self.rows, strict=True))
        pulls = [a.T @ (x[rows] @ bread[:, at]) for a, rows in pairs]
        each = list(zip(self.rows, pulls, strict=True))
        loads = np.array([x[rows].T @ b for rows, b in each])
        wide = np.array([x[rows].T @ (b * spread[rows]) for rows, b in each])
        cross = wide @ bread @ loads.T
        middle = bread @ ((x * spread[:, None]).T @ x) @ bread
        p = loads @ middle @ loads.T - cross - cross.T
        p[np.diag_indices(len(p))] += [float((b * spread[rows]) @ b) for rows, b in each]
        return float(np.trace(p) ** 2 / (p**2).sum())

    def test(self, at: int, *, level: float = 0.95) -> Test:
        """Return the t test of one coefficient with these degrees of freedom."""
        df = self.df(at)
        effect = self.fit.estimate(at, self.covariance, df=df, level=level)
        t = float(self.fit.coefficients[at]) / math.sqrt(self.covariance[at, at])
        p = 2 * float(special.stdtr(df, -abs(t)))
        return Test(t, p, df, effect, "cr2", len(self.fit.x))


def small_sample(fit: Fit, clusters: ArrayLike, *, working: Working = "equal") -> SmallSample:
    """Return CR2 (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018), honest with few clusters.

    `working` is what is supposed of the errors of a weighted fit: "equal" variances, as weights
    of a sample leave them (clubSandwich's for lm), or "inverse" to the weights, as those of
    means are.
    """
    codes = np.unique(np.asarray(clusters), return_inverse=True)[1]
    rows = [np.flatnonzero(codes == g) for g in range(int(codes.max()) + 1)]
    adjusted, sums = [], []
    ones = np.ones(len(fit.x))
    # In rows times √weight errors of equal variance have the variance of the weights.
    spread = ones if working == "inverse" or fit.root is None else fit.root**2
    middle = fit.bread @ ((fit.x * spread[:, None]).T @ fit.x) @ fit.bread
    for members in rows:
        a = _adjustment(fit, members, spread[members], middle)
        adjusted.append(a)
        sums.append(fit.x[members].T @ (a @ fit.residuals[members]))
    load = np.array(sums)
    return SmallSample(fit, fit.bread @ load.T @ load @ fit.bread, adjusted, rows, spread)


def _adjustment(
    fit: Fit, members: np.ndarray, spread: FloatArray, middle: FloatArray
) -> FloatArray:
    """Return what makes the expected squares of a cluster's residuals those of its errors."""
    part, root = fit.x[members], np.sqrt(spread)
    hat = (part @ fit.bread @ part.T) * spread
    left = np.diag(spread) - hat - hat.T + part @ middle @ part.T
    inner = _inverse_root(left / np.outer(root, root))
    return np.asarray(root[:, None] * inner / root)


def _inverse_root(matrix: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(matrix)
    size = np.where(values > 1e-10, 1 / np.sqrt(np.maximum(values, 1e-10)), 0.0)
    return np.asarray((vectors * size) @ vectors.T)


def dummies(labels: ArrayLike) -> FloatArray:
    """Return one column for each label but the first."""
    values, codes = np.unique(np.asarray(labels), return_inverse=True)
    return np.asarray(codes[:, None] == np.arange(1, len(values)), np.float64)
