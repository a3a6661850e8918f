"""Drivers by trees, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from manyi.charts import Chart, Kind, bars
from manyi.charts import figure as written
from manyi.charts.figures import interval, number
from manyi.charts.forecast import shaped
from manyi.kit.selection import Selection
from manyi.reports.analysis import by_trees
from manyi.reports.analysis.by_trees import ByTrees, Shape, TreeMover
from manyi.reports.analysis.variables import scored
from manyi.reports.dashboards import attempt
from manyi.stats.result import Estimate
from manyi.tabular.writing import Column
from manyi.web.analysis.choosing import Chosen, one_of, options, picked, required, title_of
from manyi.web.analysis.framed import framed
from manyi.web.context import language

MOST_SHAPES = 6
LEAST_PART = 0.05
"""An item that moves forecasts less than this part of what the first does has a flat picture."""


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of drivers by trees."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    known = scored(survey)
    outcome, items = one_of(request, "outcome", known), picked(request, "item", known)
    part = attempt(
        lambda: by_trees.by_trees(survey, chosen.selection, outcome=outcome, items=items)
    )
    told = part.value
    code = told.outcome.code if told else ""
    page = framed(request, "analysis-trees", chosen, selection)
    return page | {
        "failed": part.failed,
        "told": told,
        "answer": _answer(told) if told else "",
        "outcomes": options(known, {code}),
        "items": options(
            [one for one in known if one.code != code], {v.code for v in told.items} if told else ()
        ),
        "outcome_title": title_of(told.outcome) if told else "",
        "picture": _picture(told) if told and told.movers else None,
        "rows": [row(one) for one in told.movers] if told else [],
        "shapes": shapes(told.movers) if told else [],
        "gain_said": _gain(told.found.gain) if told and told.found else "",
    }


def row(one: TreeMover) -> dict[str, Any]:
    """Return an item's line of the table."""
    low, high = one.rank
    return {
        "title": title_of(one.variable),
        "importance": one.importance,
        "rank": f"{low}–{high}" if high > low else f"{low}",
    }


def shapes(movers: Sequence[TreeMover], *, kind: Kind = "difference") -> list[dict[str, Any]]:
    """Return the pictures of the most important items that have a shape to show."""
    most = max((one.importance.value or 0.0 for one in movers), default=0.0)
    seen = [
        one
        for one in movers
        if len(one.shape) > 1 and (one.importance.value or 0.0) > LEAST_PART * most
    ][:MOST_SHAPES]
    return [
        {
            "title": title_of(one.variable),
            "picture": shaped(
                [(answer_of(step), step.effect) for step in one.shape if step.low is not None],
                kind=kind,
                language=language(),
                blank=next(
                    ((answer_of(step), step.effect) for step in one.shape if step.low is None), None
                ),
            ),
        }
        for one in seen
    ]


def answer_of(step: Shape) -> str:
    """Return the answers of a step in words: one value, a range, or no answer."""
    if step.low is None or step.high is None:
        return _("no answer")
    low, high = f"{step.low:g}", f"{step.high:g}"
    return low if low == high else f"{low}–{high}"


def _answer(told: ByTrees) -> str:
    if not told.movers or told.found is None:
        return ""
    most = told.movers[0]
    low, high = most.importance.low or 0.0, most.importance.high or 0.0
    said = {
        "most": title_of(most.variable),
        "outcome": title_of(told.outcome),
        "points": number(most.importance.value or 0.0, "index"),
        "ends": interval(low, high, "index"),
        "n": f"{told.n:,}",
    }
    if most.rank[1] == 1:
        return (
            _("“%(most)s” moves “%(outcome)s” most: by %(points)s points (%(ends)s, n %(n)s)")
            % said
        )
    return (
        _(
            "“%(most)s” comes first in moving “%(outcome)s” (%(points)s points, %(ends)s, "
            "n %(n)s), but others may matter as much"
        )
        % said
    )


def _gain(gain: Estimate) -> str:
    assert gain.value is not None and gain.low is not None and gain.high is not None
    said = {
        "gain": written(gain.value, "difference"),
        "ends": interval(gain.low, gain.high, "difference"),
    }
    if gain.low > 0:
        return (
            _(
                "Trees tell more than straight lines (%(gain)s percentage points, %(ends)s): some "
                "lines bend, or items work together."
            )
            % said
        )
    if gain.high < 0:
        return (
            _(
                "Straight lines tell more (%(gain)s percentage points, %(ends)s): trust the shares "
                "of explained variance rather than this page."
            )
            % said
        )
    return (
        _("Trees and straight lines tell about as much (%(gain)s percentage points, %(ends)s).")
        % said
    )


def _picture(told: ByTrees) -> Chart:
    rows = [(title_of(one.variable), one.importance) for one in told.movers]
    return bars(rows, kind="index", language=language(), few=0)


def columns() -> list[Column]:
    return [
        Column("code", _("Question code"), "code"),
        Column("title", _("Question"), "text"),
        Column("importance", _("Moves the outcome by (points)"), "number"),
        Column("importance_low", _("Low end"), "number"),
        Column("importance_high", _("High end"), "number"),
        Column("rank_low", _("Best rank"), "integer"),
        Column("rank_high", _("Worst rank"), "integer"),
        Column("n", _("n"), "integer"),
        Column("answer", _("Answer"), "text"),
        Column("effect", _("Adds to the forecast"), "number"),
        Column("effect_low", _("Low end of what it adds"), "number"),
        Column("effect_high", _("High end of what it adds"), "number"),
        Column("effect_n", _("n of the answer"), "integer"),
    ]


def rows(told: Any) -> Iterator[dict[str, Any]]:
    """Yield the table of the download: one line for each answer of each item."""
    for one in told.movers if told else ():
        head = {
            "code": one.variable.code,
            "title": title_of(one.variable),
            "importance": one.importance.value,
            "importance_low": one.importance.low,
            "importance_high": one.importance.high,
            "rank_low": one.rank[0],
            "rank_high": one.rank[1],
            "n": one.importance.n,
        }
        for step in one.shape:
            yield head | {
                "answer": answer_of(step),
                "effect": step.effect.value,
                "effect_low": step.effect.low,
                "effect_high": step.effect.high,
                "effect_n": step.effect.n,
            }
        if not one.shape:
            blank = dict.fromkeys(("answer", "effect", "effect_low", "effect_high", "effect_n"))
            yield head | blank
