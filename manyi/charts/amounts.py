"""Numbers that people gave, as a box; days that they named, as columns over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manyi.charts.chart import Chart, Option, Table
from manyi.charts.figures import Kind, number
from manyi.charts.parts import frame, label_axis, name_axis, tip, value_axis, whiskers
from manyi.charts.spread import Likert, column, count_table, spread_finding
from manyi.kit.say import say


@dataclass(frozen=True)
class Five:
    """Where nine in ten answers lie, the middle half of them, and the one in the middle."""

    low: float
    quarter: float
    median: float
    three_quarters: float
    high: float


def box(five: Five, *, kind: Kind = "mean", language: str) -> Chart:
    """Draw the middle half as a box with its median, nine in ten answers as a line."""
    words = {
        name: number(getattr(five, name), kind)
        for name in ("low", "quarter", "median", "three_quarters", "high")
    }
    finding = say("chart.box", language, words)
    option = frame(top=24, right=24)
    axis = value_axis(five.low, max(five.high, five.low + 1e-6), kind)
    option["xAxis"] = {**axis, "splitLine": {"show": False}}
    option["yAxis"] = {**name_axis([""]), "axisLabel": {"show": False}}
    option["series"] = [
        _part(five.quarter, "transparent", finding),
        _part(five.median - five.quarter, "@high1", finding),
        _part(five.three_quarters - five.median, "@high1", finding),
        whiskers([(five.low, five.quarter, 0), (five.three_quarters, five.high, 0)]),
        _middle(five.median, words["median"]),
    ]
    heads = ("chart.col_low", "chart.col_quarter", "chart.col_median")
    more = ("chart.col_three_quarters", "chart.col_high")
    return Chart(
        option=option,
        label=finding,
        table=Table(
            tuple(say(code, language) for code in (*heads, *more)), (tuple(words.values()),)
        ),
        height=104,
    )


def _part(width: float, colour: str, words: str) -> Option:
    return {
        "type": "bar",
        "stack": "box",
        # The default stacks by sign, which would tear a box that crosses zero.
        "stackStrategy": "all",
        "barWidth": 22,
        "itemStyle": {"color": colour},
        "data": [{"value": width, "tooltip": tip(words)}],
    }


def _middle(value: float, words: str) -> Option:
    return {
        "type": "scatter",
        "symbol": "rect",
        "symbolSize": [3, 22],
        "silent": True,
        "z": 5,
        "itemStyle": {"color": "@accent"},
        "label": {"show": True, "position": "top", "color": "@ink", "formatter": words},
        "data": [[value, 0]],
    }


def days(periods: Sequence[tuple[str, int]], *, language: str) -> Chart:
    """Draw how often each period was named, in per cent of all, in the order of time."""
    names, counts = [name for name, _ in periods], [n for _, n in periods]
    row = Likert("", tuple(counts))
    option = frame(top=24)
    option["xAxis"] = label_axis(names)
    option["yAxis"] = value_axis(0.0, max(row.shares(), default=1.0) or 1.0, "share")
    columns = (column(row, i, name, "@high1") for i, name in enumerate(names))
    data = [{**datum, "label": {"show": False}} for datum in columns]
    option["series"] = [{"type": "bar", "barMaxWidth": 40, "data": data}]
    return Chart(
        option=option,
        label=spread_finding(names, row, language),
        table=count_table(names, counts, language),
        height=220,
    )
