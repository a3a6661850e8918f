"""Copies what texts mention into the lake, with a watermark of its own.

A text is read after its record is stored, and again whenever the taxonomy changes: copying
mentions apart leaves the other tables alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Min

from manyi.base.ids import new_id
from manyi.feedback.models import FeedbackRecord
from manyi.lake import files
from manyi.lake.files import Written
from manyi.lake.hot import LEFT_OUT, due_records, tables_of
from manyi.lake.models import LakeFile, Superseded
from manyi.lake.reading import copies
from manyi.lake.snapshot import consistent
from manyi.lake.tables import MENTIONS

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 5_000
ENOUGH = 1_000
WAIT = timedelta(seconds=60)


@dataclass(frozen=True)
class _Batch:
    organisation: int
    part: int
    seen: dict[int, tuple[int, datetime | None]]

    @property
    def records(self) -> Any:
        return due_records(self.organisation).filter(pk__gte=min(self.seen), pk__lte=max(self.seen))


def append_mentions(now: datetime) -> int:
    """Copy the mentions that have waited long enough, or are many; return of how many records."""
    return sum(append(one, now) for one in _waiting(now))


def _waiting(now: datetime) -> list[int]:
    due = FeedbackRecord.objects.filter(mentions_due=True, analysed_at__isnull=False)
    due = due.exclude(lake_part=LEFT_OUT)
    waiting = due.order_by().values_list("organisation_id")
    counted = waiting.annotate(Count("pk"), Min("analysed_at"))
    return [one for one, n, oldest in counted if n >= ENOUGH or oldest <= now - WAIT]


def append(organisation: int, now: datetime) -> int:
    """Copy every mention of an organisation that is due; return of how many records."""
    copied = 0
    while True:
        batch, rows = _collect(organisation)
        if rows is None:
            return copied
        written = files.write_all(organisation, {MENTIONS: rows})
        if not _claim(batch, written, _outdated(batch), now):
            files.discard(one.path for one in written)
            return copied
        copied += len(batch.seen)


def _collect(organisation: int) -> tuple[_Batch, pa.Table | None]:
    part = new_id()
    with consistent():
        due = due_records(organisation).order_by("pk")
        fields = due.values_list("pk", "revision", "analysed_at")[:BATCH]
        batch = _Batch(organisation, part, {pk: (n, at) for pk, n, at in fields})
        if not batch.seen:
            return batch, None
        tables = tables_of(batch.records, organisation, part=part, tables=[MENTIONS])
    return batch, tables[MENTIONS]


def _outdated(batch: _Batch) -> list[Superseded]:
    if not LakeFile.objects.filter(
        organisation_id=batch.organisation,
        table=MENTIONS,
        replaced_at=None,
        max_record__gte=min(batch.seen),
    ).exists():
        return []
    return copies(batch.organisation, batch.seen, MENTIONS)


def _claim(
    batch: _Batch, written: list[Written], outdated: list[Superseded], now: datetime
) -> bool:
    """Make the files live unless a record changed or another worker came first."""
    with transaction.atomic():
        mine = batch.records.order_by("pk").select_for_update(of=("self",))
        current = {pk: (n, at) for pk, n, at in mine.values_list("pk", "revision", "analysed_at")}
        if any(current.get(pk) != seen for pk, seen in batch.seen.items()):
            return False
        since = current.keys() - batch.seen.keys()
        batch.records.exclude(pk__in=since).update(mentions_due=False)
        for row in outdated:
            row.created_at = now
        Superseded.objects.bulk_create(outdated, ignore_conflicts=True, batch_size=500)
        files.publish(batch.organisation, batch.part, written, now)
    return True
