"""Puts an unpacked backup in its place. The lake is made again from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from manyi.kit.problems import Problem
from manyi.lake import writing as lake
from manyi.upkeep import backup, postgresql


def put_back(parts: Mapping[str, Path], about: Mapping[str, Any]) -> None:
    """Make the unpacked database this installation's; refuses a database that has tables."""
    if about.get("database") != connection.vendor:
        raise Problem("restore.other_database", made=str(about.get("database"))[:20])
    if about.get("key") not in backup.fingerprints():
        raise Problem("restore.other_key")
    if settings.ON_SQLITE:
        parts[backup.SQLITE].replace(connection.settings_dict["NAME"])
    else:
        if connection.introspection.table_names():
            raise Problem("restore.not_empty", place=connection.settings_dict["NAME"])
        postgresql.load(parts[backup.POSTGRESQL])
    if about.get("tables") != backup.row_counts():
        raise Problem("restore.rows_differ")
    _refuse_newer()


def bring_up_to_date(*, now: datetime) -> int:
    """Migrate the restored database and make the lake again; return how many records it has."""
    call_command("migrate", interactive=False, verbosity=0)
    return lake.rebuild(now)


def _refuse_newer() -> None:
    """A database that knows migrations we do not was made by a newer version."""
    loader = MigrationLoader(connection)
    ours = {app for app, _ in loader.disk_migrations}
    newer = [f"{a}.{n}" for a, n in loader.applied_migrations if a in ours]
    unknown = [one for one in newer if tuple(one.split(".", 1)) not in loader.disk_migrations]
    if unknown:
        raise Problem("restore.newer", migration=sorted(unknown)[0])
