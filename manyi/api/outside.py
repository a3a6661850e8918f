"""The outside model: what it may do, a sentence to try it on, and summaries by it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.once import once
from manyi.api.problems import language
from manyi.api.wire import (
    PAGED,
    answer,
    check_parameters,
    id_of,
    page,
    read_body,
    selection,
)
from manyi.connectors.llm import choosing, service, summarising
from manyi.connectors.llm.trying import Trial, try_out
from manyi.connectors.models import Summary
from manyi.feedback import outside
from manyi.kit.problems import NotFound
from manyi.kit.say import say
from manyi.text.outside import material

router = Router(tags=["text"])
_MAY = {"reads": shapes.FLAG, "summarises": shapes.FLAG, "names": shapes.FLAG}
TOKENS = {"type": "integer", "minimum": 0, "maximum": choosing.MOST_TOKENS}
CHOICE_IN = shapes.obj(
    {**_MAY, "tokens_a_day": TOKENS, "agreed": shapes.FLAG},
    required=(*_MAY, "tokens_a_day", "agreed"),
)
_DAY = {name: shapes.WHOLE for name in ("tokens", "asked", "kept", "refused", "held_back")}
_OUTSIDE = {
    "model": shapes.maybe(shapes.text()),
    "host": shapes.maybe(shapes.text()),
    "is_open": shapes.FLAG,
    "problem": shapes.maybe(shapes.text()),
    "rests_until": shapes.maybe(shapes.TIME),
    "answered_at": shapes.maybe(shapes.TIME),
    "is_agreed": shapes.FLAG,
    "agreed_at": shapes.maybe(shapes.TIME),
    **_MAY,
    "tokens_a_day": shapes.WHOLE,
    "tokens_left": shapes.WHOLE,
    "today": shapes.obj(_DAY, required=tuple(_DAY)),
    "read": {"type": "object", "additionalProperties": shapes.WHOLE},
    "is_forgetting": shapes.FLAG,
}
OUTSIDE = shapes.obj(_OUTSIDE, required=tuple(_OUTSIDE))
ACT_IN = shapes.obj(
    {
        "act": {"type": "string", "enum": ["read_since", "forget"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 366},
    },
    required=("act",),
)
TRY_IN = shapes.obj({"text": shapes.text(material.LONGEST, minLength=1)}, required=("text",))
FOUND = shapes.obj(
    {"aspect": shapes.text(), "polarity": shapes.text(), "words": shapes.text()},
    required=("aspect", "polarity", "words"),
)
_TRIAL = {
    "sent": shapes.maybe(shapes.text()),
    "problem": shapes.maybe(shapes.text()),
    "detail": shapes.text(),
    "answered": shapes.text(),
    "polarity": shapes.maybe(shapes.text()),
    "intents": shapes.listed(shapes.text()),
    "findings": shapes.listed(FOUND),
    "dropped": shapes.WHOLE,
}
TRIAL = shapes.obj(_TRIAL, required=tuple(_TRIAL))
SENTENCE = shapes.obj(
    {"text": shapes.text(), "records": shapes.listed(shapes.ID)}, required=("text", "records")
)
_SUMMARY = {
    "id": shapes.ID,
    "state": {"type": "string", "enum": ["waiting", "running", "done", "failed"]},
    "selection": shapes.text(),
    "language": shapes.text(),
    "created_at": shapes.TIME,
    "model": shapes.maybe(shapes.text()),
    "voices": shapes.WHOLE,
    "read": shapes.WHOLE,
    "dropped": shapes.WHOLE,
    "problem": shapes.maybe(shapes.text()),
    "sentences": shapes.listed(SENTENCE),
}
SUMMARY = shapes.obj(_SUMMARY, required=tuple(_SUMMARY))


@router.get(
    "/outside-model",
    operation_id="outside_model.get",
    summary="What the outside model may do, how it stands, and what it read",
    openapi_extra=shapes.describe({200: OUTSIDE}, refusals=shapes.LISTS),
)
def get(request: Caller) -> HttpResponse:
    require(request.member, "organisation.edit")
    check_parameters(request, ())
    return answer(_shown(request.scope.organisation_id))


@router.put(
    "/outside-model",
    operation_id="outside_model.choose",
    summary="Let the outside model read, summarise and name, or not",
    openapi_extra=shapes.describe(
        {200: OUTSIDE},
        body=CHOICE_IN,
        refusals=shapes.WRITES,
        example={
            "reads": True,
            "summarises": True,
            "names": False,
            "tokens_a_day": 200_000,
            "agreed": True,
        },
    ),
)
def choose(request: Caller) -> HttpResponse:
    body = read_body(request, CHOICE_IN)
    given = {**body, "tokens_a_day": int(body["tokens_a_day"])}
    choosing.choose(by=request.member, now=datetime.now(UTC), **given)
    return answer(_shown(request.scope.organisation_id))


@router.post(
    "/outside-model/acts",
    operation_id="outside_model.act",
    summary="Have older texts read too, or undo all that it read",
    openapi_extra=shapes.describe(
        {200: OUTSIDE},
        body=ACT_IN,
        refusals=shapes.WRITES,
        example={"act": "read_since", "days": 30},
    ),
)
def act(request: Caller) -> HttpResponse:
    body, now = read_body(request, ACT_IN), datetime.now(UTC)
    if body["act"] == "forget":
        choosing.forget(by=request.member, now=now)
    else:
        choosing.read_since(by=request.member, days=int(body.get("days", 30)), now=now)
    return answer(_shown(request.scope.organisation_id))


def _shown(organisation: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    stand, row = service.stand(), choosing.state(organisation)
    today, model = choosing.today(organisation, now), stand.model
    return {
        "model": model.name if model else None,
        "host": model.host if model else None,
        "is_open": stand.is_open(now),
        "problem": stand.code or None,
        "rests_until": _time(stand.rests_until),
        "answered_at": _time(stand.good_at),
        "is_agreed": service.agreed(organisation) is not None,
        "agreed_at": _time(row.agreed_at),
        **{name: getattr(row, name) for name in _MAY},
        "tokens_a_day": row.tokens_a_day,
        "tokens_left": service.left(row, now),
        "today": {name: getattr(today, name) for name in _DAY},
        "read": outside.counted(organisation),
        "is_forgetting": row.is_forgetting,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


@router.post(
    "/outside-model/trials",
    operation_id="outside_model.try",
    summary="A sentence as it would be sent, what came back, and what is believed of it",
    openapi_extra=shapes.describe(
        {200: TRIAL},
        body=TRY_IN,
        refusals=shapes.WRITES,
        example={"text": "排队等了四十分钟，收银员倒是很客气"},
    ),
)
def attempt(request: Caller) -> HttpResponse:
    body = read_body(request, TRY_IN)
    return answer(_trial(try_out(by=request.member, text=body["text"], now=datetime.now(UTC))))


def _trial(one: Trial) -> dict[str, Any]:
    held_back = one.code == "llm.held_back"
    return {
        "sent": None if held_back else one.masked,
        "problem": one.code or None,
        "detail": say(one.code, language()) if one.code else "",
        "answered": one.content,
        "polarity": one.polarity or None,
        "intents": list(one.intents),
        "findings": [
            {
                "aspect": found.aspect or "",
                "polarity": found.polarity,
                "words": one.text[found.start : found.end],
            }
            for found in one.findings
        ],
        "dropped": one.dropped,
    }


@router.post(
    "/summaries",
    operation_id="summary.request",
    summary="Have a selection summarised by the outside model, in the background",
    openapi_extra=shapes.describe(
        {201: SUMMARY}, parameters=[*shapes.SELECTION, shapes.KEY], refusals=shapes.WRITES
    ),
)
def ask(request: Caller) -> HttpResponse:
    wanted, now, tongue = selection(request, request.scope), datetime.now(UTC), language()

    def make() -> HttpResponse:
        job = summarising.request(by=request.member, selection=wanted, language=tongue, now=now)
        return answer(_summary(request, job), 201)

    # What is asked stands in the address: another selection is another question.
    sent = hashlib.sha256(request.get_full_path().encode()).hexdigest()
    return once(request, f"member:{request.member.pk}", make, sent)


@router.get(
    "/summaries",
    operation_id="summary.list",
    summary="The summaries that the caller asked for",
    openapi_extra=shapes.describe(
        {200: shapes.items(SUMMARY)}, parameters=shapes.PAGE, refusals=shapes.LISTS
    ),
)
def listed(request: Caller) -> HttpResponse:
    require(request.member, "feedback.read")
    check_parameters(request, PAGED)
    mine = Summary.objects.filter(member=request.member)
    return page(request, mine, lambda rows: [_summary(request, one) for one in rows])


@router.get(
    "/summaries/{summary}",
    operation_id="summary.get",
    summary="A summary: its sentences, each with the voices that it rests on",
    openapi_extra=shapes.describe({200: SUMMARY}, refusals=shapes.READS),
)
def one(request: Caller, summary: str) -> HttpResponse:
    require(request.member, "feedback.read")
    check_parameters(request, ())
    job = Summary.objects.filter(member=request.member, pk=id_of(summary)).first()
    if job is None:
        raise NotFound("not_found")
    return answer(_summary(request, job))


def _summary(request: Caller, job: Summary) -> dict[str, Any]:
    said = summarising.shown(request.scope, job) if job.state == Summary.State.DONE else []
    problem = job.problem["code"] if job.problem else None
    return {
        "id": str(job.pk),
        "state": str(job.state),
        "selection": job.query,
        "language": job.language,
        "created_at": job.created_at.isoformat(),
        "model": job.model or None,
        "voices": job.voices,
        "read": job.read,
        "dropped": job.dropped,
        "problem": problem,
        "sentences": [
            {"text": found["text"], "records": [str(pk) for pk in found["records"]]}
            for found in said
        ],
    }
