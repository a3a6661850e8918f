"""Files that were made before an erasure was asked for hold the person: they go with it."""

from __future__ import annotations

from datetime import datetime

from manyi.customers.actions import tick
from manyi.customers.models import ErasureRequest
from manyi.reports.actions import path_of
from manyi.reports.models import Export

FLOOR = "exports"


def forget_exports(*, now: datetime) -> int:
    """Tick the erasures before which no finished export is kept. A loop step."""
    waiting = [r for r in ErasureRequest.objects.filter(done_at=None) if FLOOR not in r.ticks]
    return sum(_forget(request, now) for request in waiting)


def _forget(request: ErasureRequest, now: datetime) -> bool:
    if "customers" not in request.ticks:
        return False  # a file begun before that may still name the person
    before = Export.objects.filter(
        organisation_id=request.organisation_id,
        created_at__lte=datetime.fromisoformat(request.ticks["customers"]),
    )
    if before.filter(state__in=(Export.State.WAITING, Export.State.RUNNING)).exists():
        return False
    for job in before.exclude(path=""):
        path_of(job).unlink(missing_ok=True)
    tick(request, FLOOR, now=now)
    return True
