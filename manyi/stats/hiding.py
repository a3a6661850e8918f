"""What else to hide where published sums would give something small away.

Cells are bits of whole numbers, those with the fewest people first: a set of cells is a number,
and the smallest of a set its lowest bit.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Generic, TypeVar

from manyi.stats.determined import determined

Key = TypeVar("Key", bound=Hashable)
Sum = tuple[Key, tuple[Key, ...]]
Cells = int

_SPARED = 60  # with more hidden cells it is not tried which ones could be shown again


@dataclass(frozen=True, slots=True)
class _Line:
    """One published sum: its total, its parts that hold anybody, and how much is left over."""

    total: Cells
    parts: Cells
    rest: int
    cells: Cells


class Hiding(Generic[Key]):
    """Counts with the sums that are published of them; `minimum_n` people are enough."""

    def __init__(self, counts: Mapping[Key, int], sums: Sequence[Sum[Key]], minimum_n: int) -> None:
        self.minimum_n = minimum_n
        self.names = sorted(counts, key=lambda key: (counts[key], repr(key)))
        self.amounts = [counts[key] for key in self.names]
        self.place = {key: at for at, key in enumerate(self.names)}
        laid = [self._laid(one, counts) for one in sums]
        self.twins = _twins(laid, self.amounts)
        self.lines = self._lines(laid)
        self.nested = _nested(self.lines)
        # A cell that is a whole sum as well takes more with it than others do.
        self.lonely = _together(twin for at, twin in enumerate(self.twins) if twin != at)
        self.lonely |= _union(one.parts for one in self.lines if one.parts.bit_count() == 1)

    def _laid(self, one: Sum[Key], counts: Mapping[Key, int]) -> _Laid:
        total, parts = one
        place, found, people = self.place, 0, 0
        for key in parts:
            n = counts[key]
            if n > 0:
                found |= 1 << place[key]
            people += n
        return _Laid(place[total], found, people, len(parts))

    def _lines(self, laid: Sequence[_Laid]) -> list[_Line]:
        """Return the sums, each once and by its cells' twins, the narrowest first: what is
        hidden for them serves the wider ones as well."""
        unlike: dict[tuple[int, Cells], _Line] = {}
        moved = _moved(self.twins)
        for one in sorted(laid, key=lambda one: one.width):
            total, parts = 1 << self.twins[one.total], _merged(one.parts, self.twins, moved)
            if parts == total or (total, parts) in unlike:
                continue
            people = one.people if parts == one.parts else self._people(parts)
            rest = self.amounts[self.twins[one.total]] - people
            unlike[total, parts] = _Line(total, parts, rest, parts | total)
        return list(unlike.values())

    def hidden(self, also: Collection[Key]) -> set[Key]:
        """Return the small cells and those of `also`, and what must be hidden beside them."""
        small = (at for at, n in enumerate(self.amounts) if 0 < n < self.minimum_n)
        needed = _together(self.twins[at] for at in small)
        needed |= _together(self.twins[self.place[key]] for key in also if key in self.place)
        hidden = self._protected(needed)
        hidden = self._without_spare(hidden, needed)
        found = set(_each(hidden))
        return {key for key, twin in zip(self.names, self.twins, strict=True) if twin in found}

    def _people(self, cells: Cells) -> int:
        return sum(self.amounts[at] for at in _each(cells))

    def _protected(self, hidden: Cells) -> Cells:
        """Hide more cells until nothing small can be worked out."""
        while True:
            before = hidden
            for line in self.lines:
                hidden = self._protected_in(line, hidden)
            if hidden == before:
                hidden = self._protected_exactly(hidden)
            if hidden == before:
                return hidden

    def _protected_in(self, line: _Line, hidden: Cells) -> Cells:
        while self._opens(line, hidden):
            # The total only as the last resort: it tells the most.
            shown = line.parts & ~hidden
            if not shown:
                return hidden | line.total
            hidden |= _lowest(shown & ~self.lonely or shown)
        return hidden

    def _opens(self, line: _Line, hidden: Cells) -> bool:
        """Whether what is hidden in a sum can be worked out, and is too little."""
        inside = line.parts & hidden
        if line.total & hidden:
            return line.rest <= 0 and not inside
        if not inside:
            return 0 < line.rest < self.minimum_n
        more, many = max(line.rest, 0), inside.bit_count()
        if many + (more > 0) < 2:
            return True
        return many < self.minimum_n and self._people(inside) + more < self.minimum_n

    def _protected_exactly(self, hidden: Cells) -> Cells:
        """Hide more cells where several sums together still give hidden ones away."""
        fresh = 0
        for cell in sorted(_each(self._told(hidden)), key=lambda at: repr(self.names[at])):
            near = self._near(1 << cell)
            if fresh & near:
                continue  # what was hidden for another one may serve this one too
            # Where nothing beside it is shown, it is told by sums further away.
            shown = near & ~hidden or self._near(self._linked(1 << cell, hidden)) & ~hidden
            fresh |= _lowest(shown)
            hidden |= fresh
        return hidden

    def _told(self, hidden: Cells) -> Cells:
        """Return the hidden cells that all sums together give away."""
        if self.nested is not None:
            return _told_by_nested(self.nested, hidden)
        rows = (_signs(line, hidden) for line in self.lines if line.rest <= 0)
        return _together(determined([row for row in rows if row]))

    def _near(self, cells: Cells) -> Cells:
        """Return what is in the sums that any of `cells` is in."""
        return _union(line.cells for line in self.lines if line.cells & cells)

    def _linked(self, cell: Cells, hidden: Cells) -> Cells:
        """Return the hidden cells that share a sum with this one, or with one that does, and
        so on."""
        found, reached = cell, 0
        while found != reached:
            reached = found
            found |= self._near(found) & hidden
        return found

    def _without_spare(self, hidden: Cells, needed: Cells) -> Cells:
        """Show again, the largest first, whatever was hidden beside the others without need."""
        if hidden.bit_count() > _SPARED:
            return hidden
        spare = _each(hidden & ~needed)
        for at in sorted(spare, key=lambda at: (-self.amounts[at], repr(self.names[at]))):
            tried = hidden & ~(1 << at)
            its = (line for line in self.lines if line.cells >> at & 1)
            if not any(self._opens(line, tried) for line in its) and not self._told(tried):
                hidden = tried
        return hidden


@dataclass(frozen=True, slots=True)
class _Laid:
    """A sum as it was given: the place of its total, its parts that hold anybody, how many
    people these are, and how many parts there are in all."""

    total: int
    parts: Cells
    people: int
    width: int


def _twins(laid: Sequence[_Laid], amounts: Sequence[int]) -> list[int]:
    """Return for each cell the one that stands for all that are the same people by other names.

    A total with a single part that holds anybody is that part; totals of the same are the same.
    """
    whole = [one for one in laid if 0 < amounts[one.total] == one.people]
    twins = list(range(len(amounts)))
    while True:
        first: dict[Cells, int] = {}
        found: dict[int, int] = {}
        moved = _moved(twins)
        for sum_ in whole:
            mine, total = _merged(sum_.parts, twins, moved), twins[sum_.total]
            is_one = mine.bit_count() == 1
            other = mine.bit_length() - 1 if is_one else first.setdefault(mine, total)
            one, other = (_last(found, at) for at in (total, other))
            if one != other:
                found[one] = other
        if not found:
            return twins
        twins = [_last(found, at) for at in twins]


def _last(found: Mapping[int, int], at: int) -> int:
    while at in found:
        at = found[at]
    return at


def _moved(twins: Sequence[int]) -> Cells:
    return _together(at for at, twin in enumerate(twins) if at != twin)


def _merged(cells: Cells, twins: Sequence[int], moved: Cells) -> Cells:
    """Return the twins of cells."""
    gone = cells & moved
    return cells & ~moved | _together(twins[at] for at in _each(gone)) if gone else cells


def _nested(lines: Sequence[_Line]) -> list[_Line] | None:
    """Return the sums, the narrowest first, where each holds another one whole or has nothing of
    it, and no total is a part; None where it is not so."""
    tops: list[Cells] = []
    totals = _union(line.total for line in lines)
    if totals.bit_count() < len(lines) or totals & _union(line.parts for line in lines):
        return None
    ordered = sorted(lines, key=lambda line: line.parts.bit_count())
    for line in ordered:
        inside = [top for top in tops if top & line.parts]
        if any(top & ~line.parts for top in inside):
            return None
        tops = [top for top in tops if not top & line.parts] + [line.parts]
    return ordered


def _told_by_nested(lines: Sequence[_Line], hidden: Cells) -> Cells:
    """Return the hidden cells that nested sums give away.

    Each sum less those within it tells what is hidden in none of these: of one cell what it is,
    of more nothing. A hidden total is told where it is made of such rests.
    """
    found, covered = 0, 0
    rests: list[Cells] = []
    for line in lines:
        if line.rest <= 0 and not line.total & hidden:
            inside = line.parts & hidden
            rests.append(inside & ~covered)
            found |= rests[-1] if rests[-1].bit_count() == 1 else 0
            covered |= inside
    for line in lines:
        if line.rest <= 0 and line.total & hidden:
            inside = line.parts & hidden
            is_made = all(not rest & inside or not rest & ~inside for rest in rests)
            found |= line.total if is_made and not inside & ~covered else 0
    return found


def _signs(line: _Line, hidden: Cells) -> dict[int, int]:
    row = dict.fromkeys(_each(line.parts & hidden), 1)
    if line.total & hidden:
        row[line.total.bit_length() - 1] = -1
    return row


def _lowest(cells: Cells) -> Cells:
    return cells & -cells


def _each(cells: Cells) -> Iterator[int]:
    """Yield the places of cells, rising."""
    while cells:
        low = cells & -cells
        yield low.bit_length() - 1
        cells ^= low


def _together(places: Iterable[int]) -> Cells:
    return _union(1 << at for at in places)


def _union(each: Iterable[Cells]) -> Cells:
    return reduce(or_, each, 0)
