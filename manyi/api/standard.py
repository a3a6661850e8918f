"""The standard of service that conversations are judged by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import answer, check_parameters, read_body
from manyi.feedback import standard
from manyi.text.standard import BUILT_IN

router = Router(tags=["text"])
PHRASES = shapes.listed(shapes.text(standard.LONGEST), maxItems=standard.MOST_PHRASES)
NAME: dict[str, Any] = {
    "type": "object",
    "additionalProperties": shapes.text(standard.LONGEST),
    "propertyNames": {"enum": ["zh-Hans", "zh-Hant", "en"]},
}
_ITEM = {
    "code": shapes.text(28, minLength=1),
    "is_on": shapes.FLAG,
    "weight": {"type": "number", "minimum": 0, "maximum": standard.MOST_WEIGHT},
    "knows": shapes.FLAG,
    "channels": shapes.listed(shapes.text(20), maxItems=standard.MOST_CHANNELS),
    "says": PHRASES,
    "never": PHRASES,
    "name": NAME,
}
ITEM_IN = shapes.obj(_ITEM, required=("code",))
STANDARD_IN = shapes.obj(
    {"items": shapes.listed(ITEM_IN, maxItems=len(BUILT_IN) + standard.MOST_OWN)},
    required=("items",),
)
STANDARD = shapes.obj(
    {
        "number": shapes.WHOLE,
        "items": shapes.listed(shapes.obj(_ITEM, required=tuple(_ITEM))),
        "due": shapes.WHOLE,
    },
    required=("number", "items", "due"),
)


@router.get(
    "/standard",
    operation_id="standard.get",
    summary="The standard of service that conversations are judged by",
    openapi_extra=shapes.describe({200: STANDARD}, refusals=shapes.LISTS),
)
def in_force(request: Caller) -> HttpResponse:
    require(request.member, "feedback.read")
    check_parameters(request, ())
    return answer(_shown(request.scope.organisation_id))


@router.put(
    "/standard",
    operation_id="standard.choose",
    summary="Put a standard in force and judge all conversations by it again",
    openapi_extra=shapes.describe(
        {201: STANDARD},
        body=STANDARD_IN,
        refusals=shapes.WRITES,
        example={
            "items": [
                {"code": "greeting", "weight": 2, "channels": ["phone", "chat"]},
                {"code": "own.number", "name": {"en": "Asks for the number"}, "says": ["单号"]},
            ]
        },
    ),
)
def choose(request: Caller) -> HttpResponse:
    body = read_body(request, STANDARD_IN)
    standard.choose(by=request.member, items=body["items"], now=datetime.now(UTC))
    return answer(_shown(request.scope.organisation_id), 201)


def _shown(organisation: int) -> dict[str, Any]:
    number = standard.number(organisation)
    return {
        "number": number,
        "items": [one.to_dict() for one in standard.current(organisation)],
        "due": standard.due(organisation).count(),
    }
