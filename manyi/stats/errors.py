"""The error of any statistic of a covariance matrix, in three ways that read alike.

A statistic takes covariances (B, p, p) to its values (B, k), for many matrices at once; each
way hands back k estimates:

- `NormalTheory` needs only the matrix: var = 2·tr(G S G S)/(n - 1), G the slope of the
  statistic, as for answers that are normally distributed and of different people;
- `ByCustomer` leaves out 64 groups of customers in turn; it knows weights and people who
  answered again, and supposes no distribution;
- `Bootstrap` draws whole customers; its percentiles need no symmetry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.cross import CrossMoments, covariances
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note

Statistic = Callable[[FloatArray], FloatArray]
On = Literal["plain", "fisher", "unlike"]
"""The scale on which an interval is symmetric: as it is, atanh for correlations, -log(1 - x)
for reliabilities."""
_STEP = 1e-4


def _plain(x: FloatArray) -> FloatArray:
    return x


def _unlike(x: FloatArray) -> FloatArray:
    return np.asarray(-np.log1p(-x))


def _alike(y: FloatArray) -> FloatArray:
    return np.asarray(-np.expm1(-y))


_SCALES: dict[On, tuple[Statistic, Statistic]] = {
    "plain": (_plain, _plain),
    "fisher": (lambda x: np.asarray(np.arctanh(x)), lambda y: np.asarray(np.tanh(y))),
    "unlike": (_unlike, _alike),
}


class Errors(Protocol):
    """What a statistic is told from, and how its error is found."""

    @property
    def level(self) -> float:
        """Return how often the intervals hold the truth."""

    @property
    def covariance(self) -> FloatArray:
        """Return the covariance (p, p) of all."""

    def estimates(self, statistic: Statistic, *, on: On = "plain") -> list[Estimate]:
        """Return each value of the statistic with its interval."""


@dataclass(frozen=True, eq=False)
class NormalTheory:
    """Errors from the covariance (p, p) of n people alone, as if answers were normal."""

    covariance: FloatArray
    n: int
    level: float = 0.95

    def estimates(self, statistic: Statistic, *, on: On = "plain") -> list[Estimate]:
        """Return each value of the statistic with the interval of its slope."""
        to, back = _SCALES[on]
        slopes = self._slopes(lambda many: to(statistic(many)))
        moved = slopes @ self.covariance
        variance = 2 * np.einsum("kij,kji->k", moved, moved) / (self.n - 1)
        middle = to(statistic(self.covariance[None])[0])
        reach = intervals.normal_quantile(self.level) * np.sqrt(variance)
        ends = zip(back(middle), back(middle - reach), back(middle + reach), strict=True)
        n = float(self.n)
        return [
            Estimate(*_known(*one), self.level, self.n, n, None, "normal_theory") for one in ends
        ]

    def _slopes(self, statistic: Statistic) -> FloatArray:
        s = self.covariance
        p, sd = len(s), np.sqrt(np.diag(s))
        rows, columns = np.tril_indices(p)
        steps = np.zeros((len(rows), p, p))
        at = np.arange(len(rows))
        size = _STEP * sd[rows] * sd[columns]
        steps[at, rows, columns] = size
        steps[at, columns, rows] = size
        moved = statistic(np.concatenate([s + steps, s - steps]))
        slope = (moved[: len(rows)] - moved[len(rows) :]) / (2 * size[:, None])
        slope[rows != columns] /= 2
        found = np.zeros((slope.shape[1], p, p))
        found[:, rows, columns] = slope.T
        found[:, columns, rows] = slope.T
        return found


def _known(value: float, low: float, high: float) -> tuple[float, float | None, float | None]:
    """Return plain numbers; an end that could not be told is None."""
    told = math.isfinite(low) and math.isfinite(high)
    return float(value), float(low) if told else None, float(high) if told else None


class ByCustomer:
    """Errors of any statistic of cross moments, from its values without each customer group."""

    def __init__(self, moments: CrossMoments, *, level: float = 0.95) -> None:
        self.moments, self.level = moments, level
        self.groups = int(moments.filled.sum())
        self.quantile = intervals.t_quantile(level, max(self.groups - 1, 1))

    @property
    def covariance(self) -> FloatArray:
        return covariances(self.moments.products)

    def estimates(self, statistic: Statistic, *, on: On = "plain") -> list[Estimate]:
        """Return each value of the statistic with its jackknife interval."""
        value = statistic(self.covariance[None])[0]
        if self.groups < 2:
            return [self.estimate(float(one), np.array([]), on=on) for one in value]
        parts = statistic(covariances(self.moments.deleted()))
        return [self.estimate(v, d, on=on) for v, d in zip(value.tolist(), parts.T, strict=True)]

    def se(self, deleted: FloatArray) -> float:
        """Return the error of a value from what it is without each group (groups,)."""
        g = self.groups
        return math.sqrt((g - 1) / g * float(((deleted - deleted.mean()) ** 2).sum()))

    def estimate(
        self,
        value: float,
        deleted: FloatArray,
        *,
        bounds: tuple[float, float] = (-math.inf, math.inf),
        on: On = "plain",
    ) -> Estimate:
        """Return one value with its interval, cut to `bounds`; none of fewer than two groups."""
        level, n, voices = self.level, self.moments.n, self.moments.n_effective
        if self.groups < 2 or not (math.isfinite(value) and np.isfinite(deleted).all()):
            few = (Note("few_customers", {"customers": self.groups}),) if self.groups < 2 else ()
            return Estimate(float(value), None, None, level, n, voices, None, "jackknife", few)
        to, back = _SCALES[on if self._fits(value, deleted, on) else "plain"]
        reach = self.quantile * self.se(to(deleted))
        low, high = back(to(np.array([value])) + np.array([-reach, reach])).tolist()
        ends, df = intervals.clip(intervals.Interval(low, high), *bounds), float(self.groups - 1)
        return Estimate(float(value), *ends, level, n, voices, df, "jackknife")

    def _fits(self, value: float, deleted: FloatArray, on: On) -> bool:
        """Return whether no value lies where the scale has no room."""
        most = max(value, float(deleted.max()))
        least = min(value, float(deleted.min()))
        return on == "plain" or (most < 1 and (on == "unlike" or least > -1))


class Bootstrap:
    """Errors of any statistic of covariances, from draws of whole customers.

    `items` (n, p) lose the rows with a gap; the same seed gives the same result.
    """

    def __init__(
        self,
        items: ArrayLike,
        *,
        rng: np.random.Generator,
        draws: int = 400,
        weights: ArrayLike | None = None,
        cluster: ArrayLike | None = None,
        level: float = 0.95,
    ) -> None:
        x = np.asarray(items, np.float64)
        there = ~np.isnan(x).any(axis=1)
        w = None if weights is None else np.asarray(weights, np.float64)[there]
        ids = None if cluster is None else np.asarray(cluster)[there]
        self.level, self.n = level, int(there.sum())
        self._products, self._p = person_products(x[there], w, ids)
        self.covariance = covariances_of(self._products.sum(axis=0)[None], self._p)[0]
        self.drawn = np.concatenate(
            [
                covariances_of(counts @ self._products, self._p)
                for counts in draw_counts(rng, len(self._products), draws)
            ]
        )

    def estimates(self, statistic: Statistic, *, on: On = "plain") -> list[Estimate]:
        """Return each value of the statistic with its percentile interval; percentiles do not
        ask on which scale."""
        found = statistic(self.covariance[None])[0]
        ends = np.percentile(
            statistic(self.drawn), [50 * (1 - self.level), 50 * (1 + self.level)], axis=0
        )
        people = float(len(self._products))
        return [
            Estimate(*_known(*one), self.level, self.n, people, None, "bootstrap")
            for one in zip(found.tolist(), *ends.tolist(), strict=True)
        ]


def draw_counts(
    rng: np.random.Generator, units: int, draws: int, block: int = 500
) -> Iterator[FloatArray]:
    """Yield how often each unit is drawn (up to `block` draws, units)."""
    for start in range(0, draws, block):
        size = min(block, draws - start)
        picked = rng.integers(0, units, (size, units)) + units * np.arange(size)[:, None]
        counted = np.bincount(picked.ravel(), minlength=size * units)
        yield counted.reshape(size, units).astype(np.float64)


def person_products(
    x: FloatArray, weights: FloatArray | None, cluster: np.ndarray | None
) -> tuple[FloatArray, int]:
    """Return for each person the weighted items, products of two, and the weight; and p."""
    away = x - x.mean(axis=0)
    p = x.shape[1]
    upper = np.triu_indices(p)
    products = np.column_stack([away, away[:, upper[0]] * away[:, upper[1]], np.ones(len(x))])
    if weights is not None:
        products *= weights[:, None]
    if cluster is None:
        return products, p
    ids = np.unique(cluster, return_inverse=True)[1]
    summed = np.zeros((int(ids.max()) + 1, products.shape[1]))
    np.add.at(summed, ids, products)
    return summed, p


def covariances_of(sums: FloatArray, p: int) -> FloatArray:
    """Return the covariances (B, p, p) of summed products of people (B, …)."""
    sums = sums / sums[:, -1:]
    upper = np.triu_indices(p)
    found = np.zeros((len(sums), p, p))
    found[:, upper[0], upper[1]] = sums[:, p:-1]
    found[:, upper[1], upper[0]] = sums[:, p:-1]
    return np.asarray(found - sums[:, :p, None] * sums[:, None, :p])
