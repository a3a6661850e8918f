"""Which unit, which category: every figure with its whisker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import (
    FEW,
    THIN,
    Kind,
    cells,
    count,
    counted,
    ends,
    figure,
    full,
    joined,
    judged,
)
from manyi.charts.parts import (
    ROW,
    frame,
    name_axis,
    narrow_names,
    reference,
    tip,
    value_axis,
    whiskers,
)
from manyi.kit.say import say

Unit = tuple[str, Measured | None, str | None]


def dots(
    units: Sequence[Unit],
    *,
    whole: Measured,
    kind: Kind = "share",
    language: str,
    differs: Collection[str] | None = None,
    few: int = FEW,
) -> Chart:
    """Draw one dot and whisker a unit, best on top, the whole as an upright line.

    A unit is (name, estimate, address or None). `differs` names those that truly differ from
    the whole: they are drawn solid, the others hollow. Units with too few answers
    stand at the end without a dot.
    """
    ordered = _ordered(units, few)
    return Chart(
        option=_dots_option(ordered, whole, kind, language, differs, few),
        label=_dots_finding(ordered, whole, kind, language, differs, few),
        table=_dots_table(ordered, kind, language, differs, few),
        height=56 + ROW * max(len(ordered), 1),
    )


def bars(
    categories: Sequence[tuple[str, Measured | None]],
    *,
    kind: Kind = "share",
    language: str,
    few: int = FEW,
    links: Mapping[str, str] | None = None,
) -> Chart:
    """Draw horizontal bars from 0 with their whiskers, in the order given.

    A bar leads to the address that `links` has for its name.
    """
    names = [name for name, _ in categories]
    known = [(i, e) for i, (_, e) in enumerate(categories) if judged(e, few)]
    reach = [v for _, e in known for v in ends(e)]
    option = frame(right=56)
    option["xAxis"] = value_axis(min([0.0, *reach]), max([0.0, *reach]) or 1.0, kind)
    option["yAxis"] = name_axis(names)
    option["series"] = [
        {
            "type": "bar",
            "barWidth": 14,
            "itemStyle": {"color": "@high1", "borderRadius": 2},
            "data": [_bar(name, e, kind, language, few, links or {}) for name, e in categories],
        },
        whiskers(((ends(e)[1], ends(e)[2], i) for i, e in known), colour="@ink"),
    ]
    option["media"] = narrow_names(names)
    return Chart(
        option=option,
        label=_bars_finding(categories, kind, language, few),
        table=Table(
            _heads(language), tuple((n, *cells(e, kind, language, few)) for n, e in categories)
        ),
        height=48 + ROW * max(len(names), 1),
    )


def _ordered(units: Sequence[Unit], few: int) -> list[Unit]:
    def place(unit: Unit) -> tuple[bool, float]:
        estimate = unit[1]
        return (False, -ends(estimate)[0]) if judged(estimate, few) else (True, 0.0)

    return sorted(units, key=place)


def _dots_option(
    units: Sequence[Unit],
    whole: Measured,
    kind: Kind,
    language: str,
    differs: Collection[str] | None,
    few: int,
) -> Option:
    known = [(i, e) for i, (_, e, _) in enumerate(units) if judged(e, few)]
    reach = [v for _, e in known for v in ends(e)]
    whole_known = judged(whole, few)
    if whole_known:
        reach += ends(whole)
    option = frame(top=30, right=28)
    option["xAxis"] = value_axis(min(reach, default=0.0), max(reach, default=1.0), kind)
    option["yAxis"] = {**name_axis([name for name, _, _ in units]), "splitLine": {"show": False}}
    scatter: Option = {
        "type": "scatter",
        "symbolSize": 10,
        "z": 5,
        "itemStyle": {**_SOLID, "opacity": 1},
        "data": [_dot(i, units[i], kind, language, differs, few) for i, _ in known],
    }
    if whole_known:
        scatter |= _whole_marks(whole, kind, language)
    option["series"] = [whiskers((ends(e)[1], ends(e)[2], i) for i, e in known), scatter]
    option["media"] = narrow_names(name for name, _, _ in units)
    return option


_SOLID = {"color": "@accent", "borderColor": "@accent", "borderWidth": 1.5}


def _whole_marks(whole: Measured, kind: Kind, language: str) -> Option:
    value, low, high = ends(whole)
    words = say("chart.whole", language, {"value": figure(value, kind)})
    return {
        "markLine": reference("xAxis", value, words, kind="solid", at="start"),
        "markArea": {
            "silent": True,
            "animation": False,
            "itemStyle": {"color": "@band"},
            "data": [[{"xAxis": low}, {"xAxis": high}]],
        },
    }


def _dot(
    row: int,
    unit: Unit,
    kind: Kind,
    language: str,
    differs: Collection[str] | None,
    few: int,
) -> Option:
    name, estimate, href = unit
    datum: Option = {
        "value": [ends(estimate)[0], row],
        "tooltip": tip(f"{name}\n{full(estimate, kind, language, few)}"),
    }
    thin = estimate is not None and estimate.n < THIN
    if thin or (differs is not None and name not in differs):
        datum["itemStyle"] = {"color": "@paper", "borderColor": "@grey" if thin else "@accent"}
    if href:
        datum["href"] = href
    return datum


def _dots_finding(
    units: Sequence[Unit],
    whole: Measured,
    kind: Kind,
    language: str,
    differs: Collection[str] | None,
    few: int,
) -> str:
    known = [(name, e) for name, e, _ in units if e is not None and judged(e, few)]
    if not known:
        return counted("chart.dots_empty", len(units), language)
    words = {
        "whole": full(whole, kind, language, few),
        "best": known[0][0],
        "best_value": full(known[0][1], kind, language, few),
        "worst": known[-1][0],
        "worst_value": full(known[-1][1], kind, language, few),
    }
    sentences = [counted("chart.dots", len(known), language, words)]
    if differs is not None:
        named = [name for name, _ in known if name in differs]
        sentences.append(_differing(named, language))
    return joined(sentences, language)


def _differing(named: Sequence[str], language: str) -> str:
    if not named:
        return say("chart.none_differ", language)
    names = say("chart.comma", language).join(named[:8])
    return say("chart.some_differ", language, {"n": count(len(named)), "names": names})


def _dots_table(
    units: Sequence[Unit], kind: Kind, language: str, differs: Collection[str] | None, few: int
) -> Table:
    rows = [(name, *cells(e, kind, language, few)) for name, e, _ in units]
    if differs is None:
        return Table(_heads(language), tuple(rows))
    marked = [(*row, say(_verdict(row[0], differs), language)) for row in rows]
    return Table((*_heads(language), say("chart.col_differs", language)), tuple(marked))


def _verdict(name: str, differs: Collection[str]) -> str:
    return "chart.differs_yes" if name in differs else "chart.differs_no"


def _heads(language: str) -> tuple[str, ...]:
    codes = ("chart.col_name", "chart.col_value", "chart.col_interval", "chart.col_n")
    return tuple(say(code, language) for code in codes)


def _bar(
    name: str,
    estimate: Measured | None,
    kind: Kind,
    language: str,
    few: int,
    links: Mapping[str, str],
) -> object:
    if not judged(estimate, few):
        return "-"
    value, _, _ = ends(estimate)
    href = {"href": links[name]} if links.get(name) else {}
    return {
        **href,
        "value": value,
        "tooltip": tip(f"{name}\n{full(estimate, kind, language, few)}"),
        "itemStyle": {"color": "@low2" if value < 0 else "@high1"},
    }


def _bars_finding(
    categories: Sequence[tuple[str, Measured | None]], kind: Kind, language: str, few: int
) -> str:
    known = [(name, e) for name, e in categories if judged(e, few)]
    if not known:
        return counted("chart.dots_empty", len(categories), language)
    best = max(known, key=lambda pair: ends(pair[1])[0])
    worst = min(known, key=lambda pair: ends(pair[1])[0])
    words = {
        "best": best[0],
        "best_value": full(best[1], kind, language, few),
        "worst": worst[0],
        "worst_value": full(worst[1], kind, language, few),
    }
    return counted("chart.bars", len(known), language, words)
