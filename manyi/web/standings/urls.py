"""Addresses of the units' numbers."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from manyi.web.standings.views import standings, unit_standing

urlpatterns: list[URLPattern | URLResolver] = [
    path("standings/", standings, name="standings"),
    path("standings/<str:code>/", unit_standing, name="standings-unit"),
]
