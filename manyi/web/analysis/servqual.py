"""SERVQUAL's gaps, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from manyi.charts import Chart, bars
from manyi.kit.localtext import pick
from manyi.kit.selection import Selection
from manyi.reports.analysis import modelled
from manyi.reports.analysis.modelled import Gap, Gaps
from manyi.tabular.writing import Column
from manyi.web.analysis.framed import found_by
from manyi.web.context import language


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of SERVQUAL's gaps."""
    page, told = found_by(request, "analysis-servqual", selection, modelled.gaps)
    return page | {
        "answer": _answer(told) if told else "",
        "picture": _picture(told) if told else None,
        "parts": [(_("Dimensions"), _gaps(told.dimensions)), (_("Items"), _gaps(told.items))]
        if told
        else [],
    }


def _name(one: Gap) -> str:
    return pick(one.label, language(), one.code)


def _gaps(found: Any) -> list[dict[str, Any]]:
    return [
        {"name": _name(one), "gap": one.gap, "below": (one.gap.high or 0.0) < 0} for one in found
    ]


def _answer(told: Gaps) -> str:
    worst = min(told.dimensions, key=lambda one: one.gap.value or 0.0)
    if (worst.gap.high or 0.0) >= 0:
        return _("No dimension surely falls short of what is expected.")
    return _("“%(name)s” falls furthest short of what is expected.") % {"name": _name(worst)}


def _picture(told: Gaps) -> Chart:
    shown_ones = [(_name(one), one.gap) for one in told.dimensions]
    return bars(shown_ones, kind="mean", language=language(), few=0)


def columns() -> list[Column]:
    return [
        Column("part", _("Part"), "text"),
        Column("code", _("Code"), "code"),
        Column("name", _("Name"), "text"),
        Column("value", _("Gap"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
    ]


def rows(told: Gaps | None) -> Iterator[dict[str, Any]]:
    """Yield dimensions, then items, of the download."""
    parts = [(_("Dimensions"), told.dimensions), (_("Items"), told.items)] if told else []
    for part, found in parts:
        for one in found:
            gap = one.gap
            ends = {"value": gap.value, "low": gap.low, "high": gap.high, "n": gap.n}
            yield {"part": part, "code": one.code, "name": _name(one), **ends}
