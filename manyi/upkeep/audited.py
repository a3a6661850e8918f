"""The last audit entry, kept outside the database: a tail that is cut off there shows here."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from manyi.accounts import audit
from manyi.accounts.audit import Head
from manyi.base.log import logger
from manyi.kit.problems import Problem
from manyi.upkeep import archive

log = logger(__name__)
FILE = "audit-head.json"
BACKUPS = "backups"


def remember(*, now: datetime) -> int:
    """Keep the last entry in the data folder; one that a cut would hide stays. A loop step."""
    known, last = remembered(), audit.head()
    if known == last:
        return 0
    if known is not None and not audit.holds(known):
        log.error("audit_cut", number=known.number)
        return 0
    path = _path()
    unfinished = path.with_suffix(".unfinished")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"number": last.number, "hash": last.hash}, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return 1


def remembered() -> Head | None:
    """Return the last entry that was remembered, None where none was."""
    try:
        return _head(json.loads(_path().read_text()))
    except (OSError, ValueError):
        return None


def of_backup(path: Path) -> Head | None:
    """Return the last entry when a backup was made; raises Problem for a file that is none."""
    return _head(archive.manifest(path).get("audit"))


def missing() -> Head | None:
    """Return a remembered entry that the chain lost: from the folder or its newest backup."""
    known = [remembered()]
    newest = max((Path(settings.DATA) / BACKUPS).glob("*.zip"), default=None)
    if newest is not None:
        try:
            known.append(of_backup(newest))
        except Problem:
            log.warning("backup_unreadable", name=newest.name)
    return next((one for one in known if one is not None and not audit.holds(one)), None)


def _head(found: object) -> Head | None:
    if not isinstance(found, dict) or type(found.get("number")) is not int:
        return None
    return Head(found["number"], str(found.get("hash")))


def _path() -> Path:
    return Path(settings.DATA) / FILE
