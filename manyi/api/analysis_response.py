"""Response rates by AAPOR, and the counts of ends that they are made from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.analysis import ESTIMATE, NOTE, SURVEY_NEEDED, estimate, note
from manyi.api.auth import Caller
from manyi.api.metrics import NULLABLE
from manyi.api.places import PUT_REFUSALS
from manyi.api.wire import answer, check_parameters, read_body
from manyi.kit.problems import FieldProblem, Problem
from manyi.reports.analysis import responding
from manyi.surveys import dispositions as ends
from manyi.surveys import queries as surveys

router = Router(tags=["analysis"])
ends_router = Router(tags=["surveys"])
COUNT = {"anyOf": [shapes.WHOLE, shapes.text(20)]}
E_IN = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}]}
END_IN = shapes.obj({"code": shapes.text(20), "n": COUNT}, required=("code", "n"))
ENDS_IN = shapes.obj(
    {"dispositions": shapes.listed(END_IN, maxItems=ends.MOST), "e": E_IN},
    required=("dispositions",),
)
END = shapes.obj({"code": shapes.text(), "n": shapes.WHOLE}, required=("code", "n"))
ENDS = shapes.obj(
    {"dispositions": shapes.listed(END), "e": NULLABLE}, required=("dispositions", "e")
)
CASE = shapes.obj(
    {
        "code": shapes.text(),
        "n": shapes.WHOLE,
        "entered": shapes.maybe(shapes.WHOLE),
        "counted": shapes.maybe(shapes.WHOLE),
    },
    required=("code", "n", "entered", "counted"),
)
RATE = shapes.obj({"rate": shapes.text(), "estimate": ESTIMATE}, required=("rate", "estimate"))
RESPONDED = shapes.obj(
    {
        "survey": shapes.text(),
        "e": NULLABLE,
        "e_given": shapes.FLAG,
        "rates": shapes.listed(RATE),
        "dispositions": shapes.listed(CASE),
        "problem": shapes.maybe(NOTE),
        "warnings": shapes.listed(NOTE),
    },
    required=("survey", "e", "e_given", "rates", "dispositions", "problem", "warnings"),
)


@router.get(
    "/response-rates",
    operation_id="analysis.response_rates",
    summary="AAPOR's response, cooperation, refusal and contact rates of a whole survey",
    openapi_extra=shapes.describe(
        {200: RESPONDED},
        parameters=[
            SURVEY_NEEDED,
            shapes.query("e", shapes.text(), "share of unknown cases taken as eligible, 0 to 1"),
        ],
        refusals=shapes.READS,
    ),
)
def response_rates(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    check_parameters(request, {"survey", "e"})
    given = request.GET.get("survey", "")
    if not given:
        wrong = FieldProblem("survey", "field_required", {"field": "survey"})
        raise Problem("parameters.invalid", errors=(wrong,))
    survey = surveys.by_ref(request.scope, given)
    e = responding.eligibility(request.GET.get("e", ""))
    return answer(
        {"survey": survey.code, **_told(responding.responded(survey, request.scope, e=e))}
    )


def _told(found: responding.Responded) -> dict[str, Any]:
    return {
        "e": found.e,
        "e_given": found.e_given,
        "rates": [{"rate": name, "estimate": estimate(one)} for name, one in found.rates.items()],
        "dispositions": [
            {"code": one.code, "n": one.n, "entered": one.entered, "counted": one.counted}
            for one in found.ends
        ],
        "problem": note(found.problem),
        "warnings": [one.to_dict() for one in found.notes],
    }


@ends_router.put(
    "/{survey}/dispositions",
    operation_id="survey.dispositions",
    summary="Replace the counts of how a survey's cases ended, and the share e of unknown ones",
    openapi_extra=shapes.describe(
        {200: ENDS},
        body=ENDS_IN,
        refusals=PUT_REFUSALS,
        example={"dispositions": [{"code": "2.11", "n": 120}, {"code": "3.1", "n": 60}]},
    ),
)
def replace_dispositions(request: Caller, survey: str) -> HttpResponse:
    found = surveys.by_ref(request.scope, survey)
    body, now = read_body(request, ENDS_IN), datetime.now(UTC)
    with transaction.atomic():
        stored = ends.replace_dispositions(
            by=request.member, survey=found, rows=body["dispositions"], now=now
        )
        if "e" in body:
            ends.keep_eligibility(by=request.member, survey=found, e=body["e"], now=now)
    told = [{"code": code, "n": n} for code, n in stored.items()]
    return answer({"dispositions": told, "e": found.eligible_share})
