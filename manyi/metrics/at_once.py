"""What `metrics.differencing` says of one group, of all groups of a table in one go."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.lake.tallies import Tally
from manyi.metrics.conditions import (
    MOST_CONDITIONS,
    Condition,
    Key,
    about,
    ends_of,
    narrower,
    wider,
)
from manyi.stats.timeline import Timeline
from manyi.stats.timelines import Timelines, timelines

Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Kept = Sequence[Condition]
Numbered = tuple[Timelines, list[dict[Hashable, int]]]


class Watch(Protocol):
    """Who looks at all anonymous answers, as `metrics.differencing` does."""

    @property
    def selection(self) -> Selection: ...
    @property
    def minimum_n(self) -> int: ...
    @property
    def grouped(self) -> dict[Any, Numbered]: ...
    def conditions(self, key: Key) -> tuple[Condition, ...]: ...
    def timeline_of(self, kept: Kept) -> Timeline: ...
    def tally_of(self, kept: Collection[Condition]) -> Tally: ...
    def mask_of(self, kept: Collection[Condition]) -> Bools: ...
    def labels_of(
        self, name: str, tally: Tally, asked: frozenset[Condition], *, own: bool
    ) -> tuple[Integers, list[str | None]]: ...
    def gives_away(self, conditions: Kept, ends: tuple[int, int], n: int) -> bool: ...
    def splits(self, one: Condition, conditions: Kept, ends: tuple[int, int]) -> bool: ...
    def values_more(self, one: Condition, others: Kept) -> list[Condition]: ...


class Groups:
    """The groups of a table, whose conditions differ in nothing but their values.

    `slots` are the conditions of each; those of its group stand there without a value.
    """

    def __init__(self, watch: Watch, keys: Sequence[Key]) -> None:
        self.watch, self.keys = watch, keys
        self.each = [watch.conditions(key) for key in keys]
        first = self.each[0] if keys else watch.conditions(())
        self.slots = tuple(
            Condition("group", one.name) if one.kind == "group" else one for one in first
        )

    def between(self, first: ArrayLike, after: ArrayLike) -> Integers:
        lines, mine = self._timelines(self.slots)
        return lines.between(mine, first, after)

    def keeps(self, first: ArrayLike, after: ArrayLike) -> Bools:
        lines, mine = self._timelines(self.slots)
        return lines.keeps(mine, first, after)

    def around(self, kept: Kept, first: ArrayLike, after: ArrayLike) -> Integers:
        """Return how many meet some of each group's conditions, in the shortest periods whose
        ends are cuts."""
        lines, mine = self._timelines(kept)
        return lines.around(mine, first, after)

    def by_value(self, name: str, kept: Kept, first: ArrayLike, after: ArrayLike) -> Integers:
        """Return how many meet some of each group's conditions by the values of a dimension."""
        lines, mine, many = self._by_value(name, kept)
        of = np.where(mine[:, None] < 0, -1, mine[:, None] * many + np.arange(many))
        ends = (np.broadcast_to(np.asarray(end)[..., None], of.shape) for end in (first, after))
        start, end = (one.reshape(-1) for one in ends)
        return lines.between(of.reshape(-1), start, end).reshape(of.shape)

    def told(self, first: int, after: int) -> int:
        """Return how many people are told of in a period, of all groups together."""
        n = self.between(first, after)
        shown = self.keeps(first, after) & (n >= self.watch.minimum_n)
        return int(n[shown].sum())

    def _timelines(self, kept: Kept) -> tuple[Timelines, Integers]:
        """Return the timelines of those who meet these conditions, and which is each group's."""
        plain, places = self._parted(kept)
        lines, numbers = numbered(self.watch, plain, [self.slots[at].name for at in places])
        return lines, self._mine(places, numbers)

    def _by_value(self, name: str, kept: Kept) -> tuple[Timelines, Integers, int]:
        """Return the same with each group's people told apart by a dimension, and how many values
        that has: the first one's timeline follows those of the group before."""
        plain, places = self._parted(kept)
        names = [*(self.slots[at].name for at in places), name]
        lines, (*numbers, values) = numbered(self.watch, plain, names)
        return lines, self._mine(places, numbers), len(values)

    def _parted(self, kept: Kept) -> tuple[frozenset[Condition], list[int]]:
        plain = frozenset(one for one in kept if one.kind != "group")
        return plain, [
            at for at, one in enumerate(self.slots) if one.kind == "group" and one in kept
        ]

    def _mine(self, places: Sequence[int], numbers: Sequence[Mapping[Hashable, int]]) -> Integers:
        mine = np.zeros(len(self.keys), np.int64)
        for at, values in zip(places, numbers, strict=True):
            own = np.array([values.get(one[at].value, -1) for one in self.each], np.int64)
            mine = np.where((mine < 0) | (own < 0), -1, mine * len(values) + own)
        return mine


