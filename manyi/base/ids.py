"""Ids made by the application, so that rows which belong together are written in one go.

63 bits: milliseconds since 2024, then a counter that starts at random in each process and
millisecond. They grow with time, so indexes stay compact.
"""

from __future__ import annotations

import itertools
import secrets
import time

_EPOCH_MS = 1_704_067_200_000
_BITS = 22
_counter = itertools.count(secrets.randbits(_BITS))


def new_id() -> int:
    """Return a positive id that no other call returns."""
    elapsed = time.time_ns() // 1_000_000 - _EPOCH_MS
    return (elapsed << _BITS) | (next(_counter) & ((1 << _BITS) - 1))
