"""How long until a chart signals: average run lengths, and limits for a wanted one.

Integral equations solved by Gauss–Legendre nodes (Nyström); the same as R's spc.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy import optimize, special

from manyi.stats.moments import FloatArray

_NODES = 60


Limits = Literal["fixed", "exact"]
Sides = Literal["both", "up"]


def ewma_arl(weight: float, width: float, shift: float = 0.0, *, limits: Limits = "fixed") -> float:
    """Return the average run length of a two-sided EWMA started at 0.

    `shift` is the mean of the standardised values: 0 gives the time to a false alarm. "exact"
    limits are narrower at the start, where the mean has not yet wandered far (`Ewma`).
    """
    edge = width * math.sqrt(weight / (2 - weight))
    if limits == "exact":
        return _widening(weight, edge, shift)
    x, w = _nodes(-edge, edge)

    def kernel(start: FloatArray) -> FloatArray:
        away = (x[None, :] - (1 - weight) * start[:, None]) / weight - shift
        return w * _density(away) / weight

    lengths = np.linalg.solve(np.eye(len(x)) - kernel(x), np.ones(len(x)))
    return float(1 + (kernel(np.zeros(1)) @ lengths)[0])


def _widening(weight: float, edge: float, shift: float) -> float:
    """Return Σ P(no signal until t): step by step while limits widen, then as with fixed ones."""
    total, at, density = 1.0, np.zeros(1), np.ones(1)
    t = 0
    while (1 - weight) ** (2 * t) > 1e-6 or t == 0:
        t += 1
        now = edge * math.sqrt(1 - (1 - weight) ** (2 * t))
        x, w = _nodes(-now, now)
        away = (x[:, None] - (1 - weight) * at[None, :]) / weight - shift
        at, density = x, w * (_density(away) / weight @ density)
        total += float(density.sum())
    x, w = _nodes(-edge, edge)
    away = (x[None, :] - (1 - weight) * x[:, None]) / weight - shift
    kernel = w * _density(away) / weight
    lengths = np.linalg.solve(np.eye(len(x)) - kernel, np.ones(len(x)))
    from_here = (
        1
        + (w * _density((x[None, :] - (1 - weight) * at[:, None]) / weight - shift) / weight)
        @ lengths
    )
    return total + float(density @ from_here) - float(density.sum())


def cusum_arl(slack: float, decision: float, shift: float = 0.0, *, sides: Sides = "both") -> float:
    """Return the average run length of a CUSUM started at 0 that watches both sides, or for
    rises alone ("up")."""
    up = _one_sided(slack, decision, shift)
    if sides == "up":
        return up
    down = _one_sided(slack, decision, -shift)
    return 1 / (1 / up + 1 / down)


def _one_sided(slack: float, decision: float, shift: float) -> float:
    x, w = _nodes(0.0, decision)
    start = np.append(x, 0.0)
    inner = w * _density(x[None, :] - start[:, None] + slack - shift)
    at_zero = special.ndtr(slack - start - shift)
    matrix = np.eye(len(start)) - np.column_stack([inner, at_zero])
    return float(np.linalg.solve(matrix, np.ones(len(start)))[-1])


def shewhart_arl(width: float, shift: float = 0.0) -> float:
    """Return the average run length of limits at ±width."""
    return 1 / float(special.ndtr(-width - shift) + special.ndtr(-width + shift))


def ewma_width(weight: float, run_length: float, *, limits: Limits = "fixed") -> float:
    """Return the width L at which false alarms come once in `run_length` on average."""
    return _reaching(lambda width: ewma_arl(weight, width, limits=limits), run_length)


def cusum_decision(slack: float, run_length: float, *, sides: Sides = "both") -> float:
    """Return the decision limit h at which false alarms come once in `run_length`."""
    return _reaching(lambda decision: cusum_arl(slack, decision, sides=sides), run_length)


def shewhart_width(run_length: float) -> float:
    """Return the width of limits at which false alarms come once in `run_length`."""
    return float(-special.ndtri(0.5 / run_length))


def _reaching(run_length_at: Callable[[float], float], wanted: float) -> float:
    """Return where a rising run length reaches what is wanted."""
    # Grown step by step: far beyond, run lengths lose all their digits.
    high = 1.0
    while run_length_at(high) < wanted:
        high *= 1.2
    return float(optimize.brentq(lambda at: run_length_at(at) - wanted, high / 4, high, xtol=1e-9))


def _nodes(low: float, high: float) -> tuple[FloatArray, FloatArray]:
    x, w = np.polynomial.legendre.leggauss(_NODES)
    return (high - low) / 2 * x + (high + low) / 2, (high - low) / 2 * w


def _density(x: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi))
