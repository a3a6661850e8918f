"""What customers speak of: themes with intervals, findings of a record, the taxonomy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import felt, shapes, similar, unnamed
from manyi.api.auth import Caller
from manyi.api.metrics import NULLABLE, ROW
from manyi.api.wire import answer, check_parameters, read_body, selection
from manyi.feedback import analysing, outside, queries, rereading, taxonomy
from manyi.feedback.findings import findings
from manyi.kit.selection import DIMENSIONS
from manyi.lake.mentions import ASPECT, INTENT
from manyi.metrics import changes
from manyi.metrics.themes import Theme, themes
from manyi.metrics.wire import row
from manyi.stats.attribution import Attribution
from manyi.stats.result import Estimate
from manyi.text.findings import POLARITIES
from manyi.text.taxonomy import packs

router = Router(tags=["text"])
of_records = Router(tags=["text"])
router.add_router("", felt.router)
router.add_router("", similar.router)
router.add_router("", unnamed.router)
MOST = 2_000
COUNT = shapes.maybe(shapes.WHOLE)
LOCAL: dict[str, Any] = {
    "type": "object",
    "additionalProperties": shapes.text(60),
    "propertyNames": {"enum": ["zh-Hans", "zh-Hant", "en"]},
}
CHANGE = shapes.obj({"value": NULLABLE, "low": NULLABLE, "high": NULLABLE}, required=("value",))
THEME = shapes.obj(
    {
        "code": shapes.text(),
        "group": {"type": "object", "additionalProperties": shapes.maybe(shapes.text())},
        "share": ROW,
        "net_sentiment": ROW,
        "negative": COUNT,
        "neutral": COUNT,
        "positive": COUNT,
        "change": shapes.maybe(CHANGE),
    },
    required=("code", "group", "share", "net_sentiment", "change"),
)
OUTSIDE = shapes.obj({"model": shapes.text(), "texts": shapes.WHOLE}, required=("model", "texts"))
THEMES = shapes.obj(
    {
        "facet": shapes.text(),
        "model": shapes.text(),
        "outside": shapes.listed(OUTSIDE),
        "voices": ROW,
        "themes": shapes.listed(THEME),
    },
    required=("facet", "model", "outside", "voices", "themes"),
)
SENSE: dict[str, Any] = {"type": "string", "enum": ["negative", "neutral", "positive"]}
PART = shapes.obj(
    {
        "aspect": shapes.text(),
        "polarity": SENSE,
        "unit": shapes.maybe(shapes.text()),
        "points": CHANGE,
        "share": shapes.maybe(CHANGE),
        "p": shapes.NUMBER,
        "sure": shapes.FLAG,
        "n": shapes.WHOLE,
        "n_before": shapes.WHOLE,
    },
    required=("aspect", "polarity", "unit", "points", "share", "p", "sure", "n", "n_before"),
)
CHANGES = shapes.obj(
    {
        "metric": shapes.text(),
        "status": shapes.text(),
        "n": shapes.WHOLE,
        "n_before": shapes.WHOLE,
        "n_anonymous": shapes.maybe(shapes.WHOLE),
        "change": shapes.maybe(CHANGE),
        "themes": shapes.listed(PART),
        "places": shapes.listed(PART),
    },
    required=("metric", "status", "n", "n_before", "change", "themes", "places"),
)
FINDING = shapes.obj(
    {
        "aspect": shapes.maybe(shapes.text()),
        "polarity": SENSE,
        "score": shapes.NUMBER,
        "start": COUNT,
        "end": COUNT,
        "words": shapes.listed(shapes.text()),
        "corrected": shapes.FLAG,
    },
    required=("aspect", "polarity", "score", "words"),
)
FINDINGS = shapes.obj(
    {
        "is_read": shapes.FLAG,
        "masked": shapes.maybe(shapes.text()),
        "model": shapes.maybe(shapes.text()),
        "generation": COUNT,
        "polarity": shapes.maybe(SENSE),
        "score": NULLABLE,
        "emotion": shapes.maybe(shapes.text()),
        "intents": shapes.listed(shapes.text()),
        "corrected": shapes.FLAG,
        "findings": shapes.listed(FINDING),
    },
    required=("is_read", "findings"),
)
ASPECT_IN = shapes.obj(
    {
        "code": shapes.text(60, minLength=1),
        "name": LOCAL,
        "words": shapes.listed(shapes.text(60), maxItems=rereading.MOST_WORDS),
    },
    required=("code",),
)
TAXONOMY_IN = shapes.obj(
    {
        "pack": {"type": "string", "enum": list(packs())},
        "own": shapes.listed(ASPECT_IN, maxItems=rereading.MOST_OWN),
    },
    required=("pack",),
)
TAXONOMY: dict[str, Any] = {"type": "object", "required": ["generation", "pack", "aspects"]}


@router.get(
    "/themes",
    operation_id="theme.query",
    summary="What customers speak of, or want, over a selection",
    openapi_extra=shapes.describe(
        {200: THEMES},
        parameters=[
            shapes.query("facet", {"type": "string", "enum": [ASPECT, INTENT]}),
            shapes.query("by", {"type": "string", "enum": list(DIMENSIONS)}, many=True),
            *shapes.SELECTION,
        ],
        refusals=shapes.LISTS,
    ),
)
def query(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    wanted = selection(request, request.scope, ("facet",))
    facet = INTENT if request.GET.get("facet") == INTENT else ASPECT
    found = themes(wanted.split(*wanted.by), facet)
    read_outside = outside.counted(request.scope.organisation_id)
    return answer(
        {
            "facet": facet,
            "model": analysing.model(),
            "outside": [{"model": name, "texts": n} for name, n in read_outside.items()],
            "voices": row(found.voices),
            "themes": [_theme(one) for one in found.rows[:MOST]],
        }
    )


def _theme(one: Theme) -> dict[str, Any]:
    change = one.change
    return {
        "code": one.aspect,
        "group": dict(one.group),
        "share": row(one.share),
        "net_sentiment": row(one.net),
        "negative": one.negative,
        "neutral": one.neutral,
        "positive": one.positive,
        "change": change and {"value": change.value, "low": change.low, "high": change.high},
    }


@router.get(
    "/changes",
    operation_id="theme.changes",
    summary="What the change of a number since the period before goes with",
    openapi_extra=shapes.describe(
        {200: CHANGES},
        parameters=[
            shapes.query("metric", {"type": "string", "enum": list(changes.METRICS)}),
            *shapes.SELECTION,
        ],
        refusals=shapes.LISTS,
    ),
)
def changed(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    wanted = selection(request, request.scope, ("metric",))
    found = changes.changes(wanted, request.GET.get("metric") or changes.METRICS[0])
    return answer(
        {
            "metric": found.metric,
            "status": found.status,
            "n": found.n,
            "n_before": found.n_before,
            "n_anonymous": found.n_anonymous,
            "change": _ends(found.themes.change) if found.themes else None,
            "themes": _parts(found.themes),
            "places": _parts(found.places),
        }
    )


def _ends(found: Estimate) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high}


def _parts(found: Attribution[changes.Key] | None) -> list[dict[str, Any]]:
    return [
        {
            "aspect": one.key[0],
            "polarity": POLARITIES[one.key[1] + 1],
            "unit": one.key[2],
            "points": _ends(one.points),
            "share": one.share and _ends(one.share),
            "p": one.test.p,
            "sure": one.sure,
            "n": one.n,
            "n_before": one.n_before,
        }
        for one in (found.parts[:MOST] if found else ())
    ]


@of_records.get(
    "/{record}/findings",
    operation_id="finding.list",
    summary="What was found in a record's words",
    openapi_extra=shapes.describe({200: FINDINGS}, refusals=shapes.READS),
)
def listed(request: Caller, record: str) -> HttpResponse:
    require(request.member, "feedback.read")
    check_parameters(request, ())
    return answer(findings(request.scope, queries.record(request.scope, record)))


@router.get(
    "/taxonomy",
    operation_id="taxonomy.get",
    summary="The aspects that texts are searched for",
    openapi_extra=shapes.describe({200: TAXONOMY}, refusals=shapes.LISTS),
)
def in_force(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    check_parameters(request, ())
    found = taxonomy.current(request.scope.organisation_id)
    aspects = [
        {"code": one.code, "name": one.name, "words": list(one.words)}
        for one in found.taxonomy.aspects
    ]
    job = analysing.rereading(request.scope.organisation_id)
    under_way = job and {"progress": job.progress, "total": job.total}
    shown = {"generation": found.number, "pack": found.taxonomy.code, "aspects": aspects}
    return answer({**shown, "under_way": under_way})


@router.put(
    "/taxonomy",
    operation_id="taxonomy.choose",
    summary="Have all texts read again by another taxonomy",
    openapi_extra=shapes.describe(
        {201: {"type": "object", "required": ["generation"]}},
        body=TAXONOMY_IN,
        refusals=shapes.WRITES,
        example={
            "pack": "restaurant",
            "own": [{"code": "store.robot", "name": {"en": "Robot"}, "words": ["机器人"]}],
        },
    ),
)
def choose(request: Caller) -> HttpResponse:
    body = read_body(request, TAXONOMY_IN)
    made = rereading.choose(
        by=request.member, pack_code=body["pack"], own=body.get("own", []), now=datetime.now(UTC)
    )
    return answer({"generation": made.number, "total": made.total}, 201)
