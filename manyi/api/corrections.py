"""What people say against the model, and what was learnt from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import answer, check_parameters, read_body
from manyi.feedback import correcting, heads, learning, queries
from manyi.feedback.findings import findings
from manyi.feedback.models import Correction
from manyi.kit.problems import FieldProblem, Problem
from manyi.text.corrected import ASPECT, INTENT, KINDS, POLARITY, Verdict
from manyi.text.findings import POLARITIES
from manyi.text.intents import INTENTS

router = Router(tags=["text"])
of_records = Router(tags=["text"])
SENSE: dict[str, Any] = {"type": "string", "enum": list(POLARITIES)}
ASPECT_IN = shapes.obj(
    {
        "aspect": shapes.text(60, minLength=1),
        "polarity": shapes.maybe(SENSE),
        "words": shapes.text(200),
    },
    required=("aspect", "polarity"),
)
INTENT_IN = shapes.obj(
    {"intent": {"type": "string", "enum": list(INTENTS)}, "meant": shapes.FLAG},
    required=("intent", "meant"),
)
CORRECTION_IN = shapes.obj(
    {
        "polarity": SENSE,
        "aspects": shapes.listed(ASPECT_IN, maxItems=correcting.MOST),
        "intents": shapes.listed(INTENT_IN, maxItems=correcting.MOST),
    }
)
CORRECTION = shapes.obj(
    {
        "kind": {"type": "string", "enum": list(KINDS)},
        "code": shapes.text(),
        "polarity": shapes.maybe(SENSE),
        "said": shapes.FLAG,
        "by": shapes.maybe(shapes.text()),
        "at": shapes.TIME,
    },
    required=("kind", "code", "polarity", "said", "by", "at"),
)
CORRECTIONS = shapes.obj({"items": shapes.listed(CORRECTION)}, required=("items",))
ACTS = ("on", "off", "use", "leave", "forget")
LEARNING = shapes.obj(
    {
        "is_on": shapes.FLAG,
        "in_force": shapes.maybe(shapes.WHOLE),
        "corrections": shapes.WHOLE,
        "newest": shapes.maybe(shapes.FREE),
    },
    required=("is_on", "in_force", "corrections", "newest"),
)
ACT_IN = shapes.obj({"act": {"type": "string", "enum": list(ACTS)}}, required=("act",))


@of_records.get(
    "/{record}/corrections",
    operation_id="correction.list",
    summary="What people said of a record against, or with, the model",
    openapi_extra=shapes.describe({200: CORRECTIONS}, refusals=shapes.READS),
)
def listed(request: Caller, record: str) -> HttpResponse:
    require(request.member, "feedback.read")
    check_parameters(request, ())
    found = queries.record(request.scope, record)
    named = request.scope.sees_personal
    rows = [_correction(one, named=named) for one in correcting.of_record(found)]
    return answer({"items": rows})


def _correction(one: Correction, *, named: bool) -> dict[str, Any]:
    judged = one.kind != INTENT and one.sense is not None
    return {
        "kind": one.kind,
        "code": one.code,
        "polarity": POLARITIES[(one.sense or 0) + 1] if judged else None,
        "said": one.sense is not None,
        "by": one.by.user.display_name if one.by and named else None,
        "at": one.at.isoformat(),
    }


@of_records.put(
    "/{record}/corrections",
    operation_id="correction.put",
    summary="Correct or confirm what the model says of a record; what is not named stays",
    openapi_extra=shapes.describe(
        {200: {"type": "object"}},
        body=CORRECTION_IN,
        refusals=shapes.WRITES,
        example={
            "polarity": "negative",
            "aspects": [{"aspect": "service.queue", "polarity": "negative"}],
            "intents": [{"intent": "complaint", "meant": True}],
        },
    ),
)
def put(request: Caller, record: str) -> HttpResponse:
    found = queries.record(request.scope, record)
    body = read_body(request, CORRECTION_IN)
    said = list(_verdicts(body, found.verbatim))
    correcting.correct(by=request.member, record=found, verdicts=said, now=datetime.now(UTC))
    return answer(findings(request.scope, queries.record(request.scope, record)))


def _verdicts(body: Mapping[str, Any], text: str) -> Iterator[Verdict]:
    if "polarity" in body:
        yield Verdict(POLARITY, "", POLARITIES.index(body["polarity"]) - 1)
    for i, one in enumerate(body.get("aspects", ())):
        said = one["polarity"]
        sense = None if said is None else POLARITIES.index(said) - 1
        yield Verdict(ASPECT, one["aspect"], sense, _place(one.get("words", ""), text, i))
    for one in body.get("intents", ()):
        yield Verdict(INTENT, one["intent"], 1 if one["meant"] else None)


def _place(words: str, text: str, i: int) -> tuple[int, int] | None:
    if not words:
        return None
    at = text.find(words)
    if at < 0:
        fault = FieldProblem(f"/aspects/{i}/words", "correction.place_invalid", {})
        raise Problem("correction.invalid", errors=(fault,))
    return at, at + len(words)


@of_records.delete(
    "/{record}/corrections",
    operation_id="correction.withdraw",
    summary="Let the model's word stand again on one thing",
    openapi_extra=shapes.describe(
        {200: shapes.obj({"withdrawn": shapes.FLAG}, required=("withdrawn",))},
        parameters=[
            shapes.query("kind", {"type": "string", "enum": list(KINDS)}),
            shapes.query("code", shapes.text(60)),
        ],
        refusals=shapes.WRITES,
    ),
)
def withdraw(request: Caller, record: str) -> HttpResponse:
    check_parameters(request, ("kind", "code"))
    found = queries.record(request.scope, record)
    gone = correcting.withdraw(
        by=request.member,
        record=found,
        kind=request.GET.get("kind", ""),
        code=request.GET.get("code", ""),
        now=datetime.now(UTC),
    )
    return answer({"withdrawn": gone})


@router.get(
    "/learning",
    operation_id="learning.get",
    summary="What corrections taught, and how well it reads",
    openapi_extra=shapes.describe({200: LEARNING}, refusals=shapes.LISTS),
)
def learnt(request: Caller) -> HttpResponse:
    require(request.member, "organisation.edit")
    check_parameters(request, ())
    return answer(_state(request))


@router.put(
    "/learning",
    operation_id="learning.act",
    summary="Learn or stop, put the newest head in force, leave it, or forget it",
    openapi_extra=shapes.describe(
        {200: LEARNING}, body=ACT_IN, refusals=shapes.WRITES, example={"act": "use"}
    ),
)
def act(request: Caller) -> HttpResponse:
    wanted = read_body(request, ACT_IN)["act"]
    by, now = request.member, datetime.now(UTC)
    if wanted in ("on", "off"):
        learning.switch(by=by, on=wanted == "on", now=now)
    else:
        deeds = {"use": learning.use, "leave": learning.leave, "forget": learning.forget}
        deeds[wanted](by=by, now=now)
    return answer(_state(request))


def _state(request: Caller) -> dict[str, Any]:
    organisation = request.scope.organisation_id
    row = heads.latest(organisation)
    return {
        "is_on": learning.state(organisation).is_on,
        "in_force": learning.in_force(organisation) or None,
        "corrections": Correction.objects.filter(organisation_id=organisation).count(),
        "newest": row
        and {
            "number": row.number,
            "base": row.base,
            "created_at": row.created_at.isoformat(),
            "is_of_use": heads.is_of_use(row),
            **row.figures,
        },
    }
