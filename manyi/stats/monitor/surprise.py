"""Is this period's count a surprise, and how many false alarms do many streams cost?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from manyi.stats.adjust import adjust
from manyi.stats.moments import IntArray
from manyi.stats.monitor.arl import shewhart_width
from manyi.stats.result import Estimate, Test


def expected_count(
    seen: int, n: int, history: tuple[int, int], *, overdispersion: float = 1.0, level: float = 0.95
) -> Test:
    """Return how rare a count among n is by the beta-binomial forecast from `history`
    (successes, n), whose mean and `level` share of chances are the effect; two-sided p.

    Jeffreys' prior; right for an hour with three answers, where 3σ is not. Past counts weigh
    1/overdispersion (σz² of Laney's chart) where periods vary more than chance.
    """
    weight = 1 / max(overdispersion, 1.0)
    a, b = history[0] * weight + 0.5, (history[1] - history[0]) * weight + 0.5
    chance = stats.betabinom(n, a, b)
    tail = (1 - level) / 2
    below, above = float(chance.cdf(seen)), float(chance.sf(seen - 1))
    low, high = float(chance.ppf(tail)), float(chance.ppf(1 - tail))
    known = float(history[1])
    told = Estimate(float(chance.mean()), low, high, level, n, known, None, "beta_binomial")
    return Test(float(seen), min(1.0, 2 * min(below, above)), None, told, "beta_binomial", n)


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
