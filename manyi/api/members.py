"""Members: who may log in, as what, and what an owner does for one who cannot."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from ninja import Router

from manyi.accounts import actions, queries, wire
from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import PAGED, answer, check_parameters, id_of, page

router = Router(tags=["members"])
MEMBER = {"type": "object", "required": ["id", "username", "role", "is_active", "has_two_step"]}


@router.get(
    "",
    operation_id="member.list",
    summary="List members, for owners",
    openapi_extra=shapes.describe(
        {200: shapes.items(MEMBER)}, parameters=shapes.PAGE, refusals=shapes.LISTS
    ),
)
def list_members(request: Caller) -> HttpResponse:
    require(request.member, "member.read")
    check_parameters(request, PAGED)
    rows = queries.members(request.scope)
    return page(request, rows, lambda found: [wire.member(m) for m in found])


@router.delete(
    "/{member}/two-step",
    operation_id="member.reset_two_step",
    summary="Switch off the two-step log-in of a member who lost the phone and the codes",
    openapi_extra=shapes.describe({200: MEMBER}, refusals=(401, 403, 404, 503)),
)
def reset_two_step(request: Caller, member: str) -> HttpResponse:
    require(request.member, "member.edit")
    found = queries.member_by_id(request.scope, id_of(member))
    actions.reset_two_step(by=request.member, member=found, now=datetime.now(UTC))
    return answer(wire.member(queries.member_by_id(request.scope, found.pk)))
