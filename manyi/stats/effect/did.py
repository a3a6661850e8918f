"""Difference in differences: what changed where something was done, less what changed anyway."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.effect.ols import Fit, dummies, fit_rows, small_sample
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note, Test

FEW_CLUSTERS = 10


@dataclass(frozen=True, eq=False)
class Difference:
    """The effect, its test by CR2 over units, and the fit it comes from."""

    test: Test
    fit: Fit
    at: int


def two_by_two_rows(
    y: ArrayLike,
    treated: ArrayLike,
    post: ArrayLike,
    unit: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Difference:
    """Return the effect from four cell means; errors are clustered by unit."""
    t, p = np.asarray(treated, np.float64), np.asarray(post, np.float64)
    x = np.column_stack([np.ones(len(t)), t, p, t * p])
    return _tested(fit_rows(x, y, weights), unit, 3, level)


def two_way_rows(
    y: ArrayLike,
    exposed: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Difference:
    """Return the effect of `exposed` (1 where and while the change is in force) with an effect
    of each unit and of each time. Where units start at different times it warns: use
    `staggered_rows`."""
    d = np.asarray(exposed, np.float64)
    x = np.column_stack([np.ones(len(d)), d, dummies(unit), dummies(time)])
    notes = _starts(d, np.asarray(unit), np.asarray(time))
    return _tested(fit_rows(x, y, weights), unit, 1, level, notes)


def _starts(exposed: FloatArray, unit: np.ndarray, time: np.ndarray) -> tuple[Note, ...]:
    """Return the warning that units started at different times, for then early ones serve as a
    comparison for late ones."""
    on = exposed > 0
    who, when = (np.unique(side, return_inverse=True)[1] for side in (unit[on], time[on]))
    first = np.full(int(who.max(initial=-1)) + 1, len(when))
    np.minimum.at(first, who, when)
    starts = len(np.unique(first))
    return (Note("starts_differ", {"starts": starts}),) if starts > 1 else ()


def _tested(
    fit: Fit, unit: ArrayLike, at: int, level: float, notes: tuple[Note, ...] = ()
) -> Difference:
    test = small_sample(fit, unit).test(at, level=level)
    clusters = len(np.unique(np.asarray(unit)))
    if clusters < FEW_CLUSTERS:
        notes = (*notes, Note("few_units", {"units": clusters}))
    if notes:
        test = replace(test, effect=test.effect.noted(*notes), warnings=notes)
    return Difference(test, fit, at)


@dataclass(frozen=True, eq=False)
class EventStudy:
    """The gap of treated to other units at each time, less that at the reference time.

    A gap that moved before the change makes the effect doubtful: `before` tests all times
    before the reference together, its effect their mean (None where there are none, or fewer
    units than times).
    """

    times: tuple[object, ...]
    gaps: tuple[Estimate, ...]
    se: FloatArray
    before: Test | None = None


def event_study_rows(
    y: ArrayLike,
    treated: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    *,
    reference: object,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> EventStudy:
    """Return the gaps with errors clustered by unit (HC1), all times but `reference`.

    The gap of group means, so every unit should be there at every time.
    """
    t, when = np.asarray(treated, np.float64), np.asarray(time)
    others = [value for value in np.unique(when).tolist() if value != reference]
    gaps = np.column_stack([t * (when == value) for value in others])
    x = np.column_stack([np.ones(len(t)), gaps, t, dummies(when)])
    fit = fit_rows(x, y, weights)
    covariance = fit.clustered(unit)
    df = float(len(np.unique(np.asarray(unit))) - 1)
    found = tuple(fit.estimate(1 + at, covariance, df=df, level=level) for at in range(len(others)))
    at = np.arange(1, 1 + len(others))
    early = [place for place, value in enumerate(others, start=1) if value < reference]
    before = _pre_trend(fit, covariance, early, df, level)
    return EventStudy(tuple(others), found, np.sqrt(covariance[at, at]), before)


def _pre_trend(
    fit: Fit, covariance: FloatArray, early: list[int], df: float, level: float
) -> Test | None:
    """Return Wald's F that all early gaps are 0, with units less one as its second df."""
    q = len(early)
    inside = covariance[np.ix_(early, early)]
    if q == 0 or df < q or np.linalg.matrix_rank(inside) < q:
        return None
    gaps = fit.coefficients[early]
    f = float(gaps @ np.linalg.solve(inside, gaps)) / q
    se = math.sqrt(float(inside.sum())) / q
    ends = intervals.around(float(gaps.mean()), se, intervals.t_quantile(level, df))
    n = len(fit.x)
    effect = Estimate(float(gaps.mean()), *ends, level, n, float(n), df, "least_squares")
    return Test(f, float(special.fdtrc(q, df, f)), float(q), effect, "pre_trend_f", n)
