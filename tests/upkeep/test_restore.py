"""A restore is whole or did not happen: older tables, a full disk, a kill, a newer version."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from manyi.upkeep import archive
from tests.reliability.space import small_disk
from tests.upkeep.rows import environment, everything, manyi, owned
from tests.upkeep.test_backup import databases

ON_POSTGRESQL = [
    pytest.mark.db,
    pytest.mark.skipif("TEST_DATABASE_URL" not in os.environ, reason="needs PostgreSQL"),
    pytest.mark.skipif(not shutil.which("pg_dump"), reason="needs PostgreSQL's client tools"),
]
OLDER = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", "base", "0001", verbosity=0)
"""
NEWER = """
import django; django.setup()
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).record_applied("feedback", "0099_of_tomorrow")
"""


def make(data: Path, **more: str) -> Path:
    """Make an installation with an owner, and return where its backup belongs."""
    owned(data, **more)
    return data.parent / f"{data.name}.zip"


def changed(data: Path, code: str, **more: str) -> None:
    env = environment(data, DJANGO_SETTINGS_MODULE="manyi.config.settings", **more)
    subprocess.run([sys.executable, "-c", code], env=env, check=True)


def backed_up(data: Path, to: Path, **more: str) -> Path:
    done = manyi(data, "backup", str(to), **more)
    assert done.returncode == 0, done.stderr
    return to


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("whole") / "data"
    make(found)
    return found


@pytest.fixture(scope="module")
def saved(data: Path) -> Path:
    return backed_up(data, data.parent / "saved.zip")


def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    path = make(old)
    changed(old, OLDER)
    assert "0002_allowance" not in applied(old)
    done = manyi(new, "restore", str(backed_up(old, path)))
    assert done.returncode == 0, done.stderr
    assert "0002_allowance" in applied(new)
    assert manyi(new, "verify-audit").returncode == 0


def applied(data: Path) -> set[str]:
    rows = everything(data / "manyi.sqlite3")["tables"]["django_migrations"]["rows"]
    return {name for _, _, name, _ in rows}


def test_a_backup_of_a_newer_version_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    newer, here = tmp_path / "newer", tmp_path / "here"
    path = make(newer)
    changed(newer, NEWER)
    done = manyi(here, "restore", str(backed_up(newer, path)))
    assert done.returncode == 1 and "feedback.0099_of_tomorrow" in done.stderr
    assert list(here.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a tmpfs")
@pytest.mark.parametrize("part", [0, 0.5, 1.01])
def test_a_full_disk_leaves_nothing_half_restored(part: float, saved: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        if not disk.is_mount:
            pytest.skip("needs the right to mount a tmpfs")
        room = int(part * archive.manifest(saved)["parts"]["database.sqlite3"]["size"])
        free = shutil.disk_usage(disk.folder).free
        with (disk.folder / "filler").open("wb") as file:
            file.write(b"\0" * (free - room))
        here = disk.folder / "data"
        done = manyi(here, "restore", str(saved))
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert "The disk is full" in done.stderr
        assert not here.exists() or list(here.iterdir()) == []
        disk.empty(0)
        assert manyi(here, "restore", str(saved)).returncode == 0


def test_what_a_kill_left_half_restored_is_not_served(saved: Path, tmp_path: Path) -> None:
    here = tmp_path / "data"
    command = [sys.executable, "-m", "manyi", "restore", str(saved)]
    # Gentle, so that whoever looks sees it at once on a busy machine too.
    killed = subprocess.Popen(command, env=environment(here), preexec_fn=lambda: os.nice(10))
    until = time.monotonic() + 240
    while not (here / "manyi.sqlite3").exists() and killed.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.001)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    for word in ("serve", "work"):
        told = manyi(here, word)
        assert told.returncode == 1 and "did not finish" in told.stderr
    told = manyi(here, "doctor")
    assert told.returncode == 1 and "did not finish" in told.stdout
    again = manyi(here, "restore", str(saved))
    assert again.returncode == 1 and "is not empty" in again.stderr


def test_a_ledger_that_is_no_ledger_is_one_sentence(saved: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.zip"
    about = {"format": archive.FORMAT, "parts": {"erasures.txt": {"size": 4, "sha256": "0" * 64}}}
    with zipfile.ZipFile(spoilt, "w") as file:
        file.writestr("manifest.json", json.dumps(about))
        file.writestr("erasures.txt", b"\xff\xfe\x00\x80")
    here = tmp_path / "data"
    told = manyi(here, "restore", str(saved), "--erasures", str(spoilt))
    assert told.returncode == 1 and "is damaged" in told.stderr, told.stderr
    assert list(here.iterdir()) == []


class TestOnPostgresql:
    pytestmark = ON_POSTGRESQL

    def test_a_newer_one_leaves_no_table_and_an_older_one_is_brought_up_to_date(
        self, tmp_path: Path
    ) -> None:
        source, target = databases("restore_source", "restore_target")
        here, path = tmp_path / "here", make(tmp_path / "old", MANYI_DATABASE_URL=source)
        changed(tmp_path / "old", OLDER, MANYI_DATABASE_URL=source)
        old = backed_up(tmp_path / "old", path, MANYI_DATABASE_URL=source)
        changed(tmp_path / "old", NEWER, MANYI_DATABASE_URL=source)
        newer = backed_up(tmp_path / "old", tmp_path / "newer.zip", MANYI_DATABASE_URL=source)
        for _ in range(2):
            done = manyi(here, "restore", str(newer), MANYI_DATABASE_URL=target)
            assert done.returncode == 1 and "0099_of_tomorrow" in done.stderr, done.stderr
            assert list(here.iterdir()) == []
        done = manyi(here, "restore", str(old), MANYI_DATABASE_URL=target)
        assert done.returncode == 0, done.stderr
        told = manyi(here, "doctor", MANYI_DATABASE_URL=target)
        assert "The tables are up to date" in told.stdout

    def test_a_backup_of_the_other_kind_is_refused(self, saved: Path, tmp_path: Path) -> None:
        (target,) = databases("restore_target")
        done = manyi(tmp_path / "here", "restore", str(saved), MANYI_DATABASE_URL=target)
        assert done.returncode == 1 and "another kind of database" in done.stderr
        assert list((tmp_path / "here").iterdir()) == []
