"""The satisfaction index of a model, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from manyi.charts import Chart, bars, interval
from manyi.charts import figure as written
from manyi.kit.selection import Selection
from manyi.reports.analysis import modelled
from manyi.reports.analysis.modelled import Indices
from manyi.tabular.writing import Column
from manyi.web.analysis.framed import found_by
from manyi.web.context import language

PARTS: dict[str, str | Promise] = {
    "image": pgettext_lazy("of a brand", "Image"),
    "expectation": gettext_lazy("Expectation"),
    "quality": gettext_lazy("Perceived quality"),
    "value": gettext_lazy("Perceived value"),
    "satisfaction": gettext_lazy("Satisfaction"),
    "complaints": gettext_lazy("Handling of complaints"),
    "loyalty": gettext_lazy("Loyalty"),
}


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of a satisfaction index."""
    page, told = found_by(request, "analysis-index", selection, modelled.indices)
    return page | {
        "answer": _answer(told) if told else "",
        "picture": _picture(told) if told else None,
        "indices": [(PARTS[name], one) for name, one in told.indices.items()] if told else [],
        "effects": [(PARTS[one.start], PARTS[one.end], one.path) for one in told.effects]
        if told
        else [],
        "r2": [(PARTS[name], one) for name, one in told.r2.items()] if told else [],
    }


def _answer(told: Indices) -> str:
    found = told.indices["satisfaction"]
    if found.value is None or found.low is None or found.high is None:
        return ""
    said = {
        "model": told.structure.upper(),
        "value": written(found.value, "index"),
        "ends": interval(found.low, found.high, "index"),
        "n": f"{told.n:,}",
    }
    return _("Satisfaction index (%(model)s) %(value)s (%(ends)s, n %(n)s).") % said


def _picture(told: Indices) -> Chart:
    shown_ones = [(str(PARTS[name]), one) for name, one in told.indices.items()]
    return bars(shown_ones, kind="index", language=language(), few=0)


def columns() -> list[Column]:
    return [
        Column("part", _("Part"), "text"),
        Column("end", _("Moved part"), "text"),
        Column("value", _("Value"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
    ]


def rows(told: Indices | None) -> Iterator[dict[str, Any]]:
    """Yield the indices, then the paths, of the download."""
    if told is None:
        return
    lines = [(name, "", one) for name, one in told.indices.items()]
    lines += [(one.start, one.end, one.path) for one in told.effects]
    for start, end, one in lines:
        ends = {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
        yield {"part": str(PARTS[start]), "end": str(PARTS[end]) if end else "", **ends}
