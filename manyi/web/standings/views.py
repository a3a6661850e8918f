"""How units stand: the whole tree, and one unit among its siblings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from manyi.accounts.queries import unit_by_code
from manyi.web import downloads, filters
from manyi.web.overview.parts import part_of
from manyi.web.pages import page
from manyi.web.standings.shown import columns, rows, tree_of, unit_of


@page("metric.read")
def standings(request: HttpRequest) -> HttpResponseBase:
    shown = tree_of(request, filters.selection(request))
    if downloads.wanted(request):
        return downloads.table_response(request, _("Units compared"), columns(), rows(shown))
    return render(request, "web/standings/tree.html", shown)


@page("metric.read")
def unit_standing(request: HttpRequest, code: str) -> HttpResponseBase:
    unit = unit_by_code(request.scope, code)  # type: ignore[attr-defined]
    selection = filters.selection(request)
    part = part_of(request, selection.narrowed(unit=unit.code), unit)
    return part or render(request, "web/standings/unit.html", unit_of(request, selection, unit))
