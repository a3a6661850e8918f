"""Addresses of survey results."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from manyi.web.results.views import question, results, survey_results

urlpatterns: list[URLPattern | URLResolver] = [
    path("results/", results, name="results"),
    path("surveys/<slug:code>/results/", survey_results, name="results-one"),
    path("surveys/<slug:code>/results/<slug:asked>/", question, name="results-question"),
]
