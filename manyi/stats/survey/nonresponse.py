"""Who did not answer, how much that may bias, and weights that make up for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.logistic import Logistic, logistic_rows
from manyi.stats.moments import FloatArray


@dataclass(frozen=True, eq=False)
class Propensity:
    """How likely each invited person was to answer, by what is known of everyone."""

    model: Logistic
    propensities: FloatArray
    answered: np.ndarray

    @property
    def r_indicator(self) -> float:
        """Return R = 1 - 2·S(ρ): 1 where all were equally likely to answer, 0 at worst
        (Schouten, Cobben & Bethlehem 2009)."""
        return 1 - 2 * float(self.propensities.std(ddof=1))

    @property
    def maximal_bias(self) -> float:
        """Return the greatest possible bias of a mean, in standard deviations of the answer."""
        return (1 - self.r_indicator) / (2 * float(self.answered.mean()))


def propensity_rows(x: ArrayLike, answered: ArrayLike) -> Propensity:
    """Fit who answered by logistic regression on what is known of all that were invited.

    `x` (n, p) brings its own constant; `answered` (n,) is 0 or 1. Each row is one invited
    person of equal weight.
    """
    known, there = np.asarray(x, np.float64), np.asarray(answered, np.float64)
    model = logistic_rows(known, there)
    return Propensity(model, model.predict(known), there)


@dataclass(frozen=True)
class Balance:
    """How alike the kinds of people were in answering: `r_indicator` as for `Propensity`,
    `variation` the variation coefficient of their rates, which bounds the bias of a mean in
    standard deviations of the answer."""

    r_indicator: float
    variation: float


def balance(answered: ArrayLike, population: ArrayLike) -> Balance:
    """Return how evenly the categories of one known variable answered, from their counts.

    Every category needs at least as many people as answers, and somebody has to have answered.
    """
    n, size = np.asarray(answered, np.float64), np.asarray(population, np.float64)
    rate, mean = n / size, n.sum() / size.sum()
    spread = float(np.sqrt((size * (rate - mean) ** 2).sum() / (size.sum() - 1)))
    return Balance(1 - 2 * spread, spread / mean)


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
