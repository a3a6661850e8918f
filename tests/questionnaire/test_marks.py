"""Marks of models: read, written, held against the questions and the published schema."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from manyi.kit.problems import Problem
from manyi.questionnaire.marks import in_order
from manyi.questionnaire.read import load
from manyi.questionnaire.schema import json_schema
from manyi.questionnaire.write import dump


def matrix(code: str, rows: tuple[str, ...] = ("wifi", "breakfast"), points: int = 5) -> Any:
    return {
        "code": code,
        "kind": "matrix",
        "title": code,
        "metric": "none",
        "scale": [1, points],
        "rows": [{"code": row, "label": row} for row in rows],
    }


def definition(*models: Any) -> dict[str, Any]:
    rating = {"code": "overall", "kind": "rating", "title": "Overall"}
    rated = {**matrix("quality"), "metric": "csat"}
    asked = [matrix("with_it"), matrix("without"), matrix("seven", points=7), rated, rating]
    return {
        "schema": 1,
        "languages": ["en"],
        "title": "Models",
        "models": list(models),
        "pages": [{"code": "one", "questions": asked}],
    }


KANO = {"kind": "kano", "present": "with_it", "absent": "without"}
SERVQUAL = {
    "kind": "servqual",
    "expected": "with_it",
    "perceived": "without",
    "groups": [{"code": "comfort", "items": ["wifi", "breakfast"], "label": {"en": "Comfort"}}],
}
INDEX = {
    "kind": "index",
    "structure": "acsi",
    "groups": [
        {"code": "quality", "items": ["quality.wifi", "quality.breakfast"]},
        {"code": "satisfaction", "items": ["overall"]},
    ],
}


OWN = {
    "kind": "index",
    "structure": "own",
    "groups": [
        {"code": "trust", "items": ["overall"], "label": {"en": "Trust"}},
        {"code": "comfort", "items": ["quality.wifi", "quality.breakfast"]},
    ],
    "paths": [{"from": "comfort", "to": "trust"}],
    "outcome": "trust",
}
BACK = {"from": "trust", "to": "comfort"}


def test_an_own_model_stands_in_the_order_of_its_paths() -> None:
    q = load(definition(OWN))
    assert in_order(q.models[0]) == (["comfort", "trust"], [])


@pytest.mark.parametrize("mark", [KANO, SERVQUAL, INDEX, OWN])
def test_a_mark_is_read_written_and_in_the_schema(mark: Any) -> None:
    given = definition(mark)
    q = load(given)
    assert dump(q)["models"] == [mark]
    assert load(dump(q)) == q
    jsonschema.validate(dump(q), json_schema())


@pytest.mark.parametrize(
    ("mark", "pointer", "code"),
    [
        ({**KANO, "absent": "moon"}, "/models/0/absent", "reference_unknown"),
        ({**KANO, "absent": "seven"}, "/models/0", "marked_pair"),
        ({**KANO, "present": "seven", "absent": "seven"}, "/models/0", "marked_five"),
        ({**SERVQUAL, "groups": []}, "/models/0/groups", "field_required"),
        (
            {**SERVQUAL, "groups": [{"code": "a", "items": ["pool"]}]},
            "/models/0/groups/0/items/0",
            "reference_unknown",
        ),
        ({**INDEX, "groups": INDEX["groups"][:1]}, "/models/0/groups", "marked_satisfaction"),
        (
            {**INDEX, "groups": [{"code": "satisfaction", "items": ["with_it.wifi"]}]},
            "/models/0/groups/0/items/0",
            "marked_rating",
        ),
        ({**INDEX, "structure": "moon"}, "/models/0/structure", "value_not_allowed"),
        ({**OWN, "paths": [*OWN["paths"], BACK]}, "/models/0/paths", "marked_circle"),
        ({**OWN, "paths": [{"from": "trust", "to": "trust"}]}, "/models/0/paths", "marked_circle"),
        ({**OWN, "paths": OWN["paths"] * 2}, "/models/0/paths/1", "marked_twice"),
        (
            {**OWN, "paths": [{"from": "moon", "to": "trust"}]},
            "/models/0/paths/0/from",
            "reference_unknown",
        ),
        ({**OWN, "paths": [{"from": "moon", "to": "trust"}]}, "/models/0/groups/1", "marked_alone"),
        ({**OWN, "outcome": "moon"}, "/models/0/outcome", "reference_unknown"),
        ({k: v for k, v in OWN.items() if k != "paths"}, "/models/0/paths", "field_required"),
        ({**INDEX, "paths": OWN["paths"]}, "/models/0/paths", "field_unknown"),
        ({"kind": "kano", "present": "with_it"}, "/models/0/absent", "field_required"),
        ({**KANO, "colour": "red"}, "/models/0/colour", "field_unknown"),
    ],
)
def test_what_does_not_hold_is_named(mark: Any, pointer: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        load(definition(mark))
    found = {(e.pointer, e.code) for e in caught.value.errors}
    assert (pointer, f"questionnaire.{code}") in found
