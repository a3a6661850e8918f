"""How much each variable moves the forecast, and which way at which of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate
from manyi.stats.trees.folds import Fitted
from manyi.stats.trees.jackknife import Jackknife
from manyi.stats.trees.shapley import shapley_values

MOST_VALUES = 11
GROUPS = 8


@dataclass(frozen=True)
class Step:
    """What the values from `low` to `high` (both None: no answer) add to the forecast, on
    average: `effect`, on the scale of the forecast (log odds for an outcome of 0 and 1)."""

    low: float | None
    high: float | None
    effect: Estimate


@dataclass(frozen=True)
class Moving:
    """A variable at place `at`: the mean size of what it adds to forecasts (`importance`), the
    places that it may have among all, and its steps from the lowest value up."""

    at: int
    importance: Estimate
    rank: tuple[int, int]
    steps: tuple[Step, ...]


def moving(
    fitted: Fitted, x: FloatArray, *, codes: Sequence[int] = (), n_effective: float, level: float
) -> tuple[Moving, ...]:
    """Return every variable, the most important first, with jackknife intervals from the models
    without each group of customers."""
    p = x.shape[1]
    binned = [_values(x[:, at], is_code=at in codes) for at in range(p)]
    sizes = [len(ends) for _, ends in binned]
    found = np.array([_statistics(fitted, binned, m) for m in range(len(fitted.weights))])
    errors = Jackknife(found[0], found[1:], len(x), n_effective, level)
    ranks = errors.ranks(p)
    starts = p + np.concatenate([[0], np.cumsum(sizes)])
    told = []
    for at, (group, ends) in enumerate(binned):
        count = np.bincount(group, minlength=len(ends))
        steps = tuple(
            Step(low, high, errors.estimate(int(starts[at]) + place, n=int(count[place])))
            for place, (low, high) in enumerate(ends)
        )
        told.append(Moving(at, errors.estimate(at, low=0.0), ranks[at], steps))
    return tuple(sorted(told, key=lambda one: -(one.importance.value or 0.0)))


Ends = list[tuple[float | None, float | None]]


def _values(column: FloatArray, *, is_code: bool) -> tuple[IntArray, Ends]:
    """Return the group of each row and the ends of the groups, blanks last."""
    blank = np.isnan(column)
    given = column[~blank]
    values = np.unique(given)
    if is_code or len(values) <= MOST_VALUES:
        group = np.searchsorted(values, column)
        ends: Ends = [(one, one) for one in values.tolist()]
    else:
        cuts = np.unique(np.quantile(given, np.linspace(0, 1, GROUPS + 1)[1:-1]))
        group = np.unique(np.searchsorted(cuts, given, side="left"), return_inverse=True)[1]
        ends = [(given[group == g].min(), given[group == g].max()) for g in range(group.max() + 1)]
        ends = [(float(low or 0.0), float(high or 0.0)) for low, high in ends]
        whole = np.zeros(len(column), np.int64)
        whole[~blank] = group
        group = whole
    if blank.any():
        group = np.where(blank, len(ends), group)
        ends.append((None, None))
    return group.astype(np.int64), ends


def _statistics(fitted: Fitted, binned: list[tuple[IntArray, Ends]], model: int) -> FloatArray:
    """Return the mean size of each variable's part, then the mean part of each of its values."""
    values = shapley_values(fitted.boosted, fitted.left, model).values
    weights = fitted.weights[model]
    kinds = np.bincount(fitted.rows, minlength=len(weights))
    each = (weights / kinds)[fitted.rows]
    found = [weights @ np.abs(values) / weights.sum()]
    for at, (group, ends) in enumerate(binned):
        mass = np.bincount(group, each, len(ends))
        sums = np.bincount(group, each * values[fitted.rows, at], len(ends))
        found.append(sums / np.maximum(mass, 1e-300))
    return np.concatenate(found)
