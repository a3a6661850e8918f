"""The analyst's pages: what is on offer, and each analysis."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.surveys import queries as surveys
from manyi.surveys.models import Survey
from manyi.web import downloads, filters
from manyi.web.analysis import (
    caring,
    catalogue,
    churning,
    driven,
    explaining,
    kano,
    later,
    responding,
    sampling,
    satisfaction,
    segmented,
    servqual,
    treed,
    weights,
)
from manyi.web.analysis import reliability as scale
from manyi.web.analysis.choosing import Chosen
from manyi.web.analysis.framed import framed
from manyi.web.pages import page
from manyi.web.settings.editing import attempt, saved


@page("metric.read")
def analysis(request: HttpRequest) -> HttpResponse:
    shown = catalogue.landing(request, filters.selection(request))
    return render(request, "web/analysis/landing.html", shown)


@page("metric.read")
def drivers(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "drivers", driven, _("Drivers"))


@page("metric.read")
def trees(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "trees", treed, _("Drivers by trees"))


@page("metric.read")
def churn(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "churn", churning, _("Who will leave"))


@page("metric.read")
def explain(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "explain", explaining, _("Explanation"))


@page("metric.read")
def segments(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "segments", segmented, _("Segments compared"))


@page("metric.read")
def reliability(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "reliability", scale, _("Reliability"))


@page("metric.read")
def kano_model(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "kano", kano, _("Kano model"))


@page("metric.read")
def servqual_gaps(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "servqual", servqual, _("SERVQUAL gaps"))


@page("metric.read")
def satisfaction_index(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "index", satisfaction, _("Satisfaction index"))


@page("metric.read")
def quality(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "quality", caring, _("Response quality"))


@require_POST
@page("survey.edit")
def quality_use(request: Any, code: str) -> HttpResponseBase:
    survey = surveys.by_ref(request.scope, code)
    done = _("The survey’s pages follow within a minute.")
    back = f"{reverse('analysis-quality')}?survey={survey.code}"
    return attempt(request, lambda: caring.use(request, survey), done, back)


@page("metric.read")
def response_rates(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "response", responding, _("Response rates"))


@require_POST
@page("survey.edit")
def response_save(request: Any, code: str) -> HttpResponseBase:
    survey = surveys.by_ref(request.scope, code)
    request.GET = QueryDict(f"survey={survey.code}")
    shown = responding.shown(request, filters.selection(request))
    form, done = shown["form"], _("The counts are stored.")
    if saved(request, form, lambda _given: responding.store(request, survey, form), done):
        return redirect(f"{reverse('analysis-response')}?survey={survey.code}")
    return render(request, "web/analysis/response.html", shown, status=422)


@page("metric.read")
def sample_size(request: HttpRequest) -> HttpResponse:
    return render(request, "web/analysis/sample_size.html", sampling.shown(request))


@page("metric.read")
def weighting(request: HttpRequest) -> HttpResponseBase:
    return _answered(request, "weighting", weights, _("Weighting"))


@require_POST
@page("survey.edit")
def weighting_save(request: Any, code: str) -> HttpResponseBase:
    survey = surveys.by_ref(request.scope, code)
    form = weights.form_of(request, survey, None)
    done = _("The survey is weighted to its population.")
    if saved(request, form, lambda _given: weights.store(request, survey, form), done):
        return redirect(_weighting_of(survey))
    request.GET = QueryDict(f"survey={survey.code}")
    shown = weights.shown(request, filters.selection(request)) | {"form": form}
    return render(request, "web/analysis/weighting.html", shown, status=422)


@require_POST
@page("survey.edit")
def weighting_release(request: Any, code: str) -> HttpResponseBase:
    survey = surveys.by_ref(request.scope, code)
    done = _("The survey is not weighted any more.")
    return attempt(request, lambda: weights.release(request, survey), done, _weighting_of(survey))


@require_POST
@page("survey.edit")
def weighting_use(request: Any, code: str) -> HttpResponseBase:
    survey = surveys.by_ref(request.scope, code)
    done = _("The survey’s pages now say how they count.")
    return attempt(request, lambda: weights.use(request, survey), done, _weighting_of(survey))


def _weighting_of(survey: Survey) -> str:
    return f"{reverse('analysis-weighting')}?survey={survey.code}"


def _answered(request: Any, name: str, part: ModuleType, title: str) -> HttpResponseBase:
    """Return an analysis as a page or as the file asked for; or the page that says what lacks."""
    selection = filters.selection(request)
    if (before := later.page_before(request, name, selection)) is not None:
        return before
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
