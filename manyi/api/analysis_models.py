"""Analyses of the models that a questionnaire marks: Kano, SERVQUAL, a satisfaction index."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.api import shapes
from manyi.api.analysis import ESTIMATE, NOTE, SURVEY_NEEDED, chosen, estimate, note
from manyi.api.auth import Caller
from manyi.api.wire import answer
from manyi.reports.analysis import modelled

router = Router(tags=["analysis"])
_PARAMETERS = [SURVEY_NEEDED, *shapes.OF_ONE_SURVEY]
_HEAD = {
    "survey": shapes.text(),
    "problem": shapes.maybe(NOTE),
    "warnings": shapes.listed(NOTE),
}


def _shape(**properties: Any) -> shapes.Shape:
    return shapes.obj({**_HEAD, **properties}, required=("survey", "problem", *properties))


FEATURE = shapes.obj(
    {
        "feature": shapes.text(),
        "n": shapes.WHOLE,
        "category": shapes.maybe(shapes.text()),
        "sure": shapes.maybe(shapes.FLAG),
        "better": shapes.maybe(ESTIMATE),
        "worse": shapes.maybe(ESTIMATE),
        "counts": shapes.FREE,
    },
    required=("feature", "n", "category", "better", "worse", "counts"),
)
GAP = shapes.obj({"code": shapes.text(), "gap": ESTIMATE}, required=("code", "gap"))
PATH = shapes.obj(
    {
        "from": shapes.text(),
        "to": shapes.text(),
        "path": shapes.maybe(ESTIMATE),
        "total": ESTIMATE,
    },
    required=("from", "to", "path", "total"),
)
MEASURE = shapes.obj(
    {
        "part": shapes.text(),
        "reliability": ESTIMATE,
        "ave": ESTIMATE,
        "nearest": shapes.text(),
        "htmt": shapes.maybe(ESTIMATE),
    },
    required=("part", "reliability", "ave", "nearest", "htmt"),
)
LOADING = shapes.obj(
    {"item": shapes.text(), "part": shapes.text(), "loading": ESTIMATE},
    required=("item", "part", "loading"),
)
INDEX = shapes.obj({"part": shapes.text(), "index": ESTIMATE}, required=("part", "index"))


@router.get(
    "/kano",
    operation_id="analysis.kano",
    summary="What is a must, what satisfies, what delights",
    openapi_extra=shapes.describe(
        {200: _shape(features=shapes.listed(FEATURE))},
        parameters=_PARAMETERS,
        refusals=shapes.READS,
    ),
)
def kano(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ())
    found = modelled.features(survey, wanted)
    return answer({**_head(survey.code, found), "features": [_feature(f) for f in found.features]})


def _head(survey: str, found: Any) -> dict[str, Any]:
    warnings = [one.to_dict() for one in found.notes]
    return {"survey": survey, "problem": note(found.problem), "warnings": warnings}


def _feature(one: modelled.Feature) -> dict[str, Any]:
    found = one.found
    return {
        "feature": one.code,
        "n": one.n,
        "category": found.category if found else None,
        "sure": found.sure if found else None,
        "better": estimate(found.better) if found else None,
        "worse": estimate(found.worse) if found else None,
        "counts": dict(found.counts) if found else {},
    }


@router.get(
    "/servqual",
    operation_id="analysis.servqual",
    summary="Perception less expectation, by dimension and item",
    openapi_extra=shapes.describe(
        {
            200: _shape(
                n=shapes.WHOLE,
                overall=shapes.maybe(ESTIMATE),
                dimensions=shapes.listed(GAP),
                items=shapes.listed(GAP),
            )
        },
        parameters=_PARAMETERS,
        refusals=shapes.READS,
    ),
)
def servqual(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ())
    found = modelled.gaps(survey, wanted)
    return answer(
        {
            **_head(survey.code, found),
            "n": found.n,
            "overall": estimate(found.overall) if found.overall else None,
            "dimensions": [{"code": g.code, "gap": estimate(g.gap)} for g in found.dimensions],
            "items": [{"code": g.code, "gap": estimate(g.gap)} for g in found.items],
        }
    )


@router.get(
    "/index",
    operation_id="analysis.index",
    summary="The satisfaction index of a model, and what moves it",
    openapi_extra=shapes.describe(
        {
            200: _shape(
                structure=shapes.text(),
                outcome=shapes.text(),
                n=shapes.WHOLE,
                indices=shapes.listed(INDEX),
                paths=shapes.listed(PATH),
                r2=shapes.listed(INDEX),
                measures=shapes.listed(MEASURE),
                items=shapes.listed(LOADING),
            )
        },
        parameters=_PARAMETERS,
        refusals=shapes.READS,
    ),
)
def index(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ())
    found = modelled.indices(survey, wanted)
    return answer(
        {
            **_head(survey.code, found),
            "structure": found.structure,
            "outcome": found.outcome,
            "n": found.n,
            "indices": [
                {"part": name, "index": estimate(one)} for name, one in found.indices.items()
            ],
            "paths": [
                {
                    "from": one.start,
                    "to": one.end,
                    "path": estimate(one.path) if one.path else None,
                    "total": estimate(one.total),
                }
                for one in found.effects
            ],
            "r2": [{"part": name, "index": estimate(one)} for name, one in found.r2.items()],
            "measures": [_measure(name, one) for name, one in found.measures.items()],
            "items": [
                {"item": one.variable.code, "part": one.part, "loading": estimate(one.loading)}
                for one in found.items
            ],
        }
    )


def _measure(part: str, one: modelled.Measure) -> dict[str, Any]:
    return {
        "part": part,
        "reliability": estimate(one.reliability),
        "ave": estimate(one.ave),
        "nearest": one.nearest,
        "htmt": estimate(one.htmt) if one.htmt else None,
    }
