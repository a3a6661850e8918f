"""What surveys were answered: all of them, one of them, one question of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from manyi.kit.problems import NotFound
from manyi.surveys import queries as surveys
from manyi.web import downloads, filters
from manyi.web.context import language
from manyi.web.pages import page
from manyi.web.results.listed import listed
from manyi.web.results.sheet import columns, rows
from manyi.web.results.shown import card_of, results_of


@page("metric.read")
def results(request: HttpRequest) -> HttpResponse:
    return render(request, "web/results/list.html", listed(request, filters.selection(request)))


@page("metric.read")
def survey_results(request: HttpRequest, code: str) -> HttpResponseBase:
    survey = surveys.by_ref(request.scope, code)  # type: ignore[attr-defined]
    selection = filters.selection(request)
    if downloads.wanted(request):
        title = survey.title_in(language())
        return downloads.table_response(request, title, columns(), rows(survey, selection))
    return render(request, "web/results/page.html", results_of(request, survey, selection))


@page("metric.read")
def question(request: HttpRequest, code: str, asked: str) -> HttpResponse:
    survey = surveys.by_ref(request.scope, code)  # type: ignore[attr-defined]
    card = card_of(request, survey, asked, filters.selection(request))
    if card is None:
        raise NotFound("not_found")
    return render(request, "web/results/_card.html", {"card": card})
