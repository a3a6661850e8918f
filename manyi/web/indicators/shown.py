"""The tree of indicators with its numbers, ready for its template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from manyi.accounts.permissions import may
from manyi.kit.selection import Selection
from manyi.metrics import indicators
from manyi.metrics.guard import limits
from manyi.metrics.indicators import IndicatorResult
from manyi.reports.dashboards import LESS_IS_BETTER, attempt, kind_of
from manyi.web import numbers
from manyi.web.indicators.forms import name_of


def tree_shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return every indicator with its number, its target and what may be done with it."""
    part = attempt(
        lambda: [
            indicators.indicator_compared(one, selection)
            for one in indicators.roots(selection.scope)
        ]
    )
    rows = [line for root in part.value or () for line in lines(root, 0, selection)]
    return {
        "rows": rows,
        "failed": part.failed,
        "limits": limits(selection.scope),
        "may_edit": may(request.member, "indicator.edit"),
        "answer": _answer(rows),
        "left_out": numbers.left_out_words(selection),
    }


def _answer(rows: list[dict[str, Any]]) -> str:
    aimed = [row for row in rows if row["target"] is not None]
    if not aimed:
        return _("No indicator has a target yet.")
    said = {"n": len(aimed), "reached": sum(row["standing"] == "reached" for row in aimed)}
    return _("Targets surely reached: %(reached)s of %(n)s.") % said


def lines(
    found: IndicatorResult, level: int, selection: Selection, siblings: float = 0.0
) -> Iterator[dict[str, Any]]:
    """Yield an indicator with all below it, as rows of a table.

    `siblings` is the weight of all parts of the same whole.
    """
    one = found.indicator
    yield {
        "pk": one.pk,
        "name": name_of(one),
        "code": one.code,
        "level": level,
        "kind": kind_of(one.metric),
        "metric": str(numbers.METRIC_NAMES.get(one.metric, one.metric)),
        "weight": one.weight if level else None,
        "share": 100 * one.weight / siblings if level and siblings else None,
        "weighted": numbers.weighted_words(found.row, selection),
        "is_headline": one.is_headline,
        "row": numbers.figure_of(found.row),
        "about": numbers.about(one.metric, found.row, selection),
        "help": numbers.help_for(one.metric),
        "better": "down" if one.metric in LESS_IS_BETTER else "up",
        "delta": found.delta,
        "delta_year": found.delta_year,
        "target": found.target,
        "standing": found.standing,
    }
    whole = sum(child.indicator.weight for child in found.children)
    for child in found.children:
        yield from lines(child, level + 1, selection, whole)
