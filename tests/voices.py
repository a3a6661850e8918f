"""Feedback for tests: wire records, and the short way through the one door."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from django.test import Client

from manyi.accounts.models import Member
from manyi.accounts.permissions import scope
from manyi.feedback.actions import Outcome, receive_many
from manyi.feedback.incoming import read
from manyi.feedback.models import FeedbackRecord
from manyi.packs.templates import template
from manyi.surveys import actions as surveys
from manyi.surveys.models import Survey, SurveyVersion
from tests.factories import NOW

_serial = itertools.count(1)


def voice(**values: Any) -> dict[str, Any]:
    """Return a record on the wire: a rating of 4 on 1–5 with a comment, unless told otherwise."""
    given = {
        "source": "reviews",
        "source_ref": f"R-{next(_serial)}",
        "occurred_at": "2026-10-30T09:30:00+08:00",
        "scores": [{"metric": "csat", "value": 4, "scale": [1, 5]}],
        "verbatim": "排队太久，服务员态度很好",
    }
    return {k: v for k, v in {**given, **values}.items() if v is not None}


def rated(value: float, metric: str = "csat", **values: Any) -> dict[str, Any]:
    scale = {"csat": [1, 5], "nps": [0, 10], "ces": [1, 7]}[metric]
    score = {"metric": metric, "value": value, "scale": scale}
    return voice(scores=[score], **values)


def receive(by: Member, *records: dict[str, Any], now: datetime = NOW) -> list[Outcome]:
    """Send wire records through the one door as a member."""
    return receive_many(scope(by), [read(r, now=now) for r in records], now=now)


def published(by: Member, name: str = "csat", **settings: Any) -> SurveyVersion:
    """Publish a survey made from a template."""
    survey = made(by, name, **settings)
    return surveys.publish(by=by, survey=survey, now=NOW)


def made(by: Member, name: str = "csat", **settings: Any) -> Survey:
    """Make a survey from a template."""
    survey = surveys.create(by=by, definition=template(name), now=NOW)
    if settings:
        surveys.update_draft(by=by, survey=survey, now=NOW, **settings)
    return survey


def answer(code: str, n: int = 1, unit: str = "", **answers: Any) -> None:
    """Answer a survey `n` times over REST."""
    for _ in range(n):
        body = {
            "answers": answers or {"overall": 5},
            "submission_id": f"sub-{FeedbackRecord.objects.count():020d}",
            **({"unit": unit} if unit else {}),
        }
        path = f"/api/v1/surveys/{code}/responses"
        sent = Client().post(path, body, content_type="application/json")
        assert sent.status_code == 201, sent.content
