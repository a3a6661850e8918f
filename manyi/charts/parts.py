"""The pieces that all options share: frame, axes, whiskers, reference lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from manyi.charts.chart import Option
from manyi.charts.figures import Kind

ROW = 30
GAP = "-"
_NARROW = 520
_NARROW_NAME = 112
_FONT = (
    '-apple-system, "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", '
    '"Noto Sans CJK SC", "Segoe UI", sans-serif'
)
_BOUNDS: dict[str, tuple[float, float]] = {
    "share": (0.0, 100.0),
    "index": (0.0, 100.0),
    "points": (-100.0, 100.0),
    "correlation": (-1.0, 1.0),
}


def frame(*, top: int = 12, right: int = 20, bottom: int = 8, left: int = 8) -> Option:
    """Return the option that every picture starts from."""
    return {
        "animationDuration": 200,
        "animationDurationUpdate": 200,
        "backgroundColor": "transparent",
        "textStyle": {"fontFamily": _FONT, "fontSize": 12, "color": "@ink"},
        "grid": {
            "top": top,
            "right": right,
            "bottom": bottom,
            "left": left,
            "outerBoundsMode": "same",
            "outerBoundsContain": "axisLabel",
        },
        "tooltip": {
            "trigger": "item",
            "renderMode": "richText",
            "confine": True,
            "backgroundColor": "@paper",
            "borderColor": "@line",
            "textStyle": {"color": "@ink", "fontSize": 12},
        },
    }


def room_for(texts: Iterable[str]) -> int:
    """Return the margin that the longest of these labels needs beside the last mark.

    The grid keeps axis labels inside the picture, never those of the marks.
    """
    widths = (sum(12 if ord(c) > 0x2E7F else 7 for c in text) for text in texts)
    return 12 + max(widths, default=0)


def value_axis(low: float, high: float, kind: Kind, *, ticks: int = 5) -> Option:
    """Return a value axis over whole steps that hold `low` and `high`."""
    first, last, step = steps(low, high, kind, ticks)
    return {
        "type": "value",
        "min": first,
        "max": last,
        "interval": step,
        "axisLabel": {
            "color": "@muted",
            "formatter": "{value}%" if kind == "share" else "{value}",
            "hideOverlap": True,
        },
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"lineStyle": {"color": "@line"}},
    }


def steps(low: float, high: float, kind: Kind, ticks: int = 5) -> tuple[float, float, float]:
    """Return the first tick, the last tick and the step, inside the bounds of the kind."""
    least, most = _BOUNDS.get(kind, (-math.inf, math.inf))
    wide = max(high - low, 1e-9)
    step = _nice(wide / max(ticks - 1, 1))
    first = max(math.floor(low / step + 1e-9) * step, least)
    last = min(math.ceil(high / step - 1e-9) * step, most)
    if last <= first:
        last = first + step
    return round(first, 6), round(last, 6), round(step, 6)


def _nice(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return power * next(m for m in (1.0, 2.0, 2.5, 5.0, 10.0) if raw <= m * power * (1 + 1e-9))


def name_axis(names: Sequence[str], *, width: int = 180) -> Option:
    """Return the category axis of a horizontal picture, first name on top."""
    return {
        "type": "category",
        "data": list(names),
        "inverse": True,
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "axisLabel": {"color": "@ink", "width": width, "overflow": "truncate", "interval": 0},
    }


def narrow_names(names: Iterable[str]) -> list[Option]:
    """Return the media rule that writes long names in two lines on a phone."""
    # Lines that may break take their whole width, even where the words are short.
    width = min(_NARROW_NAME, room_for(names))
    two = {"overflow": "break", "fontSize": 11, "lineHeight": 13, "height": 27}
    change = {"yAxis": {"axisLabel": {"width": width, **two, "lineOverflow": "truncate"}}}
    return [{"query": {"maxWidth": _NARROW}, "option": change}]


def label_axis(labels: Sequence[str]) -> Option:
    """Return the category axis of a picture over time or over answers."""
    return {
        "type": "category",
        "data": list(labels),
        "axisLine": {"lineStyle": {"color": "@line"}},
        "axisTick": {"show": False},
        "axisLabel": {"color": "@muted", "hideOverlap": True},
    }


def tip(text: str) -> Option:
    """Return the tooltip of one datum; braces would be read as a template."""
    return {"formatter": text.replace("{", "(").replace("}", ")")}


def whiskers(
    segments: Iterable[tuple[float, float, str | int]], *, colour: str = "@muted"
) -> Option:
    """Return one line series that draws every (low, high, name) as its own segment.

    A gap between two segments keeps them apart: plain JSON, no custom renderer.
    """
    data: list[list[Any]] = []
    for low, high, name in segments:
        data += [[low, name], [high, name], [GAP, name]]
    return {
        "type": "line",
        "data": data,
        "symbol": "none",
        "silent": True,
        "z": 3,
        "lineStyle": {"color": colour, "width": 1.5},
        "tooltip": {"show": False},
    }


def upright(segments: Iterable[tuple[float, float, str | int]], *, colour: str = "@ink") -> Option:
    """Return `whiskers` turned by a quarter, for columns."""
    flat = whiskers(segments, colour=colour)
    return {**flat, "data": [[name, value] for value, name in flat["data"]]}


def reference(
    axis: str, value: float, text: str, *, kind: str = "dashed", at: str = "end"
) -> Option:
    """Return a straight line across the picture with its words at the end."""
    return {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "data": [{axis: value}],
        "lineStyle": {"color": "@ink", "type": kind, "width": 1},
        "label": {"formatter": text, "color": "@muted", "fontSize": 11, "position": at},
    }