class Everybody:
    """All groups by the dimensions that a watch looks at, of those who meet its conditions."""

    def __init__(self, watch: Watch) -> None:
        slots = watch.conditions((None,) * len(watch.selection.by))
        plain = [one for one in slots if one.kind != "group"]
        names = [one.name for one in slots if one.kind == "group"]
        self.lines, _ = numbered(watch, plain, names)
        self.least = watch.minimum_n

    def told(self, first: int, after: int) -> int:
        """Return how many people are told of in a period, of all groups together."""
        all_ = np.unique(self.lines.groups)
        n = self.lines.between(all_, first, after)
        return int(n[(n >= self.least) & self.lines.keeps(all_, first, after)].sum())


def numbered(watch: Watch, kept: Collection[Condition], names: Sequence[str]) -> Numbered:
    """Return the timelines of all groups by some dimensions, and the numbers of their values:
    that of a group is made of its values' numbers, the first one foremost."""
    key = (frozenset(kept), *names)
    if key not in watch.grouped:
        tally, mask = watch.tally_of(kept), watch.mask_of(kept)
        each = [watch.labels_of(name, tally, about(kept), own=False) for name in names]
        of, many = np.zeros(len(tally.n), np.int64), 1
        for found, values in each:
            of, many = of * len(values) + found, many * len(values)
        lines = timelines(of[mask], tally.days[mask], tally.n[mask], watch.minimum_n, many)
        numbers: list[dict[Hashable, int]] = [
            {value: at for at, value in enumerate(values)} for _, values in each
        ]
        watch.grouped[key] = lines, numbers
    return watch.grouped[key]


def refused_of(watch: Watch, asked: Mapping[Key, Period | None]) -> set[Key]:
    """Return the groups that `watch` refuses in the periods that they look at."""
    if not watch.timeline_of(()).total:
        return set()
    groups = Groups(watch, list(asked))
    if len(groups.slots) > MOST_CONDITIONS:
        return set(asked)
    first, after = np.array([ends_of(when) for when in asked.values()], np.int64).T
    n = groups.between(first, after)
    refused = (n > 0) & ((n < watch.minimum_n) | ~groups.keeps(first, after))
    for kept in wider(groups.slots):
        left = groups.around(kept, first, after) - n
        refused |= (n > 0) & (left > 0) & (left < watch.minimum_n)
    given, unsure = _given_away(watch, groups, first, after, n)
    refused |= given
    for at in np.flatnonzero((n > 0) & ~refused).tolist():
        ends, own = (int(first[at]), int(after[at])), groups.each[at]
        if unsure[at]:
            refused[at] = watch.gives_away(own, ends, int(n[at]))
        else:
            refused[at] = any(watch.splits(one, own, ends) for one in own if one.name == "unit")
    return {key for key, is_refused in zip(asked, refused.tolist(), strict=True) if is_refused}


def _given_away(
    watch: Watch, groups: Groups, first: Integers, after: Integers, n: Integers
) -> tuple[Bools, Bools]:
    """Return which groups tell of a few once a dimension that all are narrowed to admits a value
    more, and of which that is not known: they are to be looked at one by one.

    It is known where units are told apart and none of the values that they are narrowed by is
    hidden: the same values are then tried for all.
    """
    given = np.zeros(len(n), bool)
    of_units = [one.name for one in groups.slots if one.kind == "group"] == ["unit"]
    if not of_units or any(one.kind not in ("group", "where") for one in groups.slots):
        return given, ~given
    unsure = given.copy()
    for kept in narrower(groups.slots):
        for at, one in enumerate(kept):
            if one.name == "unit":
                continue
            others = (*kept[:at], *kept[at + 1 :])
            counts = groups.by_value(one.name, others, first, after)
            unsure |= ((counts > 0) & (counts < watch.minimum_n)).any(axis=1)
            for more in watch.values_more(one, others):
                left = groups.around((*others, more), first, after) - n
                given |= (n > 0) & (left > 0) & (left < watch.minimum_n)
    return given & ~unsure, unsure
