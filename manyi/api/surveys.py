"""Surveys: drafts, publishing, and answers to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from ninja import Router

from manyi.accounts import queries as accounts
from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.once import once, once_for_anybody
from manyi.api.wire import (
    PAGED,
    answer,
    check_parameters,
    checked,
    page,
    page_by_time,
    read_body,
    read_json,
)
from manyi.base.requests import client_address
from manyi.feedback import submit
from manyi.feedback.findings import with_findings
from manyi.feedback.queries import completed_count, responses_of
from manyi.kit.problems import FieldProblem, NotFound, Problem, TooMany
from manyi.kit.tokens import new_code
from manyi.programmes.queries import population_by_code
from manyi.questionnaire import answering
from manyi.surveys import actions, limits, queries, wire
from manyi.surveys.models import SurveyVersion

router = Router(tags=["surveys"])
SURVEY = {"type": "object", "required": ["id", "code", "title", "state", "definition"]}
CHANGES: dict[str, shapes.Shape] = {
    "title": shapes.maybe({"anyOf": [shapes.text(500), shapes.LOCAL_TEXT]}),
    "definition": shapes.FREE,
    "unit": shapes.maybe(shapes.text(60)),
    "touchpoint": shapes.maybe(shapes.text(60)),
    "population": shapes.maybe(shapes.text(60)),
    "is_weighted": shapes.FLAG,
    "is_anonymous": shapes.FLAG,
    "opens_at": shapes.maybe(shapes.TIME),
    "closes_at": shapes.maybe(shapes.TIME),
    "response_limit": shapes.maybe({"type": "integer", "minimum": 1}),
    "closed_text": shapes.LOCAL_TEXT,
}
UPDATE_IN = shapes.obj(CHANGES)
CREATE_IN = shapes.obj(CHANGES, required=("definition",))
SUBMIT_IN = shapes.obj(
    {
        "answers": shapes.FREE,
        "submission_id": shapes.maybe(shapes.text(64, minLength=8)),
        **{k: shapes.maybe(shapes.text(60)) for k in ("unit", "touchpoint", "agent")},
        "language": shapes.maybe(shapes.text(10)),
        "source": shapes.maybe(shapes.text(60)),
        "hidden": shapes.maybe({"type": "object", "additionalProperties": shapes.text(500)}),
    },
    required=("answers",),
)
SUBMITTED = shapes.obj(
    {"id": shapes.ID, "reference": shapes.text(), "submission_id": shapes.text()},
    required=("reference", "submission_id"),
)


@router.get(
    "",
    operation_id="survey.list",
    summary="List surveys",
    openapi_extra=shapes.describe(
        {200: shapes.items(SURVEY)}, parameters=shapes.PAGE, refusals=shapes.LISTS
    ),
)
def list_surveys(request: Caller) -> HttpResponse:
    require(request.member, "survey.read")
    check_parameters(request, PAGED)
    rows = queries.surveys(request.scope)
    return page(request, rows, lambda found: [wire.survey(s) for s in found])


@router.post(
    "",
    operation_id="survey.create",
    summary="Make a draft from a definition",
    openapi_extra=shapes.describe(
        {201: SURVEY},
        body=CREATE_IN,
        parameters=[shapes.KEY],
        refusals=shapes.WRITES,
    ),
)
def create(request: Caller) -> HttpResponse:
    require(request.member, "survey.edit")
    given = _settings(request, read_body(request, CREATE_IN))

    def make() -> HttpResponse:
        made = actions.create(by=request.member, now=datetime.now(UTC), **given)
        return answer(wire.survey(made), 201)

    return once(request, f"member:{request.member.pk}", make)


@router.get(
    "/{survey}",
    operation_id="survey.get",
    summary="One survey with its draft",
    openapi_extra=shapes.describe({200: SURVEY}, refusals=shapes.READS),
)
def get(request: Caller, survey: str) -> HttpResponse:
    require(request.member, "survey.read")
    return answer(wire.survey(queries.by_ref(request.scope, survey)))


@router.put(
    "/{survey}",
    operation_id="survey.update",
    summary="Change a draft and the settings of a survey",
    openapi_extra=shapes.describe({200: SURVEY}, body=UPDATE_IN, refusals=shapes.WRITES),
)
def update(request: Caller, survey: str) -> HttpResponse:
    found = queries.by_ref(request.scope, survey)
    given = _settings(request, read_body(request, UPDATE_IN))
    changed = actions.update_draft(by=request.member, survey=found, now=datetime.now(UTC), **given)
    return answer(wire.survey(changed))


@router.post(
    "/{survey}/publish",
    operation_id="survey.publish",
    summary="Freeze the draft as a version and open the survey",
    openapi_extra=shapes.describe(
        {
            200: shapes.obj(
                {"version": shapes.WHOLE, "code": shapes.text(), "url": shapes.text()},
                required=("version", "code", "url"),
            )
        },
        parameters=[shapes.KEY],
        refusals=shapes.WRITES,
    ),
)
def publish(request: Caller, survey: str) -> HttpResponse:
    found = queries.by_ref(request.scope, survey)

    def freeze() -> HttpResponse:
        version = actions.publish(by=request.member, survey=found, now=datetime.now(UTC))
        return answer(wire.published(version))

    return once(request, f"member:{request.member.pk}", freeze)


@router.post(
    "/{survey}/close",
    operation_id="survey.close",
    summary="Take no more answers",
    openapi_extra=shapes.describe({200: SURVEY}, refusals=shapes.WRITES),
)
def close(request: Caller, survey: str) -> HttpResponse:
    found = queries.by_ref(request.scope, survey)
    return answer(
        wire.survey(actions.close(by=request.member, survey=found, now=datetime.now(UTC)))
    )


@router.post(
    "/{survey}/responses",
    operation_id="response.submit",
    auth=None,
    summary="Answer a survey that is open; needs no token",
    openapi_extra=shapes.describe(
        {200: SUBMITTED, 201: SUBMITTED},
        body=SUBMIT_IN,
        parameters=[shapes.KEY],
        refusals=(400, 404, 409, 422, 429, 503),
    ),
)
def respond(request: Caller, survey: str) -> HttpResponse:
    found = queries.public(queries.code_of(survey), datetime.now(UTC)).survey
    if found is None:
        raise NotFound("not_found")
    wait = limits.wait_for(found.code, client_address(request))
    if wait is not None:
        raise TooMany(retry_after=wait)
    body = read_json(request)
    if not _is_plain(body):
        body = checked(body, SUBMIT_IN)
    return once_for_anybody(request, lambda: _respond(request, survey, body))


def _is_plain(body: Any) -> bool:
    """Whether a response is answers and an id alone: most are, and need no schema."""
    return (
        isinstance(body, dict)
        and body.keys() == {"answers", "submission_id"}
        and isinstance(body["answers"], dict)
        and isinstance(body["submission_id"], str)
        and 8 <= len(body["submission_id"]) <= 64
    )


def _respond(request: Caller, survey: str, body: dict[str, Any]) -> HttpResponse:
    now = datetime.now(UTC)
    public = queries.public(queries.code_of(survey), now)
    if public.version is None or public.survey is None:
        raise NotFound("not_found")
    if public.state != "open":
        raise Problem("survey_not_open")
    limit = public.survey.response_limit
    if limit is not None and completed_count(public.survey.pk) >= limit:
        raise Problem("survey_full")
    given = _response(body)
    given["hidden"] = _hidden(public.version, given["hidden"])
    submission = given.pop("submission_id") or new_code(24)
    result = submit.submit_all(
        public.version,
        submission,
        given.pop("answers"),
        context=submit.Context(channel="api", **given),
        now=now,
    )
    if result.problems:
        raise Problem("answers.invalid", errors=_under_answers(result.problems))
    shown = {"reference": result.reference, "submission_id": submission}
    return answer(shown, 201 if result.is_new else 200)


def _hidden(version: SurveyVersion, given: dict[str, str]) -> dict[str, str]:
    """Return the hidden fields that the survey has; anybody may send, so others are refused."""
    checked = answering.check_hidden(queries.questionnaire(version), given)
    if checked.problems:
        errors = (
            replace(p, pointer="/" + p.pointer.replace(".", "/", 1)) for p in checked.problems
        )
        raise Problem("answers.invalid", errors=tuple(errors))
    return {code: str(value) for code, value in checked.values.items()}


def _response(body: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a response, what was left out or null as nothing."""
    texts = ("language", "source")
    return {
        **{key: body.get(key) for key in ("submission_id", "unit", "touchpoint", "agent")},
        **{key: body.get(key) or "" for key in texts},
        "answers": body["answers"],
        "hidden": body.get("hidden") or {},
    }


