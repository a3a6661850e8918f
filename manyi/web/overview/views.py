"""The start page until there is more to show."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from manyi.web.pages import page


@page("metric.read")
def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "web/overview.html")
