"""Distinct customers by group, kept so that who answers again is counted once.

What is kept is who answered how often in which group, so that rows may be added and taken
away. A record of nobody known is a person of its own: those are only counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from manyi.lake.adding import added, negative

if TYPE_CHECKING:
    import pyarrow as pa

_OWN = ("customer", "n")
# With fewer places than so many for each code, codes are counted and not sorted.
_DENSE = 8
Integers = NDArray[np.int64]


class Listed(Protocol):
    """What can list the people that it counts."""

    @property
    def people(self) -> People: ...


class Customers(Protocol):
    """Known customers, each with a code of its own."""

    def codes(self, ids: Integers) -> NDArray[np.int32]: ...


@dataclass(frozen=True)
class People:
    """Who answered how often (`n`) in which of `groups`: `code` is a known customer's code with
    the place of the group in its last `bits`, in their order. Unknown ones are counted."""

    groups: pa.Table
    bits: int
    code: Integers
    n: NDArray[np.int32]
    unknown: pa.Table

    @cached_property
    def answer(self) -> pa.Table:
        """Return how many there are by group, or by group and the sides they are on."""
        return added(self._counted(self.code), of_all(self.unknown))

    @property
    def people(self) -> People:
        return self

    @property
    def nbytes(self) -> int:
        arrays = self.code.nbytes + self.n.nbytes
        return int(arrays + self.groups.nbytes + 2 * self.unknown.nbytes)

    def with_fresh(self, fresh: Listed) -> pa.Table:
        """Return `answer` once these have been counted as well."""
        own = fresh.people
        if not len(own.code):
            return added(self.answer, of_all(own.unknown))
        at = self._of(own.code >> own.bits)
        before = People(self.groups, self.bits, self.code[at], self.n[at], self.unknown)
        after = before.plus(own, 1)
        gone = negative(self._counted(before.code))
        return added(self.answer, gone, after._counted(after.code), of_all(own.unknown))

    def plus(self, other: People, sign: int) -> People:
        """Return what is kept once these are among them, or (`sign` -1) are not."""
        groups, place = places([self.groups, other.groups])
        bits, own = bits_for(groups.num_rows), self.groups.num_rows
        code, n = _summed(
            np.concatenate([self._at(place[:own], bits), other._at(place[own:], bits)]),
            np.concatenate([self.n, sign * other.n]),
        )
        unknown = other.unknown if sign > 0 else negative(other.unknown)
        return People(groups, bits, code, n, added(self.unknown, unknown))

    def _at(self, place: Integers, bits: int) -> Integers:
        """Return the codes once groups lie in other places, in so many bits."""
        return ((self.code >> self.bits) << bits) | place[self.code & ((1 << self.bits) - 1)]

    def _of(self, customers: Integers) -> Integers:
        """Return where these customers' codes lie."""
        wanted = np.unique(customers)
        first = np.searchsorted(self.code, wanted << self.bits)
        many = np.searchsorted(self.code, (wanted + 1) << self.bits) - first
        starts = np.repeat(first - np.cumsum(many) + many, many)
        return (starts + np.arange(len(starts))).astype(np.int64)

    def _counted(self, code: Integers) -> pa.Table:
        """Return how many customers there are by group (and, with sides, by the sum of theirs);
        where groups come apart, in all of them together as well."""
        each = _counts(self.groups, self.bits, code)
        if "apart" not in self.groups.column_names:
            return each
        import pyarrow as pa

        groups, place = places([_without(self.groups, "apart")])
        who, own = code >> self.bits, place[code & ((1 << self.bits) - 1)]
        together = (who << self.bits) | own
        if np.any(together[1:] <= together[:-1]):
            together = np.unique(together)
        whole = _counts(groups, self.bits, together)
        whole = whole.append_column("apart", pa.nulls(whole.num_rows, pa.int64()))
        return pa.concat_tables([each, whole.select(each.column_names)])


def regrouped(one: People, moved: pa.Table, unknown: pa.Table) -> People:
    """Return people in groups of which some are alike now: `moved` names each group anew."""
    groups, place = places([moved])
    bits = bits_for(groups.num_rows)
    code, n = _summed(one._at(place, bits), one.n)
    return People(groups, bits, code, n, unknown)


def of_all(unknown: pa.Table) -> pa.Table:
    """Return what is counted of nobody known; where groups come apart, of all as well."""
    if "apart" not in unknown.column_names:
        return unknown
    import pyarrow as pa

    at = unknown.column_names.index("apart")
    whole = unknown.set_column(at, "apart", pa.nulls(unknown.num_rows, pa.int64()))
    return pa.concat_tables([unknown, whole])


def _without(groups: pa.Table, gone: str) -> pa.Table:
    return groups.select([name for name in groups.column_names if name != gone])


def _counts(groups: pa.Table, bits: int, code: Integers) -> pa.Table:
    """Return how many customers there are by group, or by group and the sum of their sides."""
    place = code & ((1 << bits) - 1)
    if "side" not in groups.column_names:
        return _table(groups, np.bincount(place, minlength=groups.num_rows))
    side = groups["side"].to_numpy()
    groups, group_of = places([_without(groups, "side")])
    who = (code >> bits) * groups.num_rows + group_of[place]
    group, sides = _on_sides(who, side[place])
    return _by_sides(groups, group % max(groups.num_rows, 1), sides)


def bits_for(groups: int) -> int:
    """Return how many bits the place of a group takes."""
    return max(groups - 1, 0).bit_length()


def _on_sides(who: Integers, side: Integers) -> tuple[Integers, Integers]:
    """Return who there is, and the sum of the sides of each."""
    if int(who.max(initial=0)) < 8 * len(who):
        sums = np.bincount(who, side).astype(np.int64)
        there = np.flatnonzero(sums)
        return there, sums[there]
    if np.any(who[1:] < who[:-1]):
        order = np.argsort(who, kind="stable")
        who, side = who[order], side[order]
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    return who[starts], np.add.reduceat(side, starts) if len(starts) else side


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


def _summed(code: Integers, n: NDArray[Any]) -> tuple[Integers, NDArray[np.int32]]:
    """Return each code once, those that come to nothing left out."""
    width = int(code.max(initial=-1)) + 1
    if width < _DENSE * len(code):
        sums = np.bincount(code, n, minlength=width).astype(np.int32)
        there = np.flatnonzero(sums)
        return there, sums[there]
    order = np.argsort(code, kind="stable")
    code, n = code[order], n[order]
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    sums = np.add.reduceat(n, starts) if len(starts) else n
    left = sums != 0
    return code[starts][left], sums[left].astype(np.int32)


def people(rows: pa.Table, customers: Customers) -> People:
    """Return what is kept of rows by group and customer, `n` of each."""
    import pyarrow.compute as pc

    is_known = pc.greater(rows["customer"], 0)
    known, unknown = rows.filter(is_known), rows.filter(pc.invert(is_known))
    names = [name for name in rows.column_names if name not in _OWN]
    groups, place = places([known.select(names)])
    ids, who = np.unique(known["customer"].to_numpy(), return_inverse=True)
    bits = bits_for(groups.num_rows)
    code = (customers.codes(ids).astype(np.int64)[who] << bits) | place
    return People(groups, bits, *_summed(code, known["n"].to_numpy()), _unknown(unknown))


def places(tables: Sequence[pa.Table]) -> tuple[pa.Table, Integers]:
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
