"""How customers feel: the share of each emotion over a selection."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.metrics import ROW
from manyi.api.wire import answer, selection
from manyi.feedback import analysing, outside
from manyi.kit.selection import DIMENSIONS
from manyi.metrics.emotions import Emotion, emotions
from manyi.metrics.wire import row
from manyi.text.findings import EMOTIONS

router = Router(tags=["text"])
MOST = 2_000
EMOTION = shapes.obj(
    {
        "code": {"type": "string", "enum": list(EMOTIONS)},
        "group": {"type": "object", "additionalProperties": shapes.maybe(shapes.text())},
        "voices": shapes.maybe(shapes.WHOLE),
        "share": ROW,
    },
    required=("code", "group", "voices", "share"),
)
OUTSIDE = shapes.obj({"model": shapes.text(), "texts": shapes.WHOLE}, required=("model", "texts"))
TOLD = shapes.obj(
    {
        "model": shapes.text(),
        "outside": shapes.listed(OUTSIDE),
        "status": {"type": "string", "enum": ["ok", "failed"]},
        "emotions": shapes.listed(EMOTION),
    },
    required=("model", "outside", "status", "emotions"),
)


@router.get(
    "/emotions",
    operation_id="emotion.query",
    summary="How customers feel over a selection",
    openapi_extra=shapes.describe(
        {200: TOLD},
        parameters=[
            shapes.query("by", {"type": "string", "enum": list(DIMENSIONS)}, many=True),
            *shapes.SELECTION,
        ],
        refusals=shapes.LISTS,
    ),
)
def query(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    wanted = selection(request, request.scope)
    found = emotions(wanted.split(*wanted.by))
    read_outside = outside.counted(request.scope.organisation_id)
    return answer(
        {
            "model": analysing.model(),
            "outside": [{"model": name, "texts": n} for name, n in read_outside.items()],
            "status": "failed" if found is None else "ok",
            "emotions": [_emotion(one) for one in (found or ())[:MOST]],
        }
    )


def _emotion(one: Emotion) -> dict[str, object]:
    return {
        "code": one.code,
        "group": dict(one.group),
        "voices": one.n,
        "share": row(one.share),
    }
