"""Distinct customers of few groups: for each customer the sides that they are on, group by group.

An array a group costs less to make than a sorted list of who is in it, and adding to it is one
pass. Nothing can be taken away: who answered how often is not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.lake.adding import added
from manyi.lake.people import People, bits_for, of_all, places

if TYPE_CHECKING:
    import pyarrow as pa

# So many sides fit into what is kept of a customer.
MOST_SIDES = 8
Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Crowd:
    """Known customers of `groups`: `sides` (a row a group) holds the sum of each customer's sides
    by their code, 1 without sides, 0 for those who are not in it. Unknown ones are counted."""

    groups: pa.Table
    sides: Bits
    unknown: pa.Table
    is_sided: bool

    @cached_property
    def answer(self) -> pa.Table:
        """Return how many there are by group, or by group and the sides they are on."""
        return added(self._counted(), of_all(self.unknown))

    @property
    def nbytes(self) -> int:
        return int(self.sides.nbytes + self.groups.nbytes + 2 * self.unknown.nbytes)

    def with_fresh(self, fresh: Crowd | People) -> pa.Table:
        """Return `answer` once these have been counted as well."""
        if isinstance(fresh, People):
            return self.people.with_fresh(fresh)
        if not fresh.sides.any():
            return added(self.answer, of_all(fresh.unknown))
        return self.plus(fresh).answer

    def plus(self, other: Crowd) -> Crowd:
        """Return both together."""
        groups, place = places([self.groups, other.groups])
        width = max(self.sides.shape[1], other.sides.shape[1])
        sides = np.zeros((groups.num_rows, width), np.uint8)
        for at, row in zip(place, (*self.sides, *other.sides), strict=True):
            sides[at, : len(row)] |= row
        return Crowd(groups, sides, added(self.unknown, other.unknown), self.is_sided)

    @property
    def people(self) -> People:
        """Return the same as a list of who is in which group, everybody once."""
        import pyarrow as pa

        each = [
            (at, 1 << bit, np.flatnonzero(row & (1 << bit)))
            for at, row in enumerate(self.sides)
            for bit in range(MOST_SIDES)
        ]
        each = [one for one in each if len(one[2])]
        groups = self.groups.take(pa.array([at for at, _, _ in each], pa.int64()))
        if self.is_sided:
            sides = pa.array([side for _, side, _ in each], pa.int64())
            groups = groups.append_column("side", sides)
        bits = bits_for(len(each))
        found = [who << bits | place for place, (_, _, who) in enumerate(each)]
        code = np.sort(np.concatenate([np.zeros(0, np.int64), *found]))
        return People(groups, bits, code, np.ones(len(code), np.int32), self.unknown)

    def _counted(self) -> pa.Table:
        import pyarrow as pa

        each = self._table(self.groups, self.sides)
        if "apart" not in self.groups.column_names:
            return each
        names = [name for name in self.groups.column_names if name != "apart"]
        groups, place = places([self.groups.select(names)])
        if groups.num_rows == self.groups.num_rows:
            return of_all(each)
        rows = (self.sides[place == at] for at in range(groups.num_rows))
        whole = self._table(groups, [np.bitwise_or.reduce(some) for some in rows])
        whole = whole.append_column("apart", pa.nulls(whole.num_rows, pa.int64()))
        return pa.concat_tables([each, whole.select(each.column_names)])

    def _table(self, groups: pa.Table, sides: Any) -> pa.Table:
        import pyarrow as pa

        counted = list(self._counts(sides))
        at, on, n = zip(*counted, strict=True) if counted else ((), (), ())
        found = groups.take(pa.array(at, pa.int64()))
        if self.is_sided:
            found = found.append_column("sides", pa.array(on, pa.int64()))
        many = pa.array(n, pa.int64())
        return found.append_column("n", many).append_column("n_known", many)

    @staticmethod
    def _counts(sides: Any) -> Iterator[tuple[int, int, int]]:
        """Yield the place of a group, the sides, and how many of it are on just these."""
        for at, row in enumerate(sides):
            counts = np.bincount(row, minlength=1)
            for on in (np.flatnonzero(counts[1:]) + 1).tolist():
                yield at, on, int(counts[on])
