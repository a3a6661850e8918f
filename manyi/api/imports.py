"""Files on their way in."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from ninja import Router

from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.once import answered, once
from manyi.api.problems import language
from manyi.api.wire import PAGED, answer, check_parameters, page
from manyi.connectors import actions, queries, wire
from manyi.connectors.models import Import
from manyi.kit.problems import FieldProblem, Problem

router = Router(tags=["imports"])
OPTIONS = ("source", "survey", "kind", "channel", "unit", "touchpoint", "language", "occurred_at")
FIELDS = (*OPTIONS, "what", "columns", "mapping", "dry_run")
PROBLEMS_LISTED = 100

IMPORT = shapes.obj(
    {
        "id": shapes.ID,
        "what": shapes.text(),
        "file_name": shapes.text(),
        "source": shapes.maybe(shapes.text()),
        "state": shapes.text(enum=["waiting", "running", "done", "failed", "cancelled"]),
        "stage": shapes.text(enum=["reading", "mapping", "storing"]),
        "dry_run": shapes.FLAG,
        **{k: shapes.WHOLE for k in ("progress", "created", "updated", "unchanged", "rejected")},
        "total": shapes.maybe(shapes.WHOLE),
        "problem": shapes.maybe(shapes.obj({"code": shapes.text(), "detail": shapes.text()})),
        "columns": shapes.listed(shapes.text()),
        "mapping": shapes.FREE,
        "created_at": shapes.TIME,
        "finished_at": shapes.maybe(shapes.TIME),
        "problems": shapes.listed(
            shapes.obj(
                {
                    "line": shapes.WHOLE,
                    **{k: shapes.text() for k in ("column", "value", "code", "detail")},
                }
            )
        ),
    }
)
START = shapes.obj(
    {
        "file": shapes.text(format="binary"),
        "what": shapes.text(
            enum=["feedback", "units", "members", "touchpoints", "agents", "customers"]
        ),
        "dry_run": shapes.text(enum=["true", "false"]),
        "columns": shapes.text(description='JSON: column → role, {"评分": "score:overall"}'),
        "mapping": shapes.text(description="JSON: a whole mapping as import.status shows it"),
        **{name: shapes.text() for name in OPTIONS},
    },
    required=("file",),
)


@router.post(
    "",
    operation_id="import.start",
    summary="Hand in a file; it is read, mapped and stored in the background",
    openapi_extra=shapes.describe(
        {201: IMPORT},
        body=START,
        body_type="multipart/form-data",
        parameters=[shapes.KEY],
        refusals=(401, 403, 409, 422, 503),
    ),
)
def start(request: Caller) -> HttpResponse:
    file, sent = _form(request)
    owner, digest = f"member:{request.member.pk}", _digest(file, sent)
    known = answered(request, owner, digest)
    if known is not None:
        return known
    now, spoken = datetime.now(UTC), language()
    job = _prepared(request, file, sent, now)

    def begin() -> HttpResponse:
        return answer(_shown(actions.begin(by=request.member, job=job, now=now), spoken), 201)

    try:
        return once(request, owner, begin, digest)
    finally:
        if job.pk is None:
            actions.drop(job)


def _prepared(request: Caller, file: UploadedFile, sent: dict[str, str], now: datetime) -> Import:
    return actions.prepare(
        by=request.member,
        chunks=file.chunks(),
        file_name=file.name or "file",
        what=sent.get("what", "feedback"),
        now=now,
        is_dry_run=sent.get("dry_run", "false") == "true",
        mapping=_json(sent, "mapping"),
        options={
            "columns": _json(sent, "columns"),
            **{name: sent[name] for name in OPTIONS if sent.get(name)},
        },
    )


def _digest(file: UploadedFile, sent: dict[str, str]) -> str:
    """Return a hash of all that was sent, which is no longer there as it came."""
    found = hashlib.sha256(json.dumps([file.name, sorted(sent.items())]).encode())
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def _form(request: Caller) -> tuple[UploadedFile, dict[str, str]]:
    """Return the file and the other fields; unknown ones are refused."""
    sent = {k: v for k, v in request.POST.items() if isinstance(v, str)}
    errors = [
        FieldProblem(f"/{k}", "field_unknown", {"field": k[:60]}) for k in sent if k not in FIELDS
    ]
    file = request.FILES.get("file")
    errors += [
        FieldProblem(f"/{k}", "field_unknown", {"field": k[:60]})
        for k in request.FILES
        if k != "file"
    ]
    # Taken for false, a dry run that is misspelt would store.
    if sent.get("dry_run", "false") not in ("true", "false"):
        errors.append(FieldProblem("/dry_run", "value_invalid", {}))
    if file is None:
        errors.append(FieldProblem("/file", "field_required", {"field": "file"}))
    if errors or file is None:
        raise Problem("body.invalid", errors=tuple(errors))
    return file, sent


def _json(sent: dict[str, str], name: str) -> Any:
    if not sent.get(name):
        return None
    try:
        value = json.loads(sent[name])
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Problem("body.invalid", errors=(FieldProblem(f"/{name}", "object_expected", {}),))
    return value


def _shown(job: Import, spoken: str) -> dict[str, Any]:
    problems = queries.first_problems(job, at_most=PROBLEMS_LISTED)
    return {
        **wire.import_job(job, spoken),
        "problems": [wire.row_problem(p, spoken) for p in problems],
    }


@router.get(
    "/{job}",
    operation_id="import.status",
    summary="How far an import is, its counts and its first problems",
    openapi_extra=shapes.describe({200: IMPORT}, refusals=shapes.READS),
)
def status(request: Caller, job: str) -> HttpResponse:
    return answer(_shown(queries.import_by_id(request.member, job), language()))


@router.get(
    "",
    operation_id="import.list",
    summary="Imports, the latest first",
    openapi_extra=shapes.describe(
        {200: shapes.items(IMPORT)}, parameters=[*shapes.PAGE], refusals=shapes.LISTS
    ),
)
def list_imports(request: Caller) -> HttpResponse:
    check_parameters(request, PAGED)
    rows = queries.imports(request.member)
    return page(
        request,
        rows,
        lambda found: [{**wire.import_job(j, language()), "problems": []} for j in found],
    )
