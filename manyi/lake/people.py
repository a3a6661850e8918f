"""Distinct customers by group, kept so that who answers again is counted once.

What is kept is who answered how often in which group, so that rows may be added and taken
away. A customer below 0 is one record that nobody else has: those are only counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.lake.adding import added, negative

if TYPE_CHECKING:
    import pyarrow as pa

_OWN = ("customer", "n")
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """Known customers (in their order) and their places among `groups`; `unknown` ones counted."""

    groups: pa.Table
    place: NDArray[np.int32]
    customer: Integers
    n: NDArray[np.int32]
    unknown: pa.Table

    @classmethod
    def made(
        cls,
        groups: pa.Table,
        place: NDArray[Any],
        customer: Integers,
        n: NDArray[Any],
        unknown: Any,
    ) -> People:
        """Return people whose customers may come in any order."""
        if len(customer) and np.any(customer[1:] < customer[:-1]):
            order = np.argsort(customer, kind="stable")
            place, customer, n = place[order], customer[order], n[order]
        return cls(groups, place.astype(np.int32), customer, n.astype(np.int32), unknown)

    @cached_property
    def answer(self) -> pa.Table:
        """Return how many there are by group, or by group and the sides they are on."""
        return added(self._counted(np.arange(len(self.customer))), self.unknown)

    @property
    def nbytes(self) -> int:
        arrays = self.place.nbytes + self.customer.nbytes + self.n.nbytes
        return int(arrays + self.groups.nbytes + 2 * self.unknown.nbytes)

    def with_fresh(self, fresh: People) -> pa.Table:
        """Return `answer` once these have been counted as well."""
        at = self._of(fresh.customer)
        before = People(self.groups, self.place[at], self.customer[at], self.n[at], self.unknown)
        after = before.plus(fresh, 1)
        every = np.arange(len(after.customer))
        gone = negative(self._counted(at))
        return added(self.answer, gone, after._counted(every), fresh.unknown)

    def plus(self, other: People, sign: int) -> People:
        """Return what is kept once these are among them, or (`sign` -1) are not."""
        groups, place = _places([self.groups, other.groups])
        own, theirs = place[: self.groups.num_rows], place[self.groups.num_rows :]
        customer, place, n = _summed(
            np.concatenate([self.customer, other.customer]),
            np.concatenate([own[self.place], theirs[other.place]]),
            np.concatenate([self.n, sign * other.n]),
        )
        unknown = other.unknown if sign > 0 else negative(other.unknown)
        return People.made(groups, place, customer, n, added(self.unknown, unknown))

    def _of(self, customers: Integers) -> Integers:
        """Return the places of the rows of these customers."""
        wanted = np.unique(customers)
        first = np.searchsorted(self.customer, wanted, "left")
        many = np.searchsorted(self.customer, wanted, "right") - first
        starts = np.repeat(first - np.cumsum(many) + many, many)
        return (starts + np.arange(len(starts))).astype(np.int64)

    def _counted(self, at: Integers) -> pa.Table:
        """Return how many customers there are by group (and, with sides, by the sum of theirs)."""
        names = [name for name in self.groups.column_names if name != "side"]
        if len(names) == len(self.groups.column_names):
            return _table(self.groups, np.bincount(self.place[at], minlength=self.groups.num_rows))
        groups, place = _places([self.groups.select(names)])
        side = self.groups["side"].to_numpy()
        who = np.cumsum(np.diff(self.customer[at], prepend=self.customer[at][:1]) != 0)
        _, (group, sides) = _gathered(who, place[self.place[at]], side[self.place[at]])
        return _by_sides(groups, group, sides)


def _by_sides(groups: pa.Table, group: Integers, sides: Integers) -> pa.Table:
    import pyarrow as pa

    width = int(sides.max(initial=0)) + 1
    counts = np.bincount(group * width + sides, minlength=groups.num_rows * width)
    code = np.flatnonzero(counts)
    found = groups.take(pa.array(code // width))
    found = found.append_column("sides", pa.array(code % width, pa.int64()))
    return _table(found, counts[code])


def _table(groups: pa.Table, counts: NDArray[Any]) -> pa.Table:
    """Return counts of known customers by group; groups of none are left out."""
    import pyarrow as pa

    there = np.flatnonzero(counts)
    n = pa.array(counts[there], pa.int64())
    found = groups.take(pa.array(there))
    return found.append_column("n", n).append_column("n_known", n)


def _gathered(
    who: Integers, group: Integers, added_up: Integers
) -> tuple[Integers, tuple[Integers, Integers]]:
    """Return each person and group once, with the sum of what is added up over their rows."""
    many = int(group.max(initial=0)) + 1
    code = who * many + group
    order = np.argsort(code, kind="stable") if np.any(code[1:] < code[:-1]) else slice(None)
    code, added_up = code[order], added_up[order]
    starts = np.flatnonzero(np.diff(code, prepend=-1) != 0)
    sums = np.add.reduceat(added_up, starts) if len(starts) else added_up
    return code[starts] // many, (code[starts] % many, sums.astype(np.int64))


def _summed(
    customer: Integers, place: Integers, n: NDArray[Any]
) -> tuple[Integers, Integers, Integers]:
    """Return each customer and place once, those that come to nothing left out."""
    known, who = np.unique(customer, return_inverse=True)
    person, (places, sums) = _gathered(who.astype(np.int64), place.astype(np.int64), n)
    left = sums != 0
    return known[person[left]], places[left], sums[left]


def people(rows: pa.Table) -> People:
    """Return what is kept of rows by group and customer, `n` of each."""
    import pyarrow.compute as pc

    is_known = pc.greater(rows["customer"], 0)
    known, unknown = rows.filter(is_known), rows.filter(pc.invert(is_known))
    names = [name for name in rows.column_names if name not in _OWN]
    groups, place = _places([known.select(names)])
    customer = known["customer"].to_numpy()
    return People.made(groups, place, customer, known["n"].to_numpy(), _unknown(unknown))


def _places(tables: Sequence[pa.Table]) -> tuple[pa.Table, Integers]:
    """Return the distinct groups of tables together, and the place of each row's among them."""
    import pyarrow as pa

    first = tables[0]
    rows = pa.concat_tables([one.select(first.column_names).cast(first.schema) for one in tables])
    mixed = np.zeros(rows.num_rows, np.int64)
    for name in rows.column_names:
        coded = _whole(rows[name]).dictionary_encode()
        many = len(coded.dictionary)
        codes = coded.indices.fill_null(many).to_numpy(zero_copy_only=False)
        mixed = mixed * (many + 1) + codes
    _, at, place = np.unique(mixed, return_index=True, return_inverse=True)
    return rows.take(pa.array(at, pa.int64())), place.astype(np.int64)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _unknown(rows: pa.Table) -> pa.Table:
    """Return how many of nobody known there are by group (and, with sides, by all of theirs)."""
    import pyarrow as pa

    names = [name for name in rows.column_names if name not in (*_OWN, "side")]
    if "side" in rows.column_names:
        rows = rows.group_by([*names, "customer"]).aggregate([("side", "sum")])
        names = [*names, "sides"]
        rows = rows.rename_columns([n.replace("side_sum", "sides") for n in rows.column_names])
    found = rows.select([*names, "customer"]).group_by(names).aggregate([("customer", "count")])
    found = found.rename_columns([n.replace("customer_count", "n") for n in found.column_names])
    return found.append_column("n_known", pa.array(np.zeros(found.num_rows, np.int64)))
