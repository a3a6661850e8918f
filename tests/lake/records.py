"""Records for tests of the lake, as the one door would store them."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from manyi.accounts.models import Organisation
from manyi.base.ids import new_id
from manyi.feedback.models import Answer, FeedbackRecord, Score

_serial = itertools.count(1)
_ZONE = ZoneInfo("Asia/Shanghai")
SCALES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7), "score": (1, 5)}


def record(
    owner: Organisation,
    day: date = date(2026, 10, 5),
    *,
    csat: float | None = None,
    nps: float | None = None,
    scores: tuple[tuple[str, str, float, float, float], ...] = (),
    answers: tuple[tuple[str, str, str, float | None], ...] = (),
    **values: Any,
) -> FeedbackRecord:
    """Store a complete record with an overall score; `scores` adds further ones."""
    at = datetime.combine(day, time(12), _ZONE)
    row = FeedbackRecord.objects.create(
        **{
            "id": new_id(),
            "organisation": owner,
            "source": "test",
            "source_ref": f"r{next(_serial)}",
            "kind": "rating",
            "occurred_at": at,
            "day": day,
            "received_at": at + timedelta(minutes=1),
            "completed_at": at,
            "content_hash": "0" * 32,
            **values,
        }
    )
    given = [
        ("overall", m, *SCALES[m], v) for m, v in (("csat", csat), ("nps", nps)) if v is not None
    ]
    for item, metric, worst, best, value in (*given, *scores):
        Score.objects.create(
            record=row, item=item, metric=metric, worst=worst, best=best, value=value
        )
    for question, line, code, number in answers:
        Answer.objects.create(record=row, question=question, row=line, code=code, number=number)
    return row
