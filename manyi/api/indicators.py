"""Indicators 指标: the tree that an organisation measures itself by, and its numbers."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.metrics import NULLABLE, ROW, level_of
from manyi.api.wire import PAGED, answer, check_parameters, page, selection
from manyi.kit.period import INTERVALS
from manyi.kit.problems import NotFound
from manyi.kit.selection import Scope
from manyi.metrics import indicators, wire
from manyi.metrics.models import Indicator

router = Router(tags=["indicators"])
TARGET = shapes.obj(
    {
        "unit": shapes.maybe(shapes.text()),
        "value": shapes.NUMBER,
        "due_on": shapes.maybe(shapes.text()),
    },
    required=("unit", "value", "due_on"),
)
INDICATOR = shapes.obj(
    {
        "code": shapes.text(),
        "name": shapes.LOCAL_TEXT,
        "parent": shapes.maybe(shapes.text()),
        "metric": shapes.maybe(shapes.text()),
        "item": shapes.maybe(shapes.text()),
        "query": shapes.text(),
        "weight": shapes.NUMBER,
        "is_headline": shapes.FLAG,
        "targets": shapes.listed(TARGET),
    },
    required=("code", "name", "parent", "metric", "weight", "is_headline", "targets"),
)
CHANGE = shapes.maybe(
    shapes.obj({"value": NULLABLE, "low": NULLABLE, "high": NULLABLE}, required=("value",))
)
RESULT = {
    "code": shapes.text(),
    "metric": shapes.maybe(shapes.text()),
    "weight": shapes.NUMBER,
    "row": ROW,
    "delta": CHANGE,
    "delta_year": CHANGE,
    "target": NULLABLE,
    "standing": shapes.maybe({"type": "string", "enum": ["reached", "missed", "open"]}),
    "parts": shapes.listed(shapes.FREE),
}
MEASURED = shapes.obj(
    {**RESULT, "level": shapes.NUMBER, "rows": shapes.listed(ROW)},
    required=(*RESULT, "level", "rows"),
)


@router.get(
    "",
    operation_id="indicator.list",
    summary="List the indicators with their targets",
    openapi_extra=shapes.describe(
        {200: shapes.items(INDICATOR)}, parameters=shapes.PAGE, refusals=shapes.LISTS
    ),
)
def listed(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    check_parameters(request, PAGED)
    return page(request, _mine(request.scope), lambda rows: [wire.indicator(x) for x in rows])


@router.get(
    "/{code}",
    operation_id="indicator.get",
    summary="One indicator with its targets",
    openapi_extra=shapes.describe({200: INDICATOR}, refusals=shapes.READS),
)
def one(request: Caller, code: str) -> HttpResponse:
    require(request.member, "metric.read")
    check_parameters(request, ())
    return answer(wire.indicator(_named(request.scope, code)))


@router.get(
    "/{code}/value",
    operation_id="indicator.query",
    summary="An indicator over a selection: its number, changes, parts, groups and periods",
    openapi_extra=shapes.describe(
        {200: MEASURED},
        parameters=[
            shapes.query("by", shapes.text(), "dimension or attribute:NAME", many=True),
            shapes.query("interval", {"type": "string", "enum": list(INTERVALS)}),
            *shapes.SELECTION,
            shapes.query("level", shapes.NUMBER, "confidence level, 0.5 to 0.999"),
        ],
        refusals=(*shapes.LISTS, 404),
    ),
)
def value(request: Caller, code: str) -> HttpResponse:
    require(request.member, "metric.read")
    wanted = selection(request, request.scope, ("level",))
    found, level = _named(request.scope, code), level_of(request)
    whole = indicators.indicator_compared(found, wanted, level=level)
    rows = []
    if wanted.by or wanted.interval:
        rows = indicators.indicator_rows(found, wanted, level=level)
    shown = [wire.row(row) for row in rows]
    return answer({**wire.indicator_result(whole), "level": level, "rows": shown})


def _mine(scope: Scope) -> QuerySet[Indicator]:
    rows = Indicator.objects.filter(organisation_id=scope.organisation_id)
    return rows.select_related("parent").prefetch_related("targets__unit")


def _named(scope: Scope, code: str) -> Indicator:
    row = _mine(scope).filter(code=code).first()
    if row is None:
        raise NotFound("not_found")
    return row
