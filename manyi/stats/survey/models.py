"""Regression and tests of tables that know how the sample was drawn (R's survey)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.coefficients import Coefficients
from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Test
from manyi.stats.survey.design import Design, covariance_rows, mean_rows


@dataclass(frozen=True, eq=False)
class SampleRegression(Coefficients):
    """Coefficients (k,), their linearised covariance, and df = clusters - strata + 1 - k."""

    coefficients: FloatArray
    covariance: FloatArray
    df: float
    n: int

    def wald(self, at: list[int]) -> tuple[float, int, float] | None:
        """Return F, its first df and p of "these coefficients are all 0"; None where too few
        clusters answered, or too alike, to tell."""
        beta = self.coefficients[at]
        inside = self.covariance[np.ix_(at, at)]
        if self.df <= 0 or np.linalg.matrix_rank(inside, hermitian=True) < len(at):
            return None
        f = float(beta @ np.linalg.solve(inside, beta)) / len(at)
        return f, len(at), float(special.fdtrc(len(at), self.df, f))


def linear_rows(x: ArrayLike, y: ArrayLike, design: Design) -> SampleRegression:
    """Fit y (n,) on x (n, k), which brings its own constant."""
    a, b, w = np.asarray(x, np.float64), np.asarray(y, np.float64), design.weights
    bread = np.linalg.inv((a * w[:, None]).T @ a)
    beta = np.asarray(bread @ (a.T @ (w * b)), np.float64)
    return _sample(beta, a * (b - a @ beta)[:, None] @ bread, design)


def logit_rows(x: ArrayLike, y: ArrayLike, design: Design) -> SampleRegression:
    """Fit a logistic model of y (0 or 1) on x (n, k), which brings its own constant."""
    a, b, w = np.asarray(x, np.float64), np.asarray(y, np.float64), design.weights
    beta = logistic_rows(a, b, w / w.mean()).coefficients
    for _ in range(3):
        p = special.expit(a @ beta)
        bread = np.linalg.inv((a * (w * p * (1 - p))[:, None]).T @ a)
        beta = np.asarray(beta + bread @ (a.T @ (w * (b - p))), np.float64)
    p = special.expit(a @ beta)
    return _sample(beta, a * (b - p)[:, None] @ bread, design)


def _sample(beta: FloatArray, influence: FloatArray, design: Design) -> SampleRegression:
    covariance = covariance_rows(np.asarray(influence, np.float64), design)
    return SampleRegression(beta, covariance, design.df + 1 - len(beta), len(influence))


def difference_test_rows(
    y: ArrayLike, group: ArrayLike, design: Design, *, level: float = 0.95
) -> Test:
    """Return the t test of the mean where `group` is true less where it is not."""
    marked = np.asarray(group, np.float64)
    fit = linear_rows(np.column_stack([np.ones(len(marked)), marked]), y, design)
    value, se = float(fit.coefficients[1]), float(fit.se[1])
    ends = intervals.around(value, se, intervals.t_quantile(level, fit.df))
    effect = Estimate(value, *ends, level, fit.n, float(fit.n), float(fit.df), "linearised")
    return Test(value / se, float(fit.p[1]), fit.df, effect, "linearised", fit.n)


@dataclass(frozen=True)
class RaoScott:
    """Rao and Scott's test of independence: F with its two df and p; Pearson's chi-square of
    the weighted table with its df and the p of the first-order correction."""

    f: float
    df: tuple[float, float]
    p: float
    chi_square: float
    chi_df: int
    chi_p: float


def independence_rows(one: ArrayLike, two: ArrayLike, design: Design) -> RaoScott:
    """Return the test that two labels of the rows are independent (Rao & Scott 1984)."""
    rows, r = np.unique(np.asarray(one), return_inverse=True)
    columns, c = np.unique(np.asarray(two), return_inverse=True)
    n, k = len(r), len(rows) * len(columns)
    cells = np.zeros((n, k))
    cells[np.arange(n), r * len(columns) + c] = 1.0
    found = mean_rows(cells, design)
    share = np.asarray(found.values)
    contrast = _interactions(len(rows), len(columns))
    back = np.diag(np.divide(1.0, share, out=np.zeros(k), where=share > 0))
    plain = contrast.T @ (back / n) @ contrast
    drawn = contrast.T @ back @ found.covariance @ back @ contrast
    delta = np.linalg.pinv(plain, hermitian=True) @ drawn
    trace = float(np.trace(delta))
    pearson = _pearson(share.reshape(len(rows), len(columns)), n)
    first = trace**2 / float(np.trace(delta @ delta))
    f, df = pearson / trace, (first, first * design.df)
    chi_df = (len(rows) - 1) * (len(columns) - 1)
    chi_p = float(special.chdtrc(chi_df, pearson / (trace / chi_df)))
    return RaoScott(f, df, float(special.fdtrc(*df, f)), pearson, chi_df, chi_p)


def _interactions(rows: int, columns: int) -> FloatArray:
    """Return contrasts of the cells that neither margin explains (cells, (r-1)(c-1))."""
    r, c = np.divmod(np.arange(rows * columns), columns)
    a = (r[:, None] == np.arange(1, rows)).astype(np.float64)
    b = (c[:, None] == np.arange(1, columns)).astype(np.float64)
    main = np.column_stack([np.ones(len(r)), a, b])
    both = (a[:, :, None] * b[:, None, :]).reshape(len(r), -1)
    fitted = main @ np.linalg.lstsq(main, both, rcond=None)[0]
    return np.asarray(both - fitted, np.float64)


def _pearson(share: FloatArray, n: int) -> float:
    expected = np.outer(share.sum(axis=1), share.sum(axis=0))
    gap = np.divide((share - expected) ** 2, expected, out=np.zeros_like(share), where=expected > 0)
    return n * float(gap.sum()) if math.isfinite(float(gap.sum())) else 0.0
