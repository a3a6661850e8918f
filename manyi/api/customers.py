"""Customers: found again by ref, phone, e-mail or openid."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import PAGED, answer, check_parameters, id_of, page, read_body
from manyi.customers import actions, queries, wire
from manyi.feedback.queries import customers_heard

router = Router(tags=["customers"])
CUSTOMER = {"type": "object", "required": ["id", "ref", "attributes"]}
STORED = {
    "type": "object",
    "properties": {"result": {"enum": ["created", "updated", "unchanged"]}},
    "required": ["id", "result"],
}
RELATED = ("identities", "places__unit", "consents")


@router.get(
    "",
    operation_id="customer.list",
    summary="List customers; `q` finds by name, phone, e-mail or ref",
    openapi_extra=shapes.describe(
        {200: shapes.items(CUSTOMER)},
        parameters=[*shapes.PAGE, shapes.query("q", shapes.text())],
        refusals=shapes.LISTS,
    ),
)
def list_customers(request: Caller) -> HttpResponse:
    require(request.member, "customer.read")
    check_parameters(request, (*PAGED, "q"))
    heard, words = customers_heard(request.scope), request.GET.get("q", "")
    rows = (
        queries.search(request.scope, words, heard)
        if words
        else queries.customers(request.scope, heard)
    )
    return page(
        request,
        rows.prefetch_related(*RELATED),
        lambda found: [wire.customer(c, request.scope) for c in found],
    )


@router.put(
    "",
    operation_id="customer.upsert",
    summary="Add a customer, or change the one with this ref, phone, e-mail or openid",
    openapi_extra=shapes.describe(
        {200: STORED, 201: STORED},
        body=shapes.CUSTOMER_IN,
        refusals=(400, 401, 403, 404, 422, 503),
        example={"ref": "C-9", "name": "王芳", "phone": "+8613800000000"},
    ),
)
def upsert(request: Caller) -> HttpResponse:
    body = read_body(request, shapes.CUSTOMER_IN)
    given = {k: v for k, v in body.items() if v is not None}
    pk, result = actions.put(by=request.member, given=given, now=datetime.now(UTC))
    return answer({"id": str(pk), "result": result}, 201 if result == "created" else 200)


@router.get(
    "/{customer}",
    operation_id="customer.get",
    summary="One customer by id",
    openapi_extra=shapes.describe({200: CUSTOMER}, refusals=shapes.READS),
)
def get(request: Caller, customer: str) -> HttpResponse:
    require(request.member, "customer.read")
    heard = customers_heard(request.scope)
    found = queries.customer_by_id(request.scope, id_of(customer), heard)
    return answer(wire.customer(found, request.scope))
