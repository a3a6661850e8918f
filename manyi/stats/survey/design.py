"""Linearised variances of a sample with strata, clusters and a finite population.

These functions need rows and say so in their names. Reference: Särndal, Swensson & Wretman,
Model Assisted Survey Sampling (1992); the results are those of R's survey package.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.moments import FloatArray, IntArray, Moments
from manyi.stats.result import Estimate, Note

LonelyPolicy = Literal["fail", "certainty", "centre", "average"]
Residuals = Literal["base", "plain"]
ShareMethod = Literal["logit", "likelihood", "beta", "asin", "mean"]


@dataclass(frozen=True, eq=False)
class Design:
    """How n rows were drawn: `weights` (n,), and for each row the code of its stratum and
    cluster (`psu`) and the number of clusters of its stratum in the population (`fpc`).

    `auxiliary` (n, p) and `base` (n,) are set after calibration: variables whose totals are
    known, and the weights their residuals are taken with. A stratum with a single cluster
    raises Problem("lonely_cluster"), adds nothing ("certainty"), is centred at the mean of all
    ("centre"), or adds as much as the other strata do on average ("average").
    """

    weights: FloatArray
    strata: IntArray
    psu: IntArray
    fpc: FloatArray | None = None
    auxiliary: FloatArray | None = None
    base: FloatArray | None = None
    lonely: LonelyPolicy = "fail"

    @property
    def df(self) -> int:
        """Return clusters less strata."""
        return len(np.unique(self.psu)) - len(np.unique(self.strata))

    def calibrated(
        self, weights: FloatArray, auxiliary: FloatArray, *, residuals: Residuals = "base"
    ) -> Design:
        """Return the design with weights that meet the known totals of `auxiliary`.

        Errors come from the residuals of a regression on it, with the weights before ("base",
        Deville & Särndal 1992) or without weights ("plain", as R's `rake` has it).
        """
        base = self.weights if residuals == "base" else np.ones(len(weights))
        return Design(weights, self.strata, self.psu, self.fpc, auxiliary, base, self.lonely)


def design_rows(
    weights: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    psu: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    lonely: LonelyPolicy = "fail",
) -> Design:
    """Return a design from row arrays; codes may be of any type, and each row is its own
    cluster where none are given. Clusters are nested in strata."""
    w = np.asarray(weights, np.float64)
    h = np.zeros(len(w), np.int64) if strata is None else _codes(strata)
    if psu is None:
        c = np.arange(len(w))
    else:
        inner = _codes(psu)
        c = _codes(h * (int(inner.max()) + 1) + inner)
    population = None if fpc is None else np.asarray(fpc, np.float64)
    return Design(w, h, c, population, lonely=lonely)


def _codes(labels: ArrayLike) -> IntArray:
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, eq=False)
class Linear:
    """Several estimates of one sample: `values` (q,), `covariance` (q, q), df, and for each
    the design effect against simple random sampling (None where it is not defined)."""

    values: FloatArray
    covariance: FloatArray
    df: float
    n: int
    deff: FloatArray | None = None

    @property
    def se(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def estimate(self, at: int = 0, *, level: float = 0.95) -> Estimate:
        """Return one of them with its t interval."""
        value, se = float(self.values[at]), float(self.se[at])
        ends = intervals.around(value, se, intervals.t_quantile(level, max(self.df, 1)))
        deff = 1.0 if self.deff is None else float(self.deff[at])
        n_effective = self.n / deff if deff > 0 else float(self.n)
        notes = () if self.df >= 10 else (Note("few_customers", {"customers": round(self.df + 1)}),)
        return Estimate(
            value, *ends, level, self.n, n_effective, float(self.df), "linearised", notes
        )

    def contrast(self, weights: ArrayLike) -> Linear:
        """Return Σ weights·values as a single estimate."""
        c = np.asarray(weights, np.float64)
        variance = np.array([[float(c @ self.covariance @ c)]])
        return Linear(np.array([float(c @ self.values)]), variance, self.df, self.n)


def covariance_rows(influence: FloatArray, design: Design) -> FloatArray:
    """Return the (q, q) covariance of Σ w·u from the influences u (n, q) of the rows."""
    u = influence
    if design.auxiliary is not None and design.base is not None:
        u = u - _fitted(design.auxiliary, u, design.base)
    z = u * design.weights[:, None]
    psu_of, first = np.unique(design.psu, return_index=True)
    order = np.argsort(design.psu, kind="stable")
    starts = np.searchsorted(design.psu[order], psu_of)
    totals = np.add.reduceat(z[order], starts, axis=0)
    strata = design.strata[first]
    fpc = None if design.fpc is None else design.fpc[first]
    covariance = np.zeros((z.shape[1], z.shape[1]))
    of, sizes = np.unique(strata, return_counts=True)
    for stratum in of:
        here = strata == stratum
        population = None if fpc is None else float(fpc[here][0])
        covariance += _stratum(totals[here], population, totals.mean(axis=0), design.lonely)
    many = int((sizes > 1).sum())
    return covariance * len(of) / many if design.lonely == "average" and many else covariance


def _stratum(
    totals: FloatArray, population: float | None, middle: FloatArray, lonely: LonelyPolicy
) -> FloatArray:
    n = len(totals)
    left = 1.0 if population is None else max(1 - n / population, 0.0)
    if n > 1:
        away = totals - totals.mean(axis=0)
        return np.asarray(left * n / (n - 1) * away.T @ away)
    if lonely == "fail" and left > 0:
        raise Problem("lonely_cluster")
    away = totals - (totals if lonely != "centre" else middle)
    return np.asarray(left * away.T @ away)


def _fitted(auxiliary: FloatArray, u: FloatArray, base: FloatArray) -> FloatArray:
    root = np.sqrt(base)[:, None]
    beta, *_ = np.linalg.lstsq(auxiliary * root, u * root, rcond=None)
    return np.asarray(auxiliary @ beta)


def mean_rows(y: ArrayLike, design: Design, *, domain: ArrayLike | None = None) -> Linear:
    """Return the means of the columns of `y` (n, q) or (n,), of the rows in `domain` only.

    Rows outside the domain still say how the sample was drawn.
    """
    columns = _columns(y)
    inside = np.ones(len(columns), bool) if domain is None else np.asarray(domain, bool)
    w = design.weights * inside
    total = float(w.sum())
    values = w @ columns / total
    u = np.where(inside[:, None], columns - values, 0.0) / total
    covariance = covariance_rows(u, design)
    n = int(inside.sum())
    deff = np.diag(covariance) / _srs(columns[inside], w[inside], values)
    return Linear(values, covariance, _domain_df(design, inside), n, np.asarray(deff))


def stratified_mean(
    strata: Sequence[Moments], sizes: Sequence[float], *, level: float = 0.95
) -> Estimate:
    """Return the mean of a population of strata of known `sizes`, from each one's answers.

    Within a stratum everybody was drawn with the same chance, without replacement. Raises
    Problem("lonely_cluster") where fewer than two of a stratum answered.
    """
    if any(one.count < 2 for one in strata):
        raise Problem("lonely_cluster")
    parts = [_stratum_mean(one, size) for one, size in zip(strata, sizes, strict=True)]
    shares = np.asarray(sizes, np.float64) / np.sum(sizes)
    means, variances, spreads = np.array(parts).T
    value, variance = float(shares @ means), float(shares**2 @ variances)
    n = sum(one.count for one in strata)
    df = n - len(strata)
    ends = intervals.around(value, math.sqrt(variance), intervals.t_quantile(level, df))
    alone = float(shares @ (spreads + (means - value) ** 2)) / n
    n_effective = n * alone / variance if variance > 0 else float(n)
    return Estimate(value, *ends, level, n, n_effective, df, "stratified", ())


def _stratum_mean(answers: Moments, size: float) -> tuple[float, float, float]:
    """Return a stratum's mean, the variance of that mean, and the variance of its answers."""
    n = answers.count
    mean = float(answers.n @ answers.values) / n
    spread = float(answers.n @ (answers.values - mean) ** 2) / (n - 1)
    return mean, max(1 - n / size, 0.0) * spread / n, spread


def _srs(y: FloatArray, w: FloatArray, values: FloatArray) -> FloatArray:
    """Return the variance of the means under simple random sampling without replacement."""
    n, total = len(y), float(w.sum())
    spread = w @ (y - values) ** 2 / total * n / max(n - 1, 1)
    left = (total - n) / total if total > n else 1.0
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(spread * left / n, 1e-300))


