"""The one door to presentation: what may be shown, and what must be hidden with it.

Two thresholds, two sentences. Precision: too few answers to judge; the count is still shown.
Privacy: too few people, so neither the value nor anything from which it could be worked out
is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from manyi.stats.determined import determined
from manyi.stats.result import Estimate

Key = TypeVar("Key", bound=Hashable)
Cell = tuple[Hashable, ...]
Sum = tuple[Key, tuple[Key, ...]]

PRECISION_N = 10
PRIVACY_N = 5
_SPARED = 60  # with more hidden cells it is not tried which ones could be shown again


class Status(StrEnum):
    """Whether a number is shown."""

    OK = "ok"
    TOO_FEW = "too_few"
    SUPPRESSED = "suppressed"


def judge(
    found: Estimate,
    *,
    precision_n: int = PRECISION_N,
    privacy_n: int | None = None,
    people: int | None = None,
) -> Status:
    """Return the status of one number that stands alone.

    `privacy_n` None means that answers are not anonymous. `people` is the number of customers
    where it is known to be less than n: five answers of one person are one person's.
    """
    count = found.n if people is None else min(people, found.n)
    if privacy_n is not None and 0 < count < privacy_n:
        return Status.SUPPRESSED
    if found.value is None or found.n < precision_n:
        return Status.TOO_FEW
    return Status.OK


def release(
    table: Mapping[Cell, Estimate],
    *,
    precision_n: int = PRECISION_N,
    privacy_n: int | None = None,
    people: Mapping[Cell, int] | None = None,
) -> dict[Cell, Status]:
    """Return the status of every estimate of a table: `guard` first, then `judge`."""
    known = people or {}
    counts = {cell: min(known.get(cell, one.n), one.n) for cell, one in table.items()}
    hidden = guard(counts, privacy_n or 0)
    return {
        cell: judge(one, precision_n=precision_n) if hidden[cell] is Status.OK else hidden[cell]
        for cell, one in table.items()
    }


def guard(table: Mapping[Cell, int], minimum_n: int) -> dict[Cell, Status]:
    """Return ok or suppressed for each cell of a table with its margins.

    Keys are tuples with one entry for each dimension; None in a place is the margin over it.
    Each margin must be the sum of its cells (an unnamed group is a group of its own). A cell
    of 1 to minimum_n - 1 people is suppressed, and so many others with it that no suppressed
    cell, nor a sum of fewer than minimum_n people, can be had by subtraction.
    """
    return guard_sums(table, _margins(table), minimum_n)


def guard_tree(
    counts: Mapping[Key, int], parents: Mapping[Key, Key | None], minimum_n: int
) -> dict[Key, Status]:
    """Return the same for the nodes of a tree, where a node counts its whole subtree.

    A node may have people of its own beside its children: they are a hidden part of the sum.
    """
    parts: dict[Key, list[Key]] = {}
    for key, parent in parents.items():
        if parent is not None and parent in counts and key in counts:
            parts.setdefault(parent, []).append(key)
    return guard_sums(counts, [(node, tuple(below)) for node, below in parts.items()], minimum_n)


def guard_sums(
    counts: Mapping[Key, int],
    sums: Sequence[Sum[Key]],
    minimum_n: int,
    *,
    also: Collection[Key] = (),
) -> dict[Key, Status]:
    """Return the same where `sums` lists each published total with its parts.

    `also` are cells to hide for other reasons. Where the parts of a total fall short of it,
    the rest counts as one more group, which is not shown but could be worked out.
    """
    twins = _twins(counts, sums)
    amounts = {key: counts[key] for key in dict.fromkeys(twins.values())}
    needed = {key for key, n in amounts.items() if 0 < n < minimum_n}
    needed |= {twins[key] for key in also if key in twins}
    hidden = set(needed)
    lines = _lines(amounts, sums, minimum_n, twins)
    while any([line.protect(hidden) for line in lines]) or _protect_exactly(hidden, lines, amounts):
        pass
    _show_spare(hidden, needed, lines, amounts)
    return {key: Status.SUPPRESSED if twins[key] in hidden else Status.OK for key in counts}


def _twins(counts: Mapping[Key, int], sums: Sequence[Sum[Key]]) -> dict[Key, Key]:
    """Return for each cell the one that stands for all that are the same people by other names.

    A total with a single part that holds anybody is that part; totals of the same are the same.
    """
    whole = [(total, [key for key in parts if counts[key] > 0]) for total, parts in sums]
    whole = [(t, parts) for t, parts in whole if 0 < counts[t] == sum(counts[k] for k in parts)]
    twins = {key: key for key in counts}
    while True:
        first: dict[frozenset[Key], Key] = {}
        found: dict[Key, Key] = {}
        for total, parts in whole:
            mine = frozenset(twins[key] for key in parts)
            other = next(iter(mine)) if len(mine) == 1 else first.setdefault(mine, twins[total])
            one, other = (_last(found, key) for key in (twins[total], other))
            if one != other:
                found[one] = other
        if not found:
            return twins
        twins = {key: _last(found, one) for key, one in twins.items()}


def _last(found: Mapping[Key, Key], key: Key) -> Key:
    while key in found:
        key = found[key]
    return key


def _lines(
    counts: Mapping[Key, int], sums: Sequence[Sum[Key]], minimum_n: int, twins: Mapping[Key, Key]
) -> list[_Line[Key]]:
    """Return the sums, each once and by its cells' twins, the narrowest first: what is hidden
    for them serves the wider ones as well."""
    unlike: dict[tuple[Key, frozenset[Key]], _Line[Key]] = {}
    for total, parts in sorted(sums, key=lambda one: len(one[1])):
        mine = tuple(dict.fromkeys(twins[key] for key in parts if counts[twins[key]] > 0))
        if mine != (twins[total],):
            one = _Line((twins[total], mine), counts, minimum_n)
            unlike.setdefault((twins[total], frozenset(mine)), one)
    # A cell that is a whole sum as well takes more with it than others do.
    lonely = {twin for key, twin in twins.items() if key != twin}
    lonely |= {line.parts[0] for line in unlike.values() if len(line.parts) == 1}
    for line in unlike.values():
        line.lonely = lonely
    return list(unlike.values())


class _Line(Generic[Key]):
    """One published sum: its total, its parts that hold anybody, and what is left over."""

    def __init__(self, one: Sum[Key], counts: Mapping[Key, int], minimum_n: int) -> None:
        self.total, parts = one
        self.parts = [key for key in parts if counts[key] > 0]
        self.rest = counts[self.total] - sum(counts[key] for key in parts)
        self.counts = counts
        self.minimum_n = minimum_n
        self.lonely: Collection[Key] = ()
        self.cells = frozenset((*self.parts, self.total))

    def protect(self, hidden: set[Key]) -> bool:
        """Hide more cells until nothing small can be worked out; return whether any was."""
        before = len(hidden)
        while self.opens(hidden):
            # The total only as the last resort: it tells the most.
            shown = [key for key in self.parts if key not in hidden]
            if not shown:
                hidden.add(self.total)
                break
            willing = [key for key in shown if key not in self.lonely]
            hidden.add(smallest(willing or shown, self.counts))
        return len(hidden) > before

    def opens(self, hidden: Collection[Key]) -> bool:
        """Whether what is hidden here can be worked out, and is too little."""
        inside = [self.counts[key] for key in self.parts if key in hidden]
        if self.total in hidden:
            return self.rest <= 0 and not inside
        if not inside:
            return 0 < self.rest < self.minimum_n
        amounts = [*inside, self.rest] if self.rest > 0 else inside
        return len(amounts) < 2 or sum(amounts) < self.minimum_n


def _show_spare(
    hidden: set[Key], needed: set[Key], lines: list[_Line[Key]], counts: Mapping[Key, int]
) -> None:
    """Show again, the largest first, whatever was hidden beside the others without need."""
    spare = sorted(hidden - needed, key=lambda key: (-counts[key], repr(key)))
    if len(hidden) > _SPARED:
        return
    for key in spare:
        hidden.remove(key)
        its = (line for line in lines if key == line.total or key in line.parts)
        if any(line.opens(hidden) for line in its) or _told(hidden, lines):
            hidden.add(key)


def smallest(cells: Iterable[Key], counts: Mapping[Key, int]) -> Key:
    """Return the cell with the fewest people; ties are broken by name, so always the same."""
    return min(cells, key=lambda key: (counts[key], repr(key)))


def _margins(table: Mapping[Cell, int]) -> list[Sum[Cell]]:
    """Return each margin with the cells that it sums, one dimension at a time."""
    below: dict[Cell, list[Cell]] = {}
    for cell in table:
        for place, value in enumerate(cell):
            margin = (*cell[:place], None, *cell[place + 1 :])
            if value is not None and margin in table:
                below.setdefault(margin, []).append(cell)
    found: list[Sum[Cell]] = []
    for margin, cells in below.items():
        for place, value in enumerate(margin):
            parts = tuple(c for c in cells if c[place] is not None)
            if value is None and parts:
                found.append((margin, parts))
    return found


def _protect_exactly(hidden: set[Key], lines: list[_Line[Key]], counts: Mapping[Key, int]) -> bool:
    """Hide more cells where several sums together still give hidden ones away."""
    before = len(hidden)
    fresh: set[Key] = set()
    for cell in _told(hidden, lines):
        near = _near({cell}, lines)
        if not fresh.isdisjoint(near):
            continue  # what was hidden for another one may serve this one too
        # Where nothing beside it is shown, it is told by sums further away.
        shown = near - hidden or _near(_linked(cell, hidden, lines), lines) - hidden
        if shown:
            fresh.add(smallest(shown, counts))
            hidden |= fresh
    return len(hidden) > before


def _told(hidden: Collection[Key], lines: list[_Line[Key]]) -> list[Key]:
    """Return the hidden cells that all sums together give away."""
    cells = sorted(hidden, key=repr)
    place = {key: at for at, key in enumerate(cells)}
    rows = (_signs(line, place) for line in lines if line.rest <= 0)
    return [cells[at] for at in determined([row for row in rows if row])]


def _near(cells: set[Key], lines: list[_Line[Key]]) -> set[Key]:
    """Return what is in the sums that any of `cells` is in."""
    return {key for line in lines if not cells.isdisjoint(line.cells) for key in line.cells}


def _linked(cell: Key, hidden: set[Key], lines: list[_Line[Key]]) -> set[Key]:
    """Return the hidden cells that share a sum with this one, or with one that does, and so on."""
    found, reached = {cell}, 0
    while len(found) > reached:
        reached = len(found)
        found |= _near(found, lines) & hidden
    return found


def _signs(line: _Line[Key], place: Mapping[Key, int]) -> dict[int, int]:
    row = {place[key]: 1 for key in line.parts if key in place}
    if line.total in place:
        row[place[line.total]] = -1
    return row
