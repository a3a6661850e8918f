"""Kano's features by how much they satisfy and how much their want dissatisfies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import cells, ends, interval, number
from manyi.charts.parts import value_axis
from manyi.charts.placed import Point, plane
from manyi.kit.say import say

_LOOKS = {
    "M": ("@low1", "rect"),
    "O": ("@accent", "circle"),
    "A": ("@high2", "triangle"),
}
_CORNERS = {
    "attractive": ((0, 50), (50, 100), "insideTopLeft"),
    "one_dimensional": ((50, 50), (100, 100), "insideTopRight"),
    "must_be": ((50, 0), (100, 50), "insideBottomRight"),
    "indifferent": ((0, 0), (50, 50), "insideBottomLeft"),
}
_FIELDS = {"M": "must_be", "O": "one_dimensional", "A": "attractive", "I": "indifferent"}


@dataclass(frozen=True)
class Feature:
    """A feature by Berger's coefficients: `better` 0 to 100, `worse` -100 to 0."""

    name: str
    better: Measured
    worse: Measured
    category: str


@dataclass(frozen=True)
class _Turned:
    """A figure below 0 as its size."""

    of: Measured

    @property
    def value(self) -> float | None:
        return None if self.of.value is None else -self.of.value

    @property
    def low(self) -> float | None:
        return None if self.of.high is None else -self.of.high

    @property
    def high(self) -> float | None:
        return None if self.of.low is None else -self.of.low

    @property
    def n(self) -> int:
        return self.of.n


def better_worse(features: Sequence[Feature], *, language: str) -> Chart:
    """Draw dissatisfaction where a feature is missing to the right, satisfaction upwards.

    Each feature has an ellipse as wide and as high as its two intervals; the plane is cut at
    50 %, where the coefficients pass from a minority to a majority of those who care at all.
    """
    percent = value_axis(0, 100, "share")
    option = plane(
        [_point(one, language) for one in features],
        (percent, say("chart.kano_worse", language)),
        (percent, say("chart.kano_better", language)),
        behind=[_fields(language)],
    )
    return Chart(option, _finding(features, language), _table(features, language), 420)


def _point(one: Feature, language: str) -> Point:
    colour, symbol = _LOOKS.get(one.category, ("@grey", "diamond"))
    worse = _Turned(one.worse)
    told = "\n".join(
        [
            one.name,
            _category(one, language),
            f"{say('chart.kano_better', language)} {_written(one.better)}",
            f"{say('chart.kano_worse', language)} {_written(worse)}",
        ]
    )
    return Point(one.name, worse, one.better, colour, told, symbol)


def _category(one: Feature, language: str) -> str:
    return say(f"chart.kano_{_FIELDS.get(one.category, 'other')}", language)


def _written(found: Measured) -> str:
    value, low, high = ends(found)
    return f"{number(value, 'share')}% ({interval(low, high, 'share')}) n {found.n:,}"


def _fields(language: str) -> Option:
    label: Option = {"color": "@muted", "fontSize": 12}
    areas: list[list[Option]] = [
        [
            {
                "coord": list(low),
                "name": say(f"chart.kano_{name}", language),
                "label": {**label, "position": at},
            },
            {"coord": list(high)},
        ]
        for name, (low, high, at) in _CORNERS.items()
    ]
    line = {"color": "@muted", "type": "dashed", "width": 1}
    return {
        "type": "scatter",
        "data": [],
        "silent": True,
        "markArea": {
            "silent": True,
            "itemStyle": {"color": "transparent"},
            "data": areas,
        },
        "markLine": {
            "silent": True,
            "symbol": "none",
            "animation": False,
            "label": {"show": False},
            "lineStyle": line,
            "data": [{"xAxis": 50}, {"yAxis": 50}],
        },
    }


def _finding(features: Sequence[Feature], language: str) -> str:
    comma = "、" if language.startswith("zh") else ", "
    semicolon = "；" if comma == "、" else "; "
    parts = []
    for category in ("M", "O", "A"):
        names = [one.name for one in features if one.category == category]
        said = {"names": comma.join(names)}
        parts += [say(f"chart.kano_{_FIELDS[category]}_are", language, said)] if names else []
    return semicolon.join(parts) or say("chart.kano_none", language)


def _table(features: Sequence[Feature], language: str) -> Table:
    heads = (
        *(say(f"chart.kano_head_{one}", language) for one in ("name", "category")),
        say("chart.kano_better", language),
        say("chart.quadrant_head_interval", language),
        say("chart.kano_worse", language),
        say("chart.quadrant_head_interval", language),
        say("chart.quadrant_head_n", language),
    )
    return Table(heads, tuple(_row(one, language) for one in features))


def _row(one: Feature, language: str) -> tuple[str, ...]:
    better = cells(one.better, "share", language, 0)
    worse = cells(_Turned(one.worse), "share", language, 0)
    return (one.name, _category(one, language), *better[:2], *worse)
