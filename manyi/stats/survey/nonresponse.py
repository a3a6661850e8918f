"""Who did not answer, how much that may bias, and weights that make up for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.logistic import Logistic, logistic_rows
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class Propensity:
    """How likely each invited person was to answer, by what is known of everyone."""

    model: Logistic
    x: FloatArray
    propensities: FloatArray
    answered: np.ndarray

    def r_indicator(self, *, level: float = 0.95) -> Estimate:
        """Return R = 1 - 2·S(ρ): 1 where all were equally likely to answer, 0 at worst
        (Schouten, Cobben & Bethlehem 2009). Its error is that of the fitted model."""
        _, slope = self._spread()
        value = 1 - 2 * self._spread()[0]
        return _delta(value, 2 * self._se(slope), self.model.n, level, (0.0, 1.0))

    def maximal_bias(self, *, level: float = 0.95) -> Estimate:
        """Return the greatest possible bias of a mean, in standard deviations of the answer."""
        (spread, slope), mean = self._spread(), float(self.answered.mean())
        own = self.propensities * (1 - self.propensities)
        middle = (own[:, None] * self.x).mean(axis=0)
        se = self._se(slope / mean - spread / mean**2 * middle)
        return _delta(spread / mean, se, self.model.n, level, (0.0, math.inf))

    def _spread(self) -> tuple[float, FloatArray]:
        """Return S(ρ), and how it moves with the coefficients."""
        spread = float(self.propensities.std(ddof=1))
        own = self.propensities * (1 - self.propensities)
        away = (self.propensities - self.propensities.mean()) / max(spread, 1e-12)
        return spread, np.asarray((away * own) @ self.x / (len(own) - 1))

    def _se(self, slope: FloatArray) -> float:
        return math.sqrt(max(float(slope @ self.model.covariance @ slope), 0.0))


def _delta(
    value: float, se: float, n: float, level: float, bounds: tuple[float, float]
) -> Estimate:
    ends = intervals.around(value, se, intervals.normal_quantile(level))
    return Estimate(value, *intervals.clip(ends, *bounds), level, int(n), float(n), None, "delta")


def propensity_unweighted_rows(x: ArrayLike, answered: ArrayLike) -> Propensity:
    """Fit who answered by logistic regression on what is known of all that were invited.

    `x` (n, p) brings its own constant; `answered` (n,) is 0 or 1. Each row is one invited
    person of equal weight.
    """
    known, there = np.asarray(x, np.float64), np.asarray(answered, np.float64)
    model = logistic_rows(known, there)
    return Propensity(model, known, model.predict(known), there)


@dataclass(frozen=True)
class Balance:
    """How alike the kinds of people were in answering: `r_indicator` as for `Propensity`,
    `variation` the variation coefficient of their rates, which bounds the bias of a mean in
    standard deviations of the answer."""

    r_indicator: Estimate
    variation: Estimate


def balance_counts(answered: ArrayLike, population: ArrayLike, *, level: float = 0.95) -> Balance:
    """Return how evenly the categories of one known variable answered, from their counts.

    Every category needs at least as many people as answers, and somebody has to have answered.
    """
    n, size = np.asarray(answered, np.float64), np.asarray(population, np.float64)
    rate, mean = n / size, n.sum() / size.sum()
    spread = float(np.sqrt((size * (rate - mean) ** 2).sum() / (size.sum() - 1)))
    variance = rate * (1 - rate) / size
    pull = size * (rate - mean) / (size.sum() - 1)
    # Where all rates are one S has no slope: its error is at most that of their spread.
    even = math.sqrt(float(size @ variance) / (size.sum() - 1))
    se = math.sqrt(float(pull**2 @ variance)) / spread if spread > 1e-9 else even
    total = float(size.sum())
    return Balance(
        _delta(1 - 2 * spread, 2 * se, total, level, (0.0, 1.0)),
        _delta(spread / mean, se / mean, total, level, (0.0, math.inf)),
    )


def inverse_weights(found: Propensity, base: ArrayLike) -> FloatArray:
    """Return the weights of all rows: base/propensity for those who answered, else 0."""
    return np.asarray(np.asarray(base, np.float64) * found.answered / found.propensities)


@dataclass(frozen=True, eq=False)
class Classes:
    """Groups of like propensity: their `edges`, each row's group, and each group's factor."""

    edges: FloatArray
    group: np.ndarray
    factors: FloatArray
    weights: FloatArray


def weighting_classes(found: Propensity, base: ArrayLike, *, classes: int = 5) -> Classes:
    """Return weights that let those who answered stand for all of their propensity group.

    Groups are cut at quantiles; steadier than the inverse propensity itself, less exact.
    """
    d = np.asarray(base, np.float64)
    edges = np.quantile(found.propensities, np.linspace(0, 1, classes + 1))
    group = np.clip(np.searchsorted(edges, found.propensities, side="left") - 1, 0, classes - 1)
    all_of = np.bincount(group, weights=d, minlength=classes)
    there = np.bincount(group, weights=d * found.answered, minlength=classes)
    factors = np.divide(all_of, there, out=np.ones(classes), where=there > 0)
    return Classes(edges, group, factors, np.asarray(d * found.answered * factors[group]))
