"""Killed at any moment, with dashboards and backups busy, it loses and doubles nothing."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.reliability.installation import Installation
from tests.upkeep.rows import environment, everything, manyi

CLIENTS = 8
ENOUGH, LONGEST = 35, 120.0
LONG = bool(os.environ.get("TEST_LONG"))
SEED = 20_261_122


class Clients:
    """Eight people who send until they are answered, always with the same id."""

    def __init__(self, target: Installation) -> None:
        self.target = target
        self.over = threading.Event()
        self.acknowledged: set[str] = set()
        self.tried: set[str] = set()
        self.refused: list[str] = []
        self.threads = [threading.Thread(target=self._send_all, args=(i,)) for i in range(CLIENTS)]
        self.threads.append(threading.Thread(target=self._look))
        for thread in self.threads:
            thread.start()

    def go_on(self, seconds: float) -> None:
        """Let them send for a while; on a busy machine, until enough of it was answered."""
        enough, until = len(self.acknowledged) + ENOUGH, time.monotonic() + LONGEST
        time.sleep(seconds)
        while len(self.acknowledged) < enough:
            assert time.monotonic() < until, "nothing is acknowledged any more"
            time.sleep(0.05)

    def end(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def _send_all(self, client: int) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            self._send_until_answered(f"client-{client}-{number:06}", is_survey=number % 2 == 0)

    def _send_until_answered(self, ref: str, *, is_survey: bool) -> None:
        path, body = response(self.target, ref) if is_survey else record(ref)
        self.tried.add(ref)
        while not self.over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
                status, said, _ = self.target.call("POST", path, body, timeout=30)
                if status in {200, 201}:
                    self.acknowledged.add(ref)
                    return
                if status != 503:
                    self.refused.append(f"{status} {said}")
                    return
            time.sleep(0.05)

    def _look(self) -> None:
        """Dashboards stay busy meanwhile."""
        paths = ("/metrics?metric=csat", "/metrics?metric=csat&interval=day", "/feedback?limit=50")
        while not self.over.is_set():
            for path in paths:
                with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                    self.target.call("GET", path, timeout=30)
            time.sleep(0.05)


def response(target: Installation, ref: str) -> tuple[str, dict]:
    answers = {"overall": 1 + len(ref) % 5}
    return f"/surveys/{target.survey}/responses", {"submission_id": ref, "answers": answers}


def record(ref: str) -> tuple[str, dict]:
    body = {
        "source": "kill",
        "source_ref": ref,
        "occurred_at": "2026-11-01T09:30:00+08:00",
        "scores": [{"metric": "csat", "value": 4, "scale": [1, 5]}],
        "verbatim": f"结账排队太久 {ref}",
        "customer": {"ref": f"C-{ref}"},
    }
    return "/feedback", body


def backing_up(target: Installation, to: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "manyi", "backup", str(to)],
        env=environment(target.folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    "kills", [2, pytest.param(25, marks=[pytest.mark.slow, pytest.mark.skipif(
        not LONG, reason="the long form runs in `make test-long`")])],
)  # fmt: skip
def test_a_kill_loses_and_doubles_nothing(kills: int, tmp_path: Path):
    rng = random.Random(SEED)
    here = Installation(tmp_path / "data").set_up()
    here.start()
    here.publish()
    clients = Clients(here)
    backups: list[tuple[subprocess.Popen[bytes], Path, set[str]]] = []
    try:
        for i in range(kills):
            known = set(clients.acknowledged)
            path = tmp_path / f"backup-{i}.zip"
            backups.append((backing_up(here, path), path, known))
            clients.go_on(rng.uniform(1.0, 4.0))
            here.kill()
            here.start()
        clients.go_on(1.5)
    finally:
        clients.end()
        finished = [b for b in backups if b[0].wait(300) == 0]
        ended = here.stop()
    assert ended == 0
    assert clients.refused == []
    assert len(clients.acknowledged) > 100
    stored = here.references()
    assert len(stored) == len(set(stored)), "stored twice"
    assert clients.acknowledged <= set(stored), "acknowledged and lost"
    assert set(stored) <= clients.tried
    sound(here)
    for _, path, known in finished:
        restored(path, known, tmp_path / f"{path.stem}-data")
    assert finished, "no backup was finished"


def sound(here: Installation) -> None:
    """The database is whole, the audit chain holds, and the lake agrees with the database."""
    assert here.rows()["integrity"] == "ok"
    audit = manyi(here.folder, "verify-audit")
    assert audit.returncode == 0, audit.stderr
    script = (
        "from manyi.cli.main import start_django; start_django();"
        "from datetime import UTC, datetime; from manyi.lake import checking, writing;"
        "a = checking.recount(); writing.append_new(datetime.now(UTC));"
        "writing.rebuild(datetime.now(UTC)); print(a, checking.recount())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(here.folder),
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[] []", done.stdout + done.stderr


def restored(path: Path, known: set[str], data: Path) -> None:
    """A backup holds at least what had been acknowledged when it began."""
    done = manyi(data, "restore", str(path))
    assert done.returncode == 0, done.stderr
    found = everything(data / "manyi.sqlite3")
    table = found["tables"]["feedback_feedbackrecord"]
    at = table["columns"].index("source_ref")
    assert found["integrity"] == "ok"
    assert known <= {row[at].rpartition(":")[2] for row in table["rows"]}
