"""Weekdays and months: what of a series is calendar, taken out before a chart judges the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class Calendar:
    """How far each kind of day lies from the average of all kinds, a linear trend per step, and
    the series without the calendar (its mean kept)."""

    kinds: dict[Any, Estimate]
    trend: Estimate
    adjusted: FloatArray


def calendar_periods(
    y: ArrayLike,
    kind: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    phase: ArrayLike | None = None,
    level: float = 0.95,
) -> Calendar:
    """Return the effect of each `kind` (weekday, month …) on a series y (t,) by regression with
    a trend; effects sum to 0. `weights` are numbers of answers; learnt from `phase` only, where
    given, so that a chart's second phase cannot hide what it should show."""
    series, labels = np.asarray(y, np.float64), np.asarray(kind)
    t = len(series)
    values, at = np.unique(labels, return_inverse=True)
    k = len(values)
    effects = (at[:, None] == np.arange(k - 1)).astype(np.float64)
    effects[at == k - 1] = -1.0
    step = np.arange(t, dtype=np.float64)
    x = np.column_stack([np.ones(t), step - step.mean(), effects])
    w = np.ones(t) if weights is None else np.asarray(weights, np.float64)
    learn = ~np.isnan(series) & (w > 0)
    if phase is not None:
        learn &= np.asarray(phase, bool)
    a, b, root = x[learn], series[learn], np.sqrt(w[learn])
    bread = np.linalg.pinv((a * w[learn][:, None]).T @ a)
    beta = bread @ (a.T @ (w[learn] * b))
    n = int(learn.sum())
    df = float(max(n - x.shape[1], 1))
    left = (b - a @ beta) * root
    covariance = float(left @ left) / df * bread
    spread = np.vstack([np.eye(k - 1), -np.ones(k - 1)])
    told = spread @ beta[2:]
    se = np.sqrt(np.diag(spread @ covariance[2:, 2:] @ spread.T))
    quantile = intervals.t_quantile(level, df)

    def made(value: float, error: float) -> Estimate:
        ends = intervals.around(value, error, quantile)
        return Estimate(value, *ends, level, n, float(n), df, "least_squares")

    kinds = {
        value: made(one, error)
        for value, one, error in zip(values.tolist(), told.tolist(), se.tolist(), strict=True)
    }
    trend = made(float(beta[1]), float(np.sqrt(covariance[1, 1])))
    return Calendar(kinds, trend, series - told[at])
