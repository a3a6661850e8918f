"""How much of a file is read before it is refused in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int | float | bool | None

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one file may cost: its size, its table, and the child's memory and time."""

    bytes: int = 300 * MEGABYTE
    unpacked: int = 300 * MEGABYTE
    ratio: int = 100
    entries: int = 2_000
    rows: int = 2_000_000
    columns: int = 500
    cell_chars: int = 1_000_000
    memory: int = 2048 * MEGABYTE
    cpu_seconds: int = 600
    wall_seconds: int = 900

    @property
    def line_chars(self) -> int:
        return 8 * self.cell_chars
