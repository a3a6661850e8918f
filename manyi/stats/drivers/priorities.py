"""What to improve first: importance against performance, penalties and rewards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.cross import cross_rows
from manyi.stats.drivers.linear import Regression, regress


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

    reward: float
    penalty: float
    range: float
    asymmetry: float


def penalty_reward_rows(
    names: Sequence[str],
    x: ArrayLike,
    y: ArrayLike,
    *,
    rewarded: Sequence[float] = (5,),
    penalised: Sequence[float] = (1, 2),
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> tuple[Regression, dict[str, Impact]]:
    """Return the regression of `y` (n,) on dummies of high and low answers, and each impact.

    Brandt 1987; Mikulić & Prebežac 2011: asymmetry = (reward - |penalty|)/(|reward| + |penalty|).
    """
    columns = np.asarray(x, np.float64)
    dummies, labels = [], []
    for at, name in enumerate(names):
        dummies += [np.isin(columns[:, at], rewarded), np.isin(columns[:, at], penalised)]
        labels += [f"{name}_reward", f"{name}_penalty"]
    table = np.column_stack([*dummies, np.asarray(y, np.float64)]).astype(np.float64)
    table[np.isnan(columns).any(axis=1)] = np.nan
    fit = regress(cross_rows([*labels, "outcome"], table, weights, cluster), "outcome")
    beta = dict(zip(fit.names, fit.coefficients.tolist(), strict=True))
    return fit, {name: _impact(beta[f"{name}_reward"], beta[f"{name}_penalty"]) for name in names}


def _impact(reward: float, penalty: float) -> Impact:
    size = abs(reward) + abs(penalty)
    return Impact(
        reward, penalty, reward - penalty, (reward - abs(penalty)) / size if size > 0 else 0.0
    )
