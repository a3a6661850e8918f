"""How a full disk is known, whoever met it."""

from __future__ import annotations

import errno

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def is_full(error: BaseException | None) -> bool:
    """Whether an error says that a disk has no room left."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    # SQLite, PostgreSQL and DuckDB tell it in words alone.
    said = str(error).lower()
    return "disk is full" in said or "no space left" in said
