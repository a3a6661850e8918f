"""Estimates of many groups in one go, and which of them truly differ from all the others.

Group by group they are what `stats.metrics`, `stats.compare` and `stats.pooling` tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from manyi.kit.scale import Scale
from manyi.stats.compare import holm
from manyi.stats.metrics import FEW_CUSTOMERS, NPS_RARE, NPS_SMALL, on_scale
from manyi.stats.moments import FloatArray, IntArray, Moments
from manyi.stats.pooling import drawn, reml
from manyi.stats.result import Estimate, Note
from manyi.stats.scoring import Metric
from manyi.stats.spread import Spread, without_rounding
from manyi.stats.stacked import Bools, Spreads, Stack, spreads, stacked

Ends = tuple[FloatArray, FloatArray]
Level = float | FloatArray
_LEAST_P = 1e-12


@dataclass(frozen=True, eq=False)
class Side:
    """Groups (m,) with their scores `y` (k,) and the spread of each."""

    stack: Stack
    y: FloatArray
    spread: Spreads
    metric: Metric
    bounds: tuple[float, float]

    def at(self, which: IntArray) -> Side:
        one = self.stack
        by_group = None if one.by_group is None else one.by_group[which]
        parts = (one.n[which], one.w[which], one.w2[which], by_group, one.customers[which])
        return replace(self, stack=Stack(one.values, *parts), spread=self.spread.at(which))

    def shares(self) -> FloatArray:
        """Return the shares (3, m) of those who score 100, 0 and -100."""
        return (
            np.stack([self.stack.w[:, self.y == kind].sum(axis=1) for kind in (100.0, 0.0, -100.0)])
            / self.stack.sum_w
        )

    def is_small(self) -> Bools:
        people = self.spread.people
        rare = (1 - self.shares().max(axis=0)) * people < NPS_RARE
        return np.asarray((people < NPS_SMALL) | rare)


def side(groups: Sequence[Moments], metric: Metric, scale: Scale) -> Side | None:
    """Return groups that all have answers, side by side; None where some lie off the scale."""
    if not groups or any(one.count == 0 or on_scale(one, scale)[1] for one in groups):
        return None
    found = stacked(groups)
    y = np.asarray(metric.scores(found.values, scale), np.float64)
    return Side(found, y, spreads(found, y), metric, metric.bounds(scale))


def estimates(found: Side, *, level: float = 0.95) -> list[Estimate]:
    """Return what `metrics.estimate` returns of each group."""
    ends, df, method = _intervals(found, level)
    own, value = found.spread, found.spread.value
    low, high = np.minimum(ends[0], value), np.maximum(ends[1], value)
    columns = (value, low, high, own.n, own.n_effective, df)
    each = zip(*(one.tolist() for one in columns), method, _remarks(found), strict=True)
    return [
        Estimate(value, low, high, level, n, n_effective, None if df != df else df, name, notes)
        for value, low, high, n, n_effective, df, name, notes in each
    ]


def _remarks(found: Side) -> list[tuple[Note, ...]]:
    stack = found.stack
    few = found.spread.clustered & (stack.people < FEW_CUSTOMERS)
    uneven = stack.kish < stack.count / 2
    notes: list[tuple[Note, ...]] = [()] * len(few)
    for at in np.flatnonzero(few | uneven).tolist():
        if few[at]:
            notes[at] += (Note("few_customers", {"customers": int(stack.people[at])}),)
        if uneven[at]:
            params = {"n": int(stack.count[at]), "n_effective": round(float(stack.kish[at]), 1)}
            notes[at] += (Note("uneven_weights", params),)
    return notes


def drawn_to_whole(found: Side, *, level: float = 0.95) -> list[Estimate]:
    """Return what `pooling.shrunken` returns of each group; there must be two."""
    own, stack = found.spread, found.stack
    away = (stack.w * (found.y - own.value[:, None]) ** 2).sum(axis=1)
    squares = sum((own.n_effective * away / stack.sum_w).tolist())
    pool = reml(own.value, own.n_effective, squares)
    names = ("value", "se", "df", "n", "n_effective", "people", "clustered", "skew")
    columns = [getattr(own, name).tolist() for name in names]
    many = len(own.value)
    return [
        drawn(Spread(*one), pool, many, found.bounds, level) for one in zip(*columns, strict=True)
    ]


@np.errstate(divide="ignore", invalid="ignore")
def differing(found: Side, whole: Moments, which: IntArray, *, level: float = 0.95) -> list[int]:
    """Return of some groups whether they lie above (1) or below (-1) all others of the `whole`
    together, or neither: by Holm at `level`, as many as they are."""
    own = found.at(which)
    rest = own.stack.without(whole)
    pair = _Pair(own, replace(own, stack=rest, spread=spreads(rest, own.y)))
    low, high = pair.interval(level)
    signs = (low > 0).astype(np.int64) - (high < 0)
    sure = np.flatnonzero(signs)
    # Where the interval holds 0 the p is above 1 - level and cannot matter to Holm.
    p = np.ones(len(which))
    p[sure] = _p_values(_Pair(pair.one.at(sure), pair.two.at(sure)))
    adjusted = holm(p.tolist())
    return [
        sign if p is not None and p < 1 - level else 0
        for sign, p in zip(signs.tolist(), adjusted, strict=True)
    ]


def _p_values(pair: _Pair) -> FloatArray:
    """Return 1 - level of the intervals that just touch 0, by bisection."""
    many = len(pair.value)
    low, high = np.full(many, np.log(_LEAST_P)), np.zeros(many)
    for _ in range(40 if many else 0):
        middle = (low + high) / 2
        ends = pair.interval(1 - np.exp(middle))
        inside = (ends[0] < 0) & (ends[1] > 0)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.exp(high)


class _Pair:
    """Groups `one` beside groups `two`, of which customers may be in both."""

    def __init__(self, one: Side, two: Side) -> None:
        self.one, self.two = one, two
        self.value = one.spread.value - two.spread.value
        self.correlation = np.zeros(len(self.value))
        self.se = np.hypot(one.spread.se, two.spread.se)
        self.df = _welch(one.spread, two.spread)
        if one.stack.by_group is not None and two.stack.by_group is not None:
            self._join()
        (low, high), (low2, high2) = one.bounds, two.bounds
        self.range = low - high2, high - low2

    def _join(self) -> None:
        """Take the error from the customers' groups that both carry."""
        pulls = [_influence(side) for side in (self.one, self.two)]
        across, first, second = (
            (a * b).sum(axis=1) for a, b in (pulls, (pulls[0],) * 2, (pulls[1],) * 2)
        )
        size = np.sqrt(first * second)
        self.correlation = np.where(size > 0, across / np.where(size > 0, size, 1.0), 0.0)
        filled = (self.one.stack.weight > 0) | (self.two.stack.weight > 0)
        count, gap = filled.sum(axis=1), pulls[0] - pulls[1]
        joint = np.sqrt(count / (count - 1) * (gap * gap).sum(axis=1))
        self.se = np.where(count > 1, joint, self.se)
        self.df = np.where(count > 1, count - 1.0, self.df)

    def interval(self, level: Level) -> Ends:
        """Return the ends of the intervals of the differences."""
        squared, normal = self._squared(level), self._is_normal()
        half = _t(level, self.df) * self.se
        plain = self.value - half, self.value + half
        low, high = (np.where(normal, a, b) for a, b in zip(plain, squared, strict=True))
        return np.maximum(low, self.range[0]), np.minimum(high, self.range[1])

    def _is_normal(self) -> Bools:
        told = self.one.spread.told & self.two.spread.told
        if self.one.metric.form == "nps":
            return told & ~self.one.is_small() & ~self.two.is_small()
        return told & (self.one.metric.form != "share")

    def _squared(self, level: Level) -> Ends:
        (below, above), (below2, above2) = (_arms(one, level) for one in (self.one, self.two))
        r = self.correlation
        low = below**2 + above2**2 - 2 * r * below * above2
        high = above**2 + below2**2 - 2 * r * above * below2
        low, high = (np.sqrt(np.maximum(one, 0.0)) for one in (low, high))
        return self.value - low, self.value + high


