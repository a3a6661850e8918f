"""A selection made into a question that the engine can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from manyi.kit.period import Period
from manyi.kit.selection import ATTRIBUTE, SAID, Selection, number_in
from manyi.lake import halves, saying, snapshot
from manyi.lake.expressions import Shape, keys
from manyi.lake.rolling import Upwards
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import ANSWERS, ATTRIBUTES, MENTIONS, nothing, schema

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Question:
    """A shape with what is bound to it."""

    shape: Shape
    values: Mapping[str, Any]
    tables: Mapping[str, pa.Table]
    snapshot: Snapshot
    _frames: dict[Any, Any] = field(default_factory=dict)

    def ask(self, measure: str, **details: Any) -> pa.Table:
        """Return one measure of the selected rows; `details` complete the shape."""
        shape = replace(self.shape, measure=measure, **details)
        return halves.ask(shape, self.values, self.tables, self._frames)

    def ask_apart(self, measure: str) -> tuple[pa.Table | None, pa.Table | None]:
        """Return a measure of cold rows, the same table while these are, and of hot rows."""
        shape = replace(self.shape, measure=measure)
        return halves.ask_apart(shape, self.values, self.tables, self._frames)

    def size(self, measure: str) -> int | None:
        """Return how many rows are looked at first for a measure, which are then picked already;
        None where only the engine can tell."""
        shape = replace(self.shape, measure=measure)
        return halves.rows_of(shape, self.values, self.tables, self._frames)

    def rows(self, columns: Sequence[str], *, at_most: int) -> pa.Table:
        """Return columns of single rows, of at most so many: the same ones every time."""
        return self.ask("rows", columns=tuple(columns), at_most=at_most)

    def rows_until(self, cut: int, columns: Sequence[str]) -> pa.Table:
        """Return columns of the rows of records whose place in the mixed order is no later."""
        shape = replace(self.shape, measure="rows", columns=tuple(columns))
        values = {**self.values, "cut": str(cut)}
        return halves.ask(shape, values, self.tables, self._frames)

    def having(self, **values: Any) -> Question:
        """Return the same of the rows with these values of the table's own columns."""
        shape = replace(self.shape, fixed=tuple(sorted({*self.shape.fixed, *values})))
        return Question(shape, {**self.values, **values}, self.tables, self.snapshot)

    def among(self, name: str, values: Iterable[Any]) -> Question:
        """Return the same of the rows with one of these values of the table's own column."""
        kind = str(schema(self.shape.table).field(name).type)
        tables = {**self.tables, f"own_{name}": _column(name, set(values), kind)}
        shape = replace(self.shape, own=self.shape.own | {name})
        return Question(shape, self.values, tables, self.snapshot)

    def let_go(self) -> None:
        """Let go of the rows that were picked: what is asked next picks them again."""
        self._frames.clear()

    @property
    def keys(self) -> list[str]:
        return keys(self.shape)

    def ask_people_rolled(self, up: Upwards) -> pa.Table:
        """Return how many people there are, with their groups rolled up."""
        return halves.ask_rolled(self.shape, self.values, self.tables, self._frames, up)

    def code(self, place: int, stored: Any) -> str | None:
        """Return the code of a stored value of the group in that place; None for none."""
        dimension = self.shape.by[place]
        if stored is None or not self.snapshot.codes.is_numbered(dimension):
            return stored if stored != "" else None
        return self.snapshot.codes.by_id(dimension).get(stored)


def read(selection: Selection, table: str) -> Snapshot:
    """Return the snapshot that a question over `table` needs."""
    return snapshot.read(selection.scope.organisation_id, needed(selection, table))


def needed(selection: Selection, table: str) -> set[str]:
    """Return the tables that a question over `table` looks at."""
    needed = {table}
    if any(name.startswith(ATTRIBUTE) for name in (*selection.where, *selection.by)):
        needed.add(ATTRIBUTES)
    if any(name in SAID for name in selection.where):
        needed.add(MENTIONS)
    return needed | ({ANSWERS} if selection.answers else set())


def question(
    selection: Selection,
    table: str,
    now: Snapshot,
    *,
    fixed: Mapping[str, Any] | None = None,
    depth: int | None = None,
    sides: Sequence[Period] = (),
    apart: bool = False,
) -> Question | None:
    """Return the question about rows of `table`, or None where nothing can be admitted.

    `fixed` are columns that must equal a value; `depth` rolls units up to that level;
    `sides` are periods to look at in one go, in place of the selection's own; `apart` groups by
    anonymous survey as well.
    """
    filters = _filters(selection, now)
    if filters is None:
        return None
    binding = _Binding(now)
    binding.sources(needed(selection, table), sides or [selection.when])
    binding.days(selection.when, sides)
    binding.filters(filters)
    binding.conditions(selection)
    said = saying.conditions(selection, now.organisation)
    binding.said(said)
    binding.values |= {"organisation": str(now.organisation), **(fixed or {})}
    if depth is not None and "unit" in selection.by:
        binding.above(f"g{selection.by.index('unit')}", depth)
    shape = Shape(
        table=table,
        measure="",
        sources=frozenset(binding.found),
        less=frozenset(binding.less),
        filters=frozenset(filters),
        fixed=tuple(sorted(fixed or {})),
        attributes=sum(name.startswith(ATTRIBUTE) for name in selection.where),
        answers=len(selection.answers),
        said=tuple(tuple(one) for one in said),
        lines=tuple(i for i, asked in enumerate(selection.answers) if "." in asked.rstrip(".")),
        dated=selection.when is not None and not sides,
        sided=bool(sides),
        by=tuple(_shared(name) for name in selection.by),
        interval=selection.interval,
        apart=apart,
        rolled="above" in binding.tables,
    )
    return Question(shape, binding.values, binding.tables, now)


