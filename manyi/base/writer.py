"""Group commit: writes that wait are stored by one thread in one transaction.

One that fails hurts nobody: where it left something behind, the batch is undone and done
again with a savepoint around each; where only the commit finds a fault (a reference to what
is gone), each is done again in a transaction of its own. A submission is answered only after
its commit. A full queue, a full disk or a locked database is `Busy`: nothing was stored.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import Error, IntegrityError, OperationalError, connection, transaction

from manyi.base.log import logger
from manyi.kit.problems import Busy

log = logger(__name__)
T = TypeVar("T")

QUEUE_LENGTH = 1024
BATCH = 64
WAIT_SECONDS = 15.0


_forgets: list[Callable[[], None]] = []


def when_undone(forget: Callable[[], None]) -> None:
    """Have what was remembered of the database forgotten whenever a transaction is undone here."""
    _forgets.append(forget)


def _forget() -> None:
    for forget in _forgets:
        forget()


class _Submission:
    __slots__ = ("done", "error", "expired", "result", "work")

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        # Held until it is answered: a bare lock costs a tenth of an Event.
        self.done = threading.Lock()
        self.done.acquire()
        self.result: Any = None
        self.error: BaseException | None = None
        self.expired = False

    def wait(self) -> Any:
        if not self.done.acquire(timeout=WAIT_SECONDS):
            self.expired = True
            if not self.done.acquire(timeout=WAIT_SECONDS):
                raise Busy()
        if self.error is not None:
            raise self.error
        return self.result


class Writer:
    """One writing thread of this process, started by the first submission."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[_Submission] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, work: Callable[[], T]) -> T:
        """Run `work` inside a transaction and return its result once it is on disk.

        Inside an open transaction it joins that one. Raises what `work` raised, or Busy.
        """
        return self.begin(work)()

    def begin(self, work: Callable[[], T]) -> Callable[[], T]:
        """Queue `work` and return what waits for it, as `submit` does: time to prepare more."""
        if connection.in_atomic_block:
            result = self._join(work)
            return lambda: result
        self._start()
        # Threads that look at once may pass the limit by their number.
        if self._queue.qsize() >= QUEUE_LENGTH:
            raise Busy()
        one = _Submission(work)
        self._queue.put(one)
        return one.wait

    def _join(self, work: Callable[[], T]) -> T:
        """Run `work` in the open transaction; the writer has its savepoint around it already."""
        if threading.current_thread() is self._thread:
            return work()
        with transaction.atomic():
            return work()

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._store(self._collect())

    def _collect(self) -> list[_Submission]:
        batch = [self._queue.get()]
        while len(batch) < BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch

    def _store(self, batch: list[_Submission]) -> None:
        committed = False
        try:
            _commit(batch)
            committed = True
        except Error as error:
            log.error("group_commit_failed", error=str(error), waiting=len(batch))
            _forget()
            connection.close()
            time.sleep(0.02)
        finally:
            for one in batch:
                if not committed:
                    one.error = Busy()
                one.done.release()


class _LeftSomething(Exception):
    """A submission failed with rows of it stored, which must be undone."""


def _commit(batch: list[_Submission]) -> None:
    try:
        _commit_together(batch)
    except IntegrityError:
        # Found at the commit, which does not say by whom.
        _forget()
        for one in batch:
            _commit_alone(one)


def _commit_together(batch: list[_Submission]) -> None:
    try:
        with transaction.atomic():
            for one in batch:
                _attempt(one)
            _check_open()
    except _LeftSomething:
        _forget()
        with transaction.atomic():
            for one in batch:
                _attempt_apart(one)
            _check_open()


def _commit_alone(one: _Submission) -> None:
    """Store a submission by itself; the others of its batch may be on disk already."""
    one.result, one.error = None, None
    try:
        if one.expired:
            raise Busy()
        with transaction.atomic():
            one.result = one.work()
            _check_open()
    except Exception as error:
        _forget()
        one.error = Busy() if isinstance(error, OperationalError) else error


def _check_open() -> None:
    """Raise where the transaction would be rolled back, or is lost already, without a word."""
    lost = settings.ON_SQLITE and not connection.connection.in_transaction
    if lost or transaction.get_rollback():
        raise OperationalError("the transaction cannot be committed")


def _attempt(one: _Submission) -> None:
    """Run a submission in the open transaction; its failure is its own if it left nothing."""
    if one.expired:
        one.error = Busy()
        return
    before = _changes()
    try:
        one.result = one.work()
    except OperationalError:
        raise
    except Exception as error:
        if _left_nothing(before):
            one.error = error
        else:
            raise _LeftSomething from error


def _changes() -> int:
    return connection.connection.total_changes if settings.ON_SQLITE else 0


def _left_nothing(before: int) -> bool:
    """Whether nothing was written since; a PostgreSQL transaction never goes on after an error."""
    if not settings.ON_SQLITE or transaction.get_rollback():
        return False
    return connection.connection.in_transaction and _changes() == before


def _attempt_apart(one: _Submission) -> None:
    """Run a submission in a savepoint, which undoes it where it fails."""
    one.result, one.error = None, None
    if one.expired:
        one.error = Busy()
        return
    try:
        with transaction.atomic():
            one.result = one.work()
    except OperationalError:
        raise
    except Exception as error:  # one poison row hurts nobody else
        _forget()
        one.error = error


writer = Writer()
