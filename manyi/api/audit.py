"""The audit chain, read and checked."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from manyi.accounts import audit, queries, wire
from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import PAGED, answer, check_parameters, page

router = Router(tags=["audit"])
ENTRY = {"type": "object", "required": ["number", "at", "actor", "action", "hash"]}
VERDICT = shapes.obj(
    {
        "ok": shapes.FLAG,
        "checked": shapes.WHOLE,
        "first_bad_number": shapes.maybe(shapes.WHOLE),
    },
    required=("ok", "checked", "first_bad_number"),
)


@router.get(
    "",
    operation_id="audit.list",
    summary="List the organisation's deeds, newest first",
    openapi_extra=shapes.describe(
        {200: shapes.items(ENTRY)}, parameters=shapes.PAGE, refusals=shapes.LISTS
    ),
)
def list_entries(request: Caller) -> HttpResponse:
    check_parameters(request, PAGED)
    rows = queries.audit_entries(by=request.member)
    return page(request, rows, lambda found: [wire.audit_entry(e) for e in found])


@router.get(
    "/verify",
    operation_id="audit.verify",
    summary="Check the whole chain of hashes; `checked` counts the organisation's own entries",
    openapi_extra=shapes.describe({200: VERDICT}, refusals=(401, 403)),
)
def verify(request: Caller) -> HttpResponse:
    require(request.member, "audit.read")
    verdict = audit.verify(request.member.organisation_id)
    return answer(
        {
            "ok": verdict.ok,
            "checked": verdict.checked,
            "first_bad_number": verdict.first_bad_number,
        }
    )
