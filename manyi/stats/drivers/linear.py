"""Linear regression and key drivers from cross moments: no rows are needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.coefficients import Coefficients
from manyi.stats.cross import CrossMoments, coarser, correlations
from manyi.stats.drivers import importance
from manyi.stats.errors import ByCustomer
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note

_MANY = 16
Measure = Literal["lmg", "pmvd"]


@dataclass(frozen=True, eq=False)
class Regression(Coefficients):
    """A least-squares fit: coefficients (constant first), their covariance, and R² in percent."""

    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    r2: Estimate
    df: float
    n: int

    @property
    def adjusted_r2(self) -> Estimate:
        """Return R² less what chance makes of so many variables."""
        free = self.n - len(self.coefficients)
        wide = (self.n - 1) / free
        ends = [
            None if one is None else 100 - (100 - one) * wide
            for one in (self.r2.value, self.r2.low, self.r2.high)
        ]
        return replace(self.r2, value=ends[0], low=ends[1], high=ends[2])


def regress(cross: CrossMoments, outcome: str) -> Regression:
    """Return the regression of `outcome` on all other variables, with classical errors: for
    rows of equal weight and different customers (`by_customer` for all others)."""
    moments = _outcome_last(cross, outcome)
    products = moments.products
    xx, xy, yy = products[:-1, :-1], products[:-1, -1], float(products[-1, -1])
    beta = np.asarray(np.linalg.lstsq(xx, xy, rcond=None)[0], np.float64)
    df = moments.n - len(beta)
    residual = max(yy - float(beta @ xy), 0.0)
    total = yy - float(products[0, -1]) ** 2 / float(products[0, 0])
    covariance = np.asarray(residual / df * np.linalg.pinv(xx), np.float64)
    r2 = _explained(1 - residual / total, moments.n, len(beta) - 1)
    return Regression(("", *moments.names[:-1]), beta, covariance, r2, float(df), moments.n)


def _explained(r2: float, n: int, k: int) -> Estimate:
    """Return R² with Olkin and Finn's error (1995), in percent."""
    square = 4 * r2 * (1 - r2) ** 2 * (n - k - 1) ** 2 / ((n**2 - 1) * (n + 3))
    ends = intervals.around(r2, math.sqrt(max(square, 0.0)), intervals.normal_quantile(0.95))
    low, high = intervals.clip(ends, 0.0, 1.0)
    return Estimate(100 * r2, 100 * low, 100 * high, 0.95, n, float(n), None, "olkin_finn")


def by_customer(fit: Regression, cross: CrossMoments, outcome: str) -> Regression:
    """Return the same fit with errors from leaving out groups of customers in turn."""
    moments = _outcome_last(cross, outcome)
    products = moments.deleted()
    xx, xy = products[:, :-1, :-1], products[:, :-1, -1]
    betas = (np.linalg.pinv(xx, hermitian=True) @ xy[..., None])[..., 0]
    away, g = betas - betas.mean(axis=0), len(betas)
    covariance = np.asarray((g - 1) / g * away.T @ away, np.float64)
    r2s = np.array([importance.r2(one) for one in correlations(products)])
    whole = importance.r2(correlations(moments.products))
    r2 = ByCustomer(moments).estimate(100 * whole, 100 * r2s, bounds=(0.0, 100.0))
    return replace(fit, covariance=covariance, df=float(g - 1), r2=r2)


@dataclass(frozen=True)
class Driver:
    """One driver: its share of all that is explained (percent), its standardised weight, its
    correlation, how much it says that others say (`vif`), its mean, and the ranks it may have."""

    name: str
    importance: Estimate
    beta: Estimate
    correlation: Estimate
    vif: Estimate
    mean: Estimate
    rank: tuple[int, int]


@dataclass(frozen=True)
class Drivers:
    """The drivers from most to least important, and the percentage of variance explained."""

    drivers: tuple[Driver, ...]
    r2: Estimate
    warnings: tuple[Note, ...]


