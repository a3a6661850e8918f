"""Distinct customers by group, kept so that who answers again is counted once.

What is kept is who answered how often in which group, so that rows may be added and taken
away. A customer below 0 is one record that nobody else has: those are only counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from manyi.lake.adding import added, negative

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_OWN = ("customer", "n")


@dataclass(frozen=True)
class People:
    """Known customers (in their order) and their places among `groups`; `unknown` ones counted."""

    groups: pa.Table
    place: NDArray[np.int32]
    customer: NDArray[np.int64]
    n: NDArray[np.int32]
    unknown: pa.Table

    @cached_property
    def answer(self) -> pa.Table:
        """Return how many there are by group, or by group and the sides they are on."""
        every = self._rows(np.arange(len(self.customer)))
        return added(_counted(every), self.unknown)

    @property
    def nbytes(self) -> int:
        arrays = self.place.nbytes + self.customer.nbytes + self.n.nbytes
        return int(arrays + self.groups.nbytes + 2 * self.unknown.nbytes)

    def with_fresh(self, fresh: pa.Table) -> pa.Table:
        """Return `answer` once these rows have been counted as well."""
        known, unknown = _parted(fresh)
        before = self._rows(self._of(known["customer"].to_numpy()))
        after = added(before, known)
        parts = [self.answer, negative(_counted(before)), _counted(after), _counted(unknown)]
        return added(*parts)

    def plus(self, rows: pa.Table, sign: int) -> People:
        """Return what is kept once these rows are among them, or (`sign` -1) are not."""
        known, unknown = _parted(rows)
        every = self._rows(np.arange(len(self.customer)))
        counted = _counted(unknown)
        if sign < 0:
            known, counted = negative(known), negative(counted)
        return _built(added(every, known), added(self.unknown, counted))

    def _of(self, customers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places of the rows of these customers."""
        wanted = np.unique(customers)
        first = np.searchsorted(self.customer, wanted, "left")
        many = np.searchsorted(self.customer, wanted, "right") - first
        starts = np.repeat(first - np.cumsum(many) + many, many)
        return (starts + np.arange(len(starts))).astype(np.int64)

    def _rows(self, at: NDArray[np.int64]) -> pa.Table:
        import pyarrow as pa

        rows = self.groups.take(pa.array(self.place[at]))
        rows = rows.append_column("customer", pa.array(self.customer[at], pa.int64()))
        return rows.append_column("n", pa.array(self.n[at], pa.int64()))


def people(rows: pa.Table) -> People:
    """Return what is kept of rows by group and customer, `n` of each."""
    known, unknown = _parted(rows)
    return _built(known, _counted(unknown))


def _built(known: pa.Table, unknown: pa.Table) -> People:
    groups, place = _places(known, [n for n in known.column_names if n not in _OWN])
    customer = known["customer"].to_numpy()
    order = np.argsort(customer, kind="stable")
    n = known["n"].to_numpy()[order].astype(np.int32)
    return People(groups, place[order].astype(np.int32), customer[order], n, unknown)


def _places(rows: pa.Table, names: Sequence[str]) -> tuple[pa.Table, NDArray[np.int64]]:
    """Return the distinct groups and the place of each row's among them."""
    import pyarrow as pa

    mixed = np.zeros(rows.num_rows, np.int64)
    for name in names:
        coded = _whole(rows[name]).dictionary_encode()
        many = len(coded.dictionary)
        codes = coded.indices.fill_null(many).to_numpy(zero_copy_only=False)
        mixed = mixed * (many + 1) + codes
    _, first, place = np.unique(mixed, return_index=True, return_inverse=True)
    return rows.select(list(names)).take(pa.array(first, pa.int64())), place


def _whole(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _parted(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    import pyarrow.compute as pc

    known = pc.greater(rows["customer"], 0)
    return rows.filter(known), rows.filter(pc.invert(known))


def _counted(rows: pa.Table) -> pa.Table:
    """Return how many customers there are by group (and, with sides, by the sum of theirs)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [name for name in rows.column_names if name not in (*_OWN, "side")]
    if "side" in rows.column_names:
        rows = rows.group_by([*names, "customer"]).aggregate([("side", "sum")])
        names = [*names, "sides"]
        rows = rows.rename_columns([n.replace("side_sum", "sides") for n in rows.column_names])
    rows = rows.select([*names, "customer"])
    rows = rows.append_column("known", pc.greater(rows["customer"], 0).cast(pa.int64()))
    found = rows.group_by(names).aggregate([("customer", "count"), ("known", "sum")])
    counts = {"customer_count": "n", "known_sum": "n_known"}
    return found.rename_columns([counts.get(name, name) for name in found.column_names])
