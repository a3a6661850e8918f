"""The one door to presentation: what may be shown, and what must be hidden with it.

Two thresholds, two sentences. Precision: too few answers to judge; the count is still shown.
Privacy: too few people, so neither the value nor anything from which it could be worked out
is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from manyi.stats.result import Estimate

Key = TypeVar("Key", bound=Hashable)
Cell = tuple[Hashable, ...]
Sum = tuple[Key, tuple[Key, ...]]

PRECISION_N = 10
PRIVACY_N = 5
_SPARED = 60  # with more hidden cells it is not tried which ones could be shown again
_EXACT = 400  # beyond, a block of hidden cells is too large to be solved and is left to the rule


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
    needed = {key for key, n in counts.items() if 0 < n < minimum_n} | set(also)
    hidden = set(needed)
    # The narrowest sums first: what is hidden for them serves the wider ones as well.
    lines = [_Line(one, counts, minimum_n) for one in sorted(sums, key=lambda one: len(one[1]))]
    # To hide the only part of another sum would force that sum to be hidden too.
    lonely = {line.parts[0] for line in lines if len(line.parts) == 1}
    for line in lines:
        line.lonely = lonely
    changed = True
    while changed:
        changed = any([line.protect(hidden) for line in lines])
        if not changed:
            changed = _protect_exactly(hidden, lines, counts)
    _show_spare(hidden, needed, lines, counts)
    return {key: Status.SUPPRESSED if key in hidden else Status.OK for key in counts}


class _Line(Generic[Key]):
    """One published sum: its total, its parts that hold anybody, and what is left over."""

    def __init__(self, one: Sum[Key], counts: Mapping[Key, int], minimum_n: int) -> None:
        self.total, parts = one
        self.parts = [key for key in parts if counts[key] > 0]
        self.rest = counts[self.total] - sum(counts[key] for key in parts)
        self.counts = counts
        self.minimum_n = minimum_n
        self.lonely: Collection[Key] = ()

    @property
    def cells(self) -> list[Key]:
        return [*self.parts, self.total]

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
        if any(line.opens(hidden) for line in its) or _determined(hidden, lines):
            hidden.add(key)


def _determined(hidden: set[Key], lines: list[_Line[Key]]) -> bool:
    return any(_solved(len(block), equations) for block, equations in _blocks(hidden, lines))


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
    """Hide one more cell where several sums together still give a hidden one away."""
    for block, equations in _blocks(hidden, lines):
        if len(block) > _EXACT:
            continue
        for at in _solved(len(block), equations):
            # Where nothing beside it is shown, it is told by sums further away.
            shown = _beside([block[at]], hidden, lines) or _beside(block, hidden, lines)
            if shown:
                hidden.add(smallest(shown, counts))
                return True
    return False


def _beside(cells: Collection[Key], hidden: set[Key], lines: list[_Line[Key]]) -> set[Key]:
    """Return what is shown in the sums that any of `cells` is in."""
    lit = (line for line in lines if not set(cells).isdisjoint(line.cells))
    return {key for line in lit for key in line.cells if key not in hidden}


def _blocks(
    hidden: set[Key], lines: list[_Line[Key]]
) -> Iterable[tuple[list[Key], list[dict[int, float]]]]:
    """Return the hidden cells in blocks that share sums, with the sums as position → sign."""
    cells = sorted(hidden, key=repr)
    place = {key: at for at, key in enumerate(cells)}
    rows = [row for line in lines if line.rest <= 0 and (row := _signs(line, place))]
    links = [(first, other) for first, *others in rows for other in others]
    ends = np.array(links, np.int64).reshape(-1, 2)
    size = (len(cells), len(cells))
    graph = sparse.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=size)
    count, label = csgraph.connected_components(graph, directed=False)
    for one in range(count):
        members = [int(at) for at in np.flatnonzero(label == one)]
        local = {at: i for i, at in enumerate(members)}
        inside = [
            {local[at]: sign for at, sign in row.items()}
            for row in rows
            if next(iter(row)) in local
        ]
        yield [cells[at] for at in members], inside


def _signs(line: _Line[Key], place: Mapping[Key, int]) -> dict[int, float]:
    row = {place[key]: 1.0 for key in line.parts if key in place}
    if line.total in place:
        row[place[line.total]] = -1.0
    return row


def _solved(size: int, equations: list[dict[int, float]]) -> list[int]:
    """Return the positions that the equations determine: those where no null vector moves."""
    if not equations:
        return []
    matrix = np.zeros((len(equations), size))
    for at, row in enumerate(equations):
        matrix[at, list(row)] = list(row.values())
    _, sizes, right = np.linalg.svd(matrix)
    rank = int((sizes > 1e-9).sum())
    free = np.abs(right[rank:]).max(axis=0) if rank < size else np.zeros(size)
    return [int(at) for at in np.flatnonzero(free < 1e-9)]
