"""What customers speak of, what they want, where it hurts, and the words they use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from manyi.accounts.permissions import require
from manyi.lake.mentions import ASPECT, INTENT
from manyi.web import downloads, filters
from manyi.web.pages import page
from manyi.web.themes import changed, shown, wording


@page("metric.read")
def themes(request: HttpRequest) -> HttpResponseBase:
    return _listed(request, ASPECT, "themes", _("Themes"))


@page("metric.read")
def intents(request: HttpRequest) -> HttpResponseBase:
    return _listed(request, INTENT, "themes-intents", _("What they want"))


def _listed(request: HttpRequest, facet: str, name: str, title: str) -> HttpResponseBase:
    selection = filters.selection(request)
    found = shown.listed(request, selection, facet)
    if downloads.wanted(request):
        return downloads.table_response(request, title, shown.columns(), shown.lines(found))
    context = {**shown.common(request, selection, name), **found, "title": title}
    context["downloads"] = downloads.choices(request)
    return render(request, "web/themes/list.html", context)


@page("metric.read")
def units(request: HttpRequest) -> HttpResponseBase:
    selection = filters.selection(request)
    found = shown.by_unit(request, selection)
    if downloads.wanted(request):
        table = shown.unit_columns(), shown.unit_lines(found["cells"])
        return downloads.table_response(request, _("Themes by unit"), *table)
    context = {**shown.common(request, selection, "themes-units"), **found}
    context["downloads"] = downloads.choices(request)
    return render(request, "web/themes/units.html", context)


@page("metric.read")
def changes(request: HttpRequest) -> HttpResponseBase:
    """Show what the change of a number since the period before goes with."""
    selection = filters.selection(request)
    found = changed.shown(request, selection)
    if downloads.wanted(request):
        table = changed.columns(), changed.rows(found)
        return downloads.table_response(request, _("What changed"), *table)
    context = {**shown.common(request, selection, "themes-changes"), **found}
    context["downloads"] = downloads.choices(request)
    return render(request, "web/themes/changes.html", context)


@page("metric.read")
def words(request: Any) -> HttpResponseBase:
    """Show key words to who may read what customers wrote."""
    require(request.member, "feedback.read")
    selection = filters.selection(request)
    found = wording.shown(request, selection)
    if downloads.wanted(request):
        table = wording.columns(), wording.lines(found)
        return downloads.table_response(request, _("Words and phrases"), *table)
    context = {**shown.common(request, selection, "themes-words"), **found}
    context |= {"downloads": downloads.choices(request), "answer": wording.answer(found)}
    return render(request, "web/themes/words.html", context)
