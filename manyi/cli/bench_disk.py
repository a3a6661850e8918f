"""How many times a second the disk of the data folder makes a 4 kB write durable."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings

BLOCK = b"\0" * 4096


def run(**options: Any) -> dict[str, Any]:
    """Return fdatasync calls a second, one after the other, for two seconds."""
    return {"fdatasync_per_second": round(rate(Path(settings.DATA), seconds=2.0))}


def rate(folder: Path, seconds: float) -> float:
    with tempfile.TemporaryFile(dir=folder) as file:
        done, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            os.pwrite(file.fileno(), BLOCK, (done % 256) * len(BLOCK))
            os.fdatasync(file.fileno())
            done += 1
        return done / (time.perf_counter() - started)
