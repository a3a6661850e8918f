"""The Overview: how it is going, where, and what people say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from manyi.kit.selection import Selection
from manyi.metrics.guard import limits
from manyi.reports import dashboards
from manyi.web import downloads, filters, numbers
from manyi.web.overview.parts import PARTS, Looked, part_of, parts
from manyi.web.overview.shown import chosen, number_tabs, unit_columns, unit_rows, units_shown
from manyi.web.overview.starting import steps
from manyi.web.pages import page


@page("metric.read")
def overview(request: HttpRequest) -> HttpResponseBase:
    selection, unit = filters.selection(request), filters.chosen_unit(request)
    if downloads.wanted(request):
        return _units_file(request, selection)
    part = part_of(request, selection, unit)
    return part or render(request, "web/overview/page.html", _shown(request, selection))


def _shown(request: Any, selection: Selection) -> dict[str, Any]:
    found = dashboards.headlines(selection)
    if not any(one.is_answered for one in found):
        last = dashboards.latest_day(selection.scope)
        if last is None:
            return {"is_new": True, "steps": steps(request)}
        if selection.when is not None and last < selection.when.first:
            return {"is_before": True, "last": last, "year": _year_to(request, last)}
    head, least = chosen(request, found), limits(selection.scope)
    at = Looked(request, selection, head, least, filters.chosen_unit(request))
    return {
        "answer": numbers.finding(head, precision_n=least.precision_n, privacy_n=least.privacy_n),
        "tiles": [numbers.tile(one, selection, request) for one in found],
        "tabs": number_tabs(request, head.asked, [one.asked for one in found]),
        "downloads": downloads.choices(request),
        **numbers.counting(selection),
        **parts(at, found, *PARTS),
    }


def _year_to(request: Any, last: date) -> str:
    """Return the link to the year that ends with the last day of which there is anything."""
    first = last - timedelta(days=364)
    return filters.address(request, from_=first.isoformat(), to=last.isoformat())


def _units_file(request: Any, selection: Selection) -> HttpResponseBase:
    head, least = chosen(request, dashboards.headlines(selection)), limits(selection.scope)
    shown = units_shown(request, head, selection, least, filters.chosen_unit(request))
    title = f"{_('Units compared')} {numbers.name(head.asked)}"
    rows = unit_rows(shown["standings"].value)
    return downloads.table_response(request, title, unit_columns(), rows)
