"""Retention by cohort: of those who came in one period, how many are there later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.churn.survival import kaplan_meier, lifetimes_rows
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
    level: float = 0.95,
) -> tuple[Cohort, ...]:
    """Return the retention of each cohort at `ages` by Kaplan and Meier, whose interval is on
    the scale of log(-log): customers seen for a shorter time count for as long as they were."""
    groups = np.asarray(start)
    t, e = np.asarray(time, np.float64), np.asarray(event, np.float64)
    wanted = np.asarray(ages, np.float64).tolist()
    found = []
    for one in np.unique(groups).tolist():
        here = groups == one
        curve = kaplan_meier(lifetimes_rows(t[here], e[here]), transform="log-log", level=level)
        longest = float(t[here].max())
        told = tuple(curve.at(age) if age <= longest else None for age in wanted)
        found.append(Cohort(one, int(here.sum()), told))
    return tuple(found)
