"""Scores by group, of everybody and of each anonymous survey, counted together once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from manyi.kit.scale import Scale
from manyi.lake.cells import all_moments, in_groups
from manyi.lake.expressions import OPEN, scale_keys
from manyi.lake.question import Question
from manyi.lake.rolling import Upwards

if TYPE_CHECKING:
    import pyarrow as pa

    from manyi.stats.moments import Moments

# Grouped by these there may be thousands of groups, and 64 times as many cells by customer.
_MANY = ("unit", "agent", "attribute:")
Pairs = Counter[tuple[int, int]]


@dataclass(frozen=True)
class GroupMoments:
    """The scores of one group on one scale; `n_anonymous` of them from anonymous surveys.

    `n_known` of the customers are known by name or number; the others are each one record.
    """

    group: Mapping[str, str | None]
    period: date | None
    family: str
    scale: Scale
    moments: Moments
    n_anonymous: int
    n_known: int


@dataclass(frozen=True)
class Part:
    """The answers to one anonymous survey, or (None) those of people by name."""

    survey: str | None


@dataclass(frozen=True)
class Counted:
    """People of a group, and how many of them are known customers."""

    n: int
    n_known: int


Lines = list[tuple[Any, Counted]]


@dataclass
class Together:
    """What a question about scores is answered with, by part; `family` is None for any.

    `below` is the same question by unit, of which the units are rolled up as `up` says.
    """

    asked: Question
    by: Sequence[str]
    family: str | None
    below: Together | None = None
    up: Upwards | None = None
    _tables: dict[str, pa.Table] = field(default_factory=dict)
    _people: dict[Part | None, Lines] = field(default_factory=dict)

    def gathered(self, part: Part | None = None) -> Iterator[tuple[Any, GroupMoments]]:
        """Yield the groups' moments with the side they lie on (None without sides)."""
        people = self.people(part)
        cells = self._cells(part, people)
        self.asked.let_go()
        is_sided, width = self.asked.shape.sided, len(self.by)
        found = in_groups(cells, self._names(*self.asked.keys))
        counted = [people[key] for key in found.keys]
        each = all_moments(found, [one.n for one in counted])
        hidden = found.sums("n_anonymous")
        for key, people_of, own, n in zip(found.keys, counted, each, hidden, strict=True):
            one = GroupMoments(
                *place(self.asked, self.by, key),
                family=self.family or key[-3],
                scale=Scale(key[-2], key[-1]),
                moments=own,
                n_anonymous=n,
                n_known=people_of.n_known,
            )
            yield key[width] if is_sided else None, one

    def people(self, part: Part | None) -> dict[Any, Counted]:
        """Return how many people there are by group, side and scale."""
        return self._by_side(part) if self.asked.shape.sided else dict(self._lines(part))

    def shared(self, part: Part | None) -> dict[tuple[Any, ...], Pairs]:
        """Return how many known customers of a group are on both of two sides (their places)."""
        shared: dict[tuple[Any, ...], Pairs] = defaultdict(Counter)
        for (*key, mask), counted in self._lines(part):
            group = tuple(self.asked.code(i, key[i]) for i in range(len(self.by)))
            for pair in combinations_with_replacement(_places(mask), 2):
                shared[group][pair] += counted.n_known
        return shared

    def _by_side(self, part: Part | None) -> dict[Any, Counted]:
        people: dict[Any, Counted] = {}
        width = len(self.by)
        for (*key, mask), counted in self._lines(part):
            for at in _places(mask):
                on = (*key[:width], 1 << at, *key[width:])
                before = people.get(on, Counted(0, 0))
                people[on] = Counted(before.n + counted.n, before.n_known + counted.n_known)
        return people

    def _lines(self, part: Part | None) -> Lines:
        """Return the people of each group and scale, with sides of those who are on just these."""
        if part not in self._people:
            is_sided = self.asked.shape.sided
            names = self._names(*(name for name in self.asked.keys if name != "side"))
            found = self._of(self._ask("people_by_sides" if is_sided else "people"), part)
            each = in_groups(found, [*names, "sides"] if is_sided else names)
            counted = map(Counted, each.sums("n"), each.sums("n_known"))
            self._people[part] = list(zip(each.keys, counted, strict=True))
        return self._people[part]

    def _names(self, *names: str) -> list[str]:
        return [*(name for name in names if name != "apart"), *scale_keys(self.asked.shape)]

    def _cells(self, part: Part | None, people: Mapping[Any, Counted]) -> pa.Table:
        """Return the counts by value; by customer group as well where somebody may have answered
        twice, and of a part always: what is put together must know its groups."""
        is_whole = part is None and self.asked.shape.apart
        if is_whole and any(name.startswith(_MANY) for name in self.by):
            cells = self._ask("cells")
            if sum(one.n for one in people.values()) >= int(cells["n"].to_numpy().sum()):
                return cells
        cells = self._ask("cells_by_cluster")
        return cells if part is None else self._of(cells, part)

    def _ask(self, measure: str) -> pa.Table:
        if measure not in self._tables:
            self._tables[measure] = self._told(measure)
        return self._tables[measure]

    def _told(self, measure: str) -> pa.Table:
        if self.below is None or self.up is None:
            return self.asked.ask(measure)
        if measure == "people":
            return self.below.asked.ask_people_rolled(self.up)
        return self.up.table(self.below._ask(measure))

    def _of(self, found: pa.Table, part: Part | None) -> pa.Table:
        """Return the rows of a part; of people, those of all together for none."""
        if not self.asked.shape.apart:
            return found
        import pyarrow as pa
        import pyarrow.compute as pc

        if part is None:
            return found.filter(pc.is_null(found["apart"]))
        stored = pa.array(self._stored(part), pa.int64())
        return found.filter(pc.is_in(found["apart"], stored))

    def _stored(self, part: Part) -> list[int]:
        if part.survey is None:
            return [OPEN]
        return [int(pk) for pk in self.asked.snapshot.codes.admitted("survey", [part.survey])]


def place(
    asked: Question, by: Sequence[str], key: Sequence[Any]
) -> tuple[dict[str, str | None], date | None]:
    """Return a group's codes and the first day of its period."""
    group = {name: asked.code(i, key[i]) for i, name in enumerate(by)}
    return group, key[len(by)] if asked.shape.interval else None


def _places(sides: int) -> list[int]:
    return [at for at in range(sides.bit_length()) if sides >> at & 1]
