"""Records that count nowhere though they stay: their copies are outdated and no other is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from manyi.feedback.models import FeedbackRecord
from manyi.lake.hot import COUNTS, LEFT_OUT, hot_records
from manyi.lake.writing import supersede
from manyi.surveys.models import Survey

_AT_ONCE = 500


def left_out(survey_ids: Sequence[int]) -> QuerySet[FeedbackRecord]:
    """Return the answers to these surveys that count nowhere."""
    return FeedbackRecord.objects.filter(survey_id__in=survey_ids, lake_part=LEFT_OUT)


def come_since(survey: Survey, last: int, *, at_most: int) -> tuple[int, list[int]]:
    """Return the last record after `last` that was seen, and which of them are counted answers
    to the survey.

    Read in the order of ids, whatever they answer: the database has no other order to go by.
    """
    rows = FeedbackRecord.objects.filter(pk__gt=last).order_by("pk")
    seen = list(
        rows.values_list("pk", "survey_id", "lake_part", "completed_at", "is_partial")[:at_most]
    )
    return (seen[-1][0] if seen else last), [
        pk
        for pk, asked, part, done, partial in seen
        if asked == survey.pk and part != LEFT_OUT and (done is not None or partial)
    ]


def not_copied(survey: Survey, last: int, *, at_most: int) -> list[int]:
    """Return the counted answers to the survey up to `last` that the lake does not hold: those
    that ended or changed since they came."""
    hot = hot_records(survey.organisation_id).filter(COUNTS, pk__lte=last).order_by("pk")
    rows = hot.values_list("pk", "survey_id")[:at_most]
    return [pk for pk, asked in rows if asked == survey.pk]


def leave_out(organisation: int, record_ids: Sequence[int], now: datetime) -> int:
    """Let these records count nowhere any more; return how many did before."""
    done = 0
    for at in range(0, len(record_ids), _AT_ONCE):
        part = record_ids[at : at + _AT_ONCE]
        with transaction.atomic():
            supersede(organisation, part, now)
            mine = FeedbackRecord.objects.filter(organisation_id=organisation, pk__in=part)
            counted = mine.exclude(lake_part=LEFT_OUT)
            done += counted.update(lake_part=LEFT_OUT, mentions_due=False)
    return done


def take_back(organisation: int, record_ids: Sequence[int]) -> int:
    """Let these records count again; return how many did not before."""
    done = 0
    for at in range(0, len(record_ids), _AT_ONCE):
        mine = FeedbackRecord.objects.filter(
            organisation_id=organisation,
            pk__in=record_ids[at : at + _AT_ONCE],
            lake_part=LEFT_OUT,
        )
        with transaction.atomic():
            mine.exclude(analysed_at=None).update(mentions_due=True)
            done += mine.update(lake_part=None)
    return done
