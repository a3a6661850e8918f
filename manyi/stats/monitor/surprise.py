"""Is this period's count a surprise, and how many false alarms do many streams cost?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from manyi.stats.adjust import adjust
from manyi.stats.moments import IntArray
from manyi.stats.monitor.arl import shewhart_width


@dataclass(frozen=True)
class Expected:
    """How many of n were to be expected: `low` to `high` hold the level's share of chances;
    `p` is two-sided that of a count at least as rare as what was seen."""

    mean: float
    low: int
    high: int
    p: float


def expected_count(
    seen: int, n: int, history: tuple[int, int], *, overdispersion: float = 1.0, level: float = 0.95
) -> Expected:
    """Return the beta-binomial forecast of a count among n from `history` (successes, n).

    Jeffreys' prior; right for an hour with three answers, where 3σ is not. Past counts weigh
    1/overdispersion (σz² of Laney's chart) where periods vary more than chance.
    """
    weight = 1 / max(overdispersion, 1.0)
    a, b = history[0] * weight + 0.5, (history[1] - history[0]) * weight + 0.5
    chance = stats.betabinom(n, a, b)
    tail = (1 - level) / 2
    below, above = float(chance.cdf(seen)), float(chance.sf(seen - 1))
    low, high = int(chance.ppf(tail)), int(chance.ppf(1 - tail))
    return Expected(float(chance.mean()), low, high, min(1.0, 2 * min(below, above)))


def false_alarms(checks: ArrayLike, run_lengths: ArrayLike) -> float:
    """Return the false alarms to expect: Σ checks/ARL₀ over the streams."""
    return float((np.asarray(checks, np.float64) / np.asarray(run_lengths, np.float64)).sum())


def width_for_budget(checks: float, alarms: float) -> float:
    """Return the width of limits at which `checks` checks cost `alarms` false alarms."""
    return shewhart_width(max(checks / alarms, 1.0 + 1e-9))


def findings(p_values: ArrayLike, *, false_share: float = 0.1) -> IntArray:
    """Return the streams that stand out at one tick, of which at most that share is false
    (Benjamini & Hochberg)."""
    return np.flatnonzero(adjust(p_values, "bh") <= false_share)