def _arms(one: Side, level: Level) -> Ends:
    """Return how far each group's own interval reaches below and above its value."""
    (low, high), _, _ = _intervals(one, level)
    value = one.spread.value
    return value - np.minimum(low, value), np.maximum(high, value) - value


def _influence(one: Side) -> FloatArray:
    assert one.stack.by_group is not None
    away = one.y - one.spread.value[:, None]
    found = (one.stack.by_group @ away[:, :, None])[:, :, 0]
    return without_rounding(found / one.stack.sum_w[:, None], one.y)


@np.errstate(divide="ignore", invalid="ignore")
def _welch(one: Spreads, two: Spreads) -> FloatArray:
    v1, v2 = one.se**2, two.se**2
    bottom = v1**2 / one.df + v2**2 / two.df
    return np.where(bottom == 0, np.inf, (v1 + v2) ** 2 / np.where(bottom == 0, 1.0, bottom))


@np.errstate(divide="ignore", invalid="ignore")
def _intervals(found: Side, level: Level) -> tuple[Ends, FloatArray, list[str]]:
    """Return the ends of each group's interval, its df (NaN for none) and its method."""
    if found.metric.form == "share":
        return _of_shares(found.spread, level)
    if found.metric.form == "nps":
        return _of_nps(found, level)
    return _of_means(found, level)


