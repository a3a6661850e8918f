"""Fair tables of units: few answers are drawn towards the whole, and only what differs is said.

A raw mean of eight answers is mostly chance; ranking by it rewards small units and punishes
others for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import scipy  # its large parts are loaded when they are first asked for

from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.compare import change_test, holm_tests
from manyi.stats.metrics import estimate, named, on_scale
from manyi.stats.moments import FloatArray, Moments, merge_all, without
from manyi.stats.result import Estimate, Note, Test, nothing
from manyi.stats.scoring import Box, Metric
from manyi.stats.spread import Spread, spread

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Pool:
    """Between- and within-unit variance by REML, and the mean of units they imply."""

    mean: float
    mean_variance: float
    between: float
    within: float

    @property
    def icc(self) -> float:
        """Return the share of the variance of answers that lies between units, 0 to 1."""
        total = self.between + self.within
        return self.between / total if total > 0 else 0.0


def reml(means: FloatArray, n: FloatArray, within_squares: float) -> Pool:
    """Fit the random-intercept model to unit means (m,) of n (m,) answers.

    `within_squares` is ΣΣ(y - unit mean)²; n may be effective numbers. Profiles the restricted
    likelihood over the ratio of the two variances. Same as lme(y ~ 1, random = ~1 | unit).
    """
    units, total = len(means), float(n.sum())

    def terms(ratio: float) -> tuple[FloatArray, float, float]:
        w = n / (1 + n * ratio)
        mean = float(w @ means / w.sum())
        within = (within_squares + float(w @ (means - mean) ** 2)) / max(total - 1, 1e-9)
        return w, mean, within

    def deviance(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        w, _, within = terms(ratio)
        spreads = float(np.log1p(n * ratio).sum()) + math.log(float(w.sum()))
        return (total - 1) * math.log(max(within, 1e-300)) + spreads

    ratio = 0.0
    if units > 1 and total > units:
        best = scipy.optimize.minimize_scalar(
            deviance, bounds=(-20.0, 8.0), method="bounded", options={"xatol": 1e-9}
        )
        ratio = math.exp(float(best.x)) if best.fun < deviance(-30.0) - 1e-9 else 0.0
    w, mean, within = terms(ratio)
    return Pool(mean, within / float(w.sum()), ratio * within, within)


def shrunken(
    units: Mapping[Key, Moments],
    metric: str | Metric,
    scale: Scale,
    *,
    level: float = 0.95,
    box: Box = None,
) -> dict[Key, Estimate]:
    """Return each unit's metric drawn towards the whole by how little it knows itself.

    The empirical-Bayes mean (BLUP) n·τ²/(σ² + n·τ²) of the unit's own, the rest of the
    whole's; effective n where weights or repeated customers call for it. A unit without
    answers has no value; a unit that alone has answers keeps its own. The interval is that of
    the BLUP with units - 1 degrees of freedom.
    """
    spreads, squares = _spreads(units, metric, scale, box)
    if len(spreads) < 2:
        return {key: estimate(metric, m, scale, level=level, box=box) for key, m in units.items()}
    means = np.array([one.value for one in spreads.values()])
    n = np.array([one.n_effective for one in spreads.values()])
    pool = reml(means, n, squares)
    bounds = named(metric).bounds(scale)
    return {
        key: drawn(spreads[key], pool, len(spreads), bounds, level)
        if key in spreads
        else nothing(level=level, warnings=(Note("no_answers"),))
        for key in units
    }


def pool_of(
    units: Mapping[Key, Moments], metric: str, scale: Scale, *, box: Box = None
) -> Pool | None:
    """Return the pool that `shrunken` draws towards; None where nobody answered."""
    spreads, squares = _spreads(units, metric, scale, box)
    if not spreads:
        return None
    means = np.array([one.value for one in spreads.values()])
    n = np.array([one.n_effective for one in spreads.values()])
    return reml(means, n, squares)


def _spreads(
    units: Mapping[Key, Moments], metric: str | Metric, scale: Scale, box: Box
) -> tuple[dict[Key, Spread], float]:
    found: dict[Key, Spread] = {}
    squares = 0.0
    for key, moments in units.items():
        used, _ = on_scale(moments, scale)
        y = named(metric).scores(used.values, scale, box)
        if used.count == 0:
            continue
        one = spread(used, y)
        found[key] = one
        squares += one.n_effective * float(used.w @ (y - one.value) ** 2) / used.sum_w
    return found, squares


def drawn(
    own: Spread, pool: Pool, units: int, bounds: tuple[float, float], level: float
) -> Estimate:
    """Return the estimate of one of so many units drawn towards the pool."""
    total = pool.within + own.n_effective * pool.between
    trust = own.n_effective * pool.between / total if total > 0 else 1.0
    value = pool.mean + trust * (own.value - pool.mean)
    variance = (1 - trust) * pool.between + (1 - trust) ** 2 * pool.mean_variance
    df = float(max(units - 1, 1))
    ends = intervals.around(value, math.sqrt(variance), intervals.t_quantile(level, df))
    if variance <= 1e-12:
        ends = intervals.unanimous(value, max(own.people, 1), *bounds, level)
    ends = intervals.clip(ends, *bounds)
    note = Note("drawn_to_whole", {"own": round(own.value, 1), "trust": round(100 * trust)})
    return Estimate(value, *ends, level, own.n, own.n_effective, df, "shrunken", (note,))


def from_rest(
    units: Mapping[Key, Moments],
    metric: str,
    scale: Scale,
    *,
    level: float = 0.95,
    box: Box = None,
) -> dict[Key, Test]:
    """Return the test of each unit against all the others, p adjusted by Holm.

    The unit is taken out of the whole first, else it would be compared with itself. Only
    p < 1 - level says that a unit truly differs.
    """
    whole = merge_all(units.values())
    return holm_tests(
        {
            key: change_test(own, without(whole, own), metric, scale, level=level, box=box)
            for key, own in units.items()
        }
    )
