from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from manyi.feedback.models import FeedbackRecord, Score
from manyi.lake import checking, engine, files, queries, tidying, writing
from manyi.lake.columns import layout
from manyi.lake.models import LakeFile, Superseded
from tests.factories import NOW, House, house
from tests.lake.records import record
from tests.lake.test_moments import told

pytestmark = [pytest.mark.django_db, pytest.mark.db]
LATER = NOW + timedelta(days=1)


@pytest.fixture
def home() -> House:
    built = house()
    # A test that was rolled back may have left files under the same id.
    shutil.rmtree(engine.folder() / str(built.organisation.pk), ignore_errors=True)
    return built


def on_disk(home: House) -> set[str]:
    root = engine.folder()
    return {p.relative_to(root).as_posix() for p in (root / str(home.organisation.pk)).rglob("*.*")}


def live() -> set[str]:
    """Return the files that are live, and where their columns lie."""
    paths = LakeFile.objects.filter(replaced_at=None).values_list("path", flat=True)
    return {one for path in paths for one in (path, layout.beside(Path(path)).as_posix())}


def change(row: FeedbackRecord, csat: float, **values: object) -> None:
    """Change a record as the one door does."""
    Score.objects.filter(record=row).update(value=csat)
    FeedbackRecord.objects.filter(pk=row.pk).update(
        lake_part=None, revision=row.revision + 1, **values
    )


def test_a_second_turn_finds_nothing_to_do(home: House) -> None:
    for value in (5, 4, 0):
        record(home.organisation, csat=value)
    assert writing.append_new(NOW) == 3
    before = live()
    assert writing.append_new(NOW) == 0
    assert tidying.compact(NOW) == 0
    assert live() == before
    assert not FeedbackRecord.objects.filter(lake_part=None).exists()
    assert checking.recount() == []


def test_records_wait_a_while_as_hot_rows(home: House) -> None:
    record(home.organisation, csat=5, received_at=NOW - timedelta(seconds=5))
    assert writing.append_new(NOW) == 0
    assert told(home.selection()) == [((), None, {5: 1})]
    assert writing.append_new(NOW + timedelta(minutes=2)) == 1


def test_a_late_update_counts_once_before_and_after_it_is_copied(home: House) -> None:
    row = record(home.organisation, csat=5)
    record(home.organisation, csat=4)
    writing.append(home.organisation.pk, NOW)
    change(row, 1)
    assert told(home.selection()) == [((), None, {1: 1, 4: 1})]
    writing.append(home.organisation.pk, NOW)
    assert told(home.selection()) == [((), None, {1: 1, 4: 1})]
    row.refresh_from_db()
    change(row, 2, day=date(2026, 8, 1))
    assert told(home.selection().split(interval="month")) == [
        ((), date(2026, 8, 1), {2: 1}),
        ((), date(2026, 10, 1), {4: 1}),
    ]
    writing.append(home.organisation.pk, NOW)
    assert Superseded.objects.count() == 2
    assert checking.recount() == []


def test_compaction_keeps_counts_and_drops_outdated_copies(home: House) -> None:
    row = record(home.organisation, csat=5)
    for value in (4, 3, 5, 5, 1, 0, 2, 4, 4):
        record(home.organisation, csat=value)
        writing.append(home.organisation.pk, NOW)
    change(row, 1)
    writing.append(home.organisation.pk, NOW)
    counts = told(home.selection())
    assert tidying.compact(LATER) > 8
    assert told(home.selection()) == counts
    assert Superseded.objects.count() == 0
    assert LakeFile.objects.filter(replaced_at=None, table="scores").count() == 1
    assert checking.recount() == []
    # Readers may still be at the old files: they go after a grace time.
    assert len(on_disk(home)) > len(live())
    tidying.sweep(LATER)
    assert len(on_disk(home)) > len(live())
    tidying.sweep(LATER + tidying.GRACE * 2)
    assert on_disk(home) == live()
    assert told(home.selection()) == counts


def test_a_month_at_rest_becomes_one_file_a_table(home: House) -> None:
    for value in (5, 4, 3):
        record(home.organisation, csat=value)
        writing.append(home.organisation.pk, NOW)
    counts = told(home.selection())
    assert tidying.compact(NOW + tidying.QUIET / 2) == 0
    assert tidying.compact(NOW + tidying.QUIET) > 0
    assert tidying.compact(NOW + tidying.QUIET * 3) == 0
    assert LakeFile.objects.filter(replaced_at=None, table="scores").count() == 1
    assert told(home.selection()) == counts
    assert checking.recount() == []


