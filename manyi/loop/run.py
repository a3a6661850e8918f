"""The loop: it turns while there is something to do, and sleeps until a commit or a due time."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from django.db import DatabaseError, connection

from manyi.base import memory
from manyi.base.log import logger
from manyi.base.models import Heartbeat
from manyi.loop import apart
from manyi.loop.steps import STEPS, Step

log = logger(__name__)
IDLE_SECONDS = 1.0
# What is done aside may be waiting for somebody else when we stop: it is given so long to end.
LAST_SECONDS = 2.0
BEAT_SECONDS = 10.0
HEARTBEAT = "worker"
NICENESS = 10


def turn(now: datetime, steps: Sequence[Step] = STEPS) -> dict[str, int]:
    """Run every step once. One that fails is logged and stops no other."""
    done: dict[str, int] = {}
    for step in steps:
        try:
            done[step.name] = step.run(now)
            if done[step.name]:  # or the next step would need its memory on top
                memory.give_back()
        except Exception:
            log.exception("step_failed", step=step.name)
            connection.close()
    return done


class Loop:
    """Turns until told to stop; remembers when each step last ran."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.stopping = threading.Event()
        self._began = clock()
        self._last: dict[str, datetime] = {}
        self._beat_at: datetime | None = None

    def run(self) -> None:
        """Work until `stop` is called; what waits for others is done aside meanwhile."""
        aside = threading.Thread(target=self._run_aside, name="aside", daemon=True)
        aside.start()
        while not self.stopping.is_set():
            now = self.clock()
            self._beat(now)
            self._turn(now, [s for s in STEPS if not s.is_aside])
        aside.join(LAST_SECONDS)

    def _run_aside(self) -> None:
        steps = [s for s in STEPS if s.is_aside]
        while not self.stopping.is_set():
            self._turn(self.clock(), steps)
        connection.close()

    def stop(self, *_: object) -> None:
        self.stopping.set()

    def _turn(self, now: datetime, steps: Sequence[Step]) -> None:
        if not any(turn(now, self._due(now, steps)).values()):
            self._rest()

    def _due(self, now: datetime, steps: Sequence[Step]) -> list[Step]:
        due = [s for s in steps if self._is_due(now, s)]
        self._last.update({s.name: now for s in due})
        return due

    def _is_due(self, now: datetime, step: Step) -> bool:
        last = self._last.get(step.name)
        return now - self._began >= step.after if last is None else now - last >= step.every

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

    def stop(*_: object) -> None:
        loop.stop()
        apart.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    loop.run()
