"""Where a series is going, with intervals, and what of it is season."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from manyi.stats.intervals import normal_quantile
from manyi.stats.moments import FloatArray


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Simple exponential smoothing: the weight of news, the level at the start and at the end,
    the sum of squared one-step errors and their variance."""

    alpha: float
    start: float
    level: float
    sse: float
    variance: float

    def ahead(
        self, steps: int, *, level: float = 0.95
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return forecasts and the two ends of their intervals, 1 to `steps` ahead:
        level ± z·σ·√(1 + (h-1)α²)."""
        h = np.arange(steps)
        half = normal_quantile(level) * np.sqrt(self.variance * (1 + h * self.alpha**2))
        middle = np.full(steps, self.level)
        return middle, middle - half, middle + half


def smooth(values: ArrayLike) -> Smoothed:
    """Fit simple exponential smoothing, ETS(A, N, N), by maximum likelihood (t ≥ 4)."""
    y = np.asarray(values, np.float64)

    def loss(theta: FloatArray) -> float:
        return _errors(y, float(theta[0]), float(theta[1]))[0]

    starts = [(a, float(y[: max(len(y) // 10, 3)].mean())) for a in (0.1, 0.3, 0.7)]
    fits = [
        optimize.minimize(
            loss,
            start,
            method="Nelder-Mead",
            bounds=[(1e-4, 0.9999), (None, None)],
            options={"xatol": 1e-7, "fatol": 1e-9 * loss(np.array(start)), "maxiter": 4000},
        )
        for start in starts
    ]
    alpha, start = (float(v) for v in min(fits, key=lambda fit: float(fit.fun)).x)
    sse, level = _errors(y, alpha, start)
    return Smoothed(alpha, start, level, sse, sse / (len(y) - 2))


def _errors(y: FloatArray, alpha: float, level: float) -> tuple[float, float]:
    total = 0.0
    for one in y.tolist():
        error = one - level
        total += error * error
        level += alpha * error
    return total, level


@dataclass(frozen=True, eq=False)
class Seasons:
    """A series taken apart: season (the same every period), trend, and the rest."""

    seasonal: FloatArray
    trend: FloatArray
    remainder: FloatArray


def decompose(values: ArrayLike, period: int, *, rounds: int = 2) -> Seasons:
    """Return season and trend by loess (STL with a periodic season, Cleveland et al. 1990).

    Needs two whole periods (ValueError otherwise).
    """
    y = np.asarray(values, np.float64)
    n = len(y)
    if n < 2 * period:
        raise ValueError("a season is known only after two whole periods")
    reach = _odd(1.5 * period / (1 - 1.5 / (10 * n + 1)))
    trend, seasonal = np.zeros(n), np.zeros(n)
    for _ in range(rounds):
        cycles = _cycles(y - trend, period)
        seasonal = cycles[period : period + n] - _low_pass(cycles, period)
        trend = _loess(y - seasonal, reach)
    at = np.arange(n) % period
    means = np.bincount(at, weights=seasonal) / np.bincount(at)
    seasonal = means[at]
    return Seasons(seasonal, trend, y - seasonal - trend)


def _odd(width: float) -> int:
    whole = math.ceil(width)
    return whole if whole % 2 else whole + 1


def _cycles(y: FloatArray, period: int) -> FloatArray:
    """Return each place in the cycle smoothed to its mean, one period longer at both ends."""
    places = np.arange(-period, len(y) + period) % period
    at = np.arange(len(y)) % period
    means = np.bincount(at, weights=y, minlength=period) / np.bincount(at, minlength=period)
    return np.asarray(means[places])


def _low_pass(cycles: FloatArray, period: int) -> FloatArray:
    passed = cycles
    for width in (period, period, 3):
        passed = np.convolve(passed, np.full(width, 1 / width), mode="valid")
    return _loess(passed, _odd(period))


def _loess(y: FloatArray, width: int) -> FloatArray:
    """Return local straight lines through the `width` nearest points, tricube weights.

    As in R, fitted at every tenth of the width and joined by straight lines.
    """
    n = len(y)
    t = np.arange(n, dtype=np.float64)
    at = np.union1d(np.arange(0, n, math.ceil(width / 10)), [n - 1])
    left = np.clip(at - width // 2, 0, max(n - width, 0))
    right = np.minimum(left + width, n) - 1
    reach = np.maximum(at - left, right - at) + max(width - n, 0) / 2
    gap = np.abs(at[:, None] - t[None, :]) / reach[:, None]
    w = np.where(gap < 0.999, (1 - np.minimum(gap, 1) ** 3) ** 3, 0.0)
    w = np.where(gap < 0.001, 1.0, w)
    w *= (t[None, :] >= left[:, None]) & (t[None, :] <= right[:, None])
    w /= w.sum(axis=1, keepdims=True)
    middle = w @ t
    away = t[None, :] - middle[:, None]
    slope = (w * away) @ y / (w * away**2).sum(axis=1)
    return np.asarray(np.interp(t, at, w @ y + slope * (at - middle)))
