"""Copies records into the lake, tidies its files, and makes all of it again.

Files are written first, outside any transaction; one short transaction then makes them live
and claims their records. Whoever loses that claim throws the files away, and a crash between
the two leaves files that no list names: `sweep` removes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Max, Min

from manyi.base.ids import new_id
from manyi.feedback.models import FeedbackRecord
from manyi.lake import files, remembering
from manyi.lake.files import Written
from manyi.lake.hot import COUNTS, LEFT_OUT, hot_records, tables_of
from manyi.lake.models import LakeFile, Superseded
from manyi.lake.reading import copies
from manyi.lake.snapshot import consistent
from manyi.lake.tables import MENTIONS, TABLES
from manyi.lake.tidying import compact, sweep

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["append", "append_new", "compact", "rebuild", "supersede", "sweep"]

# A part a second would be mostly file names: records wait as hot rows, which count as well.
BATCH = 5_000
ENOUGH = 1_000
WAIT = timedelta(seconds=60)


class _Lost(Exception):
    """Another worker, or a change of a record, came first."""


@dataclass(frozen=True)
class _Batch:
    organisation: int
    part: int
    revisions: dict[int, int]

    @property
    def records(self) -> Any:
        """Return these records as long as they are still to be copied."""
        first, last = min(self.revisions), max(self.revisions)
        return hot_records(self.organisation).filter(COUNTS, pk__gte=first, pk__lte=last)


def append_new(now: datetime) -> int:
    """Copy records that have waited long enough, or are many; return how many were copied."""
    return sum(append(one, now) for one in _due(now))


def _due(now: datetime) -> list[int]:
    waiting = (
        FeedbackRecord.objects.filter(COUNTS, lake_part=None)
        .order_by()
        .values_list("organisation_id")
        .annotate(Count("pk"), Min("received_at"))
    )
    return [one for one, n, oldest in waiting if n >= ENOUGH or oldest <= now - WAIT]


def append(organisation: int, now: datetime) -> int:
    """Copy every record of an organisation that is not in the lake; return how many."""
    copied = 0
    while True:
        batch, tables = _collect(organisation)
        if not batch.revisions:
            return copied
        written = files.write_all(organisation, tables)
        try:
            _claim(batch, written, _outdated(batch), now)
        except _Lost:
            files.discard(one.path for one in written)
            return copied
        copied += len(batch.revisions)


def _collect(organisation: int) -> tuple[_Batch, dict[str, pa.Table]]:
    part = new_id()
    with consistent():
        waiting = hot_records(organisation).filter(COUNTS).order_by("pk")
        batch = _Batch(organisation, part, dict(waiting.values_list("pk", "revision")[:BATCH]))
        if not batch.revisions:
            return batch, {}
        return batch, tables_of(batch.records, organisation, part=part, tables=TABLES)


def _outdated(batch: _Batch) -> list[Superseded]:
    """Return the copies that the lake already holds of records in the batch."""
    live = LakeFile.objects.filter(organisation_id=batch.organisation, replaced_at=None)
    newest = live.aggregate(newest=Max("max_record"))["newest"]
    maybe = [pk for pk in batch.revisions if newest is not None and pk <= newest]
    return copies(batch.organisation, maybe)


def _claim(
    batch: _Batch, written: list[Written], outdated: list[Superseded], now: datetime
) -> None:
    with transaction.atomic():
        # Locked, for another worker may be about to copy the same records.
        mine = batch.records.order_by("pk").select_for_update(of=("self",))
        current = dict(mine.values_list("pk", "revision"))
        if any(current.get(pk) != revision for pk, revision in batch.revisions.items()):
            raise _Lost
        # A survey completed meanwhile may lie between them; it waits for the next batch.
        since = current.keys() - batch.revisions.keys()
        batch.records.exclude(pk__in=since).update(lake_part=batch.part)
        _supersede(outdated, now)
        files.publish(batch.organisation, batch.part, written, now)


def _supersede(outdated: Iterable[Superseded], now: datetime) -> None:
    rows = list(outdated)
    for row in rows:
        row.created_at = now
    Superseded.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def supersede(organisation: int, record_ids: Iterable[int], now: datetime) -> int:
    """Make the lake's copies of erased records count no more; return how many there were.

    The records stay locked to the end of the caller's transaction, so that no copy of them is
    made between this look and the change that goes with it. A changed record needs no call:
    with `lake_part` null it is read from the database and its copy is left out.
    """
    ids = list(record_ids)
    with transaction.atomic():
        _lock(organisation, ids)
        outdated = [*copies(organisation, ids), *copies(organisation, ids, MENTIONS)]
        _supersede(outdated, now)
    return len(outdated)


def _lock(organisation: int, ids: list[int]) -> None:
    mine = FeedbackRecord.objects.filter(organisation_id=organisation, pk__in=ids)
    # In one order everywhere, or two workers would wait for each other.
    list(mine.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def rebuild(now: datetime, organisations: Iterable[int] | None = None) -> int:
    """Make the lake again from the database; return how many records it holds."""
    with transaction.atomic():
        live = LakeFile.objects.filter(replaced_at=None)
        records = FeedbackRecord.objects.exclude(lake_part=None).exclude(lake_part=LEFT_OUT)
        read = FeedbackRecord.objects.exclude(analysed_at=None).exclude(lake_part=LEFT_OUT)
        gone = Superseded.objects.all()
        if organisations is not None:
            mine = list(organisations)
            live = live.filter(organisation_id__in=mine)
            records = records.filter(organisation_id__in=mine)
            gone = gone.filter(organisation_id__in=mine)
            read = read.filter(organisation_id__in=mine)
        live.update(replaced_at=now)
        gone.delete()
        records.update(lake_part=None)
        read.update(mentions_due=True)
    whole = FeedbackRecord.objects.filter(COUNTS, lake_part=None)
    ids = whole.order_by().values_list("organisation_id", flat=True).distinct()
    chosen = ids if organisations is None else mine
    mentioning = FeedbackRecord.objects.filter(mentions_due=True).order_by()
    for one in list(mentioning.values_list("organisation_id", flat=True).distinct()):
        remembering.append(one, now)
    return sum(append(one, now) for one in list(chosen))
