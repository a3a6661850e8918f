"""The Overview: how it is going, where, and what people say."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from manyi.web import downloads, filters
from manyi.web.overview.shown import overview_of, unit_columns, unit_rows
from manyi.web.pages import page


@page("metric.read")
def overview(request: HttpRequest) -> HttpResponseBase:
    shown = overview_of(request, filters.selection(request))
    if downloads.wanted(request):
        rows = unit_rows(shown["standings"].value)
        return downloads.table_response(request, shown["units_title"], unit_columns(), rows)
    return render(request, "web/overview/page.html", shown)
