"""Analyses of scales and samples: reliability, and how many answers are needed."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.analysis import ESTIMATE, NOTE, SURVEY_NEEDED, chosen, estimate, note
from manyi.api.auth import Caller
from manyi.api.places import PUT_REFUSALS
from manyi.api.wire import answer, check_parameters, read_body
from manyi.reports.analysis import careless, leaving, planning
from manyi.reports.analysis import reliable as scales
from manyi.surveys import queries as surveys

router = Router(tags=["analysis"])
switches = Router(tags=["surveys"])
ITEM = shapes.obj(
    {
        "item": shapes.text(),
        "item_rest": ESTIMATE,
        "alpha_without": ESTIMATE,
        "loading": ESTIMATE,
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
            *shapes.OF_ONE_SURVEY,
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
                    "item_rest": estimate(one.item_rest),
                    "alpha_without": estimate(one.alpha_without),
                    "loading": estimate(one.loading),
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
        "leaves_out_flagged": shapes.FLAG,
        "problem": shapes.maybe(NOTE),
    },
    required=("survey", "flags", "any", "index", "index_unflagged", "problem"),
)
SWITCH_IN = shapes.obj({"leave_out": shapes.FLAG}, required=("leave_out",))
SWITCHED = shapes.obj({"leaves_out_flagged": shapes.FLAG}, required=("leaves_out_flagged",))


@router.get(
    "/quality",
    operation_id="analysis.quality",
    summary="How many answered without care, and what that changes",
    openapi_extra=shapes.describe(
        {200: QUALITY},
        parameters=[
            SURVEY_NEEDED,
            *shapes.OF_ONE_SURVEY,
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
            "leaves_out_flagged": survey.leaves_out_flagged,
            "problem": note(found.problem),
        }
    )


@switches.put(
    "/{survey}/flagged",
    operation_id="survey.leave_out_flagged",
    summary="Let a survey's flagged answers count nowhere, or count again",
    openapi_extra=shapes.describe(
        {200: SWITCHED}, body=SWITCH_IN, refusals=PUT_REFUSALS, example={"leave_out": True}
    ),
)
def leave_out_flagged(request: Caller, survey: str) -> HttpResponse:
    found = surveys.by_ref(request.scope, survey)
    wanted = read_body(request, SWITCH_IN)["leave_out"]
    leaving.switch(by=request.member, survey=found, wanted=wanted, now=datetime.now(UTC))
    return answer({"leaves_out_flagged": wanted})
