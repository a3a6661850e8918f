"""Which column of a person's file a problem of a record is about."""

from __future__ import annotations

from collections.abc import Sequence

from manyi.connectors.lists import plain
from manyi.tabular.mapping import Mapping
from manyi.tabular.reading import Row

_CUSTOMER = {"ref": "customer_ref", "name": "customer_name", "phone": "phone", "email": "email"}
_ROLES = (
    "unit",
    "touchpoint",
    "agent",
    "channel",
    "kind",
    "language",
    "occurred_at",
    "source_ref",
    "turns",
)


def column_of(mapping: Mapping, pointer: str) -> str:
    """Return the column behind a pointer of the wire such as /scores/0/value, or ""."""
    if any(c.name == pointer for c in mapping.columns):
        return pointer
    first, _, rest = pointer.strip("/").partition("/")
    if first == "scores":
        return _nth(mapping, "score", rest)
    if first == "answers":
        code = rest.split("/")[0]
        return next((c.name for c in mapping.of("answer") if c.item == code), "")
    role = _CUSTOMER.get(rest, "") if first == "customer" else first
    if first == "verbatim":
        role = "text"
    if first == "attributes":
        return next((c.name for c in mapping.columns if c.name.endswith(rest)), "") if rest else ""
    return next((c.name for c in mapping.of(role)), "") if role in {*_ROLES, "text"} else ""


def _nth(mapping: Mapping, role: str, rest: str) -> str:
    """A row's scores skip blank cells, so the number tells the column only where none is."""
    columns = mapping.of(role)
    return columns[0].name if len(columns) == 1 else ""


def named(columns: Sequence[str], row: Row, column: str) -> str:
    """Return what a row says in a column, as people read it."""
    if column not in columns:
        return ""
    i = list(columns).index(column)
    return plain(row.cells[i]) if i < len(row.cells) else ""
