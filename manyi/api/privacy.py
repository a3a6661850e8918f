"""What a customer may ask for: all that is held of them, and to be forgotten."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.once import once
from manyi.api.wire import answer, id_of, read_body
from manyi.customers import actions, queries
from manyi.customers.models import Customer, ErasureRequest
from manyi.kit.problems import FieldProblem, Problem
from manyi.upkeep import held
from manyi.upkeep.erasure import FLOORS

router = Router(tags=["privacy"])
IDENTITIES = ("phone", "email", "openid", "unionid")
NAMES = ("customer", "id", *IDENTITIES)
SPOOLED = 8 * 1024 * 1024
WHO: dict[str, shapes.Shape] = {
    "customer": shapes.text(200, minLength=1, description="the customer's ref"),
    "id": shapes.ID,
    **{kind: shapes.text(200, minLength=1) for kind in IDENTITIES},
}
EXPORT_IN = shapes.obj({**WHO, "format": shapes.text(enum=["json", "zip"])})
ERASE_IN = shapes.obj(WHO)
HELD = shapes.obj(
    {
        "customer": shapes.FREE,
        "not_to_be_written_to": shapes.listed(shapes.FREE),
        "erasure_requested_at": shapes.maybe(shapes.TIME),
        "feedback": shapes.listed(shapes.FREE),
    },
    required=("customer", "feedback"),
)
ERASURE = shapes.obj(
    {
        "id": shapes.ID,
        "state": shapes.text(enum=["under_way", "done"]),
        "requested_at": shapes.TIME,
        "done_at": shapes.maybe(shapes.TIME),
        "parts": {"type": "object", "additionalProperties": shapes.maybe(shapes.TIME)},
    },
    required=("id", "state", "requested_at", "done_at", "parts"),
)
ASKED = {"customer": "C-9"}


def _zipped(described: dict[str, Any]) -> dict[str, Any]:
    described["responses"][200]["content"]["application/zip"] = {
        "schema": shapes.text(format="binary")
    }
    return described


@router.post(
    "/export",
    operation_id="privacy.export",
    summary="All that is held of a customer, as JSON or ZIP, for owners",
    openapi_extra=_zipped(
        shapes.describe(
            {200: HELD}, body=EXPORT_IN, refusals=(401, 403, 404, 422, 503), example=ASKED
        )
    ),
)
def export(request: Caller) -> HttpResponseBase:
    body, found = _asked(request, EXPORT_IN)
    now = datetime.now(UTC)
    made = held.hand_out(by=request.member, scope=request.scope, customer=found, now=now)
    if body.get("format") != "zip":
        return answer(made)
    file = tempfile.SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 - the answer closes it
    held.pack(made, file)
    file.seek(0)
    name = f"customer-{found.pk}.zip"
    kind = "application/zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type=kind)


@router.post(
    "/erase",
    operation_id="privacy.erase",
    summary="Have a customer forgotten everywhere, for owners; goes on in the background",
    openapi_extra=shapes.describe(
        {202: ERASURE},
        body=ERASE_IN,
        parameters=[shapes.KEY],
        refusals=shapes.WRITES,
        example=ASKED,
    ),
)
def erase(request: Caller) -> HttpResponse:
    require(request.member, "customer.erase")

    def ask() -> HttpResponse:
        _, found = _asked(request, ERASE_IN)
        now = datetime.now(UTC)
        asked = actions.request_erasure(by=request.member, customer=found, now=now)
        return answer(_shown(asked), 202)

    return once(request, f"member:{request.member.pk}", ask)


@router.get(
    "/erasures/{erasure}",
    operation_id="privacy.erasure",
    summary="How far a customer is forgotten, for owners",
    openapi_extra=shapes.describe({200: ERASURE}, refusals=shapes.READS),
)
def erasure(request: Caller, erasure: str) -> HttpResponse:
    require(request.member, "customer.erase")
    found = queries.erasure_by_id(request.scope, id_of(erasure))
    return answer(_shown(found))


def _asked(request: Caller, shape: shapes.Shape) -> tuple[dict[str, Any], Customer]:
    """Return the body and the one customer that it names."""
    require(request.member, "customer.erase")
    body = read_body(request, shape)
    named = [name for name in NAMES if name in body]
    if len(named) != 1:
        raise Problem("body.invalid", errors=(FieldProblem("/customer", "privacy.one_name"),))
    return body, _customer(request, named[0], body[named[0]])


def _customer(request: Caller, name: str, value: str) -> Customer:
    if name == "id":
        return queries.customer_by_id(request.scope, id_of(value))
    if name == "customer":
        return queries.customer_by_ref(request.scope, value)
    return queries.customer_by_identity(request.scope, name, value)


def _shown(row: ErasureRequest) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "state": "under_way" if row.done_at is None else "done",
        "requested_at": row.requested_at.isoformat(),
        "done_at": row.done_at and row.done_at.isoformat(),
        "parts": {floor: row.ticks.get(floor) for floor in sorted(FLOORS)},
    }
