"""JSON to a condition; whether it points to something that exists is asked in `consistent`."""

from __future__ import annotations

from manyi.questionnaire.fields import Fields, is_number
from manyi.questionnaire.model import (
    OPERATORS,
    All,
    Compare,
    Condition,
    Either,
    Not,
    Plain,
)

MAX_DEPTH = 10
MAX_PARTS = 50
_LISTS = ("in", "not_in")
_BARE = ("answered", "not_answered")


def condition(fields: Fields, key: str) -> Condition | None:
    """Return the condition under `key`, None where there is none or it cannot be read."""
    return _read(fields.child(key), 0) if fields.has(key) else fields.take(key)


def _read(fields: Fields, depth: int) -> Condition | None:
    if depth > MAX_DEPTH:
        fields.wrong("", "condition_deep", limit=MAX_DEPTH)
        return None
    for key, make in (("all", All), ("any", Either)):
        if fields.has(key):
            return _group(fields, key, make, depth)
    if fields.has("not"):
        inner = _read(fields.child("not"), depth + 1)
        fields.finish()
        return None if inner is None else Not(inner)
    return _compare(fields)


def _group(
    fields: Fields, key: str, make: type[All] | type[Either], depth: int
) -> Condition | None:
    parts = [_read(one, depth + 1) for one in fields.children(key, MAX_PARTS)]
    fields.finish()
    if not parts:
        fields.wrong(key, "field_required")
    good = tuple(part for part in parts if part is not None)
    return make(good) if good and len(good) == len(parts) else None


def _compare(fields: Fields) -> Compare | None:
    hidden = fields.has("hidden")
    name = fields.code("hidden" if hidden else "question")
    op = fields.one_of("is", OPERATORS, "answered")
    if not fields.has("is"):
        fields.wrong("is", "field_required")
    row = "" if hidden else fields.code_or_none("row") or ""
    value = _value(fields, op)
    fields.finish()
    return Compare(name, op, value, row, hidden)


def _value(fields: Fields, op: str) -> Plain | tuple[Plain, ...] | None:
    found = fields.take("value")
    if op in _BARE:
        if found is not None:
            fields.wrong("value", "field_unknown", value="value")
        return None
    if op in _LISTS:
        if isinstance(found, (list, tuple)) and 0 < len(found) <= 100 and all(map(_plain, found)):
            return tuple(found)
        fields.wrong("value", "field_type", expected="array")
        return None
    if _plain(found):
        return found  # type: ignore[no-any-return]
    fields.wrong("value", "field_required")
    return None


def _plain(value: object) -> bool:
    return isinstance(value, bool) or is_number(value) or (isinstance(value, str) and value != "")
