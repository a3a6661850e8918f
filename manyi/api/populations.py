"""Populations: whom the answers to a survey stand for, and how large each category is."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.places import NAME, PUT_REFUSALS, STORED
from manyi.api.wire import PAGED, answer, check_parameters, page, read_body
from manyi.programmes import actions, queries, wire

router = Router(tags=["populations"])
# Numbers may come as text, as spreadsheets send them; what they mean, the programme checks.
SIZE = {"anyOf": [shapes.NUMBER, shapes.text(40), {"type": "null"}]}
MARGIN_IN = shapes.obj(
    {"dimension": shapes.text(90), "code": shapes.text(200), "share": SIZE, "count": SIZE},
    required=("dimension", "code"),
)
POPULATION_IN = shapes.obj(
    {
        "code": shapes.text(60, minLength=1),
        "name": NAME,
        "is_active": shapes.FLAG,
        "margins": shapes.listed(MARGIN_IN, maxItems=5000),
    },
    required=("code",),
)
POPULATION = {"type": "object", "required": ["id", "code", "name", "is_active", "margins"]}
STORED_POPULATION = {
    **POPULATION,
    "properties": STORED,
    "required": [*POPULATION["required"], "result"],
}


@router.get(
    "",
    operation_id="population.list",
    summary="List populations with their margins",
    openapi_extra=shapes.describe(
        {200: shapes.items(POPULATION)}, parameters=shapes.PAGE, refusals=shapes.LISTS
    ),
)
def list_populations(request: Caller) -> HttpResponse:
    require(request.member, "survey.edit")
    check_parameters(request, PAGED)
    rows = queries.populations(request.scope)
    return page(request, rows, lambda found: [wire.population(one) for one in found])


@router.get(
    "/{population}",
    operation_id="population.get",
    summary="One population by its code",
    openapi_extra=shapes.describe({200: POPULATION}, refusals=shapes.READS),
)
def get_population(request: Caller, population: str) -> HttpResponse:
    require(request.member, "survey.edit")
    return answer(wire.population(queries.population_by_code(request.scope, population)))


@router.put(
    "",
    operation_id="population.upsert",
    summary="Add a population, or change the one with this code; margins replace those before",
    openapi_extra=shapes.describe(
        {200: STORED_POPULATION, 201: STORED_POPULATION},
        body=POPULATION_IN,
        refusals=PUT_REFUSALS,
        example={
            "code": "customers",
            "name": {"zh-Hans": "全体客户", "en": "All customers"},
            "margins": [
                {"dimension": "attribute:age", "code": "18-39", "share": 55},
                {"dimension": "attribute:age", "code": "40+", "share": 45},
            ],
        },
    ),
)
def upsert_population(request: Caller) -> HttpResponse:
    body = read_body(request, POPULATION_IN)
    result = actions.upsert_population(by=request.member, now=datetime.now(UTC), **body)
    code = str(body["code"]).strip()
    shown = wire.population(queries.population_by_code(request.scope, code))
    return answer({**shown, "result": result}, 201 if result == "created" else 200)
