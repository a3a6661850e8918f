"""The analyst's pages: what is on offer, and each analysis."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.web import downloads, filters
from manyi.web.analysis import catalogue, driven, explaining, segmented
from manyi.web.analysis.choosing import Chosen
from manyi.web.analysis.framed import framed
from manyi.web.pages import page


@page("metric.read")
def analysis(request: HttpRequest) -> HttpResponse:
    shown = catalogue.landing(request, filters.selection(request))
    return render(request, "web/analysis/landing.html", shown)


@page("metric.read")
def drivers(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "drivers", driven, _("Drivers"))


@page("metric.read")
def explain(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "explain", explaining, _("Explanation"))


@page("metric.read")
def segments(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "segments", segmented, _("Segments compared"))


def _answered(request: Any, name: str, part: ModuleType, title: str) -> HttpResponseBase:
    """Return an analysis as a page or as the file asked for; or the page that says what lacks."""
    selection = filters.selection(request)
    try:
        shown = part.shown(request, selection)
    except Problem as problem:
        if not problem.code.startswith("analysis."):
            raise
        return _lacking(request, f"analysis-{name}", selection, problem)
    if downloads.wanted(request):
        rows = part.rows(shown["told"])
        return downloads.table_response(request, title, part.columns(), rows)
    return render(request, f"web/analysis/{name.replace('-', '_')}.html", shown)


def _lacking(request: Any, name: str, selection: Selection, problem: Problem) -> HttpResponse:
    chosen = Chosen(request, selection)
    shown = framed(request, name, chosen, selection) | {"problem": problem, "downloads": None}
    return render(request, "web/analysis/lacking.html", shown)
