"""How fast a disk makes writes durable: the pace of every answer that is stored."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

BLOCK = b"\0" * 4096


def durable_writes(folder: Path, *, seconds: float) -> float:
    """Return how many 4 kB writes a second `folder` makes durable, one after the other."""
    with tempfile.TemporaryFile(dir=folder) as file:
        done, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            os.pwrite(file.fileno(), BLOCK, (done % 256) * len(BLOCK))
            os.fdatasync(file.fileno()) if hasattr(os, "fdatasync") else os.fsync(file.fileno())
            done += 1
        return done / (time.perf_counter() - started)
