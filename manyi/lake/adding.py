"""Tables of counts put together: what is alike adds up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

COUNTS = ("n", "n_anonymous", "n_known")
Integers = NDArray[np.int64]
# So many places may be laid out for each row that is summed.
_PLACES, _FEW = 8, 65_536
# More codes than this are made fewer before a further column is mixed in.
_WIDE = 1 << 60


def added(first: pa.Table, *others: pa.Table) -> pa.Table:
    """Return the counts summed by everything else; what comes to nothing is left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [first, *(part for part in others if part.num_rows)]
    if len(parts) == 1:
        return first
    names = first.column_names
    found = summed(pa.concat_tables([part.select(names).cast(first.schema) for part in parts]))
    return found.filter(pc.not_equal(found["n"], 0))


def negative(counted: pa.Table) -> pa.Table:
    """Return the same with every count below zero, to be taken away."""
    import pyarrow.compute as pc

    for at, name in enumerate(counted.column_names):
        if name in COUNTS:
            counted = counted.set_column(at, name, pc.negate(counted[name]))
    return counted


def summed(found: pa.Table) -> pa.Table:
    """Return the counts summed by everything else, in one line where there is nothing else."""
    import pyarrow as pa

    if not found.num_rows:
        return found
    counts = [name for name in found.column_names if name in COUNTS]
    columns = {n: found[n].combine_chunks() for n in found.column_names if n not in COUNTS}
    code, first, many = _lines(map(_codes, columns.values()), found.num_rows)
    told = {name: column.take(pa.array(first)) for name, column in columns.items()}
    sums = {
        name: pa.array(np.bincount(code, found[name].to_numpy(), minlength=many).astype(np.int64))
        for name in counts
    }
    return pa.table({**told, **sums}).select(found.column_names)


def _codes(column: pa.Array) -> tuple[Integers, int]:
    """Return codes that tell the values of a column apart, none among them, and how many."""
    import pyarrow as pa

    if pa.types.is_date32(column.type):
        column = column.view(pa.int32())
    if pa.types.is_integer(column.type) and not column.null_count:
        found = column.to_numpy().astype(np.int64)
        least, most = int(found.min()), int(found.max())
        if most - least <= _FEW:
            return found - least, most - least + 1
    coded = column.dictionary_encode()
    nothing = len(coded.dictionary)
    return coded.indices.fill_null(nothing).to_numpy(zero_copy_only=False), nothing + 1


def _lines(coded: Iterable[tuple[Integers, int]], rows: int) -> tuple[Integers, Integers, int]:
    """Return which line of the answer each row belongs to, one row of each line, and how many
    lines there are."""
    code, width = np.zeros(rows, np.int64), 1
    for codes, many in coded:
        if width * many > _WIDE:
            code, _, width = _tightened(code, width)
        code, width = code * many + codes, width * many
    return _tightened(code, width)


def _tightened(code: Integers, width: int) -> tuple[Integers, Integers, int]:
    if width > _PLACES * len(code) + _FEW:
        _, first, code = np.unique(code, return_index=True, return_inverse=True)
        return code, first, len(first)
    row = np.full(width, -1, np.int64)
    row[code] = np.arange(len(code))
    there = np.flatnonzero(row >= 0)
    place = np.empty(width, np.int64)
    place[there] = np.arange(len(there))
    return place[code], row[there], len(there)
