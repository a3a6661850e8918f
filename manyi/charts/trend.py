"""How is it going: a line with its interval band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import (
    FEW,
    THIN,
    Hidden,
    Kind,
    cells,
    counted,
    differ,
    ends,
    figure,
    full,
    joined,
    judged,
)
from manyi.charts.parts import GAP, frame, label_axis, reference, tip, upright, value_axis
from manyi.kit.say import say

Point = tuple[str, Measured | None]


def trend(
    points: Sequence[Point],
    *,
    kind: Kind = "share",
    language: str,
    target: float | None = None,
    events: Sequence[tuple[str, str]] = (),
    few: int = FEW,
) -> Chart:
    """Draw estimates over time; a period with too few answers is a gap, never a number.

    `events` are (label of the period, words). A point of fewer than 30 answers is hollow.
    """
    return Chart(
        option=_option(points, kind, language, target, events, few),
        label=_finding(points, kind, language, target, few),
        table=_table(points, kind, language, few),
        height=280,
    )


def _option(
    points: Sequence[Point],
    kind: Kind,
    language: str,
    target: float | None,
    events: Sequence[tuple[str, str]],
    few: int,
) -> Option:
    drawn = [ends(e) for _, e in points if judged(e, few)]
    reach = [v for triple in drawn for v in triple] + ([target] if target is not None else [])
    axis = value_axis(min(reach, default=0.0), max(reach, default=1.0), kind)
    option = frame(top=28, right=64)
    option["xAxis"] = {**label_axis([label for label, _ in points]), "boundaryGap": False}
    option["yAxis"] = axis
    line = _line(points, kind, language, few)
    line["markLine"] = _marks(target, events, kind, language)
    option["series"] = [*_band(points, few), line, *_alone(points, few)]
    return option


def _alone(points: Sequence[Point], few: int) -> list[Option]:
    """Whiskers of the points between two gaps: a band needs a neighbour to be seen."""
    known = [False, *(judged(e, few) for _, e in points), False]
    lone = [
        (*ends(e)[1:], label)
        for i, (label, e) in enumerate(points, 1)
        if known[i] and not (known[i - 1] or known[i + 1])
    ]
    return [upright(lone, colour="@accent")] if lone else []


def _band(points: Sequence[Point], few: int) -> list[Option]:
    known = [ends(e) if judged(e, few) else None for _, e in points]
    lows = [GAP if k is None else k[1] for k in known]
    widths = [GAP if k is None else k[2] - k[1] for k in known]
    shared = {
        "type": "line",
        "stack": "interval",
        # The default stacks by sign, which would tear a band that crosses zero.
        "stackStrategy": "all",
        "symbol": "none",
        "silent": True,
        "lineStyle": {"opacity": 0},
        "tooltip": {"show": False},
    }
    floor = {**shared, "data": lows}
    return [floor, {**shared, "data": widths, "areaStyle": {"color": "@band", "opacity": 1}}]


def _line(points: Sequence[Point], kind: Kind, language: str, few: int) -> Option:
    last = max((i for i, (_, e) in enumerate(points) if judged(e, few)), default=-1)
    return {
        "type": "line",
        "connectNulls": False,
        "symbol": "circle",
        "symbolSize": 7,
        "showAllSymbol": len(points) <= 60,
        "z": 5,
        "lineStyle": {"color": "@accent", "width": 2},
        "itemStyle": {"color": "@accent", "borderColor": "@accent", "borderWidth": 1.5},
        "data": [
            _datum(label, e, kind, language, few, named=i == last)
            for i, (label, e) in enumerate(points)
        ],
    }


def _datum(
    label: str, estimate: Measured | None, kind: Kind, language: str, few: int, *, named: bool
) -> Any:
    if not judged(estimate, few):
        return GAP
    value, _, _ = ends(estimate)
    datum: Option = {
        "value": value,
        "tooltip": tip(f"{label}\n{full(estimate, kind, language, few)}"),
    }
    if estimate is not None and estimate.n < THIN:
        datum["itemStyle"] = {"color": "@paper"}
    if named:
        datum["label"] = {
            "show": True,
            "position": "right",
            "formatter": figure(value, kind),
            "color": "@ink",
            "fontWeight": "bold",
        }
    return datum


def _marks(
    target: float | None, events: Sequence[tuple[str, str]], kind: Kind, language: str
) -> Option:
    marks: Option = {"silent": True, "symbol": "none", "animation": False, "data": []}
    if target is not None:
        words = say("chart.target", language, {"value": figure(target, kind)})
        marks["data"] += _mark("yAxis", target, words, at="insideStartTop", dash="dashed")
    for label, words in events:
        marks["data"] += _mark("xAxis", label, "⚑ " + words, at="end", dash="dotted")
    return marks


def _mark(axis: str, where: Any, words: str, *, at: str, dash: str) -> list[Option]:
    line = reference(axis, where, words, kind=dash)
    label = {**line["label"], "position": at}
    return [{axis: where, "lineStyle": {**line["lineStyle"], "color": "@muted"}, "label": label}]


def _finding(
    points: Sequence[Point], kind: Kind, language: str, target: float | None, few: int
) -> str:
    known = [(label, e) for label, e in points if e is not None and judged(e, few)]
    if not known:
        hidden = any(isinstance(e, Hidden) for _, e in points)
        code = "chart.trend_hidden" if hidden else "chart.trend_empty"
        return counted(code, len(points), language)
    (first_label, first), (last_label, last) = known[0], known[-1]
    words = {
        "first_label": first_label,
        "last_label": last_label,
        "first": full(first, kind, language, few),
        "last": full(last, kind, language, few),
    }
    if len(known) == 1:
        return say("chart.trend_one", language, words)
    sentences = [say("chart.trend", language, words), say(_direction(first, last), language)]
    return joined([*sentences, *_target_words(known[-1], kind, language, target)], language)


def _direction(first: Measured, last: Measured) -> str:
    if not differ(first, last):
        return "chart.trend_same"
    return "chart.trend_up" if ends(last)[0] > ends(first)[0] else "chart.trend_down"


def _target_words(
    last: tuple[str, Measured], kind: Kind, language: str, target: float | None
) -> list[str]:
    if target is None:
        return []
    _, low, high = ends(last[1])
    code = "chart.target_open"
    if low >= target:
        code = "chart.target_met"
    elif high < target:
        code = "chart.target_missed"
    return [say(code, language, {"period": last[0], "value": figure(target, kind)})]


def _table(points: Sequence[Point], kind: Kind, language: str, few: int) -> Table:
    heads = ("chart.col_period", "chart.col_value", "chart.col_interval", "chart.col_n")
    return Table(
        columns=tuple(say(code, language) for code in heads),
        rows=tuple((label, *cells(e, kind, language, few)) for label, e in points),
    )
