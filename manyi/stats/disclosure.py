"""The one door to presentation: what may be shown, and what must be hidden with it.

Two thresholds, two sentences. Precision: too few answers to judge; the count is still shown.
Privacy: too few people, so neither the value nor anything from which it could be worked out
is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from manyi.stats.hiding import Hiding, Sum
from manyi.stats.result import Estimate

Key = TypeVar("Key", bound=Hashable)
Cell = tuple[Hashable, ...]

PRECISION_N = 10
PRIVACY_N = 5


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
    if not also and not _has_few(counts, sums, minimum_n):
        return dict.fromkeys(counts, Status.OK)
    hidden = Hiding(counts, sums, minimum_n).hidden(also)
    return {key: Status.SUPPRESSED if key in hidden else Status.OK for key in counts}


def _has_few(counts: Mapping[Key, int], sums: Sequence[Sum[Key]], minimum_n: int) -> bool:
    """Whether any count is small, or what the parts of a total leave over."""
    if any(0 < n < minimum_n for n in counts.values()):
        return True
    left = (counts[total] - sum(map(counts.__getitem__, parts)) for total, parts in sums)
    return any(0 < n < minimum_n for n in left)


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
