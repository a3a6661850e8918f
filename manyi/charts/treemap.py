"""A rectangle parted by amounts: tiles as near to squares as they go, always the same ones.

The squarified layout of Bruls, Huizing and van Wijk (2000). Tiles are HTML of the page, not a
picture: they are links, wrap their words, and are read out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """Where a part lies, in percent of the whole's width and height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Return the share of the whole, 0 to 1."""
        return self.width * self.height / 10_000


@dataclass
class _Free:
    x: float
    y: float
    width: float
    height: float


def tiles(amounts: Sequence[float], *, width: float, height: float) -> list[Tile]:
    """Return a tile for each amount, the largest first; amounts are above 0 and fall.

    `width` and `height` are those of the whole, of which the tiles get percents.
    """
    whole = sum(amounts)
    if whole <= 0:
        return []
    areas = [one / whole * width * height for one in amounts]
    free, found = _Free(0.0, 0.0, width, height), []
    while areas:
        side = min(free.width, free.height)
        count = _row_of(areas, side)
        found += _placed(areas[:count], free)
        areas = areas[count:]
    return [
        Tile(100 * x / width, 100 * y / height, 100 * w / width, 100 * h / height)
        for x, y, w, h in found
    ]


def _row_of(areas: Sequence[float], side: float) -> int:
    """Return how many go into the next row: as long as its worst tile gets squarer."""
    count = 1
    while count < len(areas) and _worst(areas[: count + 1], side) <= _worst(areas[:count], side):
        count += 1
    return count


def _worst(row: Sequence[float], side: float) -> float:
    """Return the longest side by the shortest of the row's worst tile."""
    deep = sum(row) / side
    return max(max(one / deep / deep, deep * deep / one) for one in row)


def _placed(row: Sequence[float], free: _Free) -> list[tuple[float, float, float, float]]:
    """Lay a row along the shorter side, and take it off what is free."""
    found, done = [], 0.0
    upright = free.width >= free.height
    deep = sum(row) / (free.height if upright else free.width)
    for one in row:
        long = one / deep
        if upright:
            found.append((free.x, free.y + done, deep, long))
        else:
            found.append((free.x + done, free.y, long, deep))
        done += long
    if upright:
        free.x, free.width = free.x + deep, free.width - deep
    else:
        free.y, free.height = free.y + deep, free.height - deep
    return found