def _under_answers(problems: tuple[FieldProblem, ...]) -> tuple[FieldProblem, ...]:
    return tuple(FieldProblem(f"/answers/{p.pointer}", p.code, p.params) for p in problems)


@router.get(
    "/{survey}/responses",
    operation_id="response.list",
    summary="List the answers to a survey, partial ones marked",
    openapi_extra=shapes.describe(
        {200: shapes.items(shapes.FEEDBACK)}, parameters=shapes.PAGE, refusals=shapes.READS
    ),
)
def list_responses(request: Caller, survey: str) -> HttpResponse:
    require(request.member, "feedback.read")
    check_parameters(request, PAGED)
    found = queries.by_ref(request.scope, survey)
    rows = responses_of(request.scope, found.pk)
    return page_by_time(request, rows, lambda some: with_findings(request.scope, some))


def _settings(request: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body with rows for codes and moments for times."""
    found = dict(body)
    if found.get("unit") is not None:
        found["unit"] = accounts.unit_by_code(request.scope, found["unit"])
    if found.get("touchpoint") is not None:
        found["touchpoint"] = accounts.touchpoint_by_code(request.scope, found["touchpoint"])
    if found.get("population") is not None:
        found["population"] = population_by_code(request.scope, found["population"])
    for key in ("opens_at", "closes_at"):
        if found.get(key) is not None:
            found[key] = _moment(found, key)
    return found


def _moment(body: dict[str, Any], key: str) -> datetime:
    try:
        at = parse_datetime(body[key])
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise _wrong(key, "time_invalid", value=str(body[key])[:40])
    return at


def _wrong(key: str, code: str, **params: Any) -> Problem:
    return Problem("body.invalid", errors=(FieldProblem(f"/{key}", code, params),))
