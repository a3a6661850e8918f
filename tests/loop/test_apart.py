"""A command in a process of its own: it fails in one line, and ends when the worker is told to."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time

import pytest

from manyi.loop import apart

# What the worker does, with a command that would take minutes: told to stop, all of it ends.
_WORKER = """
import logging, signal, sys
from manyi.loop import apart
signal.signal(signal.SIGTERM, lambda *_: apart.stop())
print("ready", flush=True)
apart.run("bench", "stats")
print(len(apart._running), apart.run("doctor"), flush=True)
"""


def test_a_command_that_fails_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert apart.run("no-such-command") == 0
    (line,) = [one for one in caplog.records if "command_failed" in one.getMessage()]
    assert "no-such-command" in line.getMessage()


def test_a_command_that_does_its_work_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert apart.run("--version") == 0
    assert not caplog.records


def test_what_runs_ends_with_the_worker() -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", _WORKER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
    time.sleep(1)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    said, errors = worker.communicate(timeout=30)
    assert said == "0 0\n"
    assert time.monotonic() - began < 10
    assert "command_failed" not in errors
