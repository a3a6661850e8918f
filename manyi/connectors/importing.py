"""The loop's step for files: a few seconds of work, then the other steps have their turn.

Each chunk of rows and the place behind it are stored in one transaction, so that a worker
that is killed leaves a file that goes on exactly where it stopped.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import IntegrityError, OperationalError

from manyi.accounts.models import Member
from manyi.base.log import logger
from manyi.connectors import actions, drafting
from manyi.connectors.models import Import
from manyi.connectors.storing import LostLease, Storing, forget, storing_of
from manyi.feedback import directory
from manyi.kit.problems import Problem
from manyi.tabular import reading
from manyi.tabular.reading import Row, Shape

log = logger(__name__)
State, Stage = Import.State, Import.Stage
WORKER = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
SECONDS = 2.0


def work_on_next(*, now: datetime, worker: str = WORKER, seconds: float = SECONDS) -> int:
    """Go on with one import for a few seconds; returns the number of rows handled."""
    mine = Import.objects.filter(claimed_by=worker, state=State.RUNNING).first()
    job = mine or Import.claim_next(
        worker=worker, now=now, stage__in=(Stage.READING, Stage.STORING)
    )
    if job is None:
        return 0
    if job.stage == Stage.READING:
        return _read_on(job, worker, now)
    return store_on(job, worker=worker, now=now, seconds=seconds)


class _Reading(threading.Thread):
    """The reading of one large file, beside the loop's other work; touches no database."""

    def __init__(self, job: Import) -> None:
        super().__init__(name="reading", daemon=True)
        self.job = job
        self.shape: Shape | None = None
        self.problem: Problem | None = None

    def run(self) -> None:
        try:
            self.shape = actions.read(self.job)
        except Problem as problem:
            self.problem = problem
        except Exception:
            log.exception("reading_failed", job=self.job.pk)
            self.problem = Problem("file.unreadable")


_readings: dict[int, _Reading] = {}


def _read_on(job: Import, worker: str, now: datetime) -> int:
    """Begin, wait for, or take over the reading of a file; 1 once it is read."""
    one = _readings.get(job.pk)
    if one is None:
        one = _readings[job.pk] = _Reading(job)
        one.start()
        one.join(0.5)
    if one.is_alive():
        job.report(worker=worker, now=now)
        return 0
    del _readings[job.pk]
    try:
        if one.shape is None:
            raise one.problem or Problem("file.unreadable")
        actions.settle(job, one.shape, now=now)
    except Problem as problem:
        job.finish(worker=worker, now=now, problem=said(problem))
        return 1
    names = ("shape", "sheet", "columns", "total", "signature", "mapping", "stage")
    values = {name: getattr(job, name) for name in names}
    job.report(worker=worker, now=now, state=State.WAITING, claimed_by="", **values)
    return 1


def said(problem: Problem) -> dict[str, Any]:
    """Return a Problem as JSON that a page says in its reader's language."""
    params = {k: str(v)[:200] for k, v in problem.params.items()}
    return {"code": problem.code, "params": params, "errors": [asdict(e) for e in problem.errors]}


def store_on(job: Import, *, worker: str, now: datetime, seconds: float) -> int:
    """Store rows until the time is up, the file ends or the job is no longer ours."""
    ends = time.monotonic() + seconds
    done = 0
    try:
        storing = storing_of(job, _member(job), now=now)
        path = drafting.at(job.path)
        if not path.exists():
            raise Problem("import.file_gone")
        rows = reading.rows(path, job.offset)
        while chunk := list(islice(rows, storing.chunk)):
            _store_chunk(storing, chunk, worker=worker)
            done += len(chunk)
            if time.monotonic() >= ends:
                return done
        _finish(job, worker, now)
    except LostLease:
        return done
    except Problem as problem:
        job.finish(worker=worker, now=now, problem=said(problem))
    except OperationalError:
        raise  # the database is busy or gone: the next turn goes on from here
    except Exception:
        log.exception("import_failed", job=job.pk, line=job.line)
        job.finish(worker=worker, now=now, problem=said(Problem("import.broke", line=job.line)))
    return done


def _store_chunk(storing: Storing, chunk: list[Row], *, worker: str) -> None:
    try:
        storing.store(chunk, worker=worker)
    except IntegrityError:
        # A unit or customer that was there a moment ago is gone: a second look sees it.
        directory.forget(storing.job.organisation_id)
        storing.store(chunk, worker=worker)


def _member(job: Import) -> Member:
    """Return who imports, with the role they have today."""
    found = Member.objects.filter(
        user_id=job.user_id, organisation_id=job.organisation_id, is_active=True
    ).select_related("user", "unit", "organisation", "agent")
    member = found.first()
    if member is None:
        raise Problem("import.member_gone")
    actions.require_import(member, job.what)
    return member


def _finish(job: Import, worker: str, now: datetime) -> None:
    """Close the books: every row of the file is created, updated, unchanged or rejected."""
    counted = sum(getattr(job, name) for name in actions.COUNTS)
    if counted != job.total:
        params = {"counted": counted, "total": job.total}
        raise Problem("import.counts_differ", **params)
    if job.is_dry_run:
        forget(job)
        job.report(
            worker=worker,
            now=now,
            stage=Stage.STORING if job.is_unattended else Stage.MAPPING,
            state=State.DONE if job.is_unattended else State.WAITING,
            is_checked=True,
            claimed_by="",
            finished_at=now if job.is_unattended else None,
        )
        return
    if job.finish(worker=worker, now=now):
        drafting.at(job.upload).unlink(missing_ok=True)
        if not job.rejected:  # else people may still download the original rows
            drafting.at(job.path).unlink(missing_ok=True)


def work_through(job: Import, *, worker: str, clock: Any, tick: Any) -> None:
    """Do a whole import in the foreground, saying how far it is; for the command line.

    Where the installation's own worker was quicker, it is only watched.
    """
    while True:
        job.refresh_from_db()
        tick(job)
        if job.state not in (State.WAITING, State.RUNNING):
            return
        mine = job.state == State.RUNNING and job.claimed_by == worker
        if not mine and not Import.claim_next(worker=worker, now=clock(), pk=job.pk):
            time.sleep(0.2)
        elif mine and job.stage == Stage.READING:
            _read_on(job, worker, clock())
        elif mine:
            store_on(job, worker=worker, now=clock(), seconds=0.5)
