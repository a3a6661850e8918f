"""Is the process alive, and is the installation ready? Read by machines, told to anybody."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse

from manyi.upkeep.readiness import readiness


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when everything works, else 503 with the name of what is down."""
    found = readiness(now=datetime.now(UTC))
    return JsonResponse(found, status=200 if found["ok"] else 503)
