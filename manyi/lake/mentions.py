"""What texts mention, counted by group: never a statistic, and never a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import Sorted, distinct_values, grouped, in_groups
from manyi.lake.mentioned import ASPECT, INTENT, VOICE
from manyi.lake.question import Question
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import MENTIONS
from manyi.lake.tallies import Tally, nobody, part_of, tallied
from manyi.stats.moments import from_cells

if TYPE_CHECKING:
    from manyi.stats.moments import Moments

# The dimension of what is spoken of, or wanted.
THEME = "theme"

__all__ = [
    "ASPECT",
    "INTENT",
    "THEME",
    "VOICE",
    "Mentioned",
    "anonymous_by_day",
    "anonymous_of",
    "felt",
    "mentions",
    "together",
]


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


def together(found: Sequence[Mentioned]) -> Moments:
    """Return the moments of all these voices; nobody knows how many customers they are of."""
    each = [one.cells for one in found]
    names = ("polarity", "cluster", "n")
    values, cluster, n = (np.concatenate([own[name] for own in each]) for name in names)
    return from_cells(values.astype(np.float64), cluster, n)


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


def anonymous_by_day(selection: Selection, facet: str = ASPECT) -> Tally:
    """Return how many anonymous voices mention each aspect (or intent, as `THEME`) by group and
    day.

    With facet "voice" the one theme "" tells of all whose texts have been read.
    """
    daily = selection.split(*selection.by, interval="day")
    now = question.read(daily, MENTIONS)
    key = ("anonymous_said", daily.query(), daily.scope.unit_ids, facet)
    return now.remembered(key, lambda: _anonymous_by_day(now, daily, facet))


def _anonymous_by_day(now: Snapshot, selection: Selection, facet: str) -> Tally:
    asked = question.question(selection, MENTIONS, now, fixed={"facet": facet})
    if asked is None:
        found = nobody(selection)
        return replace(
            found, values={**found.values, THEME: []}, codes={**found.codes, THEME: found.n}
        )
    cells = asked.ask("anonymous_said")
    found, (code, values) = tallied(asked, selection, cells), distinct_values(cells["aspect"])
    return replace(
        found, values={**found.values, THEME: values}, codes={**found.codes, THEME: code}
    )


def anonymous_of(selection: Selection, facet: str, theme: str) -> Tally:
    """Return how many anonymous voices mention one aspect (or intent), by group and day."""
    return part_of(anonymous_by_day(selection, facet), THEME, theme) or nobody(selection)


def felt(selection: Selection) -> dict[str, int]:
    """Return how many voices of a selection show each emotion."""
    now = question.read(selection, MENTIONS)
    whole = selection.split()
    asked = question.question(whole, MENTIONS, now, fixed={"facet": VOICE})
    if asked is None:
        return {}
    found = grouped(asked.ask("felt"), ["emotion"])
    return {one.key[0]: int(one["n"].sum()) for one in found if one.key[0]}
