"""A full disk and a locked database are told before anything is acknowledged, and pass."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.reliability.installation import Installation
from tests.reliability.space import Disk, small_disk
from tests.upkeep.rows import manyi

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc or a tmpfs")
HOLD = """
import sys
from manyi.base.sqlite import swap_driver
swap_driver()
import sqlite3
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
db.execute("ROLLBACK")
"""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    with small_disk(tmp_path_factory.mktemp("space") / "disk") as found:
        yield found


@pytest.fixture(scope="module")
def here(disk: Disk) -> Iterator[Installation]:
    found = Installation(disk.folder / "data").set_up()
    found.start()
    found.publish()
    yield found
    assert found.process is not None
    if found.process.poll() is None:
        found.kill()


def send(here: Installation, ref: str, *, size: int = 2_000) -> tuple[int, dict, dict]:
    body = {
        "source": "space",
        "source_ref": ref,
        "occurred_at": "2026-11-01T09:30:00+08:00",
        "verbatim": "慢" * size,
    }
    return here.call("POST", "/feedback", body)


def refused(answer: tuple[int, dict, dict]) -> None:
    status, body, headers = answer
    assert (status, body["code"]) == (503, "busy")
    assert int(headers["retry-after"]) >= 1


def test_a_full_disk_refuses_before_it_acknowledges_and_recovers(here: Installation, disk: Disk):
    assert here.process is not None
    assert send(here, "before")[0] == 201
    acknowledged, ref = ["before"], ""
    for i in range(2_000):  # what is left of the log's own space may still take some
        disk.fill(here.process.pid)
        ref = f"full-{i}"
        answer = send(here, ref)
        if answer[0] != 201:
            break
        acknowledged.append(ref)
    refused(answer)
    disk.fill(here.process.pid)
    refused(send(here, ref))
    assert here.call("GET", "/metrics?metric=csat")[0] == 200
    disk.empty(here.process.pid)
    assert within(90, lambda: send(here, ref)[0] == 201)
    acknowledged.append(ref)
    assert send(here, ref)[0] == 200, "sent again, it is unchanged"
    kept = [one for one in here.references() if one in set(acknowledged)]
    assert sorted(kept) == sorted(acknowledged)


def test_a_full_disk_takes_no_file_and_no_backup_and_says_so(here: Installation, disk: Disk):
    assert here.process is not None
    disk.fill(here.process.pid)
    lines = "date,score\n" + "2026-11-01,5\n" * 200_000
    status, said, headers = upload(here, "/api/v1/imports", lines)
    refused((status, json.loads(said), headers))
    status, page, headers = upload(here, "/log-in/", lines)
    assert (status, headers["retry-after"]) == (503, "5") and "disk is full" in page
    refused(here.call("POST", "/backups", {}))
    told = manyi(here.folder, "backup", str(here.folder / "a.zip"))
    assert told.returncode == 1 and "The disk is full" in told.stderr
    assert len(told.stderr.splitlines()) == 1
    disk.empty(here.process.pid)
    assert not list(here.folder.glob("a.zip*")) and not list(here.folder.glob(".manyi-backup-*"))
    assert within(90, lambda: here.call("POST", "/backups", {})[0] == 201)
    status, said, _ = upload(here, "/api/v1/imports", lines)
    assert status == 201, said


def upload(here: Installation, path: str, text: str) -> tuple[int, str, dict[str, str]]:
    """Send a file as a program does, or as a browser that was here before."""
    head = {"Authorization": f"Bearer {here.token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{here.port}", headers=head, timeout=60) as one:
        token = {"csrfmiddlewaretoken": one.get("/log-in/").cookies["manyi_csrf"]}
        fields = token if path == "/log-in/" else {}
        said = one.post(path, files={"file": ("a.csv", text.encode())}, data=fields)
        return said.status_code, said.text, dict(said.headers)


def test_a_locked_database_is_told_and_passes(here: Installation):
    with held(here.folder / "manyi.sqlite3"):
        refused(send(here, "locked"))
        assert here.call("GET", "/metrics?metric=csat")[0] == 200, "readers wait for no writer"
    assert within(90, lambda: send(here, "locked")[0] == 201)


def test_a_short_lock_is_waited_for(here: Installation):
    answers: list[tuple[int, dict, dict]] = []
    patient = threading.Thread(target=lambda: answers.append(send(here, "patient")))
    with held(here.folder / "manyi.sqlite3"):
        patient.start()
        time.sleep(1.0)
        assert answers == []
    patient.join(90)
    assert [status for status, _, _ in answers] == [201]


def test_afterwards_everything_is_sound(here: Installation):
    assert here.stop() == 0
    assert here.rows()["integrity"] == "ok"
    references = here.references()
    assert len(references) == len(set(references))
    assert {"before", "locked", "patient"} <= set(references)
    assert manyi(here.folder, "verify-audit").returncode == 0


@contextlib.contextmanager
def held(database: Path) -> Iterator[None]:
    """Hold the write lock from another process, through the project's own driver."""
    command = [sys.executable, "-c", HOLD, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline().strip() == b"held"
        try:
            yield
        finally:
            process.communicate(b"\n", timeout=90)


def within(seconds: float, done) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if done():
            return True
        time.sleep(0.2)
    return False
