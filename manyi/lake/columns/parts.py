"""The columns of one file, or of rows in memory, with the codes that all of them share."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.lake.columns import layout
from manyi.lake.columns.words import PERIODS, Codes, Lexicon

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_OPEN, _MOST_HOT = 8192, 64
# The codes asked for of each leading column; None for any.
Wanted = tuple[frozenset[int] | None, ...]


@dataclass(frozen=True)
class Run:
    """Rows of the same leading values, in the order of their days."""

    codes: tuple[int, ...]
    start: int
    stop: int


class Part:
    """Columns of codes; `rows` of them, without those of what is `left_out`."""

    def __init__(self, table: str, found: pa.Table, lexicon: Lexicon) -> None:
        self.table, self.rows, self._lexicon = table, found.num_rows, lexicon
        self.left_out = layout.left_out(found)
        self._found = found
        self._columns: dict[str, Any] = {}
        self._shared: dict[str, Codes] = {}
        self._values: dict[str, list[Any]] = {}
        self._runs: dict[Wanted, list[Run]] = {}
        self._gone: tuple[Any, NDArray[np.bool_] | None] = ((), None)

    def _array(self, name: str) -> Any:
        # Arrow arrays are taken from a table once: that costs more than counting a month.
        if name not in self._columns:
            column = self._found.column(name)
            self._columns[name] = column.chunk(0) if column.num_chunks else None
        return self._columns[name]

    def plain(self, name: str) -> NDArray[Any]:
        """Return a column that holds no codes."""
        found = self._array(name)
        return np.zeros(0, np.int64) if found is None else found.to_numpy()

    def codes(self, name: str) -> NDArray[np.signedinteger]:
        """Return the part's own codes of a column."""
        found = self._array(name)
        return np.zeros(0, np.int8) if found is None else found.indices.to_numpy()

    def values(self, name: str) -> list[Any]:
        """Return the values that the part's own codes stand for, in their order."""
        if name not in self._values:
            found = self._array(name)
            self._values[name] = [] if found is None else found.dictionary.to_pylist()
        return self._values[name]

    @cached_property
    def days(self) -> list[date]:
        return self.values("day")

    @cached_property
    def ordinals(self) -> NDArray[np.int64]:
        """Return the days as `date.toordinal` counts them."""
        return np.array([day.toordinal() for day in self.days], np.int64)

    @cached_property
    def runs(self) -> list[Run]:
        """Return the runs of the leading columns."""
        names = layout.FIRST.get(self.table, ())
        columns = [self.codes(name) for name in names]
        if not self.rows:
            return []
        new = np.zeros(self.rows - 1, bool)
        for column in columns:
            new |= column[1:] != column[:-1]
        starts = [0, *(np.flatnonzero(new) + 1).tolist()]
        ends = [*starts[1:], self.rows]
        return [
            Run(tuple(int(column[start]) for column in columns), start, stop)
            for start, stop in zip(starts, ends, strict=True)
        ]

    def runs_of(self, wanted: Wanted) -> list[Run]:
        """Return the runs with these codes of the leading columns; None stands for any."""
        if wanted not in self._runs:
            self._runs[wanted] = [
                run
                for run in self.runs
                if all(w is None or code in w for code, w in zip(run.codes, wanted, strict=True))
            ]
        return self._runs[wanted]

    def shared(self, name: str) -> Codes:
        """Return the code that all parts have for each of this part's own."""
        if name not in self._shared:
            self._shared[name] = self._share(name)
        return self._shared[name]

    def _share(self, name: str) -> Codes:
        if name == "customer":
            return self._share_customers()
        if name in PERIODS:
            return self._lexicon.periods(name, self.days)
        return self._lexicon.columns[name].codes(self.values(name))

    def _share_customers(self) -> Codes:
        """Return customers' codes, -1 for nobody known."""
        found = self._array("customer")
        if found is None:
            return np.zeros(0, np.int32)
        nobody = found.dictionary.null_count
        ids = found.dictionary.slice(nobody).to_numpy()
        return np.concatenate([np.full(nobody, -1, np.int32), self._lexicon.customers.codes(ids)])

    # --- copies that count no more

    @cached_property
    def _by_record(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the records in their order, and where each lies."""
        record = self.plain("record")
        order = np.argsort(record, kind="stable")
        return record[order], order

    @cached_property
    def _ends(self) -> tuple[int, int]:
        record = self.plain("record")
        return (int(record.min()), int(record.max())) if self.rows else (0, -1)

    def counting(
        self, superseded: pa.Table | None, again: pa.Table | None
    ) -> NDArray[np.bool_] | None:
        """Return which rows are copies that still count; None where all are."""
        state = (superseded, again)
        kept, found = self._gone
        if len(kept) == 2 and kept[0] is superseded and kept[1] is again:
            return found
        found = self._counting(superseded, again)
        self._gone = (state, found)
        return found

    def _counting(
        self, superseded: pa.Table | None, again: pa.Table | None
    ) -> NDArray[np.bool_] | None:
        gone: list[NDArray[np.int64]] = []
        if again is not None:
            gone.append(self.rows_of(again["record"].to_numpy())[1])
        if superseded is not None:
            which, at = self.rows_of(superseded["record"].to_numpy())
            parts = np.array(self.values("part"), np.int64)
            if len(at):
                same = parts[self.codes("part")[at]] == superseded["part"].to_numpy()[which]
                gone.append(at[same])
        if not any(map(len, gone)):
            return None
        found = np.ones(self.rows, bool)
        found[np.concatenate(gone)] = False
        return found

    def rows_of(self, records: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the places (among `records`, and here) of the rows of these records."""
        low, high = self._ends
        near = np.flatnonzero((records >= low) & (records <= high))
        if not len(near):
            return near, near
        known, order = self._by_record
        first = np.searchsorted(known, records[near], "left")
        many = np.searchsorted(known, records[near], "right") - first
        starts = np.repeat(first - np.cumsum(many) + many, many)
        return np.repeat(near, many), order[starts + np.arange(len(starts))]


_open: OrderedDict[str, Part] = OrderedDict()
_hot: OrderedDict[int, tuple[Any, Part]] = OrderedDict()
_opening = threading.Lock()


def opened(table: str, path: str, lexicon: Lexicon) -> Part:
    """Return the columns of a file; raises OSError where they are not laid out."""
    with _opening:
        if path in _open:
            _open.move_to_end(path)
            return _open[path]
    found = Part(table, layout.read(Path(path)), lexicon)
    with _opening:
        _open[path] = found
        while len(_open) > _MOST_OPEN:
            _open.popitem(last=False)
    return found


def of_rows(table: str, rows: pa.Table, lexicon: Lexicon) -> Part:
    """Return the columns of rows in memory, laid out once."""
    with _opening:
        kept = _hot.get(id(rows))
        if kept is not None:
            _hot.move_to_end(id(rows))
            return kept[1]
    found = Part(table, layout.laid(table, layout.ordered(table, rows)), lexicon)
    with _opening:
        # The rows are kept as well, so that no others come to have their id.
        _hot[id(rows)] = (rows, found)
        while len(_hot) > _MOST_HOT:
            _hot.popitem(last=False)
    return found
