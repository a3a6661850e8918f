"""Units and touchpoints: the codes that feedback refers to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.accounts import actions, queries, wire
from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import PAGED, answer, check_parameters, page, read_body

units = Router(tags=["units"])
touchpoints = Router(tags=["touchpoints"])
NAME = shapes.maybe({"anyOf": [shapes.text(200), shapes.LOCAL_TEXT]})
UNIT_IN = shapes.obj(
    {
        "code": shapes.text(60, minLength=1),
        "name": NAME,
        "parent": shapes.maybe(shapes.text(60)),
        "size": shapes.maybe(shapes.NUMBER),
        "time_zone": shapes.maybe(shapes.text(50)),
        "attributes": shapes.maybe(shapes.FREE),
        "is_closed": shapes.maybe(shapes.FLAG),
    },
    required=("code",),
)
UNIT = {"type": "object", "required": ["code", "name", "parent", "depth"]}
TOUCHPOINT_IN = shapes.obj(
    {
        "code": shapes.text(60, minLength=1),
        "name": NAME,
        "position": shapes.maybe(shapes.WHOLE),
    },
    required=("code",),
)
TOUCHPOINT = {"type": "object", "required": ["code", "name", "position"]}
STORED = {"result": {"type": "string", "enum": ["created", "updated", "unchanged"]}}
PUT_REFUSALS = (400, 401, 403, 404, 422, 503)


def _stored(shape: dict[str, Any]) -> dict[str, Any]:
    return {**shape, "properties": STORED, "required": [*shape["required"], "result"]}


@units.get(
    "",
    operation_id="unit.list",
    summary="List the units that the member sees",
    openapi_extra=shapes.describe(
        {200: shapes.items(UNIT)}, parameters=shapes.PAGE, refusals=shapes.LISTS
    ),
)
def list_units(request: Caller) -> HttpResponse:
    require(request.member, "unit.read")
    check_parameters(request, PAGED)
    rows = queries.units(request.scope).select_related("parent")
    return page(request, rows, lambda found: [wire.unit(u) for u in found])


@units.put(
    "",
    operation_id="unit.upsert",
    summary="Add a unit, or change the one with this code",
    openapi_extra=shapes.describe(
        {200: _stored(UNIT), 201: _stored(UNIT)},
        body=UNIT_IN,
        refusals=PUT_REFUSALS,
        example={"code": "SH-001", "name": {"zh-Hans": "南京路店", "en": "Nanjing Road"}},
    ),
)
def upsert_unit(request: Caller) -> HttpResponse:
    return _put(
        request,
        UNIT_IN,
        actions.upsert_unit,
        lambda code: wire.unit(queries.unit_by_code(request.scope, code)),
    )


@units.get(
    "/{unit}",
    operation_id="unit.get",
    summary="One unit by its code",
    openapi_extra=shapes.describe({200: UNIT}, refusals=shapes.READS),
)
def get_unit(request: Caller, unit: str) -> HttpResponse:
    require(request.member, "unit.read")
    return answer(wire.unit(queries.unit_by_code(request.scope, unit)))


@touchpoints.get(
    "",
    operation_id="touchpoint.list",
    summary="List touchpoints",
    openapi_extra=shapes.describe(
        {200: shapes.items(TOUCHPOINT)}, parameters=shapes.PAGE, refusals=shapes.LISTS
    ),
)
def list_touchpoints(request: Caller) -> HttpResponse:
    require(request.member, "unit.read")
    check_parameters(request, PAGED)
    rows = queries.touchpoints(request.scope)
    return page(request, rows, lambda found: [wire.touchpoint(t) for t in found])


@touchpoints.put(
    "",
    operation_id="touchpoint.upsert",
    summary="Add a touchpoint, or change the one with this code",
    openapi_extra=shapes.describe(
        {200: _stored(TOUCHPOINT), 201: _stored(TOUCHPOINT)},
        body=TOUCHPOINT_IN,
        refusals=PUT_REFUSALS,
        example={"code": "repair", "name": {"zh-Hans": "维修", "en": "Repair"}},
    ),
)
def upsert_touchpoint(request: Caller) -> HttpResponse:
    return _put(
        request,
        TOUCHPOINT_IN,
        actions.upsert_touchpoint,
        lambda code: wire.touchpoint(queries.touchpoint_by_code(request.scope, code)),
    )


def _put(
    request: Caller,
    shape: shapes.Shape,
    upsert: Callable[..., str],
    show: Callable[[str], dict[str, Any]],
) -> HttpResponse:
    """Store the body as a row of an import would be, and answer the place with what was done."""
    body = _read(request, shape)
    result = upsert(by=request.member, row=body, now=datetime.now(UTC))
    shown = show(str(body["code"]).strip())
    return answer({**shown, "result": result}, 201 if result == "created" else 200)


def _read(request: Caller, shape: shapes.Shape) -> dict[str, Any]:
    """Return the body as a row of an import, where names in languages are `name:en` columns."""
    body = read_body(request, shape)
    names = body.get("name")
    if isinstance(names, dict):
        del body["name"]
        body |= {f"name:{str(tag)[:10]}": words for tag, words in names.items()}
    return body
