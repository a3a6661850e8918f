"""A consistent copy of the whole installation while it serves.

SQLite is copied through its own backup interface: a plain read of the live files would drop
the locks of this process. The lake is left out, it is made again from the database.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from manyi import __version__
from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.kit import tokens
from manyi.kit.problems import Problem
from manyi.upkeep import archive, ledger, postgresql
from manyi.upkeep.archive import Written

SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"
FOLDER = "backups"


def create(to: Path, *, now: datetime) -> Written:
    """Write a backup to the file `to`, which must not exist yet."""
    if to.exists():
        raise Problem("backup.exists", path=str(to))
    if not to.parent.is_dir():
        raise Problem("backup.no_folder", path=str(to.parent))
    with tempfile.TemporaryDirectory(prefix=".manyi-backup-", dir=to.parent) as name:
        last = audit.head()  # before the copy, which then holds it
        copied, tables = _copy(Path(name))
        parts = {copied.name: copied}
        if _own_key():
            parts[archive.KEY] = Path(settings.DATA) / archive.KEY
        if (old := Path(settings.DATA) / archive.OLD_KEY).is_file():
            parts[archive.OLD_KEY] = old
        if (erased := Path(settings.DATA) / ledger.FILE).is_file():
            parts[ledger.FILE] = erased
        about = {
            "version": __version__,
            "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "database": connection.vendor,
            "key": fingerprint(),
            "tables": tables,
            "audit": asdict(last),
        }
        return archive.pack(to, parts, about)


def create_stored(*, by: Member, key: str | None, now: datetime) -> Written:
    """Write a backup into the data folder for a member; the same key again returns the same."""
    require(by, "backup.create")
    folder = Path(settings.DATA) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    mark = hashlib.sha256(f"{by.pk}:{key}".encode()).hexdigest()[:12] if key else None
    with _alone(folder):
        made = next(folder.glob(f"*-{mark}.zip"), None) if mark else None
        if made is not None:
            return Written(made, made.stat().st_size, archive.sha256(made))
        end = mark or f"{now.microsecond:06}"
        written = create(folder / f"manyi-{now:%Y%m%d-%H%M%S}-{end}.zip", now=now)
    audit.record(
        by.organisation_id, actor=by, action="backup.create", target=written.path.name, now=now
    )
    return written


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time: two would only make each other slow."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Problem("backup.running") from None
        yield


def fingerprint(key: str = "") -> str:
    """Return what tells two secret keys apart without telling either."""
    return tokens.derive(key or settings.SECRET_KEY, "backup").hex()[:16]


def fingerprints() -> set[str]:
    """Return the fingerprints of the present key and of the old ones that are set."""
    return {fingerprint(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}


def _own_key() -> bool:
    """Whether the key lies in the data folder; one from the environment is kept elsewhere."""
    path = Path(settings.DATA) / archive.KEY
    return path.is_file() and path.read_text().strip() == settings.SECRET_KEY


def _copy(folder: Path) -> tuple[Path, dict[str, int]]:
    """Return a copy of the database and how many rows each of its tables has."""
    if settings.ON_SQLITE:
        return _copy_sqlite(folder / SQLITE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        postgresql.dump(folder / POSTGRESQL, snapshot)
        return folder / POSTGRESQL, row_counts()


def row_counts() -> dict[str, int]:
    """Return how many rows each table of the database has."""
    with connection.cursor() as cursor:
        return _counts(cursor, connection.introspection.table_names(cursor))


def _counts(cursor: Any, names: list[str]) -> dict[str, int]:
    found = {}
    for name in sorted(names):
        cursor.execute(f'SELECT COUNT(*) FROM "{name}"')  # noqa: S608
        found[name] = cursor.fetchone()[0]
    return found


def _copy_sqlite(to: Path) -> tuple[Path, dict[str, int]]:
    import sqlite3  # the bundled driver, put there by the settings: never a second library

    live = str(connection.settings_dict["NAME"])
    with (
        contextlib.closing(sqlite3.connect(live, timeout=30)) as source,
        contextlib.closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        if target.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise Problem("backup.database_damaged")
        rows = target.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        return to, _counts(target.cursor(), [name for (name,) in rows])
