"""How many times a second the disk of the data folder makes a 4 kB write durable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from manyi.upkeep.disk import durable_writes


def run(**options: Any) -> dict[str, Any]:
    """Return fdatasync calls a second, one after the other, for two seconds."""
    return {"fdatasync_per_second": round(durable_writes(Path(settings.DATA), seconds=2.0))}
