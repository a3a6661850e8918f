"""Search by meaning: the voices that say something like it."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import answer, limit_of, selection
from manyi.feedback.findings import with_findings
from manyi.themes import similar

router = Router(tags=["text"])
LONGEST = 500
LIKE = shapes.obj(
    {"likeness": shapes.NUMBER, "record": shapes.FEEDBACK}, required=("likeness", "record")
)
SIMILAR = shapes.obj({"items": shapes.listed(LIKE)}, required=("items",))


@router.get(
    "/similar",
    operation_id="text.similar",
    summary="The voices that say something like it, in whatever words, the likest first",
    openapi_extra=shapes.describe(
        {200: SIMILAR},
        parameters=[
            shapes.query("q", shapes.text(LONGEST), "what to look for"),
            shapes.query("limit", {"type": "integer", "minimum": 1, "maximum": 200}),
            *shapes.SELECTION,
        ],
        refusals=shapes.LISTS,
    ),
)
def alike(request: Caller) -> HttpResponse:
    require(request.member, "feedback.read")
    wanted = selection(request, request.scope, ("q", "limit"))
    most = limit_of(request)
    found = similar.similar(wanted, request.GET.get("q", "")[:LONGEST], most=most)
    how = {str(one.record): one.likeness for one in found}
    shown = with_findings(request.scope, similar.in_order(wanted, found))
    return answer({"items": [{"likeness": how[one["id"]], "record": one} for one in shown]})