def _shared(dimension: str) -> str:
    # The name of an attribute is bound, so that all attributes share their SQL.
    return ATTRIBUTE if dimension.startswith(ATTRIBUTE) else dimension


def _filters(selection: Selection, now: Snapshot) -> dict[str, set[Any]] | None:
    """Return the values admitted of each narrowed dimension; None where one admits none."""
    found: dict[str, set[Any]] = {}
    units = now.codes.visible(selection.scope, selection.where.get("unit"))
    if units is not None:
        found["unit"] = units
    for name, codes in selection.where.items():
        if name != "unit" and name not in SAID and not name.startswith(ATTRIBUTE):
            found[name] = set(now.codes.admitted(name, codes))
    return found if all(found.values()) else None


class _Binding:
    """Gathers what a question binds: files, hot rows, admitted values, days."""

    def __init__(self, now: Snapshot) -> None:
        self.now = now
        self.values: dict[str, Any] = {}
        self.tables: dict[str, Any] = {}
        self.found: set[str] = set()
        self.less: set[str] = set()

    def sources(self, tables: Iterable[str], periods: Sequence[Period | None]) -> None:
        for table in tables:
            paths = sorted({path for when in periods for path in self.now.paths(table, when)})
            if paths:
                self.found.add(f"cold_{table}")
                self.values[f"cold_{table}"] = paths
            if table in self.now.hot or not paths:
                self.found.add(f"hot_{table}")
                hot = self.now.hot.get(table)
                self.tables[f"hot_{table}"] = nothing(table) if hot is None else hot
        self._outdated()

    def days(self, when: Period | None, sides: Sequence[Period]) -> None:
        if sides:
            self.tables["sides"] = _sides(tuple(sides))
        elif when is not None:
            self.values |= {"first": when.first.isoformat(), "last": when.last.isoformat()}

    def _outdated(self) -> None:
        if any(name.startswith("cold_") for name in self.found):
            outdated = {
                "superseded": self.now.superseded,
                "rehot": self.now.rehot,
                "due": self.now.due,
            }
            for name, gone in outdated.items():
                if gone is not None:
                    self.less.add(name)
                    self.tables[name] = gone

    def filters(self, filters: Mapping[str, set[Any]]) -> None:
        for name, admitted in filters.items():
            numbered = self.now.codes.is_numbered(name)
            self.tables[f"only_{name}"] = _column(name, admitted, "int64" if numbered else "string")

    def conditions(self, selection: Selection) -> None:
        narrowed = [(n, c) for n, c in selection.where.items() if n.startswith(ATTRIBUTE)]
        for i, (name, settings) in enumerate(narrowed):
            self.values[f"attribute_{i}"] = name.removeprefix(ATTRIBUTE)
            self.tables[f"settings_{i}"] = _column("setting", settings, "string")
        for i, (asked, codes) in enumerate(selection.answers.items()):
            name, _, line = asked.partition(".")
            self.values[f"question_{i}"] = name
            self.tables[f"codes_{i}"] = _column("code", codes, "string")
            self.tables[f"numbers_{i}"] = _column("number", _numbers(codes), "float64")
            if line:
                self.tables[f"lines_{i}"] = _column("row", [line], "string")
        for i, name in enumerate(selection.by):
            if name.startswith(ATTRIBUTE):
                self.values[f"by_{i}"] = name.removeprefix(ATTRIBUTE)

    def said(self, conditions: Sequence[Mapping[str, list[Any]]]) -> None:
        if any(name.endswith(f"_{MENTIONS}") for name in self.found):
            self.values["generation"] = str(self.now.generation)
        for i, condition in enumerate(conditions):
            for name, admitted in condition.items():
                self.tables[f"said_{i}_{name}"] = _column(name, admitted, saying.KINDS[name])

    def above(self, name: str, depth: int) -> None:
        import pyarrow as pa

        above = self.now.codes.above(depth)
        self.tables["above"] = pa.table(
            {
                "below": pa.array(above.keys(), pa.int64()),
                name: pa.array(above.values(), pa.int64()),
            }
        )


def _column(name: str, values: Iterable[Any], kind: str) -> Any:
    import pyarrow as pa

    return pa.table({name: pa.array(sorted(values), getattr(pa, kind)())})


def _numbers(codes: Iterable[str]) -> list[float]:
    """Return the codes that are numbers: a rating is asked for by its value."""
    return [n for n in map(number_in, codes) if n is not None]


@lru_cache(maxsize=64)
def _sides(sides: tuple[Period, ...]) -> Any:
    """Return every day of every period with the bit of its side: 1, 2, 4, …"""
    import pyarrow as pa

    days = [np.arange(one.first.toordinal(), one.last.toordinal() + 1) for one in sides]
    bits = [np.full(len(some), 1 << at) for at, some in enumerate(days)]
    day = pa.array((np.concatenate(days) - _EPOCH).astype(np.int32)).cast(pa.date32())
    return pa.table({"day": day, "side": pa.array(np.concatenate(bits), pa.int64())})
