"""The funnel plot: units by their number of answers, against what chance alone allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import Kind, cells, count, ends, figure, full, interval
from manyi.charts.parts import frame, reference, tip, value_axis
from manyi.kit.say import say

_MOST_NAMED = 12
_NARROW = 520
_WIDE_RANGE = 15
_LOOKS: dict[int, Option] = {
    2: {"symbol": "triangle", "symbolSize": 12, "itemStyle": {"color": "@high2"}},
    -2: {
        "symbol": "triangle",
        "symbolRotate": 180,
        "symbolSize": 12,
        "itemStyle": {"color": "@low1"},
    },
    1: {"symbol": "diamond", "symbolSize": 11, "itemStyle": {"color": "@high1"}},
    -1: {"symbol": "diamond", "symbolSize": 11, "itemStyle": {"color": "@low2"}},
    0: {
        "symbol": "circle",
        "symbolSize": 8,
        "itemStyle": {"color": "@paper", "borderColor": "@grey", "borderWidth": 1.5},
    },
}
_VERDICTS = {
    2: "chart.against_above_far",
    1: "chart.against_above",
    0: "chart.against_within",
    -1: "chart.against_below",
    -2: "chart.against_below_far",
}


@dataclass(frozen=True)
class Unit:
    """A unit: its own number, the n it stands at, and its 95% limits there. `side` is 0 within
    these, ±1 outside, ±2 outside those of 99.8% too."""

    name: str
    found: Measured
    at: float
    low: float
    high: float
    side: int
    href: str = ""


@dataclass(frozen=True)
class Limits:
    """The ends of the 95% and of the 99.8% limits at a number of answers."""

    at: float
    low: float
    high: float
    far_low: float
    far_high: float


def against_chance(
    units: Sequence[Unit], limits: Sequence[Limits], *, centre: float, kind: Kind, language: str
) -> Chart:
    """Draw each unit's own number over its n, with the whole and the limits around it.

    Those outside the 99.8% limits are triangles with their names, outside the 95% diamonds.
    """
    option = frame(top=30, right=24, bottom=30, left=8)
    option["xAxis"] = _across(units, language)
    reach = [v for one in units for v in (ends(one.found)[0], one.low, one.high)]
    option["yAxis"] = value_axis(min(reach), max(reach), kind)
    option["series"] = [
        *_lines(limits),
        _points(units, kind, language),
        _middle(centre, kind, language),
    ]
    option["media"] = [{"query": {"maxWidth": _NARROW}, "option": {"grid": {"right": 12}}}]
    return Chart(
        option, _finding(units, centre, kind, language), _table(units, kind, language), 400
    )


def _across(units: Sequence[Unit], language: str) -> Option:
    """Return the axis of n, by powers of ten where units differ much in size."""
    sizes = [one.at for one in units]
    low, high = min(sizes) * 0.9, max(sizes) * 1.1
    axis: Option = {
        "type": "log" if high / low > _WIDE_RANGE else "value",
        "min": round(low, 1),
        "max": round(high, 1),
        "name": say("chart.against_n", language),
        "nameLocation": "middle",
        "nameGap": 28,
        "nameTextStyle": {"color": "@muted"},
        "axisLabel": {
            "color": "@muted",
            "hideOverlap": True,
            "showMinLabel": False,
            "showMaxLabel": False,
        },
        "axisLine": {"lineStyle": {"color": "@line"}},
        "axisTick": {"show": False},
        "splitLine": {"show": False},
    }
    return axis


def _lines(limits: Sequence[Limits]) -> list[Option]:
    shown = (("low", "dashed"), ("high", "dashed"), ("far_low", "solid"), ("far_high", "solid"))
    return [
        {
            "type": "line",
            "data": [[round(one.at, 2), round(getattr(one, end), 3)] for one in limits],
            "symbol": "none",
            "silent": True,
            "z": 2,
            "lineStyle": {"color": "@muted", "width": 1, "type": drawn},
            "tooltip": {"show": False},
        }
        for end, drawn in shown
    ]


def _points(units: Sequence[Unit], kind: Kind, language: str) -> Option:
    far = sorted((one for one in units if abs(one.side) == 2), key=lambda one: -one.at)
    named = {one.name for one in far[:_MOST_NAMED]}
    return {
        "type": "scatter",
        "z": 5,
        "labelLayout": {"hideOverlap": True},
        "data": [_point(one, kind, language, is_named=one.name in named) for one in units],
    }


def _point(one: Unit, kind: Kind, language: str, *, is_named: bool) -> Option:
    verdict = say(_VERDICTS[one.side], language)
    datum: Option = {
        "value": [round(one.at, 2), ends(one.found)[0]],
        **_LOOKS[one.side],
        "tooltip": tip(f"{one.name}\n{full(one.found, kind, language, 0)}\n{verdict}"),
    }
    if is_named:
        datum["label"] = {
            "show": True,
            "formatter": one.name.replace("{", "(").replace("}", ")"),
            "position": "top" if one.side > 0 else "bottom",
            "color": "@ink",
            "fontSize": 12,
            "width": 110,
            "overflow": "truncate",
        }
    if one.href:
        datum["href"] = one.href
    return datum


def _middle(centre: float, kind: Kind, language: str) -> Option:
    words = say("chart.whole", language, {"value": figure(centre, kind)})
    line = reference("yAxis", round(centre, 3), words, kind="solid", at="insideStartTop")
    return {"type": "scatter", "data": [], "silent": True, "markLine": line}


def _finding(units: Sequence[Unit], centre: float, kind: Kind, language: str) -> str:
    words = {"n": count(len(units)), "whole": figure(centre, kind)}
    far = [one for one in units if abs(one.side) == 2]
    if not far:
        return say("chart.against_none", language, words)
    comma = say("chart.comma", language)
    names = comma.join(one.name for one in far[:_MOST_NAMED])
    above = count(sum(one.side > 0 for one in far))
    below = count(sum(one.side < 0 for one in far))
    told = {**words, "above": above, "below": below, "names": names}
    return say("chart.against_some", language, told)


def _table(units: Sequence[Unit], kind: Kind, language: str) -> Table:
    heads = ("col_name", "col_value", "col_interval", "col_n", "against_limits", "against_verdict")
    order = sorted(units, key=lambda one: (-abs(one.side), -one.side, -ends(one.found)[0]))
    return Table(
        tuple(say(f"chart.{head}", language) for head in heads),
        tuple(
            (
                one.name,
                *cells(one.found, kind, language, 0),
                interval(one.low, one.high, kind),
                say(_VERDICTS[one.side], language),
            )
            for one in order
        ),
    )
