"""How customers feel, as its page shows it: the share of each emotion, and the same by unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from manyi.kit.selection import Selection
from manyi.metrics.emotions import Emotion, emotions
from manyi.metrics.guard import limits
from manyi.tabular.writing import Column
from manyi.web import downloads, filters, named, numbers
from manyi.web.overview.parts import AT_ONCE
from manyi.web.pages import page
from manyi.web.themes import felt, shown

_UNITS = "units"


@page("metric.read")
def feelings(request: Any) -> HttpResponseBase:
    """Show how many of the voices of a selection show each emotion."""
    selection = filters.selection(request)
    if downloads.wanted(request) and request.GET.get("table") == "units":
        cells = felt.by_unit(selection)["cells"]
        return downloads.table_response(
            request, _("Emotions by unit"), felt.columns(), felt.lines(cells)
        )
    if request.GET.get("part") == _UNITS:
        return render(request, "web/themes/_emotions_units.html", _units(request, selection))
    found = emotions(selection.split())
    rows = [_row(request, one) for one in found or () if one.n != 0]
    if downloads.wanted(request):
        table = columns(), lines(rows)
        return downloads.table_response(request, _("How they feel"), *table)
    few = limits(selection.scope).precision_n
    context = {
        **shown.common(request, selection, "themes-emotions"),
        "failed": found is None,
        "rows": rows,
        "chart": shown.shares(((r["name"], r["href"], r["emotion"].share) for r in rows), few),
        "answer": answer(rows),
        "downloads": downloads.choices(request),
    }
    if sum(row["emotion"].n or 0 for row in rows) > AT_ONCE:
        context["units_later"] = filters.address(request, part=_UNITS)
    else:
        context |= _units(request, selection)
    return render(request, "web/themes/emotions.html", context)


def _units(request: Any, selection: Selection) -> dict[str, Any]:
    return {"by_unit": felt.by_unit(selection), "unit_downloads": _of_units(request)}


def _of_units(request: Any) -> list[dict[str, str]]:
    return [{**one, "href": f"{one['href']}&table=units"} for one in downloads.choices(request)]


def _row(request: Any, one: Emotion) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": str(named.EMOTIONS[one.code]),
        "href": shown.inbox(request, emotion=one.code),
        "share": numbers.figure_of(one.share),
        "emotion": one,
    }


def answer(rows: Sequence[dict[str, Any]]) -> str:
    """Return the page's answer in a sentence."""
    told = [row for row in rows if row["emotion"].share.ok]
    if not told:
        return ""
    return _("Most often: %(emotion)s, in %(share)s of what was written.") % {
        "emotion": told[0]["name"],
        "share": numbers.written(told[0]["emotion"].share.estimate, "share"),
    }


def columns() -> list[Column]:
    """Return the columns of the download."""
    return [
        Column("code", _("Code"), "code"),
        Column("name", _("Emotion")),
        Column("n", _("Voices"), "integer"),
        Column("share", _("Share, %"), "number"),
        Column("share_low", _("Low end"), "number"),
        Column("share_high", _("High end"), "number"),
        Column("status", _("Status")),
    ]


def lines(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the emotions as they may be shown."""
    for row in rows:
        one: Emotion = row["emotion"]
        share = one.share.estimate
        yield {
            "code": one.code,
            "name": row["name"],
            "n": one.n,
            "share": share.value,
            "share_low": share.low,
            "share_high": share.high,
            "status": one.share.status,
        }
