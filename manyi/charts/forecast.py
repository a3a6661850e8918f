"""What trees tell: forecasts against what came, what contact catches, the shape of an influence."""

from __future__ import annotations

from collections.abc import Sequence

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import Kind, cells, ends, figure, full, number
from manyi.charts.parts import frame, label_axis, tip, upright, value_axis
from manyi.kit.say import say

Told = tuple[float, Measured]
Step = tuple[str, Measured]


def calibrated(bins: Sequence[Told], *, language: str) -> Chart:
    """Draw what was forecast to the right and what came upwards, in per cent; on the diagonal
    the forecasts are true."""
    reach = [v for told, seen in bins for v in (told, *ends(seen))]
    axis = value_axis(0.0, max(reach, default=1.0), "share")
    option = _named(say("chart.forecast_told", language), say("chart.forecast_seen", language))
    option["xAxis"] |= axis
    option["yAxis"] |= axis
    most = axis["max"]
    dots = [
        {
            "value": [round(told, 4), ends(seen)[0]],
            "tooltip": tip(_pair(told, seen, language)),
        }
        for told, seen in bins
    ]
    option["series"] = [
        _diagonal([[0, 0], [most, most]]),
        upright([(ends(seen)[1], ends(seen)[2], told) for told, seen in bins]),  # type: ignore[misc]
        {"type": "scatter", "symbolSize": 9, "itemStyle": {"color": "@accent"}, "data": dots},
    ]
    return Chart(option, _true(bins, language), _bins_table(bins, language), 340)


def gained(gains: Sequence[tuple[float, Measured]], *, language: str) -> Chart:
    """Draw which part of all leavers is among the customers with the highest forecasts, by how
    many of these are contacted; the diagonal is chance. Both in per cent."""
    option = _named(say("chart.forecast_reached", language), say("chart.forecast_caught", language))
    axis = value_axis(0.0, 100.0, "share")
    option["xAxis"] |= axis
    option["yAxis"] |= axis
    dots = [
        {"value": [share, ends(one)[0]], "tooltip": tip(_pair(share, one, language))}
        for share, one in gains
    ]
    option["series"] = [
        _diagonal([[0, 0], [100, 100]]),
        upright([(ends(one)[1], ends(one)[2], share) for share, one in gains]),  # type: ignore[misc]
        _path([{"value": [0, 0], "symbol": "none"}, *dots]),
    ]
    first = gains[0]
    words = {"share": figure(first[0], "share"), "caught": full(first[1], "share", language, 0)}
    return Chart(
        option, say("chart.forecast_gain", language, words), _bins_table(gains, language), 340
    )


def shaped(steps: Sequence[Step], *, kind: Kind, language: str, blank: Step | None = None) -> Chart:
    """Draw what each answer adds to the forecast on average; 0 adds nothing. No answer (`blank`)
    is none of the steps and stands apart."""
    all_ = [*steps, *([blank] if blank is not None else [])]
    return _shaped(all_, len(steps), kind, language)


def _shaped(steps: Sequence[Step], joined: int, kind: Kind, language: str) -> Chart:
    reach = [v for _, one in steps for v in ends(one)]
    option = frame(top=16, right=20)
    option["xAxis"] = label_axis([name for name, _ in steps])
    option["yAxis"] = value_axis(min([0.0, *reach]), max([0.0, *reach]) or 1.0, kind)
    dots = [
        {"value": ends(one)[0], "tooltip": tip(f"{name}\n{full(one, kind, language, 0)}")}
        for name, one in steps
    ]
    option["series"] = [
        upright([(ends(one)[1], ends(one)[2], at) for at, (_, one) in enumerate(steps)]),
        _path(dots[:joined]),
        {
            "type": "scatter",
            "symbolSize": 8,
            "itemStyle": {"color": "@grey"},
            "data": [{**dot, "value": [joined, dot["value"]]} for dot in dots[joined:]],
        },
    ]
    rows = tuple((name, *cells(one, kind, language, 0)) for name, one in steps)
    return Chart(
        option, _ends_of(steps, kind, language), Table(_heads("answer", language), rows), 220
    )


def _named(right: str, up: str) -> Option:
    option = frame(top=28, right=24, bottom=28, left=8)
    words: Option = {"nameTextStyle": {"color": "@muted"}}
    option["xAxis"] = {**words, "name": right, "nameLocation": "middle", "nameGap": 26}
    option["yAxis"] = {
        "name": up,
        "nameLocation": "end",
        "nameTextStyle": {"color": "@muted", "align": "left"},
    }
    return option


def _diagonal(ends_: list[list[float]]) -> Option:
    return {
        "type": "line",
        "data": ends_,
        "symbol": "none",
        "silent": True,
        "z": 1,
        "lineStyle": {"color": "@grey", "type": "dashed", "width": 1},
        "tooltip": {"show": False},
    }


def _path(dots: Sequence[Option]) -> Option:
    return {
        "type": "line",
        "symbol": "circle",
        "symbolSize": 8,
        "showAllSymbol": True,
        "z": 5,
        "lineStyle": {"color": "@accent", "width": 2},
        "itemStyle": {"color": "@accent"},
        "data": list(dots),
    }


def _pair(told: float, seen: Measured, language: str) -> str:
    return f"{figure(told, 'share')}\n{full(seen, 'share', language, 0)}"


def _true(bins: Sequence[Told], language: str) -> str:
    held = sum(ends(seen)[1] <= told <= ends(seen)[2] for told, seen in bins)
    return say("chart.forecast_true", language, {"held": held, "all": len(bins)})


def _ends_of(steps: Sequence[Step], kind: Kind, language: str) -> str:
    most = max(steps, key=lambda one: ends(one[1])[0])
    least = min(steps, key=lambda one: ends(one[1])[0])
    words = {
        "most": most[0],
        "high": number(ends(most[1])[0], kind),
        "least": least[0],
        "low": number(ends(least[1])[0], kind),
    }
    return say("chart.forecast_shape", language, words)


def _bins_table(rows: Sequence[Told], language: str) -> Table:
    written = tuple(
        (figure(told, "share"), *cells(seen, "share", language, 0)) for told, seen in rows
    )
    return Table(_heads("share", language), written)


def _heads(first: str, language: str) -> tuple[str, ...]:
    heads = (f"forecast_{first}", "forecast_value", "quadrant_head_interval", "quadrant_head_n")
    return tuple(say(f"chart.{one}", language) for one in heads)
