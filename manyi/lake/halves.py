"""Cold rows counted once, hot rows every time.

A file of the lake never changes, so what was counted in it is kept (`kept`), and after a new
voice only the rows that are not in a file yet are counted again. Counts of rows add up. Counts
of people do not, for somebody may have answered before: of them it is kept who they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from manyi.lake import engine, kept
from manyi.lake.adding import added
from manyi.lake.columns.counting import count, rows
from manyi.lake.columns.frame import Frame, NotLaidOut
from manyi.lake.columns.words import lexicon
from manyi.lake.crowd import Crowd
from manyi.lake.expressions import Shape, compiled, keys
from manyi.lake.people import People, people
from manyi.lake.rolling import Upwards
from manyi.lake.tables import MENTIONS, nothing

if TYPE_CHECKING:
    import pyarrow as pa

_ADDED = frozenset(
    {
        "cells",
        "cells_by_cluster",
        "records",
        "answers",
        "answers_by_cluster",
        "asked",
        "asked_by_cluster",
        "values",
        "anonymous",
    }
)
_PEOPLE = frozenset({"people", "people_by_sides"})
# Of each unit, and day or value: so many lines that whoever asks would rather sum those it needs.
_SUMMED_LATER = frozenset({"anonymous", "cells", "cells_by_cluster"})


@dataclass(frozen=True)
class _Half:
    """A shape over cold or hot rows alone, with what is bound to it."""

    shape: Shape
    values: Mapping[str, Any]
    tables: Mapping[str, pa.Table]
    frames: dict[Any, Frame] = field(default_factory=dict)

    def ask(self) -> pa.Table | People | Crowd:
        """Return what is counted, of "pairs" who answered: from columns, or by the engine."""
        try:
            return count(self.shape, self.values, self.tables, self.frames)
        except NotLaidOut:
            found = engine.run(compiled(self.shape), values=self.values, tables=self.tables)
        if self.shape.measure != "pairs":
            return found
        return people(found, lexicon(self.values["organisation"]).customers)

    @cached_property
    def rows(self) -> int | None:
        """Return how many rows it is about; None where only the engine can tell."""
        try:
            return rows(self.shape, self.values, self.tables, self.frames)
        except NotLaidOut:
            return None

    def over(self, files: kept.Files, outdated: kept.Outdated) -> _Half:
        """Return the same over these files alone, with other copies left out."""
        gone = {"superseded": outdated.superseded, "rehot": outdated.rehot}
        left = {name: table for name, table in gone.items() if table is not None}
        shape = replace(self.shape, less=frozenset(left))
        tables = {name: one for name, one in self.tables.items() if name not in gone}
        there = {name: sorted(paths) for name, paths in files.items()}
        return _emptied(_Half(shape, {**self.values, **there}, {**tables, **left}))

    def of_records(self, records: Any) -> _Half:
        """Return the same for these records alone."""
        import pyarrow as pa

        shape = replace(self.shape, filters=self.shape.filters | {"record"})
        only = pa.table({"record": records})
        return _Half(shape, self.values, {**self.tables, "only_record": only})


def _emptied(half: _Half) -> _Half:
    """Return the question with an empty table in place of no files."""
    values, tables, sources = dict(half.values), dict(half.tables), set(half.shape.sources)
    for name in [n for n, v in values.items() if n.startswith("cold_") and not v]:
        table = name.removeprefix("cold_")
        del values[name]
        sources ^= {name, f"hot_{table}"}
        tables[f"hot_{table}"] = nothing(table)
    return _Half(replace(half.shape, sources=frozenset(sources)), values, tables)


def ask(
    shape: Shape,
    values: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    frames: dict[Any, Frame] | None = None,
) -> pa.Table:
    """Return the answer to a whole question, as asking it at once would.

    `frames` are those of the same question with other measures.
    """
    whole = _Half(shape, values, tables, {} if frames is None else frames)
    if not _comes_apart(shape):
        found = whole.ask()
        return found.answer if isinstance(found, People | Crowd) else found
    asked = replace(whole, shape=replace(shape, measure="pairs")) if _is_people(shape) else whole
    counted, fresh = _both(asked)
    if isinstance(counted, People | Crowd):
        return counted.with_fresh(fresh) if isinstance(fresh, People | Crowd) else counted.answer
    is_table = fresh is not None and not isinstance(fresh, People | Crowd)
    return _joined(shape, counted, fresh) if is_table else counted


def ask_apart(
    shape: Shape,
    values: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    frames: dict[Any, Frame],
) -> tuple[pa.Table | None, pa.Table | None]:
    """Return what is counted of cold rows, the same table while these are the same, and of hot
    rows; None for either without any, and first where a question does not come apart."""
    whole = _Half(shape, values, tables, frames)
    return _both(whole) if _comes_apart(shape) else (None, whole.ask())


def _both(asked: _Half) -> tuple[Any, Any]:
    counted, few = kept.counted(_cold(asked))
    half = _fresh(asked, few)
    fresh = None if half.rows == 0 else half.ask()
    return counted, fresh


def rows_of(
    shape: Shape,
    values: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    frames: dict[Any, Frame],
) -> int | None:
    """Return how many rows a question is about, without those of memory where these are asked
    apart; None where only the engine can tell."""
    whole = _Half(shape, values, tables, frames)
    return (_cold(whole) if _comes_apart(shape) else whole).rows


def ask_rolled(
    shape: Shape,
    values: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    frames: dict[Any, Frame],
    up: Upwards,
) -> pa.Table:
    """Return how many people there are with their groups rolled up; everybody counts once in
    each of those."""
    asked = _Half(replace(shape, measure="pairs"), values, tables, frames)
    if not _comes_apart(replace(shape, measure="people")):
        found = asked.ask()
        assert isinstance(found, People)
        return up.people(found).answer
    counted, few = kept.counted(_cold(asked))
    fresh = _fresh(asked, few).ask()
    assert isinstance(counted, People) and isinstance(fresh, People)
    rolled = kept.derived(counted, (up.name, *up.above.items()), lambda: up.people(counted))
    assert isinstance(rolled, People)
    return rolled.with_fresh(up.people(fresh))


def _fresh(whole: _Half, few: kept.Files) -> _Half:
    """Return the question over hot rows, and over a few new files among them."""
    hot = _only(whole, "hot", frozenset())
    if not few:
        return hot
    there = {name: sorted(paths) for name, paths in few.items() if paths}
    gone = {name: whole.tables[name] for name in whole.shape.less}
    shape = replace(hot.shape, sources=hot.shape.sources | set(there), less=whole.shape.less)
    return _Half(shape, {**hot.values, **there}, {**hot.tables, **gone})


def _is_people(shape: Shape) -> bool:
    return shape.measure in _PEOPLE


def _comes_apart(shape: Shape) -> bool:
    """Whether a question may be asked of cold and of hot rows: where mentions play a part it
    may not, since they are copied on their own, and half of a record is cold and half hot."""
    mentions = shape.sources & {f"cold_{MENTIONS}", f"hot_{MENTIONS}"}
    counted = shape.measure in _PEOPLE or (shape.measure in _ADDED and bool(_split_by(shape)))
    return counted and not mentions and f"cold_{shape.table}" in shape.sources


def _split_by(shape: Shape) -> list[str]:
    return keys(shape) if shape.measure == "values" else [shape.measure]


def _cold(whole: _Half) -> _Half:
    return _only(whole, "cold", whole.shape.less)


def _only(whole: _Half, kind: str, less: frozenset[str]) -> _Half:
    """Return the question over rows of one kind; a table without any stands there empty."""
    sources, tables = set(), dict(whole.tables)
    for table in {name.partition("_")[2] for name in whole.shape.sources}:
        there = f"{kind}_{table}" in whole.shape.sources
        sources.add(f"{kind}_{table}" if there else f"hot_{table}")
        if kind == "cold":
            tables.pop(f"hot_{table}", None)
        if not there:
            tables[f"hot_{table}"] = nothing(table)
    for name in whole.shape.less - less:
        tables.pop(name, None)
    values = {k: v for k, v in whole.values.items() if not k.startswith("cold_") or k in sources}
    shape = replace(whole.shape, sources=frozenset(sources), less=less)
    return _Half(shape, values, tables, whole.frames)


def _joined(shape: Shape, counted: pa.Table, fresh: pa.Table) -> pa.Table:
    if fresh.num_rows == 0:
        return counted
    if shape.measure not in _SUMMED_LATER:
        return added(counted, fresh)
    import pyarrow as pa

    return pa.concat_tables([counted, fresh.select(counted.column_names).cast(counted.schema)])
