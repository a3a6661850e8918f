"""Retention by cohort: of those who came in one period, how many are there later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.churn.survival import kaplan_meier, retention_rows
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True)
class Cohort:
    """Those who came in one period: their number and the retention at each age; no estimate
    for ages that nobody could have reached yet."""

    start: Any
    n: int
    retention: tuple[Estimate | None, ...]


def cohorts_rows(
    start: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    ages: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[Cohort, ...]:
    """Return the retention of each cohort at `ages` by Kaplan and Meier, whose interval is on
    the scale of log(-log): customers seen for a shorter time count for as long as they were.

    With sample `weights`, or customers who are there several times (`cluster`), the interval
    is that of `retention_rows`.
    """
    groups = np.asarray(start)
    t, e = np.asarray(time, np.float64), np.asarray(event, np.float64)
    wanted = np.asarray(ages, np.float64).tolist()
    w, ids = (None if one is None else np.asarray(one) for one in (weights, cluster))
    found = []
    for one in np.unique(groups).tolist():
        here = groups == one
        longest = float(t[here].max())
        part = None if w is None else w[here], None if ids is None else ids[here]
        at = _retention(t[here], e[here], *part, level)
        told = tuple(at(age) if age <= longest else None for age in wanted)
        found.append(Cohort(one, int(here.sum()), told))
    return tuple(found)


def _retention(
    t: FloatArray, e: FloatArray, w: np.ndarray | None, ids: np.ndarray | None, level: float
) -> Callable[[float], Estimate]:
    if w is None and ids is None:
        return kaplan_meier(t, e, transform="log-log", level=level).at
    return lambda age: retention_rows(t, e, age, weights=w, cluster=ids, level=level)
