"""Puts an unpacked backup in its place. The lake is made again from it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from manyi.accounts import audit
from manyi.customers.models import Customer, ErasureRequest
from manyi.kit.problems import Problem
from manyi.lake import writing as lake
from manyi.upkeep import archive, backup, erasure, ledger, postgresql


def require_whole() -> None:
    """Refuse to go on with what a restore left half done when it was killed."""
    if any(Path(settings.DATA).glob(archive.RESTORING + "*")):
        raise Problem("restore.unfinished", place=str(settings.DATA))


@contextlib.contextmanager
def undone_on_failure() -> Iterator[None]:
    """Refuse a PostgreSQL database that has tables, and leave it without any when this fails.

    Whoever calls empties the data folder.
    """
    if settings.ON_SQLITE:
        yield
        return
    if connection.introspection.table_names():
        raise Problem("restore.not_empty", place=connection.settings_dict["NAME"])
    try:
        yield
    except BaseException:
        connection.close()
        postgresql.empty()
        raise


def put_back(parts: Mapping[str, Path], about: Mapping[str, Any]) -> None:
    """Make the unpacked database this installation's."""
    if about.get("database") != connection.vendor:
        raise Problem("restore.other_database", made=str(about.get("database"))[:20])
    if about.get("key") not in backup.fingerprints():
        raise Problem("restore.other_key")
    if (backup.SQLITE if settings.ON_SQLITE else backup.POSTGRESQL) not in parts:
        raise Problem("backup.damaged", path=archive.MANIFEST)
    if settings.ON_SQLITE:
        parts[backup.SQLITE].replace(connection.settings_dict["NAME"])
    else:
        postgresql.load(parts[backup.POSTGRESQL])
    if about.get("tables") != backup.row_counts():
        raise Problem("restore.rows_differ")
    _refuse_newer()


def bring_up_to_date(*, erased: Set[str] = frozenset(), now: datetime) -> tuple[int, int]:
    """Migrate what was restored, forget who was `erased` since, and make the lake again.

    Returns how many records the lake has, and how many people were forgotten again.
    """
    call_command("migrate", interactive=False, verbosity=0)
    records = lake.rebuild(now)
    again = forget_again(erased, now=now)
    return lake.rebuild(now) if again else records, again


def forget_again(hashes: Set[str], *, now: datetime) -> int:
    """Forget whom a restored backup brought back; return how many."""
    back = list(_back(hashes))
    for organisation_id, customer_id in back:
        with transaction.atomic():
            ErasureRequest.objects.get_or_create(
                organisation_id=organisation_id,
                customer_id_value=customer_id,
                done_at=None,
                defaults={"requested_at": now},
            )
            audit.record(
                organisation_id,
                actor="restore",
                action="customer.erase",
                target=f"customer:{customer_id}",
                now=now,
            )
    if back:
        erasure.erase_due(now)
    return len(back)


def _back(hashes: Set[str]) -> Iterator[tuple[int, int]]:
    if hashes:
        for pair in Customer.objects.values_list("organisation_id", "pk").iterator(5000):
            if ledger.mark(*pair) in hashes:
                yield pair


def _refuse_newer() -> None:
    """A database that knows migrations we do not was made by a newer version."""
    loader = MigrationLoader(connection)
    ours = {app for app, _ in loader.disk_migrations}
    newer = [f"{a}.{n}" for a, n in loader.applied_migrations if a in ours]
    unknown = [one for one in newer if tuple(one.split(".", 1)) not in loader.disk_migrations]
    if unknown:
        raise Problem("restore.newer", migration=sorted(unknown)[0])
