"""What the change of a number goes with, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from manyi.accounts.models import Unit
from manyi.kit.selection import Selection
from manyi.metrics.changes import METRICS, Changes, Key, changes
from manyi.stats.attribution import Attribution, Part
from manyi.stats.compare import is_change
from manyi.tabular.writing import Column
from manyi.web import filters, named, numbers
from manyi.web.context import language
from manyi.web.themes.shown import inbox

LISTED = 12


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the change of the metric asked for, and what it goes with."""
    asked = request.GET.get("metric", "")
    metric = asked if asked in METRICS else METRICS[0]
    found = changes(selection, metric)
    names = named.aspects(selection.scope)
    units = {unit.code: unit.name_in(language()) for unit in Unit.objects.visible_to(request.scope)}
    return {
        "found": found,
        "metric": metric,
        "kind": "points" if metric == "nps" else "index",
        "metrics": [
            {
                "label": str(numbers.METRIC_NAMES[one]),
                "href": filters.address(request, metric=one),
                "active": one == metric,
            }
            for one in METRICS
        ],
        "answer": answer(found, names),
        "themes": _lines(request, found.themes, names, units),
        "places": _lines(request, found.places, names, units),
    }


def answer(found: Changes, names: Mapping[str, str]) -> str:
    """Return the page's answer in a sentence."""
    if found.themes is None:
        return ""
    if not is_change(found.themes.change):
        return _("No real change since the period before.")
    if not found.themes.sure:
        return _("It changed, but no theme surely goes with it.")
    first = found.themes.sure[0]
    return _("The change goes first of all with: %(what)s.") % {"what": _name(first.key, names, {})}


def _lines(
    request: Any,
    found: Attribution[Key] | None,
    names: Mapping[str, str],
    units: Mapping[str, str],
) -> list[dict[str, Any]]:
    parts = found.sure[:LISTED] if found else ()
    return [_line(request, part, names, units) for part in parts]


def _line(
    request: Any, part: Part[Key], names: Mapping[str, str], units: Mapping[str, str]
) -> dict[str, Any]:
    aspect, sense, unit = part.key
    conditions = {"aspect": aspect, "polarity": named.SENSES[sense], "metric": ""}
    return {
        "name": _name(part.key, names, units),
        "href": inbox(request, **conditions, **({"unit": unit} if unit else {})),
        "part": part,
    }


def _name(key: Key, names: Mapping[str, str], units: Mapping[str, str]) -> str:
    aspect, sense, unit = key
    said = _("%(theme)s: %(tone)s") % {
        "theme": named.aspect(dict(names), aspect),
        "tone": named.sense(sense).lower(),
    }
    return f"{units.get(unit, unit)} · {said}" if unit else said


def columns() -> list[Column]:
    """Return the columns of the download."""
    return [
        Column("what", _("Goes with")),
        Column("points", _("Part of the change, points"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("share", _("Share of the change, %"), "number"),
        Column("n", _("Voices now"), "integer"),
        Column("n_before", _("Voices before"), "integer"),
        Column("p", "p", "number"),
    ]


def rows(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the page lists as rows of the download."""
    for line in (*found["themes"], *found["places"]):
        part: Part[Key] = line["part"]
        yield {
            "what": line["name"],
            "points": part.points.value,
            "low": part.points.low,
            "high": part.points.high,
            "share": part.share and part.share.value,
            "n": part.n,
            "n_before": part.n_before,
            "p": part.test.p,
        }
