"""A copy that is made while a record is erased counts no more either, and goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from manyi.feedback.models import FeedbackRecord
from manyi.lake import files, reading, writing
from manyi.lake.models import Superseded
from tests.factories import NOW, House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
LATER = NOW + timedelta(minutes=5)
SOON, LONG = 2.0, 200.0


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def counts_as_it_is(home: House, pk: int) -> bool:
    """Whether no copy counts, or only one that was made after the record was changed."""
    copies = {one.part for one in reading.copies(home.organisation.pk, [pk])}
    outdated = Superseded.objects.filter(record_id=pk).values_list("part", flat=True)
    return copies - set(outdated) <= {FeedbackRecord.objects.get(pk=pk).lake_part}


def forget(pk: int) -> None:
    FeedbackRecord.objects.filter(pk=pk).update(lake_part=None, revision=2, attributes={})


def test_an_append_between_looking_for_copies_and_changing_the_record() -> None:
    home = house()
    record(home.organisation, csat=5)
    writing.append(home.organisation.pk, NOW)  # what is compiled once takes no time of the test
    row = record(home.organisation, csat=1, attributes={"nick": "secret"})
    looked, tried = threading.Event(), threading.Event()

    def append() -> None:
        assert looked.wait(LONG)
        writing.append(home.organisation.pk, NOW)
        tried.set()

    other = in_thread(append)
    with transaction.atomic():
        writing.supersede(home.organisation.pk, [row.pk], LATER)
        looked.set()
        tried.wait(SOON)  # it must wait for this transaction, or give up
        forget(row.pk)
    other.join()
    assert counts_as_it_is(home, row.pk)


def test_an_append_that_was_about_to_claim_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    home = house()
    row = record(home.organisation, csat=1, attributes={"nick": "secret"})
    claiming, erased = threading.Event(), threading.Event()
    publish = files.publish

    def slowly(*args: object) -> None:
        claiming.set()
        erased.wait(SOON)
        publish(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "publish", slowly)
    other = in_thread(lambda: _append(home))
    assert claiming.wait(LONG)
    with transaction.atomic():
        writing.supersede(home.organisation.pk, [row.pk], LATER)
        erased.set()
        forget(row.pk)
    other.join()
    assert counts_as_it_is(home, row.pk)


def _append(home: House) -> None:
    writing.append(home.organisation.pk, NOW)
