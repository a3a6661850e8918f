"""Rows themselves, for methods that want more than counts: those that the engine would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.lake.columns import layout
from manyi.lake.columns.frame import Frame, NotLaidOut
from manyi.lake.columns.words import Lexicon
from manyi.lake.expressions import mixed
from manyi.lake.tables import schema

if TYPE_CHECKING:
    import pyarrow as pa

_NOT_LAID_OUT = frozenset({"organisation", "version", "score"})
Places = NDArray[np.int64]


def taken(frame: Frame, lexicon: Lexicon, table: str, names: Sequence[str], at: Places) -> pa.Table:
    """Return columns of some rows of a frame."""
    import pyarrow as pa

    if _NOT_LAID_OUT.intersection(names):
        raise NotLaidOut
    return pa.table({name: _column(frame, lexicon, table, name, at) for name in names})


def first(record: Places, most: int) -> Places:
    """Return where the first rows lie in the mixed order, in that order."""
    place, near = mixed(record), np.arange(len(record))
    if len(record) > most:
        near = np.flatnonzero(place <= np.partition(place, most)[most])
    return near[np.lexsort((record[near], place[near]))[:most]]


def until(record: Places, cut: int) -> Places:
    """Return where the rows lie that come no later than a place in the mixed order."""
    return np.flatnonzero(mixed(record) <= cut)


def _column(frame: Frame, lexicon: Lexicon, table: str, name: str, at: Places) -> pa.Array:
    import pyarrow as pa

    kind = schema(table).field(name).type
    if name == "customer":
        return pa.array(_customers(frame, lexicon, at), kind)
    if name in layout.PLAIN or name == "anonymous":
        return pa.array(frame.plain(name)[at]).cast(kind)
    return lexicon.columns[name].taken(frame.column(name)[at], kind)


def _customers(frame: Frame, lexicon: Lexicon, at: Places) -> NDArray[Any]:
    """Return customers' ids; that of their record, below 0, where nobody is known."""
    code = frame.column("customer")[at]
    return np.where(code < 0, -frame.records[at], lexicon.customers.ids(np.maximum(code, 0)))
