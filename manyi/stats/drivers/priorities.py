"""What to improve first: importance against performance, penalties and rewards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.cross import cross_rows
from manyi.stats.drivers.linear import Regression, by_customer, regress
from manyi.stats.result import Estimate


class Quadrant(StrEnum):
    """Martilla and James's four fields (1977)."""

    CONCENTRATE = "concentrate_here"
    KEEP_UP = "keep_up_good_work"
    LOW_PRIORITY = "low_priority"
    OVERKILL = "possible_overkill"


@dataclass(frozen=True)
class Priorities:
    """The crosshair, and the field of each driver."""

    importance: float
    performance: float
    quadrants: dict[str, Quadrant]


def importance_performance(
    importance: Mapping[str, float],
    performance: Mapping[str, float],
    *,
    crosshair: Literal["mean", "median"] = "mean",
) -> Priorities:
    """Return the field of each driver; one that lies on a line counts as above it."""
    middle = np.mean if crosshair == "mean" else np.median
    high = float(middle(list(importance.values())))
    good = float(middle(list(performance.values())))
    quadrants = {
        name: _quadrant(importance[name] >= high, performance[name] >= good) for name in importance
    }
    return Priorities(high, good, quadrants)


def _quadrant(matters: bool, good: bool) -> Quadrant:  # noqa: FBT001 - two facts, not switches
    if matters:
        return Quadrant.KEEP_UP if good else Quadrant.CONCENTRATE
    return Quadrant.OVERKILL if good else Quadrant.LOW_PRIORITY


@dataclass(frozen=True)
class Impact:
    """What delight and disappointment with one thing do to the whole.

    `asymmetry` runs from -1 (only disappointment counts: a must-be) to 1 (only delight).
    """

    reward: Estimate
    penalty: Estimate
    range: Estimate
    asymmetry: Estimate


def penalty_reward_rows(
    names: Sequence[str],
    x: ArrayLike,
    y: ArrayLike,
    *,
    rewarded: Sequence[float] = (5,),
    penalised: Sequence[float] = (1, 2),
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[Regression, dict[str, Impact]]:
    """Return the regression of `y` (n,) on dummies of high and low answers, and each impact.

    Brandt 1987; Mikulić & Prebežac 2011: asymmetry = (reward - |penalty|)/(|reward| + |penalty|).
    Errors are classical; where there are `weights` or customers who answered again (`cluster`)
    they come from leaving out groups of customers in turn.
    """
    columns = np.asarray(x, np.float64)
    dummies, labels = [], []
    for at, name in enumerate(names):
        dummies += [np.isin(columns[:, at], rewarded), np.isin(columns[:, at], penalised)]
        labels += [f"{name}_reward", f"{name}_penalty"]
    table = np.column_stack([*dummies, np.asarray(y, np.float64)]).astype(np.float64)
    table[np.isnan(columns).any(axis=1)] = np.nan
    cross = cross_rows([*labels, "outcome"], table, weights, cluster)
    fit = regress(cross, "outcome")
    told = fit if weights is None and cluster is None else by_customer(fit, cross, "outcome")
    return told, {name: _impact(told, fit.names.index(f"{name}_reward"), level) for name in names}


def _impact(fit: Regression, reward: int, level: float) -> Impact:
    at = [reward, reward + 1]
    (r, p), covariance = fit.coefficients[at], fit.covariance[np.ix_(at, at)]
    size, gap = float(abs(r) + abs(p)), float(r - abs(p))
    value = gap / size if size > 0 else 0.0
    slope = np.array([size - gap * np.sign(r), -np.sign(p) * (size + gap)]) / max(size, 1e-300) ** 2

    def told(value: float, pull: np.ndarray) -> Estimate:
        se = math.sqrt(max(float(pull @ covariance @ pull), 0.0))
        ends = intervals.around(value, se, intervals.t_quantile(level, max(fit.df, 1)))
        return Estimate(value, *ends, level, fit.n, float(fit.n), fit.df, "t")

    asymmetry = told(value, slope)
    assert asymmetry.low is not None and asymmetry.high is not None
    return Impact(
        told(float(r), np.array([1.0, 0.0])),
        told(float(p), np.array([0.0, 1.0])),
        told(float(r - p), np.array([1.0, -1.0])),
        replace(asymmetry, low=max(asymmetry.low, -1.0), high=min(asymmetry.high, 1.0)),
    )
