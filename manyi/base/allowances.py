"""How often something may happen, counted in PostgreSQL by all processes together.

Token buckets, one row each, in an unlogged table: what a crash forgets is a full bucket. Keys
are hashed with the secret, since addresses are nothing to keep. The database's clock counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import connection

from manyi.kit import tokens

TABLE = "base_allowance"
KEPT = timedelta(minutes=10)
Key = tuple[str, ...]

# Room in each page and no second index: a row is then rewritten within its page.
CREATE = f"""
CREATE UNLOGGED TABLE {TABLE} (
    key bytea PRIMARY KEY, level double precision NOT NULL, at timestamptz NOT NULL
) WITH (fillfactor = 50)"""

_FILLED = (
    "LEAST(%s, known.level + %s * GREATEST(0,"
    " EXTRACT(EPOCH FROM clock_timestamp() - known.at)::double precision))"
)
_TAKE = (
    f"INSERT INTO {TABLE} AS known (key, level, at)"
    " SELECT %s::bytea, %s::double precision, clock_timestamp() {before}"
    f" ON CONFLICT (key) DO UPDATE SET level = {_FILLED} - 1, at = clock_timestamp()"
    f" WHERE {_FILLED} >= 1 RETURNING 1"
)
_LEVEL = f"SELECT {_FILLED} FROM {TABLE} AS known WHERE key = %s"  # noqa: S608


@dataclass(frozen=True)
class Rate:
    """How many at once, and how many a second for ever."""

    burst: float
    a_second: float


def wait(wants: Mapping[Key, Rate]) -> int | None:
    """Take one from each bucket in turn; None, or the seconds until the first empty one has one.

    One statement: a bucket is asked only after those before it gave.
    """
    hashed = [(_hash(key), rate) for key, rate in wants.items()]
    with connection.cursor() as cursor:
        cursor.execute(_statement(len(hashed)), [x for key, rate in hashed for x in _of(key, rate)])
        taken: int = cursor.fetchone()[0]
        if taken == len(hashed):
            return None
        key, rate = hashed[taken]
        cursor.execute(_LEVEL, [rate.burst, rate.a_second, key])
        found = cursor.fetchone()
    missing = 1 - found[0] if found else 0
    return max(1, math.ceil(missing / rate.a_second))


def sweep(*, now: datetime) -> int:
    """Forget buckets that have long been full again. A loop step."""
    if settings.ON_SQLITE:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE at < %s", [now - KEPT])  # noqa: S608
        return int(cursor.rowcount)


@cache
def _statement(buckets: int) -> str:
    steps = [
        f"t{i} AS ({_TAKE.format(before=f'FROM t{i - 1}' if i else '')})" for i in range(buckets)
    ]
    counts = " + ".join(f"(SELECT COUNT(*) FROM t{i})" for i in range(buckets))  # noqa: S608
    return f"WITH {', '.join(steps)} SELECT {counts}"


def _of(key: bytes, rate: Rate) -> list[bytes | float]:
    filled = [rate.burst, rate.a_second]
    return [key, rate.burst - 1, *filled, *filled]


def _hash(key: Key) -> bytes:
    return tokens.derive(settings.SECRET_KEY, "allowance", *key)[:16]
