"""Where a series is going, with intervals, and what of it is season."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from manyi.stats.intervals import around, normal_quantile
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Simple exponential smoothing: the weight of news, the level at the start and at the end,
    the sum of squared one-step errors and their variance, of `n` periods."""

    alpha: float
    start: float
    level: float
    sse: float
    variance: float
    n: int

    def ahead(self, steps: int, *, level: float = 0.95) -> tuple[Estimate, ...]:
        """Return forecasts 1 to `steps` ahead: level ± z·σ·√(1 + (h-1)α²)."""
        quantile, n = normal_quantile(level), float(self.n)
        errors = np.sqrt(self.variance * (1 + np.arange(steps) * self.alpha**2))
        return tuple(
            Estimate(self.level, *around(self.level, se, quantile), level, self.n, n, None, "ets")
            for se in errors.tolist()
        )


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
    return Smoothed(alpha, start, level, sse, sse / (len(y) - 2), len(y))


def _errors(y: FloatArray, alpha: float, level: float) -> tuple[float, float]:
    total = 0.0
    for one in y.tolist():
        error = one - level
        total += error * error
        level += alpha * error
    return total, level


@dataclass(frozen=True, eq=False)
class Seasons:
    """A series taken apart: season, trend, and the rest."""

    seasonal: FloatArray
    trend: FloatArray
    remainder: FloatArray


def decompose(
    values: ArrayLike,
    period: int,
    *,
    rounds: int = 2,
    season: int | None = None,
    robust_rounds: int = 0,
) -> Seasons:
    """Return season and trend by loess (STL, Cleveland et al. 1990).

    `season` is the odd number of periods over which a season may change slowly, None for one
    that is the same in every period (R's "periodic"). With `robust_rounds` (R's robust = TRUE
    takes 15, with 1 of `rounds`) what lies far off counts little. Needs two whole periods
    (ValueError otherwise).
    """
    y = np.asarray(values, np.float64)
    n = len(y)
    if n < 2 * period:
        raise ValueError("a season is known only after two whole periods")
    width = 10 * n + 1 if season is None else season
    reach = _odd(1.5 * period / (1 - 1.5 / width))
    trend, seasonal = np.zeros(n), np.zeros(n)
    trust: FloatArray | None = None
    for at_last in range(robust_rounds, -1, -1):
        for _ in range(rounds):
            cycles = _cycles(y - trend, period, width, trust)
            seasonal = cycles[period : period + n] - _low_pass(cycles, period)
            trend = _loess(y - seasonal, reach, trust=trust)
        if at_last:
            trust = _trust(y - seasonal - trend)
    if season is None:
        at = np.arange(n) % period
        seasonal = (np.bincount(at, weights=seasonal) / np.bincount(at))[at]
    return Seasons(seasonal, trend, y - seasonal - trend)


def _trust(rest: FloatArray) -> FloatArray:
    """Return Tukey's bisquare of what is left, at six times its median size."""
    size = np.abs(rest)
    share = size / max(6 * float(np.median(size)), 1e-300)
    weight = np.where(share < 0.999, (1 - np.minimum(share, 1) ** 2) ** 2, 0.0)
    return np.where(share <= 0.001, 1.0, weight)


def _odd(width: float) -> int:
    whole = math.ceil(width)
    return whole if whole % 2 else whole + 1


def _cycles(y: FloatArray, period: int, width: int, trust: FloatArray | None) -> FloatArray:
    """Return each place in the cycle smoothed over the periods, one longer at both ends."""
    found = np.empty(len(y) + 2 * period)
    for place in range(period):
        one = y[place::period]
        known = None if trust is None else trust[place::period]
        longer = np.arange(-1, len(one) + 1)
        found[place::period] = _loess(one, width, degree=0, trust=known, to=longer)
    return found


def _low_pass(cycles: FloatArray, period: int) -> FloatArray:
    passed = cycles
    for width in (period, period, 3):
        passed = np.convolve(passed, np.full(width, 1 / width), mode="valid")
    return _loess(passed, _odd(period))


def _loess(
    y: FloatArray,
    width: int,
    *,
    degree: int = 1,
    trust: FloatArray | None = None,
    to: np.ndarray | None = None,
) -> FloatArray:
    """Return local straight lines (or means, `degree` 0) through the `width` nearest points,
    tricube weights times `trust`, at every point or those of `to`.

    As in R, fitted at every tenth of the width and joined by straight lines; beyond the ends
    fitted there.
    """
    n = len(y)
    t = np.arange(n, dtype=np.float64)
    at = np.union1d(np.arange(0, n, math.ceil(width / 10)), [n - 1])
    beyond = [] if to is None else [one for one in to.tolist() if not 0 <= one < n]
    at = np.union1d(at, beyond)
    left = np.clip(at - width // 2, 0, max(n - width, 0))
    right = np.minimum(left + width, n) - 1
    reach = np.maximum(at - left, right - at) + max(width - n, 0) // 2
    gap = np.abs(at[:, None] - t[None, :]) / reach[:, None]
    w = np.where(gap <= 0.999, (1 - np.minimum(gap, 1) ** 3) ** 3, 0.0)
    w = np.where(gap <= 0.001, 1.0, w)
    w *= (t[None, :] >= left[:, None]) & (t[None, :] <= right[:, None])
    if trust is not None:
        w *= trust
    w /= np.maximum(w.sum(axis=1, keepdims=True), 1e-300)
    found = w @ y
    if degree:
        middle = w @ t
        away = t[None, :] - middle[:, None]
        slope = (w * away) @ y / np.maximum((w * away**2).sum(axis=1), 1e-300)
        found = found + slope * (at - middle)
    return np.asarray(np.interp(t if to is None else to, at, found))
