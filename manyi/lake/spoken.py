"""Who mentions what, by group: of everybody and of each anonymous survey, counted in one pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import Sorted, distinct_values, in_groups
from manyi.lake.expressions import NO_SURVEY, OPEN
from manyi.lake.mentioned import ASPECT
from manyi.lake.question import Question
from manyi.lake.scores import Part
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import MENTIONS
from manyi.stats.moments import from_cells

if TYPE_CHECKING:
    import pyarrow as pa

    from manyi.stats.moments import Moments

__all__ = ["Details", "Part", "Spoken", "spoken"]

Integers = NDArray[np.int64]
Codes = tuple[str | None, ...]
SENSES = 3
# Grouped by these there may be thousands of groups: of few of them the customers are asked for.
_MANY = ("unit", "agent", "attribute:")


@dataclass(frozen=True)
class Details:
    """The moments of groups and aspects, of everybody and of each part."""

    surveys: Mapping[str, int]
    _cells: Sorted
    _at: Mapping[tuple[Codes, str], int]
    people: Mapping[tuple[Codes, str, int | None], int]

    def moments(self, codes: Codes, aspect: str, part: Part | None = None) -> Moments:
        """Return the moments over -1, 0 and 1 of those in a group who mention an aspect."""
        value, cluster, n = self.cells(codes, aspect, part)
        many = self.customers(codes, aspect, part)
        return from_cells(value.astype(np.float64), cluster, n, n_customers=many)

    def customers(self, codes: Codes, aspect: str, part: Part | None = None) -> int | None:
        """Return how many people these are; None where it is not known."""
        return self.people.get((codes, aspect, _stored(part, self.surveys)))

    def cells(
        self, codes: Codes, aspect: str, part: Part | None = None
    ) -> tuple[NDArray[Any], ...]:
        """Return the same as counts by value and group of customers."""
        own = self._cells.part(self._at[codes, aspect])
        columns = own["polarity"], own["cluster"], own["n"]
        if part is None:
            return columns
        mine = own["apart"] == _stored(part, self.surveys)
        return tuple(column[mine] for column in columns)


@dataclass(frozen=True)
class Spoken:
    """Lines of voices by group and aspect: `group` and `aspect` are their places among `groups`
    (each with its codes by dimension) and `aspects`.

    A voice counts once however often it mentions an aspect, which is "" for the voice as a whole.
    """

    selection: Selection
    groups: Sequence[Mapping[str, str | None]]
    aspects: Sequence[str]
    group: Integers
    aspect: Integers
    surveys: Mapping[str, int]
    _asked: Question | None = field(repr=False)
    _line: Integers = field(repr=False)
    _sense: Integers = field(repr=False)
    _apart: Integers = field(repr=False)
    _n: Integers = field(repr=False)
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.group)

    def senses(self, part: Part | None = None) -> Integers:
        """Return how many mention it, line by line: with complaints, neither, and with praise."""
        return self._counts(None if part is None else self._apart == _stored(part, self.surveys))

    def anonymous(self) -> Integers:
        """Return how many of each line are anonymous."""
        return self._counts(self._apart != OPEN).sum(axis=1)

    def _counts(self, mine: NDArray[np.bool_] | None) -> Integers:
        code, n = SENSES * self._line + self._sense, self._n
        if mine is not None:
            code, n = code[mine], n[mine]
        sums = np.bincount(code, n, minlength=SENSES * len(self))
        return sums.astype(np.int64).reshape(-1, SENSES)

    @cached_property
    def codes(self) -> Sequence[Codes]:
        """Return the codes of each group."""
        return [tuple(one.values()) for one in self.groups]

    @cached_property
    def lines(self) -> Mapping[tuple[Codes, str], int]:
        """Return which line tells of a group and an aspect."""
        each = zip(self.group.tolist(), self.aspect.tolist(), strict=True)
        return {(self.codes[at], self.aspects[of]): line for line, (at, of) in enumerate(each)}

    def places_in(self, other: Spoken) -> tuple[Integers, Integers]:
        """Return where each group and each line stands in another one, -1 where it does not."""
        if other is self:
            return np.arange(len(self.groups)), np.arange(len(self))
        groups = _among(self.codes, other.codes)
        aspects = _among(self.aspects, other.aspects)
        width = len(other.aspects) + 1
        there = other.group * width + other.aspect
        at, of = groups[self.group], aspects[self.aspect]
        wanted = np.where((at < 0) | (of < 0), -1, at * width + of)
        if not len(there):
            return groups, np.full(len(self), -1, np.int64)
        place = np.minimum(np.searchsorted(there, wanted), len(there) - 1)
        return groups, np.where(there[place] == wanted, place, -1)

    def people(self, part: Part | None = None) -> Integers:
        """Return how many people there are in each line; of a survey its anonymous ones."""
        if self._asked is None:
            return np.zeros(0, np.int64)
        which = "all" if part is None else "anonymous"
        if which not in self._kept:
            fixed = {} if part is None else {"anonymous": True}
            self._kept[which] = _people(self._asked.having(**fixed), self.selection)
        stored, found = _stored(part, self.surveys), self._kept[which]
        each = zip(self.group.tolist(), self.aspect.tolist(), strict=True)
        named = ((self.codes[at], self.aspects[of]) for at, of in each)
        return np.array([found.get((*one, stored), 0) for one in named], np.int64)

    def details(
        self, aspects: Collection[str] = (), groups: Collection[Codes] | None = None
    ) -> Details:
        """Return the moments of these groups and aspects (without any: of all) in one go."""
        key = ("details", frozenset(aspects), None if groups is None else frozenset(groups))
        whole: tuple[str, frozenset[str], None] = ("details", frozenset(), None)
        if whole in self._kept:
            return self._detailed(whole)
        few = self._asked is not None and any(n.startswith(_MANY) for n in self.selection.by)
        return self._detailed(key if few else whole)

    def _detailed(self, key: tuple[str, frozenset[str], frozenset[Codes] | None]) -> Details:
        if key not in self._kept:
            self._kept[key] = _details(self, key[1], key[2])
        found: Details = self._kept[key]
        return found


def spoken(selection: Selection, facet: str = ASPECT) -> Spoken:
    """Return who mentions which aspect (or intent), by group; with facet "voice" all voices
    whose texts have been read."""
    now = question.read(selection, MENTIONS)
    key = ("spoken", selection.key, facet)
    return now.remembered(key, lambda: _spoken(now, selection, facet))


def _spoken(now: Snapshot, selection: Selection, facet: str) -> Spoken:
    asked = question.question(selection, MENTIONS, now, fixed={"facet": facet}, apart=True)
    none = np.zeros(0, np.int64)
    if asked is None:
        return Spoken(selection, [], [], none, none, {}, None, none, none, none, none)
    many = any(name.startswith(_MANY) for name in selection.by)
    cells = asked.ask("said" if many else "mentioned")
    found = _laid(asked, selection, cells)
    if not many:
        key = ("details", frozenset[str](), None)
        found._kept[key] = _detailed(found, asked, cells)
    asked.let_go()
    return found


def _laid(asked: Question, selection: Selection, cells: pa.Table) -> Spoken:
    each = [distinct_values(cells[name]) for name in asked.keys if name != "apart"]
    code = np.zeros(cells.num_rows, np.int64)
    for codes, values in each:
        code = code * len(values) + codes
    of, aspects = distinct_values(cells["aspect"])
    aspects.pop()  # there is none without
    there, group = np.unique(code, return_inverse=True)
    width = len(aspects)
    lines, line = np.unique(group * width + of, return_inverse=True)
    return Spoken(
        selection,
        _groups(asked, selection, each, there),
        aspects,
        lines // width,
        lines % width,
        _surveys(asked),
        asked,
        line,
        cells["polarity"].to_numpy().astype(np.int64) + 1,
        cells["apart"].to_numpy(),
        cells["n"].to_numpy(),
    )


def _groups(
    asked: Question, selection: Selection, each: Sequence[tuple[Any, list[Any]]], there: Integers
) -> list[dict[str, str | None]]:
    found: list[list[str | None]] = []
    for at in reversed(range(len(each))):
        values = [asked.code(at, one) for one in each[at][1]]
        there, own = np.divmod(there, len(values))
        found.insert(0, [values[place] for place in own.tolist()])
    if not found:
        return [{} for _ in there]
    return [dict(zip(selection.by, row, strict=True)) for row in zip(*found, strict=True)]


def _surveys(asked: Question) -> dict[str, int]:
    by_id = asked.snapshot.codes.by_id("survey")
    return {code: int(pk) for pk, code in by_id.items()}


def _stored(part: Part | None, surveys: Mapping[str, int]) -> int | None:
    if part is None:
        return None
    return OPEN if part.survey is None else surveys.get(part.survey, NO_SURVEY - 1)


def _among(wanted: Sequence[Any], known: Sequence[Any]) -> Integers:
    place = {one: at for at, one in enumerate(known)}
    return np.array([place.get(one, -1) for one in wanted], np.int64)


def _details(whole: Spoken, aspects: Collection[str], groups: Collection[Codes] | None) -> Details:
    if whole._asked is None:
        return Details({}, Sorted([], [], {}, 0), {}, {})
    asked = whole._asked
    if aspects:
        asked = asked.among("aspect", sorted(aspects))
    units = _units(whole, groups)
    if units is not None:
        asked = asked.among("unit", units)
    found = _detailed(whole, asked, asked.ask("mentioned"))
    asked.let_go()
    return found


def _units(whole: Spoken, groups: Collection[Codes] | None) -> list[int] | None:
    """Return the units of some groups by their ids; None where there is nothing to narrow by."""
    by = whole.selection.by
    if groups is None or "unit" not in by or whole._asked is None:
        return None
    codes = {one[by.index("unit")] for one in groups}
    by_id = whole._asked.snapshot.codes.by_id("unit")
    return None if None in codes else sorted(pk for pk, code in by_id.items() if code in codes)


def _detailed(whole: Spoken, asked: Question, cells: pa.Table) -> Details:
    names = [*(name for name in asked.keys if name != "apart"), "aspect"]
    found, place = in_groups(cells, names), _Places(asked, len(whole.selection.by))
    at = {(place(key[:-1]), key[-1]): i for i, key in enumerate(found.keys)}
    people = _people(asked, whole.selection)
    return Details(whole.surveys, found, at, people)


class _Places:
    """The codes of groups, each worked out once."""

    def __init__(self, asked: Question, many: int) -> None:
        self.asked, self.many = asked, many
        self._known: dict[tuple[Any, ...], Codes] = {}

    def __call__(self, key: tuple[Any, ...]) -> Codes:
        if key not in self._known:
            self._known[key] = tuple(self.asked.code(i, key[i]) for i in range(self.many))
        return self._known[key]


def _people(asked: Question, selection: Selection) -> dict[tuple[Codes, str, int | None], int]:
    names = [*(name for name in asked.keys if name != "apart"), "aspect", "apart"]
    found, place = in_groups(asked.ask("mentioning"), names), _Places(asked, len(selection.by))
    sums = zip(found.keys, found.sums("n"), strict=True)
    return {(place(key[:-2]), key[-2], key[-1]): n for key, n in sums}
