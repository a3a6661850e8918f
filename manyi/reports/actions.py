"""Large exports in the background: asked for, written by the loop, fetched by their owner."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import connection, transaction

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require, scope
from manyi.base.log import logger
from manyi.kit.problems import NotFound, Problem
from manyi.kit.selection import Selection, parse
from manyi.reports.exporting import FORMS, Exporting
from manyi.reports.models import Export
from manyi.tabular.writing import export_name

log = logger(__name__)
WORKER = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"


def start(*, by: Member, selection: Selection, form: str, language: str, now: datetime) -> Export:
    """Ask for a file of a selection; the loop writes it."""
    require(by, "feedback.export")
    if form not in FORMS:
        raise Problem("export.format_unknown", value=form[:20])
    total = Exporting(by, selection, language=language).count()
    with transaction.atomic():
        note(by=by, selection=selection, form=form, n=total, now=now)
        return Export.objects.create(
            organisation=by.organisation,
            user=by.user,
            query=selection.query(),
            form=form,
            language=language,
            file_name=export_name("feedback", now, suffix(form)),
            created_at=now,
            total=total,
        )


def note(*, by: Member, selection: Selection, form: str, n: int, now: datetime) -> None:
    """Leave an entry in the audit chain: who took which records out."""
    audit.record(
        by.organisation_id,
        actor=by,
        action="feedback.export",
        target="",
        detail={"selection": selection.query()[:1000], "format": form, "n": n},
        now=now,
    )


def suffix(form: str) -> str:
    return {"json": "jsonl", "sss": "zip"}.get(form, form)


def export_by_id(by: Member, pk: int | str) -> Export:
    """Return an export of one's own; NotFound for anybody else's."""
    try:
        return Export.objects.get(pk=int(pk), organisation=by.organisation, user=by.user)
    except (Export.DoesNotExist, ValueError, OverflowError):
        raise NotFound("not_found") from None


def path_of(job: Export) -> Path:
    return folder() / Path(job.path).name


def folder() -> Path:
    found = Path(settings.DATA) / "exports"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


class _Writing(threading.Thread):
    """The writing of one file beside the loop's other work, with a connection of its own."""

    def __init__(self, job: Export) -> None:
        super().__init__(name="export", daemon=True)
        self.job, self.done = job, 0
        self.problem: Problem | None = None
        self.name_of_file = f"{secrets.token_hex(16)}.{suffix(job.form)}"

    def run(self) -> None:
        try:
            self.done = write(self.job, folder() / self.name_of_file, self._tick)
        except Problem as problem:
            self.problem = problem
        except Exception:
            log.exception("export_failed", job=self.job.pk)
            self.problem = Problem("export.broke")
        finally:
            connection.close()

    def _tick(self, n: int) -> None:
        self.done = n


def write(job: Export, path: Path, tick: Callable[[int], None] = lambda n: None) -> int:
    """Write the file of an export as its owner may see it today; returns its rows."""
    found = Member.objects.filter(
        user_id=job.user_id, organisation_id=job.organisation_id, is_active=True
    ).select_related("user", "unit", "organisation", "agent")
    member = found.first()
    if member is None:
        raise Problem("export.member_gone")
    selection = parse(scope(member), parse_qs(job.query))
    return Exporting(member, selection, language=job.language).write(path, job.form, tick)


_writings: dict[int, _Writing] = {}


def work_on_next(*, now: datetime | None = None, worker: str = WORKER) -> int:
    """Begin, watch over or finish one export; 1 when one was begun or finished. A loop step."""
    now = now or datetime.now(UTC)
    mine = Export.objects.filter(claimed_by=worker, state=Export.State.RUNNING).first()
    job = mine or Export.claim_next(worker=worker, now=now)
    if job is None:
        return 0
    one = _writings.get(job.pk)
    if one is None:
        one = _writings[job.pk] = _Writing(job)
        one.start()
        one.join(0.5)
    if one.is_alive():
        job.report(worker=worker, now=now, progress=one.done)
        return 0
    del _writings[job.pk]
    if one.problem:
        job.finish(worker=worker, now=now, problem=_said(one.problem))
    else:
        done: dict[str, Any] = {"progress": one.done, "total": one.done, "path": one.name_of_file}
        job.finish(worker=worker, now=now, **done)
    return 1


def _said(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "params": {k: str(v) for k, v in problem.params.items()}}
