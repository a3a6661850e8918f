"""Who will leave, told from what customers said: boosted trees, judged on customers and times
that they have not seen, calibrated, and set beside satisfaction alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from manyi.kit.problems import Problem
from manyi.stats.churn.calibration import (
    Bin,
    Calibration,
    auc_gap_rows,
    auc_rows,
    calibration_curve_rows,
    calibration_rows,
)
from manyi.stats.churn.lift import Gain, Line, gains_rows, line_rows
from manyi.stats.churn.recalibration import Recalibrated, recalibrate_rows
from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate, Note
from manyi.stats.trees.boosting import Growth
from manyi.stats.trees.folds import Fitted, Folds, by_customer, by_time, fit_in_folds
from manyi.stats.trees.shapes import Moving, moving
from manyi.stats.trees.splits import splits_of

_FOLDS = 10
_ISOTONIC = 1000
_LEAST = 20
Mended = Literal["platt", "isotonic", "none"]


@dataclass(frozen=True)
class ChurnModel:
    """How well leaving is told before it happens.

    `n` rows of `people` customers were judged, of whom `events` rows left. `auc` is of the
    trees (.5 is chance), `auc_satisfaction` of a line on satisfaction alone, `auc_gain` the
    first less the second. `mended` says how forecasts were recalibrated, `in_time` whether each
    was made from the past alone. `drivers` are in log odds, the most important first.
    """

    n: int
    people: int
    events: int
    auc: Estimate
    auc_satisfaction: Estimate
    auc_gain: Estimate
    calibration: Calibration
    curve: tuple[Bin, ...]
    gains: tuple[Gain, ...]
    line: Line
    drivers: tuple[Moving, ...]
    told: FloatArray
    mended: Mended
    in_time: bool
    rounds: int
    warnings: tuple[Note, ...]


def churn_model_rows(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rng: np.random.Generator,
    satisfaction: int = 0,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    when: ArrayLike | None = None,
    known: ArrayLike | None = None,
    codes: Sequence[int] = (),
    falling: Sequence[int] = (),
    worth: float = 10.0,
    level: float = 0.95,
) -> ChurnModel:
    """Learn y (n,), 1 for who left, from the columns of x (n, p), blanks as they are, and judge
    the forecasts. `satisfaction` is the column that is also tried alone; a higher value of the
    `falling` columns may only lower the forecast; `codes` hold names.

    With `when` (days) each row is forecast from what was `known` before (when its outcome was
    settled; `when` itself where that is not given); without, from other customers. Raises
    Problem("churn_few") with fewer than twenty customers on either side.
    """
    rows = _Rows.of(x, y, weights, cluster, level)
    rows.enough()
    growth = Growth(least=float(np.clip(len(rows.y) / 50, 10, 50)), falling=tuple(falling))
    shuffled = by_customer(rows.people, folds=_FOLDS, rng=rng)
    inside = rows.fitted(shuffled, codes, growth)
    judged = inside
    if when is not None:
        settled = when if known is None else known
        past = by_time(rows.people, when, settled)
        if len(past.learns) < 2:  # no outcome was settled before the last answer
            raise Problem("churn_few", left=0, stayed=0, least=_LEAST)
        judged = rows.fitted(past, codes, growth)
    seen = judged.folds.judged & _both(rows.y, judged.folds)
    told, mended = _mended(rows.y, rows.w, judged, seen)
    alone = rows.alone(satisfaction, judged.folds)
    own = rows.only(seen)
    own.enough()
    auc = auc_rows(own.y, told[seen], weights=own.w, cluster=own.people, level=level)
    return ChurnModel(
        len(own.y),
        len(np.unique(own.people)),
        int(own.y.sum()),
        auc,
        auc_rows(own.y, alone[seen], weights=own.w, cluster=own.people, level=level),
        auc_gap_rows(
            own.y, told[seen], alone[seen], weights=own.w, cluster=own.people, level=level
        ),
        calibration_rows(own.y, told[seen], weights=own.w, cluster=own.people, level=level),
        calibration_curve_rows(
            own.y, told[seen], groups=_groups(own.y), weights=own.w, cluster=own.people, level=level
        ),
        gains_rows(own.y, told[seen], weights=own.w, cluster=own.people, level=level),
        line_rows(own.y, told[seen], worth=worth, weights=own.w, cluster=own.people, level=level),
        moving(inside, rows.x, codes=codes, n_effective=rows.n_effective, level=level),
        told,
        mended,
        when is not None,
        judged.rounds,
        () if auc.low is not None and auc.low > 0.5 else (Note("trees_no_better"),),
    )


def _groups(y: FloatArray) -> int:
    """Return how many groups of like forecasts: ten, fewer where few left."""
    return int(np.clip(min(y.sum(), len(y) - y.sum()) // 10, 4, 10))


@dataclass(frozen=True, eq=False)
class _Rows:
    x: FloatArray
    y: FloatArray
    w: FloatArray
    people: IntArray
    level: float

    @classmethod
    def of(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        weights: ArrayLike | None,
        cluster: ArrayLike | None,
        level: float,
    ) -> _Rows:
        outcome = np.asarray(y, np.float64)
        w = np.ones(len(outcome)) if weights is None else np.asarray(weights, np.float64)
        ids = np.arange(len(outcome)) if cluster is None else np.asarray(cluster)
        people = np.unique(ids, return_inverse=True)[1].astype(np.int64)
        return cls(np.asarray(x, np.float64), outcome, w * len(w) / w.sum(), people, level)

    @property
    def n_effective(self) -> float:
        return min(float(self.w.sum() ** 2 / (self.w @ self.w)), float(self.people.max() + 1))

    def enough(self) -> None:
        sides = [len(np.unique(self.people[self.y == one])) for one in (0.0, 1.0)]
        if min(sides) < _LEAST:
            raise Problem("churn_few", left=sides[1], stayed=sides[0], least=_LEAST)

    def only(self, seen: np.ndarray) -> _Rows:
        return _Rows(self.x[seen], self.y[seen], self.w[seen], self.people[seen], self.level)

    def fitted(self, folds: Folds, codes: Sequence[int], growth: Growth) -> Fitted:
        splits = splits_of(self.x, codes=codes)
        return fit_in_folds(splits, self.x, self.y, self.w, folds, loss="logistic", growth=growth)

    def alone(self, at: int, folds: Folds) -> FloatArray:
        """Return what satisfaction alone, and whether it was given, tells of unseen rows."""
        column = self.x[:, at]
        blank = np.isnan(column)
        mean = float(column[~blank].mean()) if not blank.all() else 0.0
        parts = [np.ones(len(column)), np.where(blank, mean, column)]
        design = np.column_stack([*parts, blank] if blank.any() else parts)
        told = np.full(len(column), 0.5)
        for model in range(1, len(folds.learns)):
            seen, judged = folds.learns[model], folds.judge == model
            fit = logistic_rows(design[seen], self.y[seen], self.w[seen], ridge=1.0)
            told[judged] = fit.predict(design[judged])
        return told


def _both(y: FloatArray, folds: Folds) -> NDArray[np.bool_]:
    """Whether the model that judges each row had seen both outcomes."""
    some = folds.learns @ np.column_stack([y, 1 - y]) > 0
    return np.asarray(some[:, 0] & some[:, 1])[folds.judge]


def _mended(
    y: FloatArray, w: FloatArray, fitted: Fitted, seen: np.ndarray
) -> tuple[FloatArray, Mended]:
    """Return forecasts recalibrated by what rows of other folds, or of earlier times, showed."""
    raw = special.expit(fitted.told)
    told, judge = raw.copy(), fitted.folds.judge
    in_time = bool((judge < 0).any())
    done: set[Mended] = set()
    for model in np.unique(judge[seen]).tolist():
        others = seen & ((judge < model) if in_time else (judge != model))
        learnt = _learnt(y[others], raw[others], w[others])
        if learnt is not None:
            mine = judge == model
            told[mine] = learnt.predict(raw[mine])
            done.add(learnt.method)
    ends = 1 / (2 * max(int(seen.sum()), 1))
    method: Mended = "isotonic" if "isotonic" in done else "platt" if done else "none"
    return np.clip(told, ends, 1 - ends), method


def _learnt(y: FloatArray, raw: FloatArray, w: FloatArray) -> Recalibrated | None:
    """Return a map of forecasts: steps from a thousand on either side on, a line from twenty."""
    least = min(int(y.sum()), int((1 - y).sum()))
    if least < _LEAST:
        return None
    try:
        method: Literal["platt", "isotonic"] = "isotonic" if least >= _ISOTONIC else "platt"
        return recalibrate_rows(y, raw, method=method, weights=w)
    except Problem:
        return None
