"""What moves an outcome when lines may bend and items may work together: boosted trees.

Each forecast is taken apart into what every item added (exact Shapley values); an item matters
as much as it moves forecasts on average. Items that say the same thing share their importance,
so that this ranks and shows shapes; it does not prove a cause.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate, Note
from manyi.stats.trees.boosting import Growth
from manyi.stats.trees.folds import Folds, by_customer, fit_in_folds
from manyi.stats.trees.shapes import Moving, moving
from manyi.stats.trees.splits import splits_of

_FOLDS = 20
_FEW_FOLDS = 10
_MANY = 5_000
_ALIKE = 5.0


@dataclass(frozen=True)
class TreeDrivers:
    """The items from most to least important; how much of the outcome's variance the trees (`r2`)
    and straight lines (`linear_r2`) tell of customers that they have not seen, and the first
    less the second (`gain`), in per cent; below 0 the mean would have forecast better."""

    drivers: tuple[Moving, ...]
    r2: Estimate
    linear_r2: Estimate
    gain: Estimate
    rounds: int
    warnings: tuple[Note, ...]


def tree_drivers_rows(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rng: np.random.Generator,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    codes: Sequence[int] = (),
    growth: Growth | None = None,
    level: float = 0.95,
) -> TreeDrivers:
    """Return what moves y (n,) among the columns of x (n, p), by gradient boosted trees.

    Blanks (NaN) in x stay blanks; rows without y are left out. Customers (`cluster`) are kept
    whole in twenty groups (ten from five thousand rows on): each group is forecast by what the
    others taught, and intervals come from leaving out each in turn. `codes` are the columns
    whose values are names. Lines take blanks at the mean.
    """
    table, outcome = np.asarray(x, np.float64), np.asarray(y, np.float64)
    there = ~np.isnan(outcome)
    table, outcome = table[there], outcome[there]
    n = len(outcome)
    w = np.ones(n) if weights is None else np.asarray(weights, np.float64)[there]
    w = w * n / w.sum()
    ids = np.arange(n) if cluster is None else np.asarray(cluster)[there]
    people = np.unique(ids, return_inverse=True)[1]
    folds = by_customer(people, folds=_FOLDS if n < _MANY else _FEW_FOLDS, rng=rng)
    fitted = fit_in_folds(
        splits_of(table, codes=codes),
        table,
        outcome,
        w,
        folds,
        loss="squared",
        growth=growth or usual(n),
    )
    n_effective = min(float(w.sum() ** 2 / (w @ w)), float(people.max() + 1))
    judge = _Judge(outcome, w, people, folds, n_effective, level)
    lines = _lines(table, outcome, w, folds, codes)
    r2 = judge.explained(fitted.told)
    found = moving(fitted, table, codes=codes, n_effective=n_effective, level=level)
    return TreeDrivers(
        found,
        r2,
        judge.explained(lines),
        judge.gain(fitted.told, lines),
        fitted.rounds,
        _warnings(r2, table, codes),
    )


def usual(n: int) -> Growth:
    """Return how trees grow on n rows: leaves of at least five and at most fifty of them."""
    return Growth(least=float(np.clip(n / 50, 5, 50)))


@dataclass(frozen=True, eq=False)
class _Judge:
    y: FloatArray
    weights: FloatArray
    people: IntArray
    folds: Folds
    n_effective: float
    level: float

    @property
    def means(self) -> FloatArray:
        """Return for each row the mean of those that its judge had seen."""
        seen = self.folds.learns * self.weights
        return np.asarray(((seen @ self.y) / seen.sum(axis=1))[self.folds.judge])

    def explained(self, told: FloatArray) -> Estimate:
        """Return 100·(1 - errors² / those of the mean), with an interval over customers."""
        errors = self.weights * (self.y - told) ** 2
        return self._ratio(self.weights * (self.y - self.means) ** 2 - errors)

    def gain(self, told: FloatArray, other: FloatArray) -> Estimate:
        return self._ratio(self.weights * ((self.y - other) ** 2 - (self.y - told) ** 2))

    def _ratio(self, above: FloatArray) -> Estimate:
        below = self.weights * (self.y - self.means) ** 2
        whole = max(float(below.sum()), 1e-300)
        value = float(above.sum()) / whole
        pulls = np.bincount(self.people, above - value * below) / whole
        df = float(len(pulls) - 1)
        se = math.sqrt(float(pulls @ pulls) * (df + 1) / df)
        ends = intervals.around(100 * value, 100 * se, intervals.t_quantile(self.level, df))
        n = len(self.y)
        return Estimate(100 * value, *ends, self.level, n, self.n_effective, df, "cross_validation")


def _lines(
    x: FloatArray, y: FloatArray, w: FloatArray, folds: Folds, codes: Sequence[int]
) -> FloatArray:
    """Return what a straight line tells of each row that it has not seen."""
    columns = [np.ones(len(y)), *_columns(x, codes)]
    design = np.column_stack(columns)
    told = np.full(len(y), np.nan)
    for model in range(1, len(folds.learns)):
        seen, judged = w * folds.learns[model], folds.judge == model
        weighted = design * seen[:, None]
        beta = np.linalg.lstsq(weighted.T @ design, weighted.T @ y, rcond=None)[0]
        told[judged] = design[judged] @ beta
    return told


def _columns(x: FloatArray, codes: Sequence[int]) -> list[FloatArray]:
    found = []
    for at in range(x.shape[1]):
        column = x[:, at]
        if at in codes:
            values = np.unique(column[~np.isnan(column)])
            found += [(column == value).astype(np.float64) for value in values[1:]]
        else:
            blank = np.isnan(column)
            found.append(np.where(blank, column[~blank].mean() if not blank.all() else 0, column))
    return found


def _warnings(r2: Estimate, x: FloatArray, codes: Sequence[int]) -> tuple[Note, ...]:
    found = [] if r2.low is not None and r2.low > 0 else [Note("trees_no_better")]
    moves = [one for one in _columns(x, codes) if np.ptp(one) > 0]
    if len(moves) > 1:
        largest = float(np.diag(np.linalg.pinv(np.corrcoef(moves))).max())
        if largest > _ALIKE:
            found.append(Note("trees_alike", {"vif": round(largest, 1)}))
    return tuple(found)
