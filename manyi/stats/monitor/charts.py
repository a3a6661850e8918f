"""Control charts of Shewhart's kind, and Laney's p′ for shares of many answers.

`phase` in each function marks the periods that the limits are learnt from; all are drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.monitor import constants

D2 = Literal["rounded", "exact"]


@dataclass(frozen=True, eq=False)
class Chart:
    """Points with a centre and limits for each; `sd` is that of single values where it has
    a meaning, else of the points."""

    points: FloatArray
    center: float
    low: FloatArray
    high: FloatArray
    sd: float

    @property
    def signals(self) -> IntArray:
        """Return the places (from 0) of points outside their limits."""
        return np.flatnonzero((self.points < self.low) | (self.points > self.high))


def _phase(phase: ArrayLike | None, n: int) -> np.ndarray:
    return np.ones(n, bool) if phase is None else np.asarray(phase, bool)


def _chart(
    points: FloatArray,
    center: float,
    half: FloatArray,
    sd: float,
    least: float = -math.inf,
    most: float = math.inf,
) -> Chart:
    half = np.broadcast_to(half, points.shape)
    low, high = np.maximum(center - half, least), np.minimum(center + half, most)
    return Chart(points, center, low, high, sd)


def p_chart(
    counts: ArrayLike, sizes: ArrayLike, *, phase: ArrayLike | None = None, width: float = 3.0
) -> Chart:
    """Return the chart of shares 0..1: p̄ ± width·√(p̄(1-p̄)/n)."""
    x, n = np.asarray(counts, np.float64), np.asarray(sizes, np.float64)
    learn = _phase(phase, len(x))
    p = float(x[learn].sum() / n[learn].sum())
    sd = math.sqrt(p * (1 - p))
    return _chart(x / n, p, width * sd / np.sqrt(n), sd, 0.0, 1.0)


def np_chart(
    counts: ArrayLike, size: int, *, phase: ArrayLike | None = None, width: float = 3.0
) -> Chart:
    """Return the chart of counts of samples of one size."""
    shares = p_chart(counts, np.full(len(np.asarray(counts)), size), phase=phase, width=width)
    parts = (shares.points * size, shares.center * size, shares.low * size, shares.high * size)
    return Chart(*parts, shares.sd * math.sqrt(size))


def laney_chart(
    counts: ArrayLike,
    sizes: ArrayLike,
    *,
    phase: ArrayLike | None = None,
    width: float = 3.0,
    d2: D2 = "rounded",
) -> Chart:
    """Return Laney's p′ chart (2002), the default for shares of many answers.

    With large n a p chart cries wolf, for shares vary between periods more than chance
    within them: its limits are multiplied by σz = mean|Δz|/1.128.
    """
    plain = p_chart(counts, sizes, phase=phase, width=width)
    n = np.asarray(sizes, np.float64)
    error = plain.sd / np.sqrt(n)
    learn = _phase(phase, len(n))
    sigma = between(((plain.points - plain.center) / error)[learn], d2=d2)
    return _chart(plain.points, plain.center, width * sigma * error, plain.sd * sigma, 0.0, 1.0)


def between(z: FloatArray, *, d2: D2 = "rounded") -> float:
    """Return the standard deviation from moving ranges of two, σz of Laney's chart."""
    constant = constants.ROUNDED_D2[2] if d2 == "rounded" else constants.range_moments(2)[0]
    return float(np.abs(np.diff(z)).mean() / constant)


def c_chart(counts: ArrayLike, *, phase: ArrayLike | None = None, width: float = 3.0) -> Chart:
    """Return the chart of counts of events: c̄ ± width·√c̄."""
    x = np.asarray(counts, np.float64)
    center = float(x[_phase(phase, len(x))].mean())
    sd = math.sqrt(center)
    return _chart(x, center, np.array(width * sd), sd, 0.0)


def u_chart(
    counts: ArrayLike, sizes: ArrayLike, *, phase: ArrayLike | None = None, width: float = 3.0
) -> Chart:
    """Return the chart of events a unit: ū ± width·√(ū/n)."""
    x, n = np.asarray(counts, np.float64), np.asarray(sizes, np.float64)
    learn = _phase(phase, len(x))
    center = float(x[learn].sum() / n[learn].sum())
    return _chart(x / n, center, width * np.sqrt(center / n), math.sqrt(center), 0.0)


def individuals_chart(
    values: ArrayLike,
    *,
    phase: ArrayLike | None = None,
    width: float = 3.0,
    d2: D2 = "rounded",
) -> Chart:
    """Return the chart of single values with σ from moving ranges."""
    x = np.asarray(values, np.float64)
    learn = x[_phase(phase, len(x))]
    sd = between(learn, d2=d2)
    return _chart(x, float(learn.mean()), np.array(width * sd), sd)


def individuals_by_sd_chart(
    values: ArrayLike, *, phase: ArrayLike | None = None, width: float = 3.0
) -> Chart:
    """Return the same with σ from the standard deviation over c4, which trends inflate."""
    x = np.asarray(values, np.float64)
    learn = x[_phase(phase, len(x))]
    sd = float(learn.std(ddof=1)) / constants.c4(len(learn))
    return _chart(x, float(learn.mean()), np.array(width * sd), sd)


def moving_range_chart(values: ArrayLike, *, phase: ArrayLike | None = None) -> Chart:
    """Return the chart of moving ranges of two, with the limit 3.267·mean."""
    x = np.asarray(values, np.float64)
    ranges = np.abs(np.diff(x))
    center = float(np.abs(np.diff(x[_phase(phase, len(x))])).mean())
    high = np.full(len(ranges), center * constants.ROUNDED_D4_OF_2)
    return Chart(ranges, center, np.zeros(len(ranges)), high, center / constants.ROUNDED_D2[2])


def mean_chart(
    samples: ArrayLike, *, phase: ArrayLike | None = None, width: float = 3.0, d2: D2 = "exact"
) -> Chart:
    """Return the X̄ chart of samples (m, n) with σ from their ranges."""
    x = np.asarray(samples, np.float64)
    learn = x[_phase(phase, len(x))]
    n = x.shape[1]
    constant = constants.ROUNDED_D2[n] if d2 == "rounded" else constants.range_moments(n)[0]
    sd = float(np.ptp(learn, axis=1).mean()) / constant
    half = np.array(width * sd / math.sqrt(n))
    return _chart(x.mean(axis=1), float(learn.mean()), half, sd)


def range_chart(samples: ArrayLike, *, phase: ArrayLike | None = None, width: float = 3.0) -> Chart:
    """Return the R chart of samples (m, n)."""
    x = np.asarray(samples, np.float64)
    ranges = np.ptp(x, axis=1)
    center = float(ranges[_phase(phase, len(x))].mean())
    d2, d3 = constants.range_moments(x.shape[1])
    sd = center / d2
    return _chart(ranges, center, np.array(width * sd * d3), sd, 0.0)


def deviation_chart(
    samples: ArrayLike, *, phase: ArrayLike | None = None, width: float = 3.0
) -> Chart:
    """Return the S chart of samples (m, n)."""
    x = np.asarray(samples, np.float64)
    sds = x.std(axis=1, ddof=1)
    center = float(sds[_phase(phase, len(x))].mean())
    c = constants.c4(x.shape[1])
    return _chart(sds, center, np.array(width * center / c * math.sqrt(1 - c * c)), center / c, 0.0)
