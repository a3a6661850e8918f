"""A file's rows as columns of codes, beside the file: nothing is decoded when it is opened.

What is laid out can be made again from the file and holds nothing that the file does not.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from manyi.lake.tables import ANSWERS, ATTRIBUTES, MENTIONS, SCORES

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX, DRAFT = ".columns", ".columns-draft"
# What every question of a table names: rows are sorted by it, then by day and record.
FIRST: dict[str, tuple[str, ...]] = {
    SCORES: ("item", "metric"),
    ANSWERS: ("question",),
    ATTRIBUTES: ("name",),
    MENTIONS: ("facet", "aspect"),
}
PLAIN = ("record", "cluster", "anonymous")
# Weeks and months follow from the day; the others no count asks for.
_NEVER = frozenset({"organisation", "week", "month", "version", "score"})
# Attributes and questions with more settings than these (order numbers, amounts) stay in the
# file alone.
MOST_SETTINGS = 2_000
_FREE = {ATTRIBUTES: ("name", "setting"), ANSWERS: ("question", "number")}
_LEFT_OUT = b"left_out"


def beside(path: Path) -> Path:
    """Return where the columns of a file lie."""
    return path.with_suffix(SUFFIX)


def ordered(table: str, rows: pa.Table) -> pa.Table:
    """Return the rows in the order of their columns."""
    names = (*FIRST.get(table, ()), "day", "record")
    return rows.sort_by([(name, "ascending") for name in names])


def laid(table: str, rows: pa.Table) -> pa.Table:
    """Return ordered rows with codes in place of values, those with too many left out."""
    import pyarrow as pa

    gone = _overfull(table, rows)
    if gone:
        rows = rows.filter(~np.isin(_of_first(table, rows), gone))
    columns = {name: _column(name, rows) for name in rows.column_names if name not in _NEVER}
    return pa.table(columns).replace_schema_metadata({_LEFT_OUT: "\n".join(gone).encode()})


def left_out(found: pa.Table) -> frozenset[str]:
    """Return the questions or attributes that are not laid out."""
    told = (found.schema.metadata or {}).get(_LEFT_OUT, b"").decode()
    return frozenset(told.split("\n")) if told else frozenset()


def _of_first(table: str, rows: pa.Table) -> np.ndarray:
    return np.asarray(rows[FIRST[table][0]].to_pylist(), object)


def _overfull(table: str, rows: pa.Table) -> list[str]:
    if table not in _FREE:
        return []
    import pyarrow.compute as pc

    name, free = _FREE[table]
    each = rows.group_by([name]).aggregate([(free, "count_distinct")])
    many = pc.greater(each[f"{free}_count_distinct"], MOST_SETTINGS)
    return sorted(each.filter(many)[name].to_pylist())


def _column(name: str, rows: pa.Table) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = rows[name].combine_chunks()
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if name == "anonymous":
        return column.cast(pa.uint8())
    if name in PLAIN:
        return column
    if name == "customer":
        column = pc.if_else(pc.greater(column, 0), column, pa.scalar(None, pa.int64()))
    return _coded(column)


def _coded(column: pa.Array) -> pa.DictionaryArray:
    """Return a column as codes of its values in their order, none among them first."""
    import pyarrow as pa

    coded = column.dictionary_encode(null_encoding="encode")
    order = _order(coded.dictionary)
    values = coded.dictionary.take(order)
    rank = np.empty(len(values), np.int64)
    rank[order.to_numpy()] = np.arange(len(values))
    codes = rank[coded.indices.to_numpy()] if len(column) else np.zeros(0, np.int64)
    return pa.DictionaryArray.from_arrays(codes.astype(_small(len(values))), values)


def _order(values: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    # Not by an option of sorting: its name differs between versions of the engine.
    order = pc.sort_indices(values)
    nothing = values.null_count
    return pa.concat_arrays(
        [order.slice(len(order) - nothing), order.slice(0, len(order) - nothing)]
    )


def _small(values: int) -> type[np.signedinteger]:
    fits = (kind for kind in (np.int8, np.int16, np.int32) if values <= np.iinfo(kind).max)
    return next(fits, np.int64)


def write(table: str, path: Path, rows: pa.Table) -> None:
    """Lay ordered rows out beside their file; the columns appear once they are on disk."""
    import pyarrow as pa

    found = laid(table, rows)
    draft = path.with_suffix(DRAFT)
    with pa.OSFile(str(draft), "wb") as sink, pa.ipc.new_file(sink, found.schema) as file:
        file.write_table(found)
    handle = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(beside(path))


def read(path: Path) -> pa.Table:
    """Return the columns of a file, mapped into memory; raises OSError where there are none."""
    import pyarrow as pa

    return pa.ipc.open_file(pa.memory_map(str(beside(path)))).read_all()
