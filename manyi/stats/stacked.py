"""The moments of many groups side by side, and what `stats.spread` tells of each, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from manyi.stats.moments import GROUPS, FloatArray, IntArray, Moments, from_cells

Bools = NDArray[np.bool_]
_UNKNOWN = -1
# So many numbers may be laid out at once, with those that are 0.
_MOST_CELLS = 8_000_000


@dataclass(frozen=True, eq=False)
class Stack:
    """Moments of groups (m,) over the same answers `values` (k,), of which a group may lack some.

    `n`, `w` and `w2` are (m, k), `by_group` (m, 64, k) or None for all; `customers` (m,) counts
    them, -1 where that is not known.
    """

    values: FloatArray
    n: IntArray
    w: FloatArray
    w2: FloatArray
    by_group: FloatArray | None
    customers: IntArray

    @cached_property
    def count(self) -> IntArray:
        return np.asarray(self.n.sum(axis=1))

    @cached_property
    def sum_w(self) -> FloatArray:
        return np.asarray(self.w.sum(axis=1))

    @cached_property
    def weight(self) -> FloatArray:
        """Return the weight of each customer group (m, 64); there must be any."""
        assert self.by_group is not None
        return np.asarray(self.by_group.sum(axis=2))

    @cached_property
    def filled(self) -> IntArray:
        if self.by_group is None:
            return np.zeros(len(self.n), np.int64)
        return np.asarray((self.weight > 0).sum(axis=1))

    @property
    def clustered(self) -> Bools:
        if self.by_group is None:
            return np.zeros(len(self.n), bool)
        return np.asarray((self.customers < 0) | (self.customers < self.count))

    @cached_property
    def kish(self) -> FloatArray:
        squares = self.w2.sum(axis=1)
        weighted = self.sum_w**2 < self.count * squares * (1 - 1e-12)
        found = self.sum_w**2 / np.where(weighted, squares, 1.0)
        return np.asarray(np.where(weighted, found, self.count))

    @cached_property
    def people(self) -> IntArray:
        bound = self.count if self.by_group is None else self.filled
        return np.where(self.customers >= 0, self.customers, bound)

    def without(self, whole: Moments) -> Stack:
        """Return for each group all the others of `whole`, which holds them and nothing else."""
        at = np.searchsorted(whole.values, self.values)
        n = whole.n[at] - self.n
        there = n > 0
        by_group = None
        if self.by_group is not None and whole.by_group is not None:
            all_ = whole.by_group[:, at]
            by_group = all_ - self.by_group
            by_group[(by_group < all_ * 1e-12) | ~there[:, None, :]] = 0.0
        once = by_group is not None and not whole.clustered
        customers = n.sum(axis=1) if once else np.full(len(n), _UNKNOWN)
        w, w2 = ((all_[at] - own) * there for all_, own in ((whole.w, self.w), (whole.w2, self.w2)))
        return replace(self, n=n, w=w, w2=w2, by_group=by_group, customers=customers)


def stacked(groups: Sequence[Moments]) -> Stack:
    """Return groups side by side; either all of them know their customers or none does."""
    values = np.unique(np.concatenate([one.values for one in groups]))
    shape = (len(groups), len(values))
    n, w, w2 = np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape)
    known = [one.by_group is not None for one in groups]
    if any(known) and not all(known):
        raise ValueError("moments with and without customer groups cannot lie side by side")
    by_group = np.zeros((len(groups), GROUPS, len(values))) if all(known) else None
    for at, one in enumerate(groups):
        place = np.searchsorted(values, one.values)
        n[at, place], w[at, place], w2[at, place] = one.n, one.w, one.w2
        if by_group is not None and one.by_group is not None:
            by_group[at][:, place] = one.by_group
    customers = [_UNKNOWN if one.n_customers is None else one.n_customers for one in groups]
    return Stack(values, n, w, w2, by_group, np.array(customers, np.int64))


def of_groups(
    many: int,
    group: IntArray,
    values: ArrayLike,
    clusters: ArrayLike | None,
    n: IntArray,
    *,
    n_customers: Sequence[int | None],
) -> list[Moments]:
    """Return what `moments.from_cells` makes of the cells of each of the groups 0 … many - 1."""
    x = np.asarray(values, np.float64)
    distinct, at = np.unique(x, return_inverse=True)
    k = len(distinct)
    if np.isnan(x).any() or many * k * GROUPS > _MOST_CELLS:
        return [_of_group(group == one, x, clusters, n, n_customers[one]) for one in range(many)]
    place = group * k + at
    counts = np.bincount(place, n, minlength=many * k).reshape(many, k)
    by_group = None
    if clusters is not None:
        cell = (group * GROUPS + np.asarray(clusters, np.int64)) * k + at
        by_group = np.bincount(cell, n, minlength=many * GROUPS * k).reshape(many, GROUPS, k)
    found = []
    for one in range(many):
        there, w = counts[one] > 0, counts[one]
        groups = None if by_group is None else by_group[one]
        if there.all():
            found.append(Moments(distinct, w.astype(np.int64), w, w, groups, n_customers[one]))
            continue
        w, groups = w[there], None if groups is None else groups[:, there]
        found.append(Moments(distinct[there], w.astype(np.int64), w, w, groups, n_customers[one]))
    return found


def _of_group(
    mine: Bools, x: FloatArray, clusters: ArrayLike | None, n: IntArray, n_customers: int | None
) -> Moments:
    own = None if clusters is None else np.asarray(clusters)[mine]
    return from_cells(x[mine], own, n[mine], n_customers=n_customers)


@dataclass(frozen=True, eq=False)
class Spreads:
    """The fields of `stats.spread.Spread` for each group (m,)."""

    value: FloatArray
    se: FloatArray
    df: FloatArray
    n: IntArray
    n_effective: FloatArray
    people: FloatArray
    clustered: Bools
    skew: FloatArray

    @property
    def voices(self) -> FloatArray:
        return np.where(self.clustered, self.df + 1, self.n_effective)

    @property
    def told(self) -> Bools:
        return np.asarray(self.se > 0)

    def at(self, which: IntArray) -> Spreads:
        return Spreads(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


@np.errstate(divide="ignore", invalid="ignore")
def spreads(stack: Stack, y: FloatArray) -> Spreads:
    """Return the mean of the scores `y` (k,) in each group, and its error, as `spread` does."""
    value = stack.w @ y / stack.sum_w
    alone, grouped = _plain(stack, y, value), _by_groups(stack, y, value)
    found = _either(stack.clustered, grouped, alone)
    low = np.where(stack.n > 0, y, np.inf).min(axis=1)
    agreed = low == np.where(stack.n > 0, y, -np.inf).max(axis=1)
    return _either(agreed, _agreed(stack, low), found)


def _either(where: Bools, one: Spreads, other: Spreads) -> Spreads:
    names = Spreads.__dataclass_fields__
    return Spreads(*(np.where(where, getattr(one, n), getattr(other, n)) for n in names))


def _agreed(stack: Stack, value: FloatArray) -> Spreads:
    none, clustered = np.zeros(len(value)), stack.clustered
    df = np.where(clustered, np.maximum(stack.filled - 1, 1), stack.count - 1).astype(np.float64)
    people = np.where(clustered, stack.people, stack.kish)
    return Spreads(value, none, df, stack.count, people, people, clustered, none)


def _plain(stack: Stack, y: FloatArray, value: FloatArray) -> Spreads:
    n, kish, away = stack.count, stack.kish, y - value[:, None]
    squares = (stack.w2 * away**2).sum(axis=1)
    variance = np.where(n > 1, squares / stack.sum_w**2 * n / (n - 1), np.nan)
    second, third = ((stack.w * away**p).sum(axis=1) / stack.sum_w for p in (2, 3))
    skew = np.where(second > 1e-12 * (1 + value**2), third / second**1.5, 0.0)
    df, clustered = np.maximum(kish - 1, 1e-9), np.zeros(len(n), bool)
    return Spreads(value, np.sqrt(variance), df, n, kish, kish, clustered, skew)


def _by_groups(stack: Stack, y: FloatArray, value: FloatArray) -> Spreads:
    n, people = stack.count, stack.people.astype(np.float64)
    clustered = np.ones(len(n), bool)
    if stack.by_group is None:
        none = np.zeros(len(n))
        return Spreads(value, none, none, n, people, people, clustered, none)
    groups, there = stack.filled, stack.weight > 0
    left = (stack.w @ y)[:, None] - stack.by_group @ y
    away = np.where(there, left / (stack.sum_w[:, None] - stack.weight), 0.0)
    pull = np.where(there, (away.sum(axis=1) / groups)[:, None] - away, 0.0)
    variance = (groups - 1) / groups * (pull**2).sum(axis=1)
    scores = np.where(stack.n > 0, y, np.nan)
    width = np.nanmax(scores, axis=1, initial=-np.inf) - np.nanmin(scores, axis=1, initial=np.inf)
    variance = np.where(variance > 1e-24 * width**2, variance, 0.0)
    alone = (stack.w * (y - value[:, None]) ** 2).sum(axis=1) / stack.sum_w
    alone = alone * n / np.maximum(n - 1, 1)
    n_effective = np.where(variance <= 0, people, np.minimum(alone / variance, n))
    few, df = groups < 2, (groups - 1).astype(np.float64)
    return Spreads(
        value,
        np.where(few, np.nan, np.sqrt(variance)),
        np.where(few, 1e-9, df),
        n,
        np.where(few, people, n_effective),
        people,
        clustered,
        np.where(few, 0.0, _skew(pull, groups)),
    )


def _skew(pull: FloatArray, groups: IntArray) -> FloatArray:
    second, third = ((pull**p).sum(axis=1) / groups for p in (2, 3))
    small = np.sqrt(groups * (groups - 1)) / (groups - 2)
    return np.where((groups < 3) | (second <= 1e-24), 0.0, small * third / second**1.5)
