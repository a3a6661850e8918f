"""The address of the page that tells how numbers are computed."""

from __future__ import annotations

from django.urls import path

from manyi.web.methods import views

urlpatterns = [path("methods/", views.methods, name="methods")]
