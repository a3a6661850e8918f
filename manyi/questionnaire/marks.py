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
    structure = _structure(fields, kind)
    paths, outcome = _own(fields) if structure == m.OWN else ((), "")
    found = m.Mark(kind, first, second, structure, groups, paths, outcome)
    fields.finish()
    return found


def _own(fields: Fields) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the paths and the outcome of an organisation's own model."""
    if not fields.has("paths"):
        fields.wrong("paths", "field_required")
    paths = []
    for one in fields.children("paths", m.MAX_PATHS):
        paths.append((one.code("from"), one.code("to")))
        one.finish()
    return tuple(paths), fields.code("outcome")


def _structure(fields: Fields, kind: str) -> str:
    if kind != "index":
        return ""
    if not fields.has("structure"):
        fields.wrong("structure", "field_required")
    return fields.one_of("structure", (*m.STRUCTURES, m.OWN), "ecsi")


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
    paths = {"paths": [{"from": a, "to": b} for a, b in one.paths]} if one.paths else {}
    outcome = {"outcome": one.outcome} if one.outcome else {}
    return {"kind": one.kind, **pair, **structure, **groups, **paths, **outcome}


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
    for j, group in enumerate(one.groups):
        for k, item in enumerate(group.items):
            if item not in rated:
                yield _problem(f"{at}/groups/{j}/items/{k}", "marked_rating", value=item[:60])
    yield from _of_own(one, at) if one.structure == m.OWN else _of_structure(one, at)


def _of_structure(one: m.Mark, at: str) -> Iterator[FieldProblem]:
    known = m.STRUCTURES[one.structure]
    for j, group in enumerate(one.groups):
        if group.code not in known:
            allowed = ", ".join(known)
            pointer = f"{at}/groups/{j}/code"
            yield _problem(pointer, "value_not_allowed", value=group.code, allowed=allowed)
    if "satisfaction" not in {group.code for group in one.groups}:
        yield _problem(f"{at}/groups", "marked_satisfaction")


def _of_own(one: m.Mark, at: str) -> Iterator[FieldProblem]:
    yield from _of_paths(one, at)
    if one.outcome and one.outcome not in {group.code for group in one.groups}:
        yield _problem(f"{at}/outcome", "reference_unknown", value=one.outcome)
    circle = in_order(one)[1]
    if circle:
        yield _problem(f"{at}/paths", "marked_circle", value=", ".join(circle))


def _of_paths(one: m.Mark, at: str) -> Iterator[FieldProblem]:
    codes = {group.code for group in one.groups}
    for j, path in enumerate(one.paths):
        for name, code in zip(("from", "to"), path, strict=True):
            if code not in codes:
                yield _problem(f"{at}/paths/{j}/{name}", "reference_unknown", value=code)
        if path in one.paths[:j]:
            yield _problem(f"{at}/paths/{j}", "marked_twice", first=path[0], second=path[1])
    reached = {code for path in one.paths for code in path}
    for j, group in enumerate(one.groups):
        if one.paths and group.code not in reached:
            yield _problem(f"{at}/groups/{j}", "marked_alone", value=group.code)


def in_order(one: m.Mark) -> tuple[list[str], list[str]]:
    """Return the groups so that each path leads from an earlier to a later one, otherwise in
    their own order; and the groups of which that cannot be, because paths lead back to them."""
    left, found = [group.code for group in one.groups], list[str]()
    while left:
        waiting = {b for a, b in one.paths if a in left and b in left}
        free = next((code for code in left if code not in waiting), None)
        if free is None:
            break
        found.append(free)
        left.remove(free)
    return found, left


def _rated(q: m.Questionnaire) -> Iterator[str]:
    """Yield what makes a score: `QUESTION`, or `QUESTION.ROW` of a matrix."""
    for x in q.questions():
        if x.metric is not None:
            yield from [f"{x.code}.{row.code}" for row in x.rows] or [x.code]
