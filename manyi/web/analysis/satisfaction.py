"""The satisfaction index of a model, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from manyi.charts import Chart, bars
from manyi.kit.localtext import pick
from manyi.kit.selection import Selection
from manyi.reports.analysis import modelled
from manyi.reports.analysis.modelled import Indices
from manyi.tabular.writing import Column
from manyi.web.analysis.choosing import title_of
from manyi.web.analysis.framed import found_by, words
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


STRUCTURES = {"acsi": "ACSI", "ecsi": "ECSI", "ccsi": "CCSI", "own": ""}


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of a satisfaction index."""
    page, told = found_by(request, "analysis-index", selection, modelled.indices)
    if told is None:
        return page
    return page | {
        "answer": _answer(told),
        "picture": _picture(told),
        "indices": [(_name(told, part), one) for part, one in told.indices.items()],
        "effects": [
            (_name(told, one.start), _name(told, one.end), one.path, one.total)
            for one in told.effects
        ],
        "r2": [(_name(told, part), one) for part, one in told.r2.items()],
        "measures": [
            (_name(told, part), one, _name(told, one.nearest) if one.nearest else "")
            for part, one in told.measures.items()
        ],
        "items": [
            (title_of(one.variable), _name(told, one.part), one.loading) for one in told.items
        ],
    }


def _name(told: Indices, part: str) -> str:
    """Return what the organisation calls a part, else the usual word, else its code."""
    return pick(told.labels.get(part), language(), str(PARTS.get(part, part)))


def _answer(told: Indices) -> str:
    figure = words(told.indices[told.outcome], "index")
    if figure is None:
        return ""
    said = {**figure, "model": STRUCTURES[told.structure], "part": _name(told, told.outcome)}
    if told.structure == "own":
        return _("%(part)s: index %(value)s (%(ends)s, n %(n)s), by your own model.") % said
    return _("Satisfaction index (%(model)s) %(value)s (%(ends)s, n %(n)s).") % said


def _picture(told: Indices) -> Chart:
    shown_ones = [(_name(told, part), one) for part, one in told.indices.items()]
    return bars(shown_ones, kind="index", language=language(), few=0)


def columns() -> list[Column]:
    return [
        Column("what", _("Figure"), "code"),
        Column("part", _("Part"), "text"),
        Column("item", _("Question code"), "code"),
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
    lines = [("index", part, "", one) for part, one in told.indices.items()]
    lines += [("path", one.start, one.end, one.path) for one in told.effects if one.path]
    lines += [("total_effect", one.start, one.end, one.total) for one in told.effects]
    lines += [("r2", part, "", one) for part, one in told.r2.items()]
    for part, of in told.measures.items():
        lines += [("rho_a", part, "", of.reliability), ("ave", part, "", of.ave)]
    for what, start, end, one in lines:
        ends = {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
        names = {"part": _name(told, start), "end": _name(told, end) if end else ""}
        yield {"what": what, "item": "", **names, **ends}
    for item in told.items:
        one = item.loading
        ends = {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
        names = {"part": _name(told, item.part), "end": "", "item": item.variable.code}
        yield {"what": "loading", **names, **ends}
