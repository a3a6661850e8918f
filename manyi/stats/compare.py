"""Differences of a metric between two periods or groups, and whether they are real.

环比 and 同比 are `difference(now, before, …)`; a difference is "no real change" where its
interval holds 0. The p of a test is the one at which the interval just touches 0, so that
a test and an interval never contradict each other.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy import special

from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.intervals import Interval
from manyi.stats.metrics import NPS_RARE, NPS_SMALL, estimate, interval_of, named, on_scale
from manyi.stats.moments import FloatArray, Moments
from manyi.stats.result import Estimate, Note, Test, nothing
from manyi.stats.scoring import Box, Metric
from manyi.stats.spread import Spread, correlation, influence, spread

Key = TypeVar("Key", bound=Hashable)
_LEAST_P = 1e-12


@dataclass(frozen=True)
class _Side:
    moments: Moments
    y: FloatArray
    spread: Spread
    bounds: tuple[float, float]


@dataclass(frozen=True)
class _Pair:
    """Two sides of one difference: everything but the level."""

    metric: Metric
    now: _Side
    before: _Side
    correlation: float
    joint: tuple[float, float] | None  # se, df

    @property
    def value(self) -> float:
        return self.now.spread.value - self.before.spread.value


def difference(
    now: Moments,
    before: Moments,
    metric: str | Metric,
    scale: Scale,
    *,
    before_scale: Scale | None = None,
    n_shared: int | None = None,
    level: float = 0.95,
    box: Box = None,
) -> Estimate:
    """Return now - before, in points of the metric, with its interval.

    `n` and `n_effective` are those of the smaller side. `n_shared` says how many customers
    are on both sides: with 0 the sides are independent; otherwise, and where it is not known,
    their covariance comes from the customer groups that both sides carry. Shares and small
    NPS: the sides' own intervals, squared and added (Newcombe; Zou & Donner where correlated);
    means, indices and larger NPS: Welch, or the joint grouped jackknife.
    """
    metric = named(metric)
    pair = _pair(now, before, metric, (scale, before_scale or scale), n_shared, box)
    if pair is None:
        n = min(now.count, before.count)
        return nothing(level=level, n=n, warnings=(Note("no_answers"),))
    interval, df, method = _interval(pair, level)
    notes = [
        note
        for part, its in ((now, scale), (before, before_scale or scale))
        for note in estimate(metric, part, its, level=level, box=box).warnings
    ]
    sides = (pair.now.spread, pair.before.spread)
    return Estimate(
        pair.value,
        *interval,
        level,
        min(side.n for side in sides),
        min(side.n_effective for side in sides),
        df,
        method,
        tuple({repr(note): note for note in notes}.values()),
    )


def change_test(
    now: Moments,
    before: Moments,
    metric: str | Metric,
    scale: Scale,
    *,
    before_scale: Scale | None = None,
    n_shared: int | None = None,
    level: float = 0.95,
    box: Box = None,
) -> Test:
    """Return the test of "no difference"; the statistic is the normal score of p, signed."""
    effect = difference(
        now,
        before,
        metric,
        scale,
        before_scale=before_scale,
        n_shared=n_shared,
        level=level,
        box=box,
    )
    both = (scale, before_scale or scale)
    pair = _pair(now, before, named(metric), both, n_shared, box)
    if pair is None:
        return Test(None, None, None, effect, "none", effect.n, effect.warnings)
    p = _p_value(pair)
    z = math.copysign(float(-special.ndtri(p / 2)), pair.value)
    return Test(z, p, effect.df, effect, effect.method, effect.n, effect.warnings)


def is_change(found: Estimate) -> bool:
    """Whether the interval of a difference excludes 0; else it is "no real change"."""
    return direction(found) != 0


def direction(found: Estimate) -> int:
    """Return 1 where a difference is surely up, -1 where surely down, 0 otherwise."""
    if found.low is None or found.high is None:
        return 0
    return int(found.low > 0) - int(found.high < 0)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return Holm's adjusted p-values in the order given; a None stays and does not count."""
    known = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    running = 0.0
    for rank, (p, at) in enumerate(known):
        running = max(running, min(1.0, (len(known) - rank) * p))
        adjusted[at] = running
    return adjusted


