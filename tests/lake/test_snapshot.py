"""What one thread read of the lake serves the others until anything is written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from manyi.accounts.models import Unit
from manyi.base import commits
from manyi.base.models import Heartbeat
from manyi.feedback.models import TaxonomyVersion
from manyi.lake import snapshot
from manyi.lake.tables import RECORDS, SCORES
from manyi.lake.writing import append_new
from tests.factories import NOW, house
from tests.voices import published, rated, receive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


def aside(read: Callable[[], Any]) -> Any:
    """Return what another thread, with a connection of its own, reads."""

    def run() -> Any:
        try:
            return read()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_threads_share_what_was_read_and_made_of_it() -> None:
    mine = house().organisation.pk
    here = snapshot.read(mine, [SCORES])
    assert aside(lambda: snapshot.read(mine, [SCORES])) is here
    assert snapshot.read(mine, [RECORDS]) is not here
    here.remembered("key", lambda: 7)
    assert aside(lambda: snapshot.read(mine, [SCORES]).remembered("key", lambda: 8)) == 7


def test_what_is_written_in_one_thread_is_read_anew_in_all() -> None:
    home = house()
    mine = home.organisation.pk
    before = aside(lambda: snapshot.read(mine, [SCORES]))
    assert SCORES not in before.hot
    receive(home.alice, rated(5))
    here = snapshot.read(mine, [SCORES])
    there = aside(lambda: snapshot.read(mine, [SCORES]))
    assert here.hot[SCORES].num_rows == there.hot[SCORES].num_rows == 1
    aside(lambda: receive(home.alice, rated(4)))
    assert snapshot.read(mine, [SCORES]).hot[SCORES].num_rows == 2


def test_beside_a_writer_nobody_reads_less_than_was_there_before() -> None:
    home = house()
    mine, stop, wrong = home.organisation.pk, threading.Event(), []

    def look() -> None:
        last = 0
        while not stop.is_set():
            table = snapshot.read(mine, [SCORES]).hot.get(SCORES)
            found = 0 if table is None else table.num_rows
            wrong.extend([(last, found)] if found < last else [])
            last = found
        connection.close()

    looking = [threading.Thread(target=look) for _ in range(3)]
    for one in looking:
        one.start()
    for n in range(1, 16):
        receive(home.alice, rated(5))
        assert snapshot.read(mine, [SCORES]).hot[SCORES].num_rows == n
    stop.set()
    for one in looking:
        one.join()
    assert wrong == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite counts commits a connection")
def test_every_commit_is_seen_and_only_a_commit() -> None:
    first = commits.seen(connection)
    assert first is not None and commits.seen(connection) == first
    assert aside(lambda: commits.seen(connection)) == first
    Heartbeat.objects.create(name="x", at=NOW)
    second = commits.seen(connection)
    assert second != first
    aside(lambda: Heartbeat.objects.filter(name="x").delete())
    assert commits.seen(connection) not in (first, second)


def test_what_the_lake_told_outlives_a_change_elsewhere() -> None:
    home = house()
    mine = home.organisation.pk
    receive(home.alice, rated(5))
    here = snapshot.read(mine, [SCORES])
    here.remembered("lake", lambda: 1)
    here.remembered("more", lambda: 1, is_of_lake=False)
    Heartbeat.objects.create(name="x", at=NOW)
    after = snapshot.read(mine, [SCORES])
    assert after.remembered("lake", lambda: 2) == 1
    assert after.remembered("more", lambda: 2, is_of_lake=False) == 2
    assert aside(lambda: snapshot.read(mine, [SCORES]).remembered("lake", lambda: 3)) == 1


@pytest.mark.parametrize("what", ["voice", "unit", "moved", "survey", "taxonomy", "copied"])
def test_and_is_asked_anew_once_what_it_is_made_of_changes(what: str) -> None:
    home = house()
    mine = home.organisation.pk
    receive(home.alice, rated(5))
    snapshot.read(mine, [SCORES]).remembered("lake", lambda: 1)
    if what == "voice":
        receive(home.alice, rated(4))
    elif what == "unit":
        Unit.objects.filter(pk=home.north_1.pk).update(code="other")
    elif what == "moved":
        Unit.objects.filter(pk=home.north_1.pk).update(path=f"{home.south_1.path}x/")
    elif what == "survey":
        published(home.alice)
    elif what == "taxonomy":
        TaxonomyVersion.objects.create(
            organisation=home.organisation, number=9, pack="retail", is_current=True, created_at=NOW
        )
    else:
        append_new(now=NOW + timedelta(days=1))
    assert snapshot.read(mine, [SCORES]).remembered("lake", lambda: 2) == 2


def test_hot_rows_are_read_once_for_questions_about_several_tables() -> None:
    home = house()
    receive(home.alice, rated(5), rated(4))
    mine = home.organisation.pk
    with CaptureQueriesContext(connection) as asked:
        each = [snapshot.read(mine, tables) for tables in ([SCORES], [SCORES, RECORDS], [RECORDS])]
    hot = [q["sql"] for q in asked if '"is_anonymous"' in q["sql"]]
    assert len(hot) == 1
    assert [sorted(one.hot) for one in each] == [[SCORES], [RECORDS, SCORES], [RECORDS]]
    receive(home.alice, rated(3))
    assert snapshot.read(mine, [SCORES]).hot[SCORES].num_rows == 3
