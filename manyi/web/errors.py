"""Pages that say what went wrong, whose fault it is, and the number of the request."""

from __future__ import annotations

import sys
from typing import Any

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language

from manyi.base.space import is_full
from manyi.kit.problems import Busy, Forbidden, NotFound, Problem, TooMany
from manyi.kit.say import say

_STATUS: tuple[tuple[type[Problem], int], ...] = (
    (Forbidden, 403),
    (NotFound, 404),
    (TooMany, 429),
    (Busy, 503),
)
_TITLES = {
    400: "Bad request",
    403: "Forbidden",
    404: "Not found",
    413: "Content too large",
    500: "Internal error",
    503: "Service unavailable",
}
_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
# Their pages say in other words what these sentences say.
_SAID_BY_THE_PAGE = frozenset({"forbidden", "not_found"})
_SECRETS = frozenset({"password", "password1", "password2", "oldpassword"})
_RETRY_AFTER = "5"


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the page of a Problem; a fragment where htmx asked."""
    status = status_of(problem, request.method or "GET")
    response = _show(request, status, {"sentence": _sentence(request, problem)})
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


def _sentence(request: Any, problem: Problem) -> str:
    """Return what a page adds to its heading; a fragment has none, so it says it all."""
    if getattr(request, "htmx", None):
        return " ".join(sentences(problem))
    if problem.code in _SAID_BY_THE_PAGE:
        return ""
    return " ".join(sentences(problem)[1 if problem.errors else 0 :])


def _show(request: Any, status: int, context: dict[str, Any]) -> HttpResponse:
    if getattr(request, "htmx", None) and context.get("sentence"):
        part = {"text": context["sentence"], "level": "alarm"}
        return render(request, "ui/parts/note.html", part, status=status)
    if status == 503:
        context |= {"typed": _typed(request)}
    template = "400.html" if status == 422 else f"{status}.html"
    return render(request, template, context, status=status)


def _typed(request: Any) -> list[tuple[str, str]]:
    """Return what a form held that could not be stored, so that one button sends it again.

    Nothing of forms with a secret or a file: those are typed and chosen anew.
    """
    has_secret = _SECRETS & {*request.POST} or request.path.startswith("/two-step/")
    if request.method != "POST" or request.FILES or has_secret:
        return []
    kept = {*request.POST} - {"csrfmiddlewaretoken"}
    return [
        (name, value)
        for name in request.POST
        if name in kept
        for value in request.POST.getlist(name)
    ]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, 413 if isinstance(exception, _TOO_MUCH) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, 404)


def server_error(request: Any) -> HttpResponse:
    request.member = None  # the frame would ask the database, which may be what failed
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError) and not is_full(error):
        return _failed(request, 500)
    response = _failed(request, 503, is_full=is_full(error))
    response["Retry-After"] = _RETRY_AFTER
    return response


def only_forms(request: Any) -> HttpResponse:
    """Answer whoever opens the address of a button: by “back”, or after a log-in."""
    return _failed(request, 405)


def _failed(request: Any, status: int, **context: Any) -> HttpResponse:
    if not request.path.startswith("/api/"):
        return _show(request, status, context)
    title = _TITLES[status]
    body = {"title": title, "status": status, "code": f"http_{status}", "detail": title}
    body |= {"errors": []}
    return JsonResponse(
        body | {"request_id": getattr(request, "id", "")},
        status=status,
        content_type="application/problem+json",
    )
