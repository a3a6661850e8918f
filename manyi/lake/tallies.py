"""Counts by day and group in columns, to be added up and cut in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from manyi.kit.selection import Selection
from manyi.lake.cells import distinct_values
from manyi.lake.question import Question

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Tally:
    """Columns of counts `n` by day (as date.toordinal): `codes` says which of a dimension's
    `values` each one has."""

    values: Mapping[str, Sequence[str | None]]
    codes: Mapping[str, NDArray[np.int64]]
    days: NDArray[np.int64]
    n: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        return sum(one.nbytes for one in (*self.codes.values(), self.days, self.n))


def nobody(selection: Selection) -> Tally:
    """Return the tally of no answers."""
    none = np.zeros(0, np.int64)
    return Tally({n: [] for n in selection.by}, dict.fromkeys(selection.by, none), none, none)


def tallied(asked: Question, selection: Selection, cells: pa.Table) -> Tally:
    """Return counts by day and group as a tally."""
    values, codes = {}, {}
    for i, name in enumerate(selection.by):
        codes[name], seen = distinct_values(cells[f"g{i}"])
        values[name] = [asked.code(i, one) for one in seen]
    days = cells["period"].combine_chunks().cast("int32").to_numpy() + _EPOCH
    return Tally(values, codes, days.astype(np.int64), cells["n"].to_numpy())


def part_of(tally: Tally, dimension: str, value: str) -> Tally | None:
    """Return the tally of one value by the other dimensions; None where nobody has it."""
    if value not in tally.values[dimension]:
        return None
    mine = tally.codes[dimension] == tally.values[dimension].index(value)
    values, codes = {}, {}
    for name in tally.values:
        if name == dimension:
            continue
        there, codes[name] = np.unique(tally.codes[name][mine], return_inverse=True)
        values[name] = [tally.values[name][at] for at in there.tolist()]
    return Tally(values, codes, tally.days[mine], tally.n[mine])


def joined(first: Tally, more: Tally | None) -> Tally:
    """Return the lines of two tallies of the same dimensions; the first itself where there are
    no more."""
    if more is None or not len(more.n):
        return first
    values, codes = {}, {}
    for name, own in first.values.items():
        values[name] = list(dict.fromkeys([*own, *more.values[name]]))
        place = {value: at for at, value in enumerate(values[name])}
        parts = (
            np.array([place[value] for value in one.values[name]], np.int64)[one.codes[name]]
            for one in (first, more)
        )
        codes[name] = np.concatenate(list(parts))
    days, n = np.concatenate([first.days, more.days]), np.concatenate([first.n, more.n])
    return Tally(values, codes, days, n)


def by_day(tally: Tally, mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the days of some lines and how many there are on each."""
    days = tally.days[mask]
    first = int(days.min()) if len(days) else 0
    there = np.flatnonzero(np.bincount(days - first))
    return there + first, np.bincount(days - first, tally.n[mask])[there].astype(np.int64)


def labels(
    tally: Tally, name: str, label: Callable[[str | None], str | None]
) -> tuple[NDArray[np.int64], list[str | None]]:
    """Return which label each line's value of a dimension has, and the labels there are."""
    each = [label(value) for value in tally.values[name]]
    found = list(dict.fromkeys(each))
    place = {value: at for at, value in enumerate(found)}
    return np.array([place[value] for value in each], np.int64)[tally.codes[name]], found
