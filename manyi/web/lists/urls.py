"""The address that keeps a member's columns of a list."""

from __future__ import annotations

from django.urls import path

from manyi.web.lists import views

urlpatterns = [path("lists/<slug:name>/columns/", views.columns, name="lists-columns")]
