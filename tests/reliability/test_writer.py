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


def test_a_transaction_lost_on_the_way_acknowledges_nothing():
    batch = stored(note("a"), fall_apart)
    assert all(isinstance(one.error, Busy) and one.done.is_set() for one in batch)
    assert names() == set()
    (again,) = stored(note("a"))
    assert again.error is None and names() == {"a"}
