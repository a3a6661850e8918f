"""Points in a plane, each with its two intervals as an ellipse and its name beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from manyi.charts.chart import Measured, Option
from manyi.charts.figures import ends
from manyi.charts.parts import GAP, frame, tip

_CORNERS = 60
_NARROW = 520
_LABEL = 110
_ROOM = (280.0, 330.0)  # the drawing's size on a phone in px


@dataclass(frozen=True)
class Point:
    """A point by its `across` and `up`, with its colour, symbol and what the tooltip says."""

    name: str
    across: Measured
    up: Measured
    colour: str
    told: str
    symbol: str = "circle"


def plane(
    points: Sequence[Point],
    across: tuple[Option, str],
    up: tuple[Option, str],
    behind: Sequence[Option] = (),
    before: Sequence[Option] = (),
) -> Option:
    """Return a drawing of points between two named axes, with series behind and before them."""
    (wide, under), (tall, above) = across, up
    muted: Option = {"color": "@muted"}
    return {
        **frame(top=28, right=24, bottom=28, left=8),
        "xAxis": {
            **wide,
            "name": under,
            "nameLocation": "middle",
            "nameGap": 26,
            "nameTextStyle": muted,
        },
        "yAxis": {
            **tall,
            "name": above,
            "nameLocation": "end",
            "nameTextStyle": {**muted, "align": "left"},
        },
        "series": [*behind, ellipses(points), marks(points), *before],
        "media": [{"query": {"maxWidth": _NARROW}, "option": {"grid": {"right": 12}}}],
    }


def ellipses(points: Sequence[Point]) -> Option:
    """Return the outlines as wide and as high as the two intervals of each point."""
    data: list[list[float | str]] = []
    for one in points:
        data += [*_ellipse(one), [GAP, GAP]]
    return {
        "type": "line",
        "data": data,
        "symbol": "none",
        "silent": True,
        "z": 2,
        "lineStyle": {"color": "@grey", "width": 1, "opacity": 0.7},
        "tooltip": {"show": False},
    }


def _ellipse(one: Point) -> list[list[float | str]]:
    """Return the outline through the four ends of both intervals, which may be uneven."""
    x, left, right = ends(one.across)
    y, low, high = ends(one.up)
    found: list[list[float | str]] = []
    for at in range(_CORNERS + 1):
        turn = 2 * math.pi * at / _CORNERS
        along, up = math.cos(turn), math.sin(turn)
        wide = (right - x) if along > 0 else (x - left)
        tall = (high - y) if up > 0 else (y - low)
        found.append([round(x + along * wide, 3), round(y + up * tall, 3)])
    return found


def marks(points: Sequence[Point]) -> Option:
    """Return the points with their names where these cover each other least."""
    return {
        "type": "scatter",
        "symbolSize": 11,
        "z": 5,
        "labelLayout": {"hideOverlap": True},
        "data": [_mark(one, side) for one, side in zip(points, _sides(points), strict=True)],
    }


def _mark(one: Point, side: str) -> Option:
    return {
        "value": [round(ends(one.across)[0], 3), round(ends(one.up)[0], 3)],
        "name": one.name,
        "symbol": one.symbol,
        "itemStyle": {"color": one.colour},
        "label": {
            "show": True,
            "formatter": one.name.replace("{", "(").replace("}", ")"),
            "position": side,
            "color": "@ink",
            "fontSize": 12,
            "width": _LABEL,
            "overflow": "truncate",
        },
        "tooltip": tip(one.told),
    }


def _sides(points: Sequence[Point]) -> list[str]:
    """Return where each name goes so that names cover each other least, on a phone as well."""
    x, y = _pixels([p.across for p in points], _ROOM[0]), _pixels([p.up for p in points], _ROOM[1])
    y = [_ROOM[1] - one for one in y]
    taken: list[tuple[float, float, float, float]] = []
    found = []
    for at, one in enumerate(points):
        wide = min(sum(12.0 if ord(c) > 0x2E80 else 6.5 for c in one.name), _LABEL)
        boxes = {
            "right": (x[at] + 8, y[at] - 8, wide, 16.0),
            "left": (x[at] - 8 - wide, y[at] - 8, wide, 16.0),
            "top": (x[at] - wide / 2, y[at] - 24, wide, 16.0),
            "bottom": (x[at] - wide / 2, y[at] + 8, wide, 16.0),
        }
        side = min(boxes, key=lambda name: _covered(boxes[name], taken))
        taken += [boxes[side], (x[at] - 6, y[at] - 6, 12.0, 12.0)]
        found.append(side)
    return found


def _pixels(found: Sequence[Measured], size: float) -> list[float]:
    low, high = min(ends(one)[1] for one in found), max(ends(one)[2] for one in found)
    return [(ends(one)[0] - low) / ((high - low) or 1.0) * size for one in found]


def _covered(
    box: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]]
) -> float:
    """Return how much of a box is covered, or lies outside."""
    x, y, wide, tall = box
    outside = max(-x, 0.0) + max(x + wide - _ROOM[0], 0.0)
    over = 0.0
    for a, b, w, h in taken:
        along = max(min(x + wide, a + w) - max(x, a), 0.0)
        over += along * max(min(y + tall, b + h) - max(y, b), 0.0)
    return over + 16.0 * outside
