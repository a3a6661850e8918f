"""What is looked up in the database once, for as long as nothing in it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.db import connection

T = TypeVar("T")
_local = threading.local()


def once(key: Any, look_up: Callable[[], T]) -> T:
    """Return `look_up()` of the database, looked up once for each key by a thread while the
    database stays as it is."""
    return look_up() if connection.in_atomic_block else once_at(token(), key, look_up)


def once_at(state: tuple[Any, ...], key: Any, look_up: Callable[[], T]) -> T:
    """Return the same as of a state (`token`)."""
    now = (connection.settings_dict["NAME"], state)
    known: tuple[Any, dict[Any, Any]] = _local.__dict__.get("once", (None, {}))
    if known[0] != now:
        known = _local.once = (now, {})
    if key not in known[1]:
        known[1][key] = look_up()
    return cast(T, known[1][key])


def token() -> tuple[Any, ...]:
    """Return something that differs once anything in the database has changed."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        # Asked a hundred times a page, and so without the layers in between.
        own: Any = connection.connection
        with connection.wrap_database_errors:
            version = own.execute("PRAGMA data_version").fetchone()[0]
        # data_version tells of the others' commits, total_changes of our own.
        # The connection itself is part of it, since both start again with another one.
        return (own, version, own.total_changes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return (cursor.fetchone()[0],)


def forget() -> None:
    """Forget what this thread has looked up."""
    _local.__dict__.clear()
