"""Work that lasts: claimed under a lease by one worker, with progress that a page can show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q

LEASE = timedelta(seconds=60)


class Job(models.Model):
    """A long piece of work; a worker that dies leaves a lease that runs out."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    claimed_by = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    progress = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    problem = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def claim_next(cls, *, worker: str, now: datetime, **where: Any) -> Self | None:
        """Return one job that now belongs to `worker` alone, or None."""
        free = Q(state=cls.State.WAITING) | Q(state=cls.State.RUNNING, lease_until__lt=now)
        for job in cls._default_manager.filter(free, **where).order_by("created_at", "pk")[:5]:
            won = cls._default_manager.filter(free, pk=job.pk).update(
                state=cls.State.RUNNING, claimed_by=worker, lease_until=now + LEASE
            )
            if won:
                job.refresh_from_db()
                return job
        return None

    def report(self, *, worker: str, now: datetime, **values: Any) -> bool:
        """Store progress and renew the lease; False when the job is no longer `worker`'s."""
        mine = type(self)._default_manager.filter(
            pk=self.pk, claimed_by=worker, state=self.State.RUNNING
        )
        return bool(mine.update(lease_until=now + LEASE, **values))

    def finish(self, *, worker: str, now: datetime, problem: Any = None, **values: Any) -> bool:
        """Mark the job done, or failed with a problem; False when it is no longer `worker`'s."""
        state = self.State.FAILED if problem else self.State.DONE
        return self.report(
            worker=worker, now=now, state=state, problem=problem, finished_at=now, **values
        )
