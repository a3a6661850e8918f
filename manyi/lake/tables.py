"""The lake's tables: narrow, typed, without any text that a person wrote.

Every row carries the dimensions of its record, so that a standard tile scans one table.
`customer` is the customer's id, or minus the record's where nobody is known, so that
distinct customers count an unknown person as one of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

RECORDS, SCORES, ANSWERS, ATTRIBUTES = TABLES = ("records", "scores", "answers", "attributes")
# What texts mention: copied on its own, once a text has been read.
MENTIONS = "mentions"
# Of an aspect, and so of no table: the group that it is in.
ASPECT_GROUP = "aspect_group"

_BASE = {
    "organisation": "int32",
    "record": "int64",
    "part": "int64",
    "survey": "int64",
    "unit": "int64",
    "touchpoint": "int64",
    "agent": "int64",
    "customer": "int64",
    "cluster": "uint8",
    "day": "date32",
    "week": "date32",
    "month": "date32",
    "channel": "string",
    "source": "string",
    "kind": "string",
    "language": "string",
    "anonymous": "bool_",
}
_OWN = {
    RECORDS: {"version": "int64", "state": "string"},
    SCORES: {
        "item": "string",
        "metric": "string",
        "worst": "float64",
        "best": "float64",
        "value": "float64",
    },
    ANSWERS: {"question": "string", "row": "string", "code": "string", "number": "float64"},
    ATTRIBUTES: {"name": "string", "setting": "string"},
    # A row a record and facet ("voice": the text as a whole; "aspect", "intent": one of them).
    MENTIONS: {
        "generation": "int32",
        "facet": "string",
        "aspect": "string",
        "polarity": "int8",
        "score": "float64",
        "emotion": "string",
    },
}
COLUMNS = {table: (*_BASE, *_OWN[table]) for table in _OWN}
BASE = tuple(_BASE)


@cache
def schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a table."""
    import pyarrow as pa

    return pa.schema([(n, getattr(pa, t)()) for n, t in {**_BASE, **_OWN[table]}.items()])


@cache
def nothing(table: str) -> pa.Table:
    """Return a table without rows: always the same one, so that what was looked up in it is
    known again."""
    return schema(table).empty_table()


def base_columns(rows: Sequence[tuple[Any, ...]], organisation: int, part: int) -> pa.Table:
    """Return the dimensions of records, one row each.

    `rows`: record, survey, unit, touchpoint, agent, customer, day, channel, source, kind,
    language, anonymous.
    """
    import pyarrow as pa

    columns: list[Sequence[Any]] = [[row[at] for row in rows] for at in range(12)]
    record, survey, unit, touchpoint, agent, customer, days, *words = columns
    people = [-r if c is None else c for r, c in zip(record, customer, strict=True)]
    size = len(record)
    found = {
        "organisation": pa.array([organisation] * size, pa.int32()),
        "record": record,
        "part": pa.array([part] * size, pa.int64()),
        "survey": survey,
        "unit": unit,
        "touchpoint": touchpoint,
        "agent": agent,
        "customer": people,
        "cluster": clusters(people),
        "day": days,
        "week": [week_of(day) for day in days],
        "month": [day.replace(day=1) for day in days],
        **dict(zip(("channel", "source", "kind", "language", "anonymous"), words, strict=True)),
    }
    fields = [schema(RECORDS).field(name) for name in BASE]
    return pa.table({f.name: pa.array(found[f.name], f.type) for f in fields})


def clusters(customers: Sequence[int]) -> Any:
    """Return the group 0..63 of each customer: splitmix64's mixer, so that ids given one
    after the other, which may answer alike, fall anywhere."""
    import numpy as np

    mixed = np.array(customers, np.int64).astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(58)).astype(np.uint8)


def week_of(day: date) -> date:
    """Return the Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def attached(table: str, base: pa.Table, rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    """Return `rows` (record id, then the table's own columns) with their records' dimensions.

    Rows whose record is not in `base` are left out.
    """
    import pyarrow as pa

    place = {record: at for at, record in enumerate(base["record"].to_pylist())}
    kept = [row for row in rows if row[0] in place]
    taken = base.take(pa.array([place[row[0]] for row in kept], pa.int64()))
    for at, name in enumerate(_OWN[table], start=1):
        field = schema(table).field(name)
        taken = taken.append_column(field, pa.array([row[at] for row in kept], field.type))
    return taken
