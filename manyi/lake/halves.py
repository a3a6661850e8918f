"""Cold rows counted once, hot rows every time.

A file of the lake never changes, so what was counted in it is kept, and after a new voice only
the rows that are not in a file yet are counted again. Counts of rows add up. Counts of people
do not, for somebody may have answered before: those among the hot rows are taken from the cold
count and counted again over both.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manyi.lake import engine
from manyi.lake.expressions import Shape, compiled, keys
from manyi.lake.tables import MENTIONS, schema

if TYPE_CHECKING:
    import pyarrow as pa

_ADDED = frozenset(
    {"cells", "cells_by_cluster", "records", "answers", "asked", "values", "anonymous"}
)
_PEOPLE = frozenset({"people", "people_by_sides"})
# Of each unit and day: so many lines that whoever asks would rather sum those it needs.
_SUMMED_LATER = frozenset({"anonymous"})
_COUNTS = ("n", "n_anonymous", "n_known")
_MOST, _MOST_BYTES = 1024, 128 * 1024 * 1024
_kept: OrderedDict[Any, pa.Table] = OrderedDict()
_keeping = threading.Lock()


@dataclass(frozen=True)
class _Half:
    """A shape over cold or hot rows alone, with what is bound to it."""

    shape: Shape
    values: Mapping[str, Any]
    tables: Mapping[str, pa.Table]

    def ask(self) -> pa.Table:
        return engine.run(compiled(self.shape), values=self.values, tables=self.tables)

    def among(self, customers: Any) -> _Half:
        """Return the same for these customers alone."""
        import pyarrow as pa

        shape = replace(self.shape, filters=self.shape.filters | {"customer"})
        return _Half(
            shape, self.values, {**self.tables, "only_customer": pa.table({"customer": customers})}
        )


def ask(shape: Shape, values: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return the answer to a whole question, as asking it at once would."""
    whole = _Half(shape, values, tables)
    if not _comes_apart(shape):
        return whole.ask()
    counted = _remembered(_cold(whole))
    if f"hot_{shape.table}" not in shape.sources:
        return counted
    fresh = _known_customers(whole) if shape.measure in _PEOPLE else None
    if fresh is None:
        return _joined(shape, counted, _hot(whole).ask())
    before = _negative(_cold(whole).among(fresh).ask())
    return _added(counted, before, whole.among(fresh).ask())


def _comes_apart(shape: Shape) -> bool:
    """Whether a question may be asked of cold and of hot rows: where mentions play a part it
    may not, since they are copied on their own, and half of a record is cold and half hot."""
    mentions = shape.sources & {f"cold_{MENTIONS}", f"hot_{MENTIONS}"}
    counted = shape.measure in _PEOPLE or (shape.measure in _ADDED and bool(_split_by(shape)))
    return counted and not mentions and f"cold_{shape.table}" in shape.sources


def _split_by(shape: Shape) -> list[str]:
    return keys(shape) if shape.measure == "values" else [shape.measure]


def _known_customers(whole: _Half) -> Any:
    """Return the customers of hot rows; None where nobody of them can have answered before."""
    import pyarrow.compute as pc

    found = pc.unique(whole.tables[f"hot_{whole.shape.table}"]["customer"])
    return found if pc.any(pc.greater(found, 0)).as_py() else None


def _cold(whole: _Half) -> _Half:
    return _only(whole, "cold", whole.shape.less)


def _hot(whole: _Half) -> _Half:
    return _only(whole, "hot", frozenset())


def _only(whole: _Half, kind: str, less: frozenset[str]) -> _Half:
    """Return the question over rows of one kind; a table without any stands there empty."""
    sources, tables = set(), dict(whole.tables)
    for table in {name.partition("_")[2] for name in whole.shape.sources}:
        there = f"{kind}_{table}" in whole.shape.sources
        sources.add(f"{kind}_{table}" if there else f"hot_{table}")
        if kind == "cold":
            tables.pop(f"hot_{table}", None)
        if not there:
            tables[f"hot_{table}"] = schema(table).empty_table()
    for name in whole.shape.less - less:
        tables.pop(name, None)
    values = {k: v for k, v in whole.values.items() if not k.startswith("cold_") or k in sources}
    return _Half(replace(whole.shape, sources=frozenset(sources), less=less), values, tables)


def _remembered(cold: _Half) -> pa.Table:
    """Return what is counted in files, counted once as long as it is kept."""
    key = (cold.shape, _digest(cold))
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = cold.ask()
    with _keeping:
        _kept[key] = found
        while len(_kept) > _MOST or sum(one.nbytes for one in _kept.values()) > _MOST_BYTES:
            _kept.popitem(last=False)
    return found


def _digest(cold: _Half) -> bytes:
    import pyarrow as pa

    told = hashlib.blake2b(repr(sorted(cold.values.items())).encode(), digest_size=16)
    told.update(str(engine.folder()).encode())
    for name, table in sorted(cold.tables.items()):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table.combine_chunks())
        told.update(name.encode())
        told.update(sink.getvalue())
    return told.digest()


def _negative(counted: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    for at, name in enumerate(counted.column_names):
        if name in _COUNTS:
            counted = counted.set_column(at, name, pc.negate(counted[name]))
    return counted


def _joined(shape: Shape, counted: pa.Table, fresh: pa.Table) -> pa.Table:
    if fresh.num_rows == 0:
        return counted
    if shape.measure not in _SUMMED_LATER:
        return _added(counted, fresh)
    import pyarrow as pa

    return pa.concat_tables([counted, fresh.select(counted.column_names).cast(counted.schema)])


def _added(*parts: pa.Table) -> pa.Table:
    """Return the parts' counts summed by everything else; what comes to nothing is left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = parts[0].column_names
    whole = pa.concat_tables([part.select(names).cast(parts[0].schema) for part in parts])
    counts = [name for name in names if name in _COUNTS]
    by = [name for name in names if name not in counts]
    summed = whole.group_by(by).aggregate([(name, "sum") for name in counts])
    summed = summed.rename_columns([n.removesuffix("_sum") for n in summed.column_names])
    return summed.select(names).filter(pc.not_equal(summed["n"], 0))
