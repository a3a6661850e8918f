"""The address of the search over everything."""

from __future__ import annotations

from django.urls import path

from manyi.web.search import views

urlpatterns = [path("search/", views.search, name="search")]