def test_erased_records_count_no_more(home: House) -> None:
    gone, kept = (record(home.organisation, csat=value) for value in (1, 5))
    writing.append(home.organisation.pk, NOW)
    assert writing.supersede(home.organisation.pk, [gone.pk], NOW) == 1
    gone.delete()
    assert told(home.selection()) == [((), None, {5: 1})]
    tidying.compact(LATER)
    assert told(home.selection()) == [((), None, {5: 1})]
    assert queries.rows(home.selection(), ("record",), 9)["record"].to_pylist() == [kept.pk]
    assert checking.recount() == []


def test_a_crash_before_the_commit_leaves_only_strays(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(home.organisation, csat=5)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files, "publish", crash)
        with pytest.raises(KeyboardInterrupt):
            writing.append(home.organisation.pk, NOW)
    strays = on_disk(home)
    assert strays
    assert told(home.selection()) == [((), None, {5: 1})]
    for name in strays:
        old = (NOW - timedelta(hours=1)).timestamp()
        os.utime(engine.folder() / name, (old, old))
    assert tidying.sweep(NOW) >= len(strays)
    assert on_disk(home) == set()
    assert writing.append(home.organisation.pk, NOW) == 1


def test_a_record_changed_while_files_are_written_stays_hot(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = record(home.organisation, csat=5)
    write_all = files.write_all

    def write_while_changing(*args: object) -> object:
        written = write_all(*args)  # type: ignore[arg-type]
        change(row, 2)
        return written

    monkeypatch.setattr(files, "write_all", write_while_changing)
    assert writing.append(home.organisation.pk, NOW) == 0
    assert on_disk(home) == set()
    assert told(home.selection()) == [((), None, {2: 1})]
    monkeypatch.undo()
    assert writing.append(home.organisation.pk, NOW) == 1
    assert told(home.selection()) == [((), None, {2: 1})]


def test_the_lake_is_made_again_from_the_database(home: House) -> None:
    rows = [record(home.organisation, csat=value) for value in (5, 4, 0)]
    writing.append(home.organisation.pk, NOW)
    change(rows[0], 3)
    counts = told(home.selection())
    assert writing.rebuild(NOW) == 3
    assert told(home.selection()) == counts
    assert not Superseded.objects.exists()
    for path in live():
        (engine.folder() / path).unlink()
    assert writing.rebuild(NOW) == 3
    assert told(home.selection()) == counts


def test_a_recount_tells_what_the_lake_has_wrong(home: House) -> None:
    row = record(home.organisation, csat=5)
    writing.append(home.organisation.pk, NOW)
    Score.objects.filter(record=row).update(value=1)
    (found,) = checking.recount()
    assert (found.table, found.month) == ("scores", date(2026, 10, 1))
    assert (found.in_lake, found.in_database) == ((1, 5.0), (1, 1.0))


@pytest.mark.django_db(transaction=True)
def test_a_voice_that_comes_while_it_is_counted_is_no_disagreement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = house()
    record(home.organisation, csat=5)
    writing.append(home.organisation.pk, NOW)
    count, came = checking._in_database, []

    def meanwhile() -> None:
        came.append(record(home.organisation, csat=1))
        connection.close()

    def counted(organisation: int, table: str) -> Any:
        thread = threading.Thread(target=meanwhile)
        thread.start()
        thread.join()
        return count(organisation, table)

    monkeypatch.setattr(checking, "_in_database", counted)
    assert checking.recount() == []
    assert len(came) == 4
    assert checking.recount() == []


@pytest.mark.django_db(transaction=True)
def test_readers_see_each_record_once_while_it_moves() -> None:
    home = house()
    for value in (5, 4, 3, 0):
        record(home.organisation, csat=value)
    selection, seen = home.selection(), []
    stop = threading.Event()

    def in_thread(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def look() -> None:
        while not (stop.is_set() and seen):
            seen.append(sum(sum(one[2].values()) for one in told(selection)))

    reader = in_thread(look)
    try:
        for _ in range(6):
            writing.append(home.organisation.pk, NOW)
            FeedbackRecord.objects.update(lake_part=None, revision=2)
        writing.append(home.organisation.pk, NOW)
        tidying.compact(LATER)
    finally:
        stop.set()
        reader.join()
    assert seen
    assert set(seen) == {4}
    assert told(selection) == [((), None, {0: 1, 3: 1, 4: 1, 5: 1})]
