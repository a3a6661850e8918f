"""Marks: which questions an analysis may take for a Kano, SERVQUAL or satisfaction model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manyi.kit.problems import FieldProblem
from manyi.questionnaire import model as m
from manyi.questionnaire.fields import Fields

FIVE = 5


def mark(fields: Fields) -> m.Mark:
    """Return the mark that `fields` holds; what is wrong is noted there."""
    kind = fields.one_of("kind", m.MARKS, "kano")
    if not fields.has("kind"):
        fields.wrong("kind", "field_required")
    pair = [fields.code(name) for name in m.PAIRS.get(kind, ())]
    first, second = pair or ["", ""]
    groups: tuple[m.Group, ...] = ()
    if kind != "kano":
        groups = tuple(_group(one) for one in fields.children("groups", m.MAX_GROUPS))
        if not groups:
            fields.wrong("groups", "field_required")
    found = m.Mark(kind, first, second, _structure(fields, kind), groups)
    fields.finish()
    return found


def _structure(fields: Fields, kind: str) -> str:
    if kind != "index":
        return ""
    if not fields.has("structure"):
        fields.wrong("structure", "field_required")
    return fields.one_of("structure", tuple(m.STRUCTURES), "ecsi")


def _group(fields: Fields) -> m.Group:
    code, label = fields.code(), fields.text("label")
    found = fields.take("items")
    good = isinstance(found, (list, tuple)) and 0 < len(found) <= m.MAX_CHOICES
    if not good or not all(isinstance(one, str) for one in found):
        fields.wrong("items", "field_type", expected="array")
        found = ()
    fields.finish()
    return m.Group(code, tuple(found), label)


def dump_mark(one: m.Mark) -> dict[str, Any]:
    """Return a mark as JSON, the way `mark` reads it."""
    pair = dict(zip(m.PAIRS.get(one.kind, ()), (one.first, one.second), strict=False))
    structure = {"structure": one.structure} if one.structure else {}
    groups = {"groups": [_dump_group(group) for group in one.groups]} if one.groups else {}
    return {"kind": one.kind, **pair, **structure, **groups}


def _dump_group(group: m.Group) -> dict[str, Any]:
    label = {"label": dict(group.label)} if group.label else {}
    return {"code": group.code, "items": list(group.items), **label}


def contradictions(q: m.Questionnaire) -> Iterator[FieldProblem]:
    """Yield what a mark says that the questions do not hold."""
    for i, one in enumerate(q.models):
        at = f"/models/{i}"
        yield from _of_index(q, one, at) if one.kind == "index" else _of_pair(q, one, at)
        codes = [group.code for group in one.groups]
        for j, group in enumerate(one.groups):
            if group.code in codes[:j]:
                yield _problem(f"{at}/groups/{j}/code", "code_taken", value=group.code)


def _problem(pointer: str, code: str, **params: object) -> FieldProblem:
    return FieldProblem(pointer, f"questionnaire.{code}", params)


def _of_pair(q: m.Questionnaire, one: m.Mark, at: str) -> Iterator[FieldProblem]:
    known = {x.code: x for x in q.questions() if x.kind == "matrix"}
    pair = [known.get(one.first), known.get(one.second)]
    for name, code, x in zip(m.PAIRS[one.kind], (one.first, one.second), pair, strict=True):
        if x is None:
            yield _problem(f"{at}/{name}", "reference_unknown", value=code)
    first, second = pair
    if first is not None and second is not None:
        yield from _of_two(one, first, second, at)


def _of_two(one: m.Mark, first: m.Question, second: m.Question, at: str) -> Iterator[FieldProblem]:
    if first.scale is None or first.scale != second.scale or _rows(first) != _rows(second):
        yield _problem(at, "marked_pair", first=first.code, second=second.code)
    elif one.kind == "kano" and len(first.points()) != FIVE:
        yield _problem(at, "marked_five", value=first.code)
    for j, group in enumerate(one.groups):
        for k, row in enumerate(group.items):
            if row not in _rows(first):
                yield _problem(f"{at}/groups/{j}/items/{k}", "reference_unknown", value=row[:60])


def _rows(x: m.Question) -> set[str]:
    return {row.code for row in x.rows}


def _of_index(q: m.Questionnaire, one: m.Mark, at: str) -> Iterator[FieldProblem]:
    rated = set(_rated(q))
    known = m.STRUCTURES[one.structure]
    for j, group in enumerate(one.groups):
        if group.code not in known:
            allowed = ", ".join(known)
            pointer = f"{at}/groups/{j}/code"
            yield _problem(pointer, "value_not_allowed", value=group.code, allowed=allowed)
        for k, item in enumerate(group.items):
            if item not in rated:
                yield _problem(f"{at}/groups/{j}/items/{k}", "marked_rating", value=item[:60])
    if "satisfaction" not in {group.code for group in one.groups}:
        yield _problem(f"{at}/groups", "marked_satisfaction")


def _rated(q: m.Questionnaire) -> Iterator[str]:
    """Yield what makes a score: `QUESTION`, or `QUESTION.ROW` of a matrix."""
    for x in q.questions():
        if x.metric is not None:
            yield from [f"{x.code}.{row.code}" for row in x.rows] or [x.code]
