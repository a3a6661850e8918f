"""What `metrics.at_once` says of the groups of a table, said of each with each theme in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from manyi.kit.selection import Selection
from manyi.lake.mentions import THEME
from manyi.metrics.at_once import numbered
from manyi.metrics.conditions import (
    MOST_CONDITIONS,
    Condition,
    Key,
    ends_of,
    group_above,
    narrower,
    wider,
)
from manyi.metrics.differencing import Watch
from manyi.metrics.telling import guarded
from manyi.stats.timelines import Timelines

Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Kept = Sequence[Condition]
_EACH = Condition("group", THEME)


@dataclass(frozen=True)
class Table:
    """So many anonymous `people` of each group (its place among `keys`) who speak of each theme
    (its place among `themes`)."""

    keys: Sequence[Key]
    themes: Sequence[str]
    group: Integers
    theme: Integers
    people: Integers

    def where(self, mine: Bools) -> Table:
        own = self.group[mine], self.theme[mine], self.people[mine]
        return Table(self.keys, self.themes, *own)


def hidden(selection: Selection, table: Table, watch: Watch) -> Bools:
    """Return which lines to hide, theme by theme: nobody adds those up, since a voice may mention
    several."""
    found = np.zeros(len(table.people), bool)
    there = np.flatnonzero(table.people > 0)
    if not len(there):
        return found
    table = table.where(table.people > 0)
    refused = _Lines(watch, table).refused(ends_of(selection.when))
    order = np.argsort(table.theme, kind="stable")
    cuts = np.flatnonzero(np.diff(table.theme[order])) + 1
    for own in np.split(order, cuts):
        keys = [table.keys[at] for at in table.group[own].tolist()]
        people = dict(zip(keys, table.people[own].tolist(), strict=True))
        also = [
            key for key, is_refused in zip(keys, refused[own].tolist(), strict=True) if is_refused
        ]
        hide = guarded(selection, people, watch, also)
        found[there[own]] = [key in hide for key in keys]
    return found


class _Lines:
    """The groups and themes of a table, whose conditions differ in nothing but their values."""

    def __init__(self, watch: Watch, table: Table) -> None:
        self.watch, self.table = watch, table
        conditions = watch.conditions(table.keys[0])
        self.slots = tuple(
            Condition("group", one.name) if one.kind == "group" else one for one in conditions
        )

    def refused(self, ends: tuple[int, int]) -> Bools:
        """Return the lines that `watch` refuses in a period."""
        watch = self.watch
        if not watch.timeline_of(()).total:
            return np.zeros(len(self), bool)
        whole = (*self.slots, _EACH)
        if len(whole) > MOST_CONDITIONS:
            return np.ones(len(self), bool)
        lines, mine = self._timelines(whole)
        n = lines.between(mine, *ends)
        found = (n > 0) & ((n < watch.minimum_n) | ~lines.keeps(mine, *ends))
        for wide in wider(whole):
            found |= self._is_few_more(wide, n, ends, slice(None))
        for kept, own in self._grouped(whole):
            found[own] |= self._is_few_more(kept, n[own], ends, own)
        if self._may_be_given_away:
            for at in np.flatnonzero((n > 0) & ~found).tolist():
                found[at] = watch.gives_away(self._conditions(at), ends, int(n[at]))
        return found

    def __len__(self) -> int:
        return len(self.table.people)

    def _is_few_more(
        self, kept: Kept, n: Integers, ends: tuple[ArrayLike, ArrayLike], own: Bools | slice
    ) -> Bools:
        """Whether the question holds only a few more than there are of these lines."""
        lines, mine = self._timelines(kept)
        left = lines.around(mine[own], *ends) - n
        few: Bools = (n > 0) & (left > 0) & (left < self.watch.minimum_n)
        return few

    def _grouped(self, whole: Kept) -> Iterator[tuple[Kept, Bools]]:
        """Yield the questions about a group of aspects, and which lines are about one of it."""
        facet = self.watch.facet or ""
        for kept in narrower(whole):
            if _EACH not in kept:
                continue
            others = tuple(one for one in kept if one != _EACH)
            above: dict[Condition, list[int]] = {}
            for at, theme in enumerate(self.table.themes):
                for more in group_above(Condition("theme", facet, theme), others):
                    above.setdefault(more, []).append(at)
            for more, themes in above.items():
                own = np.isin(self.table.theme, themes)
                if own.any():
                    yield (*others, more), own

    @property
    def _may_be_given_away(self) -> bool:
        """Whether another value of a dimension could tell of anybody: a unit's place in the tree
        is guarded with the table, and a theme has no other values."""
        free = Condition("group", "unit") if self.watch.depth is None else None
        return any(one != free for one in self.slots)

    def _conditions(self, at: int) -> tuple[Condition, ...]:
        key = self.table.keys[int(self.table.group[at])]
        return self.watch.conditions(key, self.table.themes[int(self.table.theme[at])])

    def _timelines(self, kept: Kept) -> tuple[Timelines, Integers]:
        """Return the timelines of those who meet these conditions, and which is each line's."""
        plain = {one for one in kept if one.kind != "group"}
        names = [one.name for one in kept if one.kind == "group" and one != _EACH]
        is_each = _EACH in kept
        if is_each:
            plain.add(Condition("theme", self.watch.facet or ""))
        lines, numbers = numbered(self.watch, plain, [THEME, *names] if is_each else names)
        mine = np.zeros(len(self), np.int64)
        for name, values in zip([THEME, *names] if is_each else names, numbers, strict=True):
            own = self._numbers(name, values)
            mine = np.where((mine < 0) | (own < 0), -1, mine * len(values) + own)
        return lines, mine

    def _numbers(self, name: str, values: Mapping[object, int]) -> Integers:
        if name == THEME:
            own = np.array([values.get(one, -1) for one in self.table.themes], np.int64)
            return own[self.table.theme]
        at = self._places[name]
        own = np.array([values.get(one[at].value, -1) for one in self._groups], np.int64)
        return own[self.table.group]

    @cached_property
    def _groups(self) -> list[tuple[Condition, ...]]:
        return [self.watch.conditions(key) for key in self.table.keys]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {one.name: at for at, one in enumerate(self.slots) if one.kind == "group"}
