"""Analyses of groups: segments compared, and a survey weighted to its population."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpResponse
from ninja import Router

from manyi.api import shapes
from manyi.api.analysis import ESTIMATE, NOTE, SURVEY_NEEDED, chosen, estimate, note, one_of, row
from manyi.api.auth import Caller
from manyi.api.metrics import NULLABLE, WEIGHTS
from manyi.api.wire import answer
from manyi.metrics import wire
from manyi.reports.analysis import segments as segmented
from manyi.reports.analysis import weighting as weighed

router = Router(tags=["analysis"])
SEGMENT = shapes.obj(
    {"group": shapes.maybe(shapes.text()), "estimate": ESTIMATE}, required=("group", "estimate")
)
GAP = shapes.obj(
    {
        "one": shapes.maybe(shapes.text()),
        "other": shapes.maybe(shapes.text()),
        "difference": ESTIMATE,
        "d": ESTIMATE,
        "p": NULLABLE,
        "real": shapes.FLAG,
    },
    required=("one", "other", "difference", "d", "p", "real"),
)
SEGMENTS = shapes.obj(
    {
        "survey": shapes.text(),
        "figure": shapes.text(),
        "by": shapes.text(),
        "against": shapes.text(),
        "correction": shapes.text(),
        "groups": shapes.listed(SEGMENT),
        "differences": shapes.listed(GAP),
        "left_out": shapes.WHOLE,
        "problem": shapes.maybe(NOTE),
    },
    required=("survey", "figure", "by", "against", "correction", "groups", "differences"),
)


@router.get(
    "/segments",
    operation_id="analysis.segments",
    summary="Which segments truly differ in a number",
    openapi_extra=shapes.describe(
        {200: SEGMENTS},
        parameters=[
            SURVEY_NEEDED,
            shapes.query("figure", shapes.text(), "METRIC:QUESTION, as csat:overall"),
            shapes.query("by_what", shapes.text(), "unit, channel, …, attribute:NAME"),
            shapes.query("against", {"type": "string", "enum": list(segmented.AGAINST)}),
            shapes.query("correction", {"type": "string", "enum": list(segmented.CORRECTIONS)}),
            *shapes.OF_ONE_SURVEY,
        ],
        refusals=shapes.READS,
    ),
)
def segments(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ("figure", "by_what", "against", "correction"))
    found = segmented.compared(
        survey,
        wanted,
        figure=request.GET.get("figure", ""),
        by=request.GET.get("by_what", ""),
        against=cast(segmented.Against, one_of(request, "against", segmented.AGAINST)),
        correction=cast(segmented.Correction, one_of(request, "correction", segmented.CORRECTIONS)),
    )
    return answer({"survey": survey.code, **_segments(found)})


def _segments(found: segmented.Compared) -> dict[str, Any]:
    return {
        "figure": found.figure.code,
        "by": found.by.code,
        "against": found.against,
        "correction": found.correction,
        "groups": [{"group": code, "estimate": row(one)} for code, one in found.groups],
        "differences": [
            {
                "one": one.one,
                "other": one.other,
                "difference": estimate(one.gap),
                "d": estimate(one.size),
                "p": one.p,
                "real": one.is_real,
            }
            for one in found.differences
        ],
        "left_out": found.left_out,
        "problem": note(found.problem),
    }


CATEGORY = shapes.obj(
    {
        "dimension": shapes.text(),
        "code": shapes.text(),
        "population": NULLABLE,
        "answered": shapes.maybe(ESTIMATE),
    },
    required=("dimension", "code", "population", "answered"),
)
CHANGE = shapes.obj(
    {"figure": shapes.text(), "plain": ESTIMATE, "weighted": ESTIMATE},
    required=("figure", "plain", "weighted"),
)
WEIGHTING = shapes.obj(
    {
        "survey": shapes.text(),
        "population": shapes.maybe(shapes.text()),
        "categories": shapes.listed(CATEGORY),
        "figures": shapes.listed(CHANGE),
        "weights": shapes.maybe(WEIGHTS),
        "lightest": NULLABLE,
        "heaviest": NULLABLE,
    },
    required=("survey", "population", "categories", "figures", "weights"),
)


@router.get(
    "/weighting",
    operation_id="analysis.weighting",
    summary="Who answered against the population, and the figures before and after weighting",
    openapi_extra=shapes.describe(
        {200: WEIGHTING},
        parameters=[
            SURVEY_NEEDED,
            *shapes.OF_ONE_SURVEY,
        ],
        refusals=shapes.READS,
    ),
)
def weighting(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ())
    found = weighed.weighed(survey, wanted)
    return answer({"survey": survey.code, **_weighed(found)})


def _weighed(found: weighed.Weighed) -> dict[str, Any]:
    weights = found.weights
    return {
        "population": found.population.code if found.population else None,
        "categories": [
            {
                "dimension": one.dimension,
                "code": one.code,
                "population": one.population,
                "answered": estimate(one.answered) if one.answered else None,
            }
            for one in found.categories
        ],
        "figures": [
            {"figure": one.figure.code, "plain": row(one.plain), "weighted": row(one.weighted)}
            for one in found.changes
        ],
        "weights": wire.weights(weights, None) if weights else None,
        "lightest": weights.lightest if weights else None,
        "heaviest": weights.heaviest if weights else None,
    }
