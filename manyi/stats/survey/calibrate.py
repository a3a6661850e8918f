"""Calibration of weights to known totals of any variables (Deville & Särndal 1992)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.kit.problems import Problem
from manyi.stats.moments import FloatArray

Distance = Literal["linear", "exponential", "logit"]


def calibrate_rows(
    auxiliary: ArrayLike,
    weights: ArrayLike,
    totals: ArrayLike,
    *,
    distance: Distance = "linear",
    bounds: tuple[float, float] = (0.0, math.inf),
    most_steps: int = 100,
) -> FloatArray:
    """Return weights near `weights` (n,) whose totals of `auxiliary` (n, p) are `totals` (p,).

    linear: g = 1 + u (GREG); exponential: g = e^u (raking), both cut to the bounds where they
    are given; logit: g smoothly between the bounds. Raises Problem("calibration_failed") where
    no such weights are found.
    """
    x, d = np.asarray(auxiliary, np.float64), np.asarray(weights, np.float64)
    t = np.asarray(totals, np.float64)
    size = np.maximum(np.abs(d @ x), 1e-12)
    x, t = x / size, t / size
    pull = np.zeros(x.shape[1])
    for _ in range(most_steps):
        g, slope = _factor(x @ pull, distance, bounds)
        miss = t - (d * g) @ x
        if np.abs(miss).max() < 1e-11:
            return np.asarray(d * g)
        step, *_ = np.linalg.lstsq((x * (d * slope)[:, None]).T @ x, miss, rcond=None)
        pull = pull + step
    raise Problem("calibration_failed")


def _factor(
    u: FloatArray, distance: Distance, bounds: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    low, high = bounds
    if distance == "logit":
        e = np.exp(np.clip(u * (high - low) / ((1 - low) * (high - 1)), -30, 30))
        below = (high - 1) + (1 - low) * e
        g = (low * (high - 1) + high * (1 - low) * e) / below
        return g, e * (high - low) ** 2 / below**2
    g = np.exp(np.clip(u, -30, 30)) if distance == "exponential" else 1 + u
    slope = g if distance == "exponential" else np.ones_like(u)
    if (low, high) == (0.0, math.inf):
        return g, slope
    inside = (g > low) & (g < high)
    return np.clip(g, low, high), np.where(inside, slope, 0.0)


def kish_deff(weights: ArrayLike) -> float:
    """Return Kish's design effect of weighting, n·Σw²/(Σw)² = 1 + CV²(w)."""
    w = np.asarray(weights, np.float64)
    return float(len(w) * (w @ w) / w.sum() ** 2)


def kish_n(weights: ArrayLike) -> float:
    """Return the effective number of answers (Σw)²/Σw²."""
    w = np.asarray(weights, np.float64)
    return float(w.sum() ** 2 / (w @ w))


def trim(weights: ArrayLike, lower: float, upper: float) -> FloatArray:
    """Return weights cut to lower..upper; what is cut off goes equally to the others.

    The sum stays. Others may thereby leave the bounds: `trim_strictly` repeats.
    """
    w = np.asarray(weights, np.float64)
    outside = (w < lower) | (w > upper)
    if not outside.any() or outside.all():
        return np.clip(w, lower, upper)
    cut = np.clip(w, lower, upper)
    cut[~outside] += (w - cut)[outside].sum() / (~outside).sum()
    return cut


def trim_strictly(weights: ArrayLike, lower: float, upper: float) -> FloatArray:
    """Return weights within lower..upper with the same sum (Problem("trim_impossible"))."""
    w = np.asarray(weights, np.float64)
    if not lower * len(w) <= w.sum() <= upper * len(w):
        raise Problem("trim_impossible")
    for _ in range(1000):
        if w.min() >= lower and w.max() <= upper:
            return w
        w = trim(w, lower, upper)
    return np.clip(w, lower, upper)


def share_trimmed(before: ArrayLike, after: ArrayLike) -> float:
    """Return the percentage of all weight that trimming moved."""
    w, v = np.asarray(before, np.float64), np.asarray(after, np.float64)
    return float(50 * np.abs(w - v).sum() / w.sum())
