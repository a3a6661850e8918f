"""Ids made by the application, so that rows which belong together are written in one go.

63 bits: milliseconds since 2024, then a counter that starts at random in each process and
millisecond. They grow with time, so indexes stay compact.
"""

from __future__ import annotations

import itertools
import secrets
import time
from datetime import UTC, datetime, timedelta

_EPOCH_MS = 1_704_067_200_000
_BITS = 22
_DAY_MS = 86_400_000
_counter = itertools.count(secrets.randbits(_BITS))


def new_id() -> int:
    """Return a positive id that no other call returns."""
    elapsed = time.time_ns() // 1_000_000 - _EPOCH_MS
    return (elapsed << _BITS) | (next(_counter) & ((1 << _BITS) - 1))


def id_within(day: datetime) -> int:
    """Return a positive id that tells no more of its making than the day that starts then."""
    started = int(day.timestamp() * 1000) - _EPOCH_MS
    # Days before the epoch share its first one: an id tells even less of them.
    return ((max(started, 0) + secrets.randbelow(_DAY_MS)) << _BITS) | secrets.randbits(_BITS)


def moment_of(made: int) -> datetime:
    """Return when `new_id` made an id."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=(made >> _BITS) + _EPOCH_MS)