def _domain_df(design: Design, inside: np.ndarray) -> float:
    return float(len(np.unique(design.psu[inside])) - len(np.unique(design.strata[inside])))


def total_rows(y: ArrayLike, design: Design) -> Linear:
    """Return the population totals Σw·y of the columns of `y`."""
    columns = _columns(y)
    mean = mean_rows(columns, design)
    covariance = covariance_rows(columns, design)
    scale = float(design.weights.sum())
    srs = np.diag(mean.covariance) / (mean.deff if mean.deff is not None else 1.0) * scale**2
    deff = np.diag(covariance) / np.maximum(srs, 1e-300)
    return Linear(design.weights @ columns, covariance, mean.df, len(columns), np.asarray(deff))


def ratio_rows(above: ArrayLike, below: ArrayLike, design: Design) -> Linear:
    """Return Σw·above / Σw·below."""
    y, x = np.asarray(above, np.float64), np.asarray(below, np.float64)
    total = float(design.weights @ x)
    ratio = float(design.weights @ y) / total
    covariance = covariance_rows(((y - ratio * x) / total)[:, None], design)
    return Linear(np.array([ratio]), covariance, design.df, len(y))


def share_rows(
    marked: ArrayLike, design: Design, *, method: ShareMethod = "logit", level: float = 0.95
) -> Estimate:
    """Return the share in percent of rows that are marked, with a t interval on the scale
    that `method` names: logit, likelihood ratio, Korn and Graubard's beta, arcsine, or plain."""
    found = mean_rows(np.asarray(marked, np.float64), design)
    p, se = float(found.values[0]), float(found.se[0])
    quantile = intervals.t_quantile(level, max(found.df, 1))
    if 0 < p < 1 and se > 0:
        n_effective = p * (1 - p) / se**2
        ends = _share_ends(p, se, quantile, found.n, n_effective, method, level)
    else:
        # All agree: as many independent voices as there are clusters, and no more.
        n_effective = min(float(len(np.unique(design.psu))), _kish(design.weights))
        ends = intervals.clopper_pearson(p * n_effective, n_effective, level)
    return Estimate(
        100 * p, 100 * ends.low, 100 * ends.high, level, found.n, n_effective, found.df, method
    )


def _kish(weights: FloatArray) -> float:
    return float(weights.sum() ** 2 / (weights @ weights))


def _share_ends(
    p: float,
    se: float,
    quantile: float,
    n: int,
    n_effective: float,
    method: ShareMethod,
    level: float,
) -> intervals.Interval:
    if method == "logit":
        return intervals.logit(p, se, quantile)
    if method == "likelihood":
        return intervals.likelihood(p, n_effective * (n - 1) / n, quantile)
    if method == "beta":
        n_effective *= (intervals.t_quantile(level, n - 1) / quantile) ** 2
        return intervals.korn_graubard(p, n_effective, level)
    if method == "asin":
        middle, half = math.asin(math.sqrt(p)), quantile * se / (2 * math.sqrt(p * (1 - p)))
        low, high = max(middle - half, 0.0), min(middle + half, math.pi / 2)
        return intervals.Interval(math.sin(low) ** 2, math.sin(high) ** 2)
    return intervals.around(p, se, quantile)


def _columns(y: ArrayLike) -> FloatArray:
    columns = np.asarray(y, np.float64)
    return columns[:, None] if columns.ndim == 1 else columns
