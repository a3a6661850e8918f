"""Addresses of the staff's pages."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

# A part is a package with `urls.py`; names of its addresses begin with the name of the part.
PARTS = (
    "accounts",
    "overview",
    "surveys",
    "imports",
    "results",
    "standings",
    "themes",
    "analysis",
    "indicators",
    "feedback",
    "customers",
    "settings",
    "search",
    "lists",
    "methods",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"manyi.web.{part}.urls"))
    for part in PARTS
    if find_spec(f"manyi.web.{part}") and find_spec(f"manyi.web.{part}.urls")
]
