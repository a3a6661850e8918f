"""How right the machine is here: what is drawn for a person to judge, and what that adds to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.http import HttpResponse
from ninja import Router

from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.talks import FIGURE, figure
from manyi.api.wire import answer, check_parameters, id_of, read_body
from manyi.feedback import checking
from manyi.feedback.checking import Accuracy
from manyi.feedback.models import Check
from manyi.kit.problems import Problem
from manyi.text.findings import POLARITIES

router = Router(tags=["text"])
MOST_DRAWN = 500
SENSE: dict[str, Any] = {"type": "string", "enum": list(POLARITIES)}
_ASKED = {
    "id": shapes.ID,
    "record": shapes.ID,
    "aspect": shapes.text(),
    "polarity": SENSE,
    "words": shapes.text(),
    "text": shapes.text(),
}
ASKED = shapes.obj(_ASKED, required=tuple(_ASKED))
FIGURES: dict[str, Any] = {"type": "object", "additionalProperties": FIGURE}
_ACCURACY = {
    "model": shapes.text(),
    "n": shapes.WHOLE,
    "whole": FIGURE,
    "theme": FIGURE,
    "tone": FIGURE,
    "by_tone": FIGURES,
    "by_group": FIGURES,
}
ACCURACY = shapes.obj(_ACCURACY, required=tuple(_ACCURACY))
CHECKS = shapes.obj(
    {
        "models": shapes.listed(ACCURACY),
        "waiting": shapes.WHOLE,
        "following": shapes.maybe(ASKED),
    },
    required=("models", "waiting", "following"),
)
DRAW_IN = shapes.obj({"size": {"type": "integer", "minimum": 1, "maximum": MOST_DRAWN}})
JUDGE_IN = shapes.obj(
    {
        "verdict": {"type": "string", "enum": ["right", "sense", "aspect", "skip"]},
        "polarity": SENSE,
    },
    required=("verdict",),
)


@router.get(
    "/checks",
    operation_id="check.query",
    summary="How right each model is here, as far as people judged, and what to judge next",
    openapi_extra=shapes.describe({200: CHECKS}, refusals=shapes.LISTS),
)
def query(request: Caller) -> HttpResponse:
    check_parameters(request, ())
    return answer(_state(request))


@router.put(
    "/checks",
    operation_id="check.draw",
    summary="Draw findings at random to be judged, in place of those still waiting",
    openapi_extra=shapes.describe(
        {200: CHECKS}, body=DRAW_IN, refusals=shapes.WRITES, example={"size": 60}
    ),
)
def draw(request: Caller) -> HttpResponse:
    body, rng = read_body(request, DRAW_IN), np.random.default_rng()
    size = int(body.get("size", checking.DRAWN))
    checking.draw(by=request.member, rng=rng, now=datetime.now(UTC), size=size)
    return answer(_state(request))


@router.put(
    "/checks/{check}",
    operation_id="check.judge",
    summary="Say whether a finding that was drawn is right",
    openapi_extra=shapes.describe(
        {200: CHECKS},
        body=JUDGE_IN,
        refusals=shapes.WRITES,
        example={"verdict": "sense", "polarity": "negative"},
    ),
)
def judge(request: Caller, check: str) -> HttpResponse:
    body = read_body(request, JUDGE_IN)
    verdict, said = body["verdict"], body.get("polarity")
    if (verdict == "sense") != (said is not None):
        raise Problem("check.verdict_invalid")
    checking.judge(
        by=request.member,
        check=id_of(check),
        verdict="" if verdict == "skip" else verdict,
        sense=None if said is None else POLARITIES.index(said) - 1,
        now=datetime.now(UTC),
    )
    return answer(_state(request))


def _state(request: Caller) -> dict[str, Any]:
    left = checking.following(request.member)
    return {
        "models": [_accuracy(one) for one in checking.accuracies(request.member)],
        "waiting": checking.waiting(request.member).count(),
        "following": left and _asked(left),
    }


def _accuracy(one: Accuracy) -> dict[str, Any]:
    return {
        "model": one.model,
        "n": one.n,
        "whole": figure(one.whole),
        "theme": figure(one.theme),
        "tone": figure(one.tone),
        "by_tone": {POLARITIES[sense + 1]: figure(e) for sense, e in one.by_tone.items()},
        "by_group": {group: figure(e) for group, e in one.by_group.items()},
    }


def _asked(one: Check) -> dict[str, Any]:
    text = one.record.verbatim
    return {
        "id": str(one.pk),
        "record": str(one.record_id),
        "aspect": one.aspect,
        "polarity": POLARITIES[one.polarity + 1],
        "words": text[one.start : one.end],
        "text": text,
    }
