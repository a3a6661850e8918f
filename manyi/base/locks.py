"""One at a time: a named lock that ends with the transaction."""

from __future__ import annotations

import hashlib

from django.db import connection


def hold(name: str) -> None:
    """Wait for the lock `name` and keep it until the open transaction ends.

    SQLite needs none: its transactions begin IMMEDIATE, so one writes at a time.
    """
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
