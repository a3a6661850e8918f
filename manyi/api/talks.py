"""Conversations as they were read, and the cards of who served."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.metrics import NULLABLE
from manyi.api.wire import answer, check_parameters, selection
from manyi.feedback import queries, scorecards, talks
from manyi.feedback.scorecards import Card
from manyi.stats.result import Estimate

router = Router(tags=["text"])
of_records = Router(tags=["text"])
VERDICT = shapes.obj(
    {
        "item": shapes.text(),
        "result": {"type": "string", "enum": ["met", "missed", "open"]},
        "turns": shapes.listed(shapes.WHOLE),
    },
    required=("item", "result", "turns"),
)
TALK = shapes.obj(
    {
        "is_read": shapes.FLAG,
        "satisfied": NULLABLE,
        "dissatisfied": NULLABLE,
        "moods": shapes.listed(NULLABLE),
        "first_response": NULLABLE,
        "mean_response": NULLABLE,
        "longest_response": NULLABLE,
        "items": shapes.listed(VERDICT),
        "kept": NULLABLE,
        "standard": shapes.WHOLE,
        "model": shapes.maybe(shapes.text()),
    },
    required=("is_read", "moods", "items"),
)
FIGURE = shapes.obj(
    {"value": NULLABLE, "low": NULLABLE, "high": NULLABLE, "n": shapes.WHOLE},
    required=("value", "low", "high", "n"),
)
KEPT = shapes.obj(
    {
        "item": shapes.text(),
        "kept": FIGURE,
        "against_others": {"type": "integer", "enum": [-1, 0, 1]},
        "p": NULLABLE,
    },
    required=("item", "kept", "against_others", "p"),
)
CARD = shapes.obj(
    {
        "agent": shapes.text(),
        "n": shapes.WHOLE,
        "status": {"type": "string", "enum": ["ok", "too_few"]},
        "ending": FIGURE,
        "kept": FIGURE,
        "median_wait": NULLABLE,
        "items": shapes.listed(KEPT),
        "notes": shapes.listed(shapes.obj({"code": shapes.text()}, more=shapes.ANY)),
    },
    required=("agent", "n", "status", "ending", "kept", "median_wait", "items", "notes"),
)
CARDS = shapes.obj(
    {"models": shapes.listed(shapes.text()), "cards": shapes.listed(CARD)},
    required=("models", "cards"),
)


@of_records.get(
    "/{record}/conversation",
    operation_id="conversation.get",
    summary="How a conversation went: moods by turn, its end, waits, the standard of service",
    openapi_extra=shapes.describe({200: TALK}, refusals=shapes.READS),
)
def conversation(request: Caller, record: str) -> HttpResponse:
    require(request.member, "feedback.read")
    check_parameters(request, ())
    found = talks.of_record(queries.record(request.scope, record))
    if found is None:
        return answer({"is_read": False, "moods": [], "items": []})
    return answer({"is_read": True, **found.to_dict()})


@router.get(
    "/scorecards",
    operation_id="scorecard.query",
    summary="Conversations of a selection by who served, with intervals and notes",
    openapi_extra=shapes.describe(
        {200: CARDS}, parameters=list(shapes.SELECTION), refusals=shapes.LISTS
    ),
)
def cards(request: Caller) -> HttpResponse:
    found = scorecards.cards(request.member, selection(request, request.scope))
    return answer({"models": scorecards.models(found), "cards": [_card(one) for one in found]})


def _card(one: Card) -> dict[str, Any]:
    return {
        "agent": one.agent.code,
        "n": one.n,
        "status": "too_few" if one.is_few else "ok",
        "ending": figure(one.ending),
        "kept": figure(one.kept),
        "median_wait": one.wait,
        "items": [
            {"item": i.code, "kept": figure(i.kept), "against_others": i.verdict, "p": i.p}
            for i in one.items
        ],
        "notes": [{"code": n.code, **n.params} for n in one.notes],
    }


def figure(one: Estimate) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
