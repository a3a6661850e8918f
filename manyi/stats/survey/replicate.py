"""Replicate weights: errors of any statistic, however it was worked out, by doing it again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate
from manyi.stats.survey.design import Design
from manyi.stats.survey.rake import Margin, rake_rows


@dataclass(frozen=True, eq=False)
class Replicates:
    """Weights (n, R) to repeat a statistic with, how much each repetition's distance counts
    (R,), and the degrees of freedom. Calibrate every column like the weights themselves."""

    weights: FloatArray
    scales: FloatArray
    df: int

    def covariance(self, repeated: ArrayLike, value: ArrayLike) -> FloatArray:
        """Return the covariance (q, q) from the statistic's repetitions (R, q) or (R,) about
        its `value` with the full weights."""
        away = np.asarray(repeated, np.float64) - np.asarray(value, np.float64)
        away = away[:, None] if away.ndim == 1 else away
        return np.asarray((away * self.scales[:, None]).T @ away)

    def reweighted(self, calibrate: Callable[[FloatArray], FloatArray]) -> Replicates:
        """Return the replicates with each column calibrated anew, as honest errors of raked
        weights need: `calibrate` turns weights (n,) into weights (n,)."""
        columns = [calibrate(self.weights[:, at]) for at in range(self.weights.shape[1])]
        return Replicates(np.column_stack(columns), self.scales, self.df)

    def estimate(
        self,
        statistic: Callable[[FloatArray], float],
        weights: ArrayLike,
        *,
        level: float = 0.95,
    ) -> Estimate:
        """Return any statistic of weights (n,) -> number with its t interval."""
        w = np.asarray(weights, np.float64)
        value = float(statistic(w))
        repeated = [statistic(self.weights[:, at]) for at in range(self.weights.shape[1])]
        se = math.sqrt(float(self.covariance(repeated, value)[0, 0]))
        ends = intervals.around(value, se, intervals.t_quantile(level, max(self.df, 1)))
        n_effective = float(w.sum() ** 2 / (w @ w))
        return Estimate(value, *ends, level, len(w), n_effective, float(self.df), "replicates")


def raked_jackknife_rows(
    design: Design, codes: ArrayLike, margins: Sequence[Margin]
) -> tuple[FloatArray, Replicates]:
    """Return the raked weights (n,) and jackknife replicates that were each raked again."""
    levels = np.asarray(codes)

    def raked(weights: FloatArray) -> FloatArray:
        used = weights > 0
        found = np.zeros(len(weights))
        factors = rake_rows(levels[used], weights[used], margins).factors
        found[used] = weights[used] * factors
        return found

    return raked(design.weights), jackknife_rows(design).reweighted(raked)


def jackknife_rows(design: Design) -> Replicates:
    """Return the stratified jackknife (JKn): each cluster left out in turn, those left of its
    stratum weighing more. Raises Problem("lonely_cluster") for a stratum with one cluster."""
    clusters, strata, left = _clusters(design)
    sizes = np.bincount(strata)[strata]
    columns = np.empty((len(design.weights), len(clusters)))
    for at in range(len(clusters)):
        h = strata[at]
        factor = np.where(strata == h, sizes[at] / (sizes[at] - 1), 1.0)
        factor[at] = 0.0
        columns[:, at] = design.weights * factor[np.searchsorted(clusters, design.psu)]
    return Replicates(columns, left * (sizes - 1) / sizes, design.df)


def bootstrap_rows(design: Design, *, rng: np.random.Generator, draws: int = 500) -> Replicates:
    """Return Rao and Wu's rescaled bootstrap (1988): of each stratum's m clusters, m - 1 are
    drawn with replacement. Finite populations are not made use of. Raises as the jackknife."""
    clusters, strata, _ = _clusters(design)
    factors = np.empty((len(clusters), draws))
    for h in np.unique(strata):
        here = np.flatnonzero(strata == h)
        m = len(here)
        drawn = rng.multinomial(m - 1, np.full(m, 1 / m), size=draws).T
        factors[here] = drawn * (m / (m - 1))
    columns = design.weights[:, None] * factors[np.searchsorted(clusters, design.psu)]
    return Replicates(columns, np.full(draws, 1 / draws), design.df)


def _clusters(design: Design) -> tuple[np.ndarray, np.ndarray, FloatArray]:
    """Return each cluster's code and stratum, and what is left of the variance in it."""
    clusters, first = np.unique(design.psu, return_index=True)
    strata = np.unique(design.strata[first], return_inverse=True)[1]
    sizes = np.bincount(strata)[strata]
    if sizes.min() < 2:
        raise Problem("lonely_cluster")
    if design.fpc is None:
        return clusters, strata, np.ones(len(clusters))
    return clusters, strata, np.asarray(np.maximum(1 - sizes / design.fpc[first], 0.0))