def key_drivers(
    cross: CrossMoments, outcome: str, *, measure: Measure = "lmg", level: float = 0.95
) -> Drivers:
    """Return LMG (or PMVD) shares with grouped-jackknife intervals and rank intervals.

    At most 20 drivers (Problem("too_many_drivers") beyond); from 17 on the jackknife takes
    16 groups, which is quicker. A rank interval counts the drivers that are surely above and
    surely below: two drivers whose difference may be 0 may change places.
    Percentiles of bootstrapped ranks (`lmg_bootstrap_rows`) need rows and say the same: of 100
    draws of four near drivers either interval held 99.5 % of the true ranks, 2.1 and 1.9 wide.
    """
    if len(cross.names) - 1 > importance.MOST_EXACT:
        raise Problem("too_many_drivers", most=importance.MOST_EXACT)
    moments = _outcome_last(cross, outcome)
    if len(cross.names) - 1 > _MANY:
        moments = coarser(moments)
    whole = correlations(moments.products)
    parts = np.moveaxis(correlations(moments.deleted()), 0, -1)
    shares, deleted = _shares(whole[:, :, None], measure)[:, 0], _shares(parts, measure)
    beta = importance.std_beta(whole)
    betas = np.stack([importance.std_beta(parts[:, :, g]) for g in range(parts.shape[2])], axis=-1)
    jackknife = ByCustomer(moments, level=level)
    ranks = _ranks(jackknife, shares, deleted)
    vifs = importance.vif(whole)
    inflated = np.stack([importance.vif(parts[:, :, g]) for g in range(parts.shape[2])], axis=-1)
    means, means_deleted = moments.means, _means(moments.deleted())
    found = [
        Driver(
            name,
            jackknife.estimate(shares[at], deleted[at], bounds=(-math.inf, 100.0)),
            jackknife.estimate(beta[at], betas[at]),
            jackknife.estimate(float(whole[at, -1]), parts[at, -1], on="fisher"),
            jackknife.estimate(vifs[at], inflated[at], bounds=(1.0, math.inf)),
            jackknife.estimate(means[at], means_deleted[at]),
            ranks[at],
        )
        for at, name in enumerate(moments.names[:-1])
    ]
    found.sort(key=lambda driver: -(driver.importance.value or 0.0))
    r2s = np.array([importance.r2(parts[:, :, g]) for g in range(parts.shape[2])])
    r2 = jackknife.estimate(100 * importance.r2(whole), 100 * r2s, bounds=(0.0, 100.0))
    return Drivers(tuple(found), r2, _warnings(vifs, importance.condition(whole)))


def _means(products: FloatArray) -> FloatArray:
    return np.asarray((products[:, 0, 1:] / products[:, :1, 0]).T)


def _shares(many: FloatArray, measure: Measure) -> FloatArray:
    of = importance.lmg_in_blocks if measure == "lmg" else importance.pmvd_in_blocks
    gains = of(many)
    return np.asarray(100 * gains / np.maximum(gains.sum(axis=0), 1e-12))


def _warnings(vifs: FloatArray, condition: float) -> tuple[Note, ...]:
    if float(vifs.max(initial=0)) > 5 or condition > 30:
        return (Note("drivers_alike", {"vif": round(float(vifs.max()), 1)}),)
    return ()


def _ranks(errors: ByCustomer, values: FloatArray, deleted: FloatArray) -> list[tuple[int, int]]:
    sure = np.zeros((len(values), len(values)), bool)
    for a in range(len(values)):
        for b in range(len(values)):
            gap = values[a] - values[b]
            sure[a, b] = gap > errors.quantile * errors.se(deleted[a] - deleted[b]) > 0
    above, below = sure.sum(axis=0), sure.sum(axis=1)
    return [(1 + int(u), len(values) - int(d)) for u, d in zip(above, below, strict=True)]


def _outcome_last(cross: CrossMoments, outcome: str) -> CrossMoments:
    at = cross.names.index(outcome)
    order = [i for i in range(len(cross.names)) if i != at] + [at]
    index = [0, *(i + 1 for i in order)]
    by_group = cross.by_group[:, index][:, :, index]
    return CrossMoments(tuple(cross.names[i] for i in order), cross.n, cross.sum_w2, by_group)


def driver_correlations(cross: CrossMoments, outcome: str) -> FloatArray:
    """Return the correlation matrix with the outcome last, for the kernels of importance."""
    return correlations(_outcome_last(cross, outcome).products)


def vif_of(covariance: FloatArray) -> FloatArray:
    """Return variance inflation from the covariance of a model's coefficients (constant first),
    which serves logistic models too."""
    inner = covariance[1:, 1:]
    sd = np.sqrt(np.diag(inner))
    return np.asarray(np.diag(np.linalg.inv(inner / np.outer(sd, sd))))
