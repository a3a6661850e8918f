"""The group commit acknowledges what is on disk, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection

from manyi.base.models import Heartbeat
from manyi.base.writer import Writer, _Submission
from manyi.kit.problems import Busy
from tests.factories import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


def note(name: str) -> Callable[[], Any]:
    return lambda: Heartbeat.objects.create(name=name, at=NOW)


def fall_apart() -> None:
    """Lose the whole transaction underneath, as a database does when its disk is full."""
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")
    raise IntegrityError("and say something else")


def stored(*works: Callable[[], Any]) -> list[_Submission]:
    batch = [_Submission(work) for work in works]
    Writer()._store(batch)
    return batch


def names() -> set[str]:
    return set(Heartbeat.objects.values_list("name", flat=True))


def test_a_poison_row_hurts_nobody_else():
    good, bad, last = stored(note("a"), lambda: 1 / 0, note("b"))
    assert (good.error, last.error) == (None, None)
    assert isinstance(bad.error, ZeroDivisionError)
    assert names() == {"a", "b"}


def write_and_fail() -> None:
    note("half")()
    raise ValueError


def test_what_a_failed_submission_wrote_is_undone_and_the_others_are_kept():
    first, bad, last = stored(note("a"), write_and_fail, note("b"))
    assert (first.error, last.error) == (None, None)
    assert isinstance(bad.error, ValueError)
    assert names() == {"a", "b"}


def test_who_stopped_waiting_is_not_stored_even_when_the_batch_is_done_again():
    gone = _Submission(note("gone"))
    gone.expired = True
    bad, good = _Submission(write_and_fail), _Submission(note("a"))
    Writer()._store([gone, bad, good])
    assert isinstance(gone.error, Busy) and good.error is None
    assert names() == {"a"}


def test_a_full_queue_refuses_at_once(monkeypatch):
    monkeypatch.setattr("manyi.base.writer.QUEUE_LENGTH", 0)
    with pytest.raises(Busy):
        Writer().begin(note("a"))
    assert names() == set()


def test_a_transaction_lost_on_the_way_acknowledges_nothing():
    batch = stored(note("a"), fall_apart)
    assert all(isinstance(one.error, Busy) and not one.done.locked() for one in batch)
    assert names() == set()
    (again,) = stored(note("a"))
    assert again.error is None and names() == {"a"}
