"""Who was forgotten, kept beside the database as hashes: a restored backup forgets them again."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

from django.conf import settings

from manyi.kit.problems import Problem
from manyi.upkeep import archive

FILE = "erasures.txt"


def note(organisation_id: int, customer_id: int) -> None:
    """Write a line for a customer who is being forgotten; once is enough, twice does no harm."""
    line = mark(organisation_id, customer_id)
    path = Path(settings.DATA) / FILE
    if path.is_file() and line in path.read_text().split():
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> set[str]:
    """Return the hashes of a ledger, or of the one inside a later backup."""
    if not path.is_file():
        raise Problem("restore.no_ledger", path=str(path))
    if not zipfile.is_zipfile(path):
        return {word for word in path.read_text("utf-8", "ignore").split() if len(word) == 32}
    return set(archive.part(path, FILE).decode("utf-8", "ignore").split())


def mark(organisation_id: int, customer_id: int) -> str:
    """Return the line of a customer."""
    return hashlib.sha256(f"{organisation_id}:{customer_id}".encode()).hexdigest()[:32]
