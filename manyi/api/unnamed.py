"""Themes nobody named, as the last look found them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.wire import answer, check_parameters
from manyi.themes import queries
from manyi.themes.queries import Unnamed

router = Router(tags=["text"])
EXAMPLES = 5
NUMBER = shapes.maybe(shapes.NUMBER)
COUNT = shapes.maybe(shapes.WHOLE)
WEEK = shapes.obj(
    {"first": shapes.DAY, "n": COUNT, "share": NUMBER, "low": NUMBER, "high": NUMBER},
    required=("first", "n", "share", "low", "high"),
)
RISE = shapes.obj(
    {
        "now": shapes.WHOLE,
        "before": shapes.WHOLE,
        "ratio": NUMBER,
        "low": shapes.NUMBER,
        "high": NUMBER,
        "p": shapes.NUMBER,
    },
    required=("now", "before", "ratio", "low", "high", "p"),
)
THEME = shapes.obj(
    {
        "number": shapes.WHOLE,
        "name": shapes.listed(shapes.text()),
        "is_rising": shapes.FLAG,
        "is_new": shapes.FLAG,
        "first_week": shapes.DAY,
        "weeks": shapes.listed(WEEK),
        "rise": shapes.maybe(RISE),
        "negative": COUNT,
        "neutral": COUNT,
        "positive": COUNT,
        "examples": shapes.listed(shapes.text()),
    },
    required=("number", "name", "is_rising", "is_new", "weeks", "rise", "examples"),
)
FOUND = shapes.obj(
    {
        "week": shapes.maybe(shapes.DAY),
        "texts": COUNT,
        "clauses": COUNT,
        "themes": shapes.listed(THEME),
    },
    required=("week", "themes"),
)


@router.get(
    "/unnamed",
    operation_id="theme.unnamed",
    summary="What customers speak of that the taxonomy does not name, and what of it is rising",
    openapi_extra=shapes.describe({200: FOUND}, refusals=shapes.LISTS),
)
def listed(request: Caller) -> HttpResponse:
    require(request.member, "metric.read")
    require(request.member, "feedback.read")
    check_parameters(request, ())
    found = queries.looked(request.scope)
    look = found.look
    return answer(
        {
            "week": look and look.week.isoformat(),
            "texts": look and look.texts,
            "clauses": look and look.clauses,
            "themes": [_theme(request, one) for one in found.themes],
        }
    )


def _theme(request: Caller, one: Unnamed) -> dict[str, Any]:
    negative, neutral, positive = one.senses or (None, None, None)
    said = queries.examples(request.scope, one.number, at_most=EXAMPLES)
    return {
        "number": one.number,
        "name": list(one.name),
        "is_rising": one.is_rising,
        "is_new": one.is_new,
        "first_week": one.first_week.isoformat(),
        "weeks": [_week(week) for week in one.weeks],
        "rise": one.rise and vars(one.rise),
        "negative": negative,
        "neutral": neutral,
        "positive": positive,
        "examples": [example.words for example in said],
    }


def _week(week: queries.Week) -> dict[str, Any]:
    share = week.share
    return {
        "first": week.first.isoformat(),
        "n": week.n,
        "share": share and share.value,
        "low": share and share.low,
        "high": share and share.high,
    }
