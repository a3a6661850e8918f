"""Forgets customers who asked for it, floor by floor. A loop step.

Their scores and coded answers stay as nobody's, so that yesterday's numbers still hold. What
they said in words, their history, attributes and contact data go: from the database, from the
search index and, once its files are rewritten, from the lake.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, QuerySet

from manyi.customers.actions import forget, tick
from manyi.customers.models import ErasureRequest
from manyi.feedback import learning, rows, search
from manyi.feedback.models import Answer, FeedbackRecord, RecordHistory, Turn
from manyi.lake.models import LakeFile, Superseded
from manyi.lake.writing import supersede
from manyi.upkeep import ledger

# Kept among the ticks: when no outdated copy was left to be taken out of the lake's files.
REWRITTEN = "rewritten"
FLOORS = {"feedback", "customers", "lake", "vectors", "imports", "exports"}
CHUNK = 100  # keeps a transaction short, as does the next
MERGED_PAGES = 200


def erase_due(now: datetime) -> int:
    """Do what is left to do of every open request; return how many floors ticked."""
    return sum(_erase(request, now) for request in ErasureRequest.objects.filter(done_at=None))


def _erase(request: ErasureRequest, now: datetime) -> int:
    before = len(FLOORS & request.ticks.keys())
    if "customers" not in request.ticks:
        ledger.note(request.organisation_id, request.customer_id_value)
        _forget_words_and_person(request, now)
    if "lake" not in request.ticks and _lake_is_rewritten(request, now):
        tick(request, "lake", now=now)
    if request.ticks.keys() >= FLOORS:
        ErasureRequest.objects.filter(pk=request.pk).update(done_at=now)
    return len(FLOORS & request.ticks.keys()) - before


def _forget_words_and_person(request: ErasureRequest, now: datetime) -> None:
    _overwrite_what_is_deleted()
    theirs = FeedbackRecord.objects.filter(
        organisation_id=request.organisation_id, customer_id=request.customer_id_value
    )
    while ids := list(theirs.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            learning.forget_records(ids, now)
            _silence(FeedbackRecord.objects.filter(pk__in=ids), ids)
            supersede(request.organisation_id, ids, now)
    with transaction.atomic():
        if theirs.exists():
            return  # one more came in meanwhile: the next turn
        tick(request, "feedback", now=now)
        forget(request=request, now=now)
    _merge_index()
    _empty_the_log()


def _silence(records: QuerySet[FeedbackRecord], ids: list[int]) -> None:
    """Take words and person from records; the reference stays, or its source would bring
    the words back by sending it once more."""
    Turn.objects.filter(record_id__in=ids).delete()
    RecordHistory.objects.filter(record_id__in=ids).delete()
    said = Answer.objects.filter(record_id__in=ids).exclude(text="")
    said.filter(code="", number=None).delete()
    said.update(text="")
    search.forget(ids)
    rows.forget_read(ids)
    records.update(
        customer=None,
        verbatim="",
        attributes={},
        consent=None,
        meta={},
        is_indexed=True,
        **rows.UNREAD,
        lake_part=None,
        revision=F("revision") + 1,
    )


def _lake_is_rewritten(request: ErasureRequest, now: datetime) -> bool:
    """Whether no file holds an old copy any more; compacting and sweeping see to that.

    A merge may have carried old copies into a file younger than the wish. Every file that
    holds one has been replaced once no copy is outdated, and lies about for a while longer.
    """
    since = request.ticks.get("feedback")
    if since is None:
        return False
    mine = {"organisation_id": request.organisation_id}
    if REWRITTEN not in request.ticks:
        at = datetime.fromisoformat(since)
        if Superseded.objects.filter(**mine, created_at__lte=at).exists():
            return False
        tick(request, REWRITTEN, now=now)
    rewritten = datetime.fromisoformat(request.ticks[REWRITTEN])
    return not LakeFile.objects.filter(**mine, replaced_at__lte=rewritten).exists()


def _overwrite_what_is_deleted() -> None:
    """SQLite keeps deleted words in free pages and old index segments unless told otherwise."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute(
            f"INSERT INTO {search.TABLE} ({search.TABLE}, rank) VALUES ('secure-delete', 1)"  # noqa: S608
        )


def _merge_index() -> None:
    """Rewrite the index without what was deleted before, a few pages a transaction."""
    if connection.vendor != "sqlite":
        return
    pages = -MERGED_PAGES  # negative begins with every segment, positive goes on
    with connection.cursor() as cursor:
        while True:
            before = connection.connection.total_changes
            cursor.execute(
                f"INSERT INTO {search.TABLE} ({search.TABLE}, rank) VALUES ('merge', %s)",  # noqa: S608
                [pages],
            )
            if connection.connection.total_changes - before < 2:
                return
            pages = MERGED_PAGES


def _empty_the_log() -> None:
    """Write the log into the database and cut it off: it still holds the old pages."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
