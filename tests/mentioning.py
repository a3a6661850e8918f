"""What texts mention counted plainly, a line a group and theme: what the pages' one pass
(`manyi.lake.spoken`) is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import Sorted, in_groups
from manyi.lake.mentions import ASPECT
from manyi.lake.question import Question
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import MENTIONS
from manyi.stats.moments import Moments, from_cells


@dataclass(frozen=True)
class Mentioned:
    """The `n` voices of a group that mention `aspect`, of so many customers (None if not known);
    `codes` are the group's.

    A voice counts once however often it mentions it. `aspect` is "" where the facet is the
    voice as a whole.
    """

    group: Mapping[str, str | None]
    codes: tuple[str | None, ...]
    period: date | None
    aspect: str
    n: int
    n_anonymous: int
    n_customers: int | None
    _cells: Sorted = field(repr=False, compare=False)
    _at: int = field(repr=False, compare=False)

    @cached_property
    def moments(self) -> Moments:
        """Return the moments of these voices over -1, 0 and 1, made when they are asked for."""
        own = self.cells
        values = own["polarity"].astype(np.float64)
        return from_cells(values, own["cluster"], own["n"], n_customers=self.n_customers)

    @property
    def cells(self) -> Mapping[str, NDArray[Any]]:
        return self._cells.part(self._at)

    @property
    def people(self) -> int:
        return self.moments.people if self.n_customers is None else self.n_customers


def mentions(
    selection: Selection,
    facet: str = ASPECT,
    *,
    depth: int | None = None,
    anonymous: bool | None = None,
) -> list[Mentioned]:
    """Return the voices that mention each aspect (or intent), by group and period.

    With facet "voice" they are all voices whose texts have been read. `anonymous` takes only
    those that are, or are not.
    """
    now = question.read(selection, MENTIONS)
    fixed = {"facet": facet} | ({} if anonymous is None else {"anonymous": anonymous})
    key = ("mentions", selection.query(), selection.scope.unit_ids, tuple(fixed.items()), depth)
    return now.remembered(key, lambda: _mentions(now, selection, fixed, depth))


def _mentions(
    now: Snapshot, selection: Selection, fixed: Mapping[str, Any], depth: int | None
) -> list[Mentioned]:
    asked = question.question(selection, MENTIONS, now, fixed=fixed, depth=depth)
    if asked is None:
        return []
    by = [*asked.keys, "aspect"]
    mentioning = in_groups(asked.ask("mentioning"), by)
    people = dict(zip(mentioning.keys, mentioning.sums("n"), strict=True))
    cells = in_groups(asked.ask("mentioned"), by)
    sums = zip(cells.sums("n"), cells.sums("n_anonymous"), strict=True)
    place = _Places(asked, selection)
    return [
        Mentioned(*place(key), key[-1], n, n_anonymous, people.get(key), cells, at)
        for at, (key, (n, n_anonymous)) in enumerate(zip(cells.keys, sums, strict=True))
    ]


_Place = tuple[dict[str, str | None], tuple[str | None, ...], date | None]


class _Places:
    """The groups' codes and the first days of their periods, each worked out once."""

    def __init__(self, asked: Question, selection: Selection) -> None:
        self.asked, self.selection = asked, selection
        self._known: dict[Any, _Place] = {}

    def __call__(self, key: tuple[Any, ...]) -> _Place:
        if key[:-1] not in self._known:
            by = self.selection.by
            group = {name: self.asked.code(i, key[i]) for i, name in enumerate(by)}
            starts = key[len(by)] if self.selection.interval else None
            self._known[key[:-1]] = group, tuple(group.values()), starts
        return self._known[key[:-1]]
