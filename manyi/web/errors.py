"""Pages that say what went wrong, whose fault it is, and the number of the request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language

from manyi.kit.problems import Busy, Forbidden, NotFound, Problem, TooMany
from manyi.kit.say import say

_STATUS: tuple[tuple[type[Problem], int], ...] = (
    (Forbidden, 403),
    (NotFound, 404),
    (TooMany, 429),
    (Busy, 503),
)
_TITLES = {400: "Bad request", 403: "Forbidden", 404: "Not found", 500: "Internal error"}


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the page of a Problem; a fragment where htmx asked."""
    status = status_of(problem, request.method or "GET")
    response = _show(request, status, {"sentence": " ".join(sentences(problem))})
    if isinstance(problem, Busy | TooMany):
        response["Retry-After"] = str(problem.retry_after)
    return response


def status_of(problem: Problem, method: str = "POST") -> int:
    """Return 403, 404, 429 or 503; else 400 to who asks and 422 to who sends."""
    found = next((status for kind, status in _STATUS if isinstance(problem, kind)), None)
    return found or (400 if method in {"GET", "HEAD"} else 422)


def sentences(problem: Problem) -> list[str]:
    """Return what a Problem and its fields say, each sentence once."""
    language = "zh-Hans" if (get_language() or "en").startswith("zh") else "en"
    said = [say(problem.code, language, problem.params)]
    said += [say(e.code, language, e.params) for e in problem.errors]
    return list(dict.fromkeys(said))


def _show(request: Any, status: int, context: dict[str, Any]) -> HttpResponse:
    if getattr(request, "htmx", None) and context.get("sentence"):
        part = {"text": context["sentence"], "level": "alarm"}
        return render(request, "ui/parts/note.html", part, status=status)
    template = "400.html" if status in {422, 429} else f"{status}.html"
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, 404)


def server_error(request: Any) -> HttpResponse:
    request.member = None  # the frame would ask the database, which may be what failed
    return _failed(request, 500)


def _failed(request: Any, status: int) -> HttpResponse:
    if not request.path.startswith("/api/"):
        return _show(request, status, {})
    title = _TITLES[status]
    body = {"title": title, "status": status, "code": f"http_{status}", "detail": title}
    body |= {"errors": []}
    return JsonResponse(
        body | {"request_id": getattr(request, "id", "")},
        status=status,
        content_type="application/problem+json",
    )
