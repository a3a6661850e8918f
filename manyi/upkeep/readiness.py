"""What /readyz and `manyi doctor` look at first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from manyi.base.models import Heartbeat
from manyi.feedback.models import FeedbackRecord

WORKER = "worker"
WORKER_LATE_SECONDS = 120.0


def readiness(*, now: datetime) -> dict[str, Any]:
    """Return whether the installation works, its lags in seconds, and what is down.

    Keys: ok, database, sqlite_version, migrations, worker_lag_seconds, lake_lag_seconds, down.
    """
    found: dict[str, Any] = {
        "ok": True,
        "database": "ok",
        "sqlite_version": settings.SQLITE_VERSION or None,
        "migrations": "applied",
        "worker_lag_seconds": None,
        "lake_lag_seconds": None,
        "down": [],
    }
    try:
        if waiting_migrations():
            found["migrations"] = "waiting"
            found["down"].append("migrations")
        else:
            found["worker_lag_seconds"] = worker_lag(now)
            found["lake_lag_seconds"] = lake_lag(now)
    except DatabaseError:
        connection.close()
        found["database"] = "failed"
        found["down"].append("database")
    lag = found["worker_lag_seconds"]
    if lag is not None and lag > WORKER_LATE_SECONDS:
        found["down"].append("worker")
    found["ok"] = not found["down"]
    return found


def waiting_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def worker_lag(now: datetime) -> float | None:
    """Return the seconds since a worker was last seen; None when none ever was."""
    seen = Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
    return None if seen is None else max(0.0, round((now - seen).total_seconds(), 1))


def lake_lag(now: datetime) -> float:
    """Return the age in seconds of the oldest finished record that the lake lacks; 0 for none."""
    first = (
        FeedbackRecord.objects.filter(lake_part=None)
        .exclude(completed_at=None)
        .order_by("pk")
        .values_list("received_at", flat=True)
        .first()
    )
    return 0.0 if first is None else max(0.0, round((now - first).total_seconds(), 1))