def _told(
    where: Bools, ends: Ends, other: Ends, df: FloatArray, names: tuple[FloatArray | str, str]
) -> tuple[Ends, FloatArray, list[str]]:
    low, high = (np.where(where, a, b) for a, b in zip(ends, other, strict=True))
    named = np.where(where, *names).tolist()
    return (low, high), np.where(where, df, np.nan), named


def _of_shares(own: Spreads, level: Level) -> tuple[Ends, FloatArray, list[str]]:
    p = own.value / 100
    grouped = own.clustered & own.told & (p > 0) & (p < 1)
    middle, half = np.log(p / (1 - p)), _t(level, own.df) * (own.se / 100) / (p * (1 - p))
    by_groups = 100 * special.expit(middle - half), 100 * special.expit(middle + half)
    plain = own.told & ~own.clustered & (own.people <= own.n - 1e-9)
    alone = p * (1 - p) * own.n / np.maximum(own.n - 1, 1)
    worth = np.minimum(own.people, alone / (own.se / 100) ** 2)
    ends = _wilson(p, np.where(plain, worth, own.people), level)
    return _told(grouped, by_groups, ends, own.df, ("logit_jackknife", "wilson"))


def _wilson(p: FloatArray, n: FloatArray, level: Level) -> Ends:
    z = _z(level)
    z2 = z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low = np.where(p <= 0, 0.0, middle - half)
    return 100 * low, 100 * np.where(p >= 1, 1.0, middle + half)


def _of_nps(found: Side, level: Level) -> tuple[Ends, FloatArray, list[str]]:
    own = found.spread
    plain = own.told & (own.clustered | ~found.is_small())
    half = _t(level, own.df) * own.se
    ends = _clipped((own.value - half, own.value + half), -100.0, 100.0)
    up, _, down = found.shares() * own.people
    total = own.people + 3
    up, down = (up + 0.75) / total, (down + 0.75) / total
    half = _z(level) * np.sqrt((up + down - (up - down) ** 2) / total)
    small = _clipped((100 * (up - down - half), 100 * (up - down + half)), -100.0, 100.0)
    names = np.where(own.clustered, "jackknife", "t")
    return _told(plain, ends, small, own.df, (names, "adjusted_wald"))


def _of_means(found: Side, level: Level) -> tuple[Ends, FloatArray, list[str]]:
    own, (low, high) = found.spread, found.bounds
    root, n, quantile = np.sqrt(own.voices), own.voices, _t(level, own.df)
    skewed = np.abs(own.skew) >= 1e-6
    skew = np.where(skewed, own.skew, 1.0)
    arms = []
    for sign in (1.0, -1.0):
        bent = 3 / skew * (np.cbrt(1 + skew * (sign * quantile / root - skew / (6 * n))) - 1)
        arms.append(own.se * np.where(skewed, root * bent, sign * quantile))
    ends = _clipped((own.value - arms[0], own.value - arms[1]), low, high)
    others = 1 - ((1 - np.asarray(level)) / 2) ** (1 / np.maximum(own.people, 1))
    alike = own.value - others * (own.value - low), own.value + others * (high - own.value)
    names = np.where(own.clustered, "jackknife", "skew_t")
    return _told(own.told, ends, alike, own.df, (names, "unanimous"))


def _clipped(ends: Ends, low: float, high: float) -> Ends:
    return np.maximum(ends[0], low), np.minimum(ends[1], high)


def _z(level: Level) -> FloatArray:
    return np.asarray(special.ndtri(0.5 + np.asarray(level) / 2))


def _t(level: Level, df: FloatArray) -> FloatArray:
    finite = np.isfinite(df)
    found = special.stdtrit(np.where(finite, df, 1.0), 0.5 + np.asarray(level) / 2)
    return np.where(finite, found, _z(level))
