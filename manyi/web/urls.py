"""Addresses of the staff's pages."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from manyi.web.overview import overview

# A part is a package with `urls.py`; names of its addresses begin with the name of the part.
PARTS = ("overview_page", "surveys", "imports", "results", "feedback", "customers")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("manyi.web.accounts.urls")),
    path("", include("manyi.web.settings.urls")),
]
for _part in PARTS:
    if find_spec(f"manyi.web.{_part}") and find_spec(f"manyi.web.{_part}.urls"):
        urlpatterns.append(path("", include(f"manyi.web.{_part}.urls")))
urlpatterns.append(path("", overview, name="overview"))
