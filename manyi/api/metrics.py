"""Numbers: every one an estimate with its interval, its n and its status."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import answer, selection
from manyi.kit.period import INTERVALS
from manyi.kit.problems import FieldProblem, Problem
from manyi.metrics import queries, weighted, wire

router = Router(tags=["metrics"])
OWN = ("metric", "item", "weighting", "level")
WEIGHTINGS = (weighted.NONE, weighted.RAKED)
NULLABLE = shapes.maybe(shapes.NUMBER)
ROW = shapes.obj(
    {
        "group": {"type": "object", "additionalProperties": shapes.maybe(shapes.text())},
        "period": shapes.maybe(shapes.text()),
        "status": {"type": "string", "enum": ["ok", "too_few", "suppressed", "failed"]},
        "value": NULLABLE,
        "low": NULLABLE,
        "high": NULLABLE,
        "n": shapes.maybe(shapes.WHOLE),
        "n_effective": NULLABLE,
        "method": shapes.maybe(shapes.text()),
        "warnings": shapes.listed(shapes.FREE),
    },
    required=("group", "period", "status", "value", "low", "high", "n", "method", "warnings"),
)
WEIGHTS = shapes.obj(
    {
        "period": shapes.maybe(shapes.text()),
        "population": shapes.text(),
        "deff": shapes.NUMBER,
        "trimmed": shapes.NUMBER,
        "balance": {"type": "object", "additionalProperties": shapes.FREE},
        "warnings": shapes.listed(shapes.FREE),
    },
    required=("period", "population", "deff", "trimmed", "balance", "warnings"),
)
ANSWER = shapes.obj(
    {
        "metric": shapes.text(),
        "item": shapes.text(),
        "level": shapes.NUMBER,
        "weighting": shapes.text(),
        "rows": shapes.listed(ROW),
        "weights": shapes.listed(WEIGHTS),
    },
    required=("metric", "item", "level", "weighting", "rows"),
)


@router.get(
    "",
    operation_id="metric.query",
    summary="A metric over a selection, by groups and periods",
    openapi_extra=shapes.describe(
        {200: ANSWER},
        parameters=[
            {**shapes.query("metric", shapes.text()), "required": True},
            shapes.query("item", shapes.text(), "`mean` and `index` need it"),
            shapes.query("by", shapes.text(), "dimension or attribute:NAME", many=True),
            shapes.query("interval", {"type": "string", "enum": list(INTERVALS)}),
            *shapes.SELECTION,
            shapes.query(
                "weighting",
                {"type": "string", "enum": list(WEIGHTINGS)},
                "left out: as the pages of the surveys asked for count",
            ),
            shapes.query("level", shapes.NUMBER, "confidence level, 0.5 to 0.999"),
        ],
        refusals=shapes.LISTS,
    ),
)
def query(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    wanted = selection(request, request.scope, OWN)
    metric, item, level = _metric(request), request.GET.get("item"), level_of(request)
    if (_weighting(request) or weighted.weighting_of(wanted)) == weighted.RAKED:
        found = weighted.raked(wanted, metric, item, level=level)
        shown = wire.answer(found.rows, metric=metric, item=item, level=level, weighting="raked")
        weights = [wire.weights(one, wanted.interval) for one in found.weights]
        return answer({**shown, "weights": weights})
    rows = queries.estimate(wanted, metric, item, level=level, weighting=weighted.NONE)
    return answer(wire.answer(rows, metric=metric, item=item, level=level))


def _metric(request: HttpRequest) -> str:
    if not request.GET.get("metric"):
        raise _wrong("metric", "field_required", field="metric")
    return request.GET["metric"]


def _weighting(request: HttpRequest) -> str | None:
    wanted = request.GET.get("weighting")
    if wanted is not None and wanted not in WEIGHTINGS:
        raise _wrong("weighting", "weighting_unknown", value=wanted[:40])
    return wanted


def level_of(request: HttpRequest) -> float:
    """Return the confidence level asked for."""
    text = request.GET.get("level", "0.95")
    try:
        level = float(text)
    except ValueError:
        level = 0.0
    if not 0.5 <= level <= 0.999:
        raise _wrong("level", "level_invalid", value=text[:40])
    return level


def _wrong(pointer: str, code: str, **params: str) -> Problem:
    return Problem("parameters.invalid", errors=(FieldProblem(pointer, code, params),))
