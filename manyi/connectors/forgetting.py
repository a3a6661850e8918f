"""What imports keep of rows that were left out may name anybody: it goes with an erasure."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from manyi.connectors import drafting
from manyi.connectors.models import Import, ImportProblem, Summary, ThemeLabel
from manyi.customers.actions import tick
from manyi.customers.models import ErasureRequest

FLOOR = "imports"
PATIENCE = timedelta(days=1)
"""How long a file may wait for a person while a customer waits to be forgotten."""


def forget_imports(*, now: datetime) -> int:
    """Tick the erasures before which nothing that was handed in is kept. A loop step."""
    waiting = [r for r in ErasureRequest.objects.filter(done_at=None) if FLOOR not in r.ticks]
    return sum(_forget(request, now) for request in waiting)


def _forget(request: ErasureRequest, now: datetime) -> bool:
    before = Import.objects.filter(
        organisation_id=request.organisation_id, created_at__lte=request.requested_at
    )
    # What the outside model wrote may speak of anybody's text, so all of it goes.
    mine = {"organisation_id": request.organisation_id}
    Summary.objects.filter(**mine, created_at__lte=request.requested_at).delete()
    ThemeLabel.objects.filter(**mine, at__lte=request.requested_at).delete()
    if now - request.requested_at >= PATIENCE:
        _end_waiting(before, now)
    open_states = (Import.State.WAITING, Import.State.RUNNING)
    for job in before.filter(state__in=open_states):
        if drafting.at(job.upload).is_file() or drafting.at(job.path).is_file():
            return False
    for job in before.exclude(state__in=open_states):
        drafting.at(job.upload).unlink(missing_ok=True)
        drafting.at(job.path).unlink(missing_ok=True)
    ImportProblem.objects.filter(job__in=before).delete()
    tick(request, FLOOR, now=now)
    return True


def _end_waiting(before: QuerySet[Import], now: datetime) -> None:
    """End the imports that wait for a person; nothing of them is stored yet."""
    waiting = before.filter(state=Import.State.WAITING, stage=Import.Stage.MAPPING)
    problem = {"code": "import.ended_for_erasure", "params": {}, "errors": []}
    waiting.update(state=Import.State.FAILED, problem=problem, finished_at=now)
