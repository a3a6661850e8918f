"""What imports keep of rows that were left out may name anybody: it goes with an erasure."""

from __future__ import annotations

from datetime import datetime

from manyi.connectors import drafting
from manyi.connectors.models import Import, ImportProblem
from manyi.customers.actions import tick
from manyi.customers.models import ErasureRequest

FLOOR = "imports"


def forget_imports(*, now: datetime) -> int:
    """Tick the erasures before which nothing that was handed in is kept. A loop step."""
    waiting = [r for r in ErasureRequest.objects.filter(done_at=None) if FLOOR not in r.ticks]
    return sum(_forget(request, now) for request in waiting)


def _forget(request: ErasureRequest, now: datetime) -> bool:
    before = Import.objects.filter(
        organisation_id=request.organisation_id, created_at__lte=request.requested_at
    )
    open_states = (Import.State.WAITING, Import.State.RUNNING)
    for job in before.filter(state__in=open_states):
        # One that waits for a person loses its file after a week, and then it is gone.
        if drafting.at(job.upload).is_file() or drafting.at(job.path).is_file():
            return False
    for job in before.exclude(state__in=open_states):
        drafting.at(job.upload).unlink(missing_ok=True)
        drafting.at(job.path).unlink(missing_ok=True)
    ImportProblem.objects.filter(job__in=before).delete()
    tick(request, FLOOR, now=now)
    return True
