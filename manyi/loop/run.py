"""The loop: it turns while there is something to do, and sleeps until a commit or a due time."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from django.db import DatabaseError, connection

from manyi.base.log import logger
from manyi.base.models import Heartbeat
from manyi.loop.steps import STEPS, Step

log = logger(__name__)
IDLE_SECONDS = 1.0
BEAT_SECONDS = 10.0
HEARTBEAT = "worker"
NICENESS = 10


def turn(now: datetime, steps: Sequence[Step] = STEPS) -> dict[str, int]:
    """Run every step once. One that fails is logged and stops no other."""
    done: dict[str, int] = {}
    for step in steps:
        try:
            done[step.name] = step.run(now)
        except Exception:
            log.exception("step_failed", step=step.name)
            connection.close()
    return done


class Loop:
    """Turns until told to stop; remembers when each step last ran."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.stopping = threading.Event()
        self._last: dict[str, datetime] = {}
        self._beat_at: datetime | None = None

    def run(self) -> None:
        """Work until `stop` is called."""
        while not self.stopping.is_set():
            now = self.clock()
            self._beat(now)
            done = turn(now, self._due(now))
            if not any(done.values()):
                self._rest()

    def stop(self, *_: object) -> None:
        self.stopping.set()

    def _due(self, now: datetime) -> list[Step]:
        due = [s for s in STEPS if s.name not in self._last or now - self._last[s.name] >= s.every]
        self._last.update({s.name: now for s in due})
        return due

    def _rest(self) -> None:
        self.stopping.wait(IDLE_SECONDS)

    def _beat(self, now: datetime) -> None:
        if self._beat_at and (now - self._beat_at).total_seconds() < BEAT_SECONDS:
            return
        try:
            Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": now})
            self._beat_at = now
        except DatabaseError:
            log.exception("heartbeat_failed")
            connection.close()


def work() -> None:
    """Run the loop in this process until SIGTERM or SIGINT, after whoever answers people."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    loop = Loop()
    signal.signal(signal.SIGTERM, loop.stop)
    signal.signal(signal.SIGINT, loop.stop)
    loop.run()
