"""What to improve first: importance against performance, each point with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import cells, ends, interval, number
from manyi.charts.parts import reference, value_axis
from manyi.charts.placed import Point, plane
from manyi.kit.say import say

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
    across = _axis([one.performance for one in points], "index")
    up = _axis([one.importance for one in points], "share")
    option = plane(
        [_point(one, language) for one in points],
        (across, say("chart.quadrant_performance", language)),
        (up, say("chart.quadrant_importance", language)),
        before=[_cut("xAxis", performance, language), _cut("yAxis", importance, language)],
    )
    return Chart(option, _finding(points, language), _table(points, language), 420)


def _axis(found: Sequence[Measured], kind: str) -> Option:
    reach = [v for one in found for v in ends(one)]
    return value_axis(min(reach), max(reach), kind)  # type: ignore[arg-type]


def _point(one: Placed, language: str) -> Point:
    field = say(f"chart.quadrant_{one.field}", language)
    told = f"{one.name}\n{field}\n" + "\n".join(
        [
            f"{say('chart.quadrant_importance', language)} {_written(one.importance, 'share')}",
            f"{say('chart.quadrant_performance', language)} {_written(one.performance, 'index')}",
        ]
    )
    colour = _COLOURS.get(one.field, "@grey")
    return Point(one.name, one.performance, one.importance, colour, told)


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
