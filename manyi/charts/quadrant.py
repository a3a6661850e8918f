"""What to improve first: importance against performance, each point with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import cells, ends, interval, number
from manyi.charts.parts import GAP, frame, reference, tip, value_axis
from manyi.kit.say import say

_CORNERS = 60
_NARROW = 520
_LABEL = 110
_ROOM = (280.0, 330.0)  # the drawing's size on a phone in px
FIELDS = ("concentrate_here", "keep_up_good_work", "low_priority", "possible_overkill")
_COLOURS = {"concentrate_here": "@low1", "keep_up_good_work": "@accent"}


@dataclass(frozen=True)
class Placed:
    """A point: its importance (percent of what is explained), its index, and its field."""

    name: str
    importance: Measured
    performance: Measured
    field: str


def quadrant(
    points: Sequence[Placed], *, importance: float, performance: float, language: str
) -> Chart:
    """Draw performance to the right and importance upwards, cut at the two middles.

    Each point has an ellipse as wide and as high as its two intervals.
    """
    option = frame(top=28, right=24, bottom=28, left=8)
    option["xAxis"] = {
        **_axis([one.performance for one in points], "index"),
        "name": say("chart.quadrant_performance", language),
        "nameLocation": "middle",
        "nameGap": 26,
        "nameTextStyle": {"color": "@muted"},
    }
    option["yAxis"] = {
        **_axis([one.importance for one in points], "share"),
        "name": say("chart.quadrant_importance", language),
        "nameLocation": "end",
        "nameTextStyle": {"color": "@muted", "align": "left"},
    }
    option["series"] = [
        _ellipses(points),
        _dots(points, language),
        _cut("xAxis", performance, language),
        _cut("yAxis", importance, language),
    ]
    option["media"] = [{"query": {"maxWidth": _NARROW}, "option": {"grid": {"right": 12}}}]
    return Chart(option, _finding(points, language), _table(points, language), 420)


def _axis(found: Sequence[Measured], kind: str) -> Option:
    reach = [v for one in found for v in ends(one)]
    return value_axis(min(reach), max(reach), kind)  # type: ignore[arg-type]


def _ellipses(points: Sequence[Placed]) -> Option:
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


def _ellipse(one: Placed) -> list[list[float | str]]:
    """Return the outline through the four ends of both intervals, which may be uneven."""
    x, left, right = ends(one.performance)
    y, low, high = ends(one.importance)
    found: list[list[float | str]] = []
    for at in range(_CORNERS + 1):
        turn = 2 * math.pi * at / _CORNERS
        along, up = math.cos(turn), math.sin(turn)
        wide = (right - x) if along > 0 else (x - left)
        tall = (high - y) if up > 0 else (y - low)
        found.append([round(x + along * wide, 3), round(y + up * tall, 3)])
    return found


def _dots(points: Sequence[Placed], language: str) -> Option:
    return {
        "type": "scatter",
        "symbolSize": 11,
        "z": 5,
        "labelLayout": {"hideOverlap": True},
        "data": [
            _dot(one, side, language) for one, side in zip(points, _sides(points), strict=True)
        ],
    }


def _dot(one: Placed, side: str, language: str) -> Option:
    x, y = ends(one.performance)[0], ends(one.importance)[0]
    field = say(f"chart.quadrant_{one.field}", language)
    told = f"{one.name}\n{field}\n" + "\n".join(
        [
            f"{say('chart.quadrant_importance', language)} {_written(one.importance, 'share')}",
            f"{say('chart.quadrant_performance', language)} {_written(one.performance, 'index')}",
        ]
    )
    return {
        "value": [round(x, 3), round(y, 3)],
        "name": one.name,
        "itemStyle": {"color": _COLOURS.get(one.field, "@grey")},
        "label": {
            "show": True,
            "formatter": one.name.replace("{", "(").replace("}", ")"),
            "position": side,
            "color": "@ink",
            "fontSize": 12,
            "width": _LABEL,
            "overflow": "truncate",
        },
        "tooltip": tip(told),
    }


def _sides(points: Sequence[Placed]) -> list[str]:
    """Return where each name goes so that names cover each other least, on a phone as well."""
    x, y = _pixels(points, 0), _pixels(points, 1)
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


def _pixels(points: Sequence[Placed], axis: int) -> list[float]:
    size = _ROOM[axis]
    found = [one.importance if axis else one.performance for one in points]
    low, high = min(ends(one)[1] for one in found), max(ends(one)[2] for one in found)
    at = [(ends(one)[0] - low) / ((high - low) or 1.0) * size for one in found]
    return [size - y for y in at] if axis else at


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


def _written(found: Measured, kind: str) -> str:
    value, low, high = ends(found)
    one = kind  # both kinds have one decimal
    return f"{number(value, one)} ({interval(low, high, one)}) n {found.n:,}"  # type: ignore[arg-type]


def _cut(axis: str, value: float, language: str) -> Option:
    at = "end" if axis == "xAxis" else "insideEndTop"
    line = reference(axis, round(value, 3), say("chart.quadrant_middle", language), at=at)
    return {"type": "scatter", "data": [], "silent": True, "markLine": line}


def _finding(points: Sequence[Placed], language: str) -> str:
    first = [one.name for one in points if one.field == "concentrate_here"]
    if not first:
        return say("chart.quadrant_none", language)
    comma = "、" if language.startswith("zh") else ", "
    return say("chart.quadrant_first", language, {"names": comma.join(first)})


def _table(points: Sequence[Placed], language: str) -> Table:
    heads = ("name", "field", "importance", "interval", "performance", "interval", "n")
    columns = tuple(say(f"chart.quadrant_head_{one}", language) for one in heads)
    return Table(columns, tuple(_row(one, language) for one in points))


def _row(one: Placed, language: str) -> tuple[str, ...]:
    importance = cells(one.importance, "share", language, 0)
    performance = cells(one.performance, "index", language, 0)
    field = say(f"chart.quadrant_{one.field}", language)
    return (one.name, field, *importance[:2], *performance)
