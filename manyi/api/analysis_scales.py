"""Analyses of scales and samples: reliability, and how many answers are needed."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.analysis import ESTIMATE, NOTE, SURVEY_NEEDED, chosen, estimate, note
from manyi.api.auth import Caller
from manyi.api.wire import answer, check_parameters
from manyi.reports.analysis import careless, planning
from manyi.reports.analysis import reliable as scales

router = Router(tags=["analysis"])
ITEM = shapes.obj(
    {
        "item": shapes.text(),
        "item_rest": shapes.NUMBER,
        "alpha_without": shapes.NUMBER,
        "loading": shapes.NUMBER,
    },
    required=("item", "item_rest", "alpha_without", "loading"),
)
RELIABILITY = shapes.obj(
    {
        "survey": shapes.text(),
        "scale": shapes.text(),
        "n": shapes.WHOLE,
        "incomplete": shapes.WHOLE,
        "alpha": shapes.maybe(ESTIMATE),
        "omega": shapes.maybe(ESTIMATE),
        "items": shapes.listed(ITEM),
        "problem": shapes.maybe(NOTE),
    },
    required=("survey", "scale", "n", "incomplete", "alpha", "omega", "items", "problem"),
)


@router.get(
    "/reliability",
    operation_id="analysis.reliability",
    summary="Whether several ratings measure one thing",
    openapi_extra=shapes.describe(
        {200: RELIABILITY},
        parameters=[
            SURVEY_NEEDED,
            shapes.query("scale", shapes.text(), "code of a matrix, or `ratings`"),
            *(one for one in shapes.SELECTION if one["name"] != "survey"),
        ],
        refusals=shapes.READS,
    ),
)
def reliability(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ("scale",))
    found = scales.reliable(survey, wanted, scale=request.GET.get("scale", ""))
    return answer(
        {
            "survey": survey.code,
            "scale": found.of.code,
            "n": found.n,
            "incomplete": found.incomplete,
            "alpha": estimate(found.found.alpha) if found.found else None,
            "omega": estimate(found.omega) if found.omega else None,
            "items": [
                {
                    "item": one.variable.code,
                    "item_rest": one.item_rest,
                    "alpha_without": one.alpha_without,
                    "loading": one.loading,
                }
                for one in found.items
            ],
            "problem": note(found.problem),
        }
    )


PLAN = shapes.obj(
    {
        "what": shapes.text(),
        "answers": shapes.WHOLE,
        "invitations": shapes.WHOLE,
        "groups": shapes.WHOLE,
        "exact": shapes.NUMBER,
        "method": shapes.text(),
        "note": NOTE,
    },
    required=("what", "answers", "invitations", "groups", "exact", "method", "note"),
)


@router.get(
    "/sample-size",
    operation_id="analysis.sample_size",
    summary="How many answers and invitations a precision or a difference needs",
    openapi_extra=shapes.describe(
        {200: PLAN},
        parameters=[
            shapes.query("what", {"type": "string", "enum": list(planning.PLANS)}),
            *(shapes.query(name, shapes.NUMBER) for name in planning.NUMBERS),
        ],
        refusals=shapes.LISTS,
    ),
)
def sample_size(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    what = request.GET.get("what", "share")
    check_parameters(request, ("what", *planning.NUMBERS))
    plan = planning.planned(what, request.GET.dict())
    return answer(
        {
            "what": what,
            "answers": plan.answers,
            "invitations": plan.invitations,
            "groups": plan.groups,
            "exact": plan.exact,
            "method": plan.method,
            "note": plan.sentence.to_dict(),
        }
    )


FLAG = shapes.obj(
    {"flag": shapes.text(), "share": shapes.maybe(ESTIMATE)}, required=("flag", "share")
)
QUALITY = shapes.obj(
    {
        "survey": shapes.text(),
        "flags": shapes.listed(FLAG),
        "any": shapes.maybe(ESTIMATE),
        "index": shapes.maybe(ESTIMATE),
        "index_unflagged": shapes.maybe(ESTIMATE),
        "problem": shapes.maybe(NOTE),
    },
    required=("survey", "flags", "any", "index", "index_unflagged", "problem"),
)


@router.get(
    "/quality",
    operation_id="analysis.quality",
    summary="How many answered without care, and what that changes",
    openapi_extra=shapes.describe(
        {200: QUALITY},
        parameters=[
            SURVEY_NEEDED,
            *(one for one in shapes.SELECTION if one["name"] != "survey"),
        ],
        refusals=shapes.READS,
    ),
)
def quality(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ())
    found = careless.care(survey, wanted)
    return answer(
        {
            "survey": survey.code,
            "flags": [
                {"flag": one.code, "share": estimate(one.found) if one.found else None}
                for one in found.flags
            ],
            "any": estimate(found.any_flag) if found.any_flag else None,
            "index": estimate(found.whole) if found.whole else None,
            "index_unflagged": estimate(found.careful) if found.careful else None,
            "problem": note(found.problem),
        }
    )
