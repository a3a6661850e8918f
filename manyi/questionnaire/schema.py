"""The published JSON schema of a questionnaire definition (draft 2020-12).

It says what a definition looks like. What a schema cannot say (codes that are unique, conditions
that point back, texts in every language) is checked by `read.load`.
"""

from __future__ import annotations

from typing import Any

from manyi.questionnaire import model as m
from manyi.questionnaire.read_condition import MAX_PARTS

Json = dict[str, Any]
ID = "urn:manyi:questionnaire:1"
_CODE = {"$ref": "#/$defs/code"}
_TEXT = {"$ref": "#/$defs/text"}
_CONDITION = {"$ref": "#/$defs/condition"}
_FLAG = {"type": "boolean"}
_SHORT = {"type": "string", "minLength": 1}


def json_schema() -> Json:
    """Return the schema; every definition that `load` accepts is valid against it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Manyi questionnaire",
        **_questionnaire(),
        "$defs": {
            "code": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,39}$"},
            "text": _text(),
            "condition": _condition(),
            "compare": _compare(),
            "choice": _object(
                ["code", "label"], code=_CODE, label=_TEXT, other=_FLAG, exclusive=_FLAG
            ),
            "row": _object(["code", "label"], code=_CODE, label=_TEXT),
            "page": _page(),
            "question": {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in m.KINDS]},
            **{kind: _question(kind) for kind in m.KINDS},
        },
    }


def _object(required: list[str], /, **properties: Any) -> Json:
    return {
        "type": "object",
        "required": required,
        # null is the same as absent, but only where absent is possible.
        "properties": {k: v if k in required else _or_null(v) for k, v in properties.items()},
        "additionalProperties": False,
    }


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(of: Json, most: int, least: int = 1) -> Json:
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


def _whole(low: int, high: int) -> Json:
    return {"type": "integer", "minimum": low, "maximum": high}


def _enum(*options: str) -> Json:
    return {"enum": list(options)}


def _questionnaire() -> Json:
    return _object(
        ["languages", "title", "pages"],
        schema={"const": 1},
        languages={**_list({"type": "string"}, m.MAX_LANGUAGES), "uniqueItems": True},
        title=_TEXT,
        intro=_TEXT,
        consent_notice=_TEXT,
        hidden=_list(_object(["code"], code=_CODE, max_length=_whole(1, m.MAX_TEXT)), 50, least=0),
        models=_list({"anyOf": [_mark(kind) for kind in (*m.MARKS, m.OWN)]}, m.MAX_MODELS, least=0),
        pages=_list({"$ref": "#/$defs/page"}, m.MAX_PAGES),
        thanks=_object(
            [], text=_TEXT, redirect={"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://"}
        ),
    )


def _mark(kind: str) -> Json:
    items = _list({"type": "string", "maxLength": 129}, m.MAX_CHOICES)
    group = _object(["code", "items"], code=_CODE, items=items, label=_TEXT)
    parts: Json = {"kind": {"const": kind}}
    parts |= {name: _CODE for name in m.PAIRS.get(kind, ())}
    if kind == "index":
        parts["structure"] = _enum(*m.STRUCTURES)
    if kind != "kano":
        parts["groups"] = _list(group, m.MAX_GROUPS)
    if kind != m.OWN:
        return _object(list(parts), **parts)
    path = _object(["from", "to"], **{"from": _CODE, "to": _CODE})
    parts |= {"kind": {"const": "index"}, "structure": {"const": m.OWN}, "outcome": _CODE}
    return _object([*parts, "paths"], **parts, paths=_list(path, m.MAX_PATHS))


def _text() -> Json:
    words = {"type": "string", "maxLength": m.MAX_TEXT}
    return {"anyOf": [words, {"type": "object", "additionalProperties": words}]}


def _page() -> Json:
    return _object(
        ["code", "questions"],
        code=_CODE,
        title=_TEXT,
        show_if=_CONDITION,
        order=_enum(*m.ORDERS),
        questions=_list({"$ref": "#/$defs/question"}, m.MAX_QUESTIONS),
    )


def _condition() -> Json:
    return {
        "anyOf": [
            {"$ref": "#/$defs/compare"},
            _object(["all"], all=_list(_CONDITION, MAX_PARTS)),
            _object(["any"], any=_list(_CONDITION, MAX_PARTS)),
            _object(["not"], **{"not": _CONDITION}),
        ]
    }


def _compare() -> Json:
    plain = {"type": ["string", "number", "boolean"]}
    value = {"anyOf": [plain, _list(plain, 100)]}
    op = _enum(*m.OPERATORS)
    return {
        "oneOf": [
            _object(["question", "is"], question=_CODE, row=_CODE, value=value, **{"is": op}),
            _object(["hidden", "is"], hidden=_CODE, value=value, **{"is": op}),
        ]
    }


def _question(kind: str) -> Json:
    parts: Json = {"code": _CODE, "kind": {"const": kind}, "title": _TEXT, "help": _TEXT}
    parts["show_if"] = _CONDITION
    if kind != "statement":
        parts |= {"required": _FLAG, "touchpoint": {**_SHORT, "maxLength": 64}}
    if kind not in ("statement", "consent"):
        parts["allow_na"] = _FLAG
    needed = ["code", "kind", "title", *_NEEDED.get(kind, [])]
    return _object(needed, **parts, **_PARTS.get(kind, {}))


_SCALED: Json = {
    "scale": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    "labels": {"anyOf": [_enum(*m.LABEL_SETS), _list(_TEXT, m.MAX_POINTS, least=2)]},
    "look": _enum(*m.LOOKS),
    "ends": _object([], worst=_TEXT, best=_TEXT),
    "item": _CODE,
    "top_box": _list({"type": "integer"}, m.MAX_POINTS),
}
_CHOICES: Json = {
    "choices": _list({"$ref": "#/$defs/choice"}, m.MAX_CHOICES),
    "choice_order": _enum(*m.ORDERS),
}
_ROWS: Json = {
    "rows": _list({"$ref": "#/$defs/row"}, m.MAX_CHOICES),
    "row_order": _enum(*m.ORDERS),
}
_COUNTS: Json = {
    "min_choices": _whole(1, m.MAX_CHOICES),
    "max_choices": _whole(1, m.MAX_CHOICES),
}
_TEXTS: Json = {"max_length": _whole(1, 20_000)}
_NEEDED = {"single": ["choices"], "multiple": ["choices"], "matrix": ["rows"]}
_PARTS: dict[str, Json] = {
    "rating": {**_SCALED, "metric": _enum(*m.METRICS, "none")},
    "nps": _SCALED,
    "ces": _SCALED,
    "single": _CHOICES,
    "multiple": {**_CHOICES, **_COUNTS},
    "matrix": {**_ROWS, **_SCALED, "metric": _enum("csat", "none"), "choices": _CHOICES["choices"]},
    "short_text": _TEXTS,
    "long_text": _TEXTS,
    "number": {"min": {"type": "number"}, "max": {"type": "number"}, "whole": _FLAG},
    "date": {"min": {"type": "string"}, "max": {"type": "string"}},
}
