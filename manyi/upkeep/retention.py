"""Files that nothing needs any more: uploads of finished or abandoned imports. A loop step."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

KEPT = timedelta(days=7)


def clear_leftovers(*, now: datetime) -> int:
    """Delete uploads and finished exports older than a week; returns how many."""
    gone = 0
    for folder in ("uploads", "exports", "imports"):
        for path in (Path(settings.DATA) / folder).glob("*"):
            if path.is_file() and now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
                path.unlink(missing_ok=True)
                gone += 1
    return gone