def holm_tests(tests: Mapping[Key, Test]) -> dict[Key, Test]:
    """Return the tests with p adjusted for there being many, and effects as they were."""
    adjusted = holm([test.p for test in tests.values()])
    return {key: replace(tests[key], p=p) for key, p in zip(tests, adjusted, strict=True)}


def _pair(
    now: Moments,
    before: Moments,
    metric: Metric,
    scales: tuple[Scale, Scale],
    n_shared: int | None,
    box: Box,
) -> _Pair | None:
    sides = [_side(m, metric, s, box) for m, s in zip((now, before), scales, strict=True)]
    one, two = sides
    if one is None or two is None:
        return None
    groups = one.moments.by_group is not None and two.moments.by_group is not None
    if not groups or n_shared == 0:
        return _Pair(metric, one, two, 0.0, None)
    pulls = influence(one.moments, one.y), influence(two.moments, two.y)
    filled = np.zeros(len(pulls[0]), bool)
    for side in (one, two):
        assert side.moments.by_group is not None
        filled |= side.moments.by_group.sum(axis=1) > 0
    count = int(filled.sum())
    joint = None
    if count > 1:
        gap = pulls[0] - pulls[1]
        joint = (math.sqrt(count / (count - 1) * float(gap @ gap)), float(count - 1))
    return _Pair(metric, one, two, correlation(*pulls), joint)


def _side(moments: Moments, metric: Metric, scale: Scale, box: Box) -> _Side | None:
    used, _ = on_scale(moments, scale)
    y = metric.scores(used.values, scale, box)
    if used.count == 0:
        return None
    return _Side(used, y, spread(used, y), metric.bounds(scale))


def _interval(pair: _Pair, level: float) -> tuple[Interval, float | None, str]:
    if not _normal(pair):
        return _squared(pair, level)
    if pair.joint is not None:
        se, df = pair.joint
        method = "joint_jackknife"
    else:
        one, two = pair.now.spread, pair.before.spread
        se = math.hypot(one.se, two.se)
        df = intervals.welch_df(one.se**2, one.df, two.se**2, two.df)
        method = "welch"
    interval = intervals.around(pair.value, se, intervals.t_quantile(level, df))
    return intervals.clip(interval, *_range(pair)), df, method


def _normal(pair: _Pair) -> bool:
    """Whether a t interval of the difference can be trusted."""
    told = pair.now.spread.told and pair.before.spread.told
    if pair.metric.form == "nps":
        return told and not any(_small(side) for side in (pair.now, pair.before))
    return told and pair.metric.form != "share"


def _small(side: _Side) -> bool:
    total = side.moments.sum_w
    largest = max(float(side.moments.w[side.y == k].sum()) / total for k in (-100.0, 0.0, 100.0))
    people = side.spread.people
    return people < NPS_SMALL or (1 - largest) * people < NPS_RARE


def _squared(pair: _Pair, level: float) -> tuple[Interval, float | None, str]:
    ends = []
    for side in (pair.now, pair.before):
        own, _, _ = interval_of(pair.metric, side.spread, side.moments, side.y, side.bounds, level)
        value = side.spread.value
        ends.append((value, min(own.low, value), max(own.high, value)))
    interval = intervals.square_and_add(ends[0], ends[1], pair.correlation)
    plain = pair.joint is None and pair.metric.form == "share"
    method = "newcombe" if plain else "square_and_add"
    return intervals.clip(interval, *_range(pair)), None, method


def _range(pair: _Pair) -> tuple[float, float]:
    (low, high), (low2, high2) = pair.now.bounds, pair.before.bounds
    return low - high2, high - low2


def _p_value(pair: _Pair) -> float:
    """Return 1 - level of the interval that just touches 0, by bisection."""
    if pair.value == 0:
        return 1.0
    low, high = math.log(_LEAST_P), 0.0
    for _ in range(40):
        middle = (low + high) / 2
        ends, _, _ = _interval(pair, 1 - math.exp(middle))
        if ends.low < 0 < ends.high:
            low = middle
        else:
            high = middle
    return math.exp(high)
