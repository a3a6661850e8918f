"""Funnel plots: how far units that are all alike would lie apart by chance, by how much they know.

The limits narrow with n, so that a small unit is not called an outlier for being small.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import scipy  # its large parts are loaded when they are first asked for

from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.intervals import Interval
from manyi.stats.metrics import named, on_scale
from manyi.stats.moments import FloatArray, Moments, merge_all
from manyi.stats.result import Estimate, Test
from manyi.stats.scoring import Box, Metric
from manyi.stats.spread import spread

Key = TypeVar("Key", bound=Hashable)
LEAST_UNITS = 10
WARN, ALARM = 0.95, 0.998
_TAIL = 0.1
_LOW = (1 - WARN) / 2


@dataclass(frozen=True)
class Point:
    """A unit's own value, its answers, and how many independent ones tell as much."""

    value: float
    n: int
    n_effective: float


@dataclass(frozen=True)
class Funnel(Generic[Key]):
    """The whole's value and the spread of one answer, the units around it, and how much further
    they lie apart than chance allows: `apart` tests it, its effect 1 is chance alone. None for
    fewer than ten units."""

    centre: float
    sd: float
    bounds: tuple[float, float]
    is_share: bool
    points: Mapping[Key, Point]
    apart: Test | None = None

    @property
    def is_wide(self) -> bool:
        """Whether the units surely differ more than by chance, so that limits are widened."""
        return self.apart is not None and (self.apart.p or 0.0) < 1 - WARN

    def by_chance(self, n: float, level: float) -> Interval:
        """Return where the value of `n` answers lies with probability `level` by chance alone."""
        if self.is_share:
            ends = _binomial(self.centre / 100, n, level)
            return Interval(100 * ends.low, 100 * ends.high)
        z = intervals.normal_quantile(level)
        return intervals.clip(
            intervals.around(self.centre, self.sd / math.sqrt(n), z), *self.bounds
        )

    def limits(self, n: float, level: float) -> Interval:
        """Return the limits to draw: those of chance, widened by √dispersion where `is_wide`."""
        if self.apart is None or not self.is_wide:
            return self.by_chance(n, level)
        return self.by_chance(n / (self.apart.effect.value or 1.0), level)

    def side(self, key: Key, level: float) -> int:
        """Return 1 where a unit lies above its limits at `level`, -1 below, 0 within."""
        one = self.points[key]
        low, high = self.limits(one.n_effective, level)
        return int(one.value > high) - int(one.value < low)


def funnel_plot(
    units: Mapping[Key, Moments], metric: str | Metric, scale: Scale, *, box: Box = None
) -> Funnel[Key] | None:
    """Return the funnel of a metric (Spiegelhalter 2005); None where nobody answered.

    Shares have exact binomial limits at their effective n, others centre ± z·sd/√n. The
    dispersion is the mean square of the units' z values, the outer tenths on each side drawn
    in (winsorised) so that a few outliers do not hide themselves; n times it against χ²(n-1),
    whose quantiles are its interval.
    """
    found = named(metric)
    whole, _ = on_scale(merge_all(units.values()), scale)
    if whole.count == 0:
        return None
    y = found.scores(whole.values, scale, box)
    centre = float(whole.w @ y) / whole.sum_w
    sd = math.sqrt(max(float(whole.w @ (y - centre) ** 2) / whole.sum_w, 0.0))
    points = {key: one for key, m in units.items() if (one := _point(m, metric, scale, box))}
    apart = _apart(list(points.values()), centre, sd)
    is_share = found.form == "share"
    return Funnel(centre, sd, found.bounds(scale), is_share, points, apart)


def _point(moments: Moments, metric: str | Metric, scale: Scale, box: Box) -> Point | None:
    used, _ = on_scale(moments, scale)
    if used.count == 0:
        return None
    one = spread(used, named(metric).scores(used.values, scale, box))
    return Point(one.value, used.count, max(one.n_effective, 1.0))


def _apart(points: list[Point], centre: float, sd: float) -> Test | None:
    if len(points) < LEAST_UNITS or sd <= 0:
        return None
    z = np.array([(one.value - centre) / sd * math.sqrt(one.n_effective) for one in points])
    n, df = len(z), float(len(z) - 1)
    square = float((_drawn_in(z) ** 2).sum())
    low, high = (square / float(scipy.special.chdtri(df, tail)) for tail in (_LOW, 1 - _LOW))
    told = Estimate(square / n, low, high, WARN, n, float(n), df, "chi_square")
    p = float(scipy.special.chdtrc(df, square))
    return Test(square, p, df, told, "dispersion", n)


def _drawn_in(z: FloatArray) -> FloatArray:
    low, high = np.quantile(z, (_TAIL, 1 - _TAIL))
    return np.clip(z, low, high)


def _binomial(p: float, n: float, level: float) -> Interval:
    """Return the shares that are reached, or passed, by chance with at most (1 - level)/2."""
    tail = (1 - level) / 2
    if not 0 < p < 1:
        return Interval(p, p)
    low = float(scipy.special.bdtrik(tail, n, p)) if (1 - p) ** n < tail else 0.0
    high = float(scipy.special.bdtrik(1 - tail, n, p)) + 1 if p**n < tail else n
    return Interval(max(low, 0.0) / n, min(high, n) / n)
