"""Numbers stay right while records arrive and the lake is copied, compacted and rebuilt."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from manyi.feedback.models import FeedbackRecord
from manyi.lake import checking, queries, tidying, writing
from manyi.lake.models import LakeFile
from manyi.metrics.queries import estimate
from tests.factories import NOW, House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
SECONDS = 5.0
MOST_SECONDS = 60.0
EARLY = 40


def at_once(*works: Callable[[], None]) -> None:
    """Run these in threads of their own; raise what any of them raised."""
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def add(home: House, day: date, score: int) -> None:
    """Store a record whole, as the one door does, at a pace that leaves others their turn."""
    with transaction.atomic():
        record(home.organisation, day, csat=score)
    time.sleep(0.005)


def test_a_number_never_falls_nor_counts_twice_while_everything_moves() -> None:
    home = house()
    for _ in range(EARLY):
        record(home.organisation, csat=4)
    writing.append(home.organisation.pk, NOW)
    estimate(home.selection(), "csat")  # what is compiled once takes no time of the test
    until = time.monotonic() + SECONDS
    begun, done, seen = [EARLY], [EARLY], []

    def is_early() -> bool:
        """Whether to go on; on a machine that is busy elsewhere, until something was seen."""
        now = time.monotonic()
        return now < until or (len(seen) <= 3 and now < until + MOST_SECONDS)

    def write() -> None:
        while is_early():
            begun[0] += 1
            add(home, date(2026, 9, 1 + begun[0] % 30), 5)
            done[0] += 1

    def move() -> None:
        now, turn = NOW, 0
        while is_early():
            now, turn = now + timedelta(minutes=11), turn + 1
            writing.append(home.organisation.pk, now)
            tidying.compact(now)
            if turn % 4 == 0:
                FeedbackRecord.objects.filter(pk__in=some()).update(lake_part=None)
            if turn % 7 == 0:
                writing.rebuild(now)

    def some() -> list[int]:
        return list(
            FeedbackRecord.objects.order_by("content_hash", "pk").values_list("pk", flat=True)[:5]
        )

    def read() -> None:
        while is_early():
            least = done[0]
            (row,) = estimate(home.selection(), "csat")
            assert row.status == "ok"
            assert least <= row.n <= begun[0]
            seen.append(row.n)

    at_once(write, move, read, read)
    assert len(seen) > 3
    (row,) = estimate(home.selection(), "csat")
    assert row.n == FeedbackRecord.objects.count() == done[0]
    assert checking.recount() == []


def test_two_workers_copy_everything_once() -> None:
    home = house()
    until = time.monotonic() + SECONDS
    done = [0]

    def write() -> None:
        while time.monotonic() < until:
            add(home, date(2026, 10, 5), done[0] % 5 + 1)
            done[0] += 1

    def work() -> None:
        now = NOW
        while time.monotonic() < until:
            now += timedelta(minutes=11)
            writing.append(home.organisation.pk, now)
            tidying.compact(now)

    at_once(write, work, work)
    writing.append(home.organisation.pk, NOW + timedelta(days=9))
    assert LakeFile.objects.filter(replaced_at=None).exists()
    assert sum(one.records for one in queries.counts(home.selection())) == done[0]
    assert checking.recount() == []
