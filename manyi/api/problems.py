"""Problems on the wire: RFC 9457 `application/problem+json` with codes, pointers and words."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from manyi.kit.problems import (
    Busy,
    FieldProblem,
    Forbidden,
    NotFound,
    Problem,
    TooMany,
)
from manyi.kit.say import say

TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be processed",
    429: "Too many requests",
    500: "Internal error",
    503: "Busy",
}
STATUS_OF_CODE = {"idempotency_in_flight": 409, "body_not_json": 400}
STATUS_OF_KIND = {Forbidden: 403, NotFound: 404, TooMany: 429, Busy: 503}


def language() -> str:
    return "zh-Hans" if (get_language() or "").startswith("zh") else "en"


def status_of(problem: Problem) -> int:
    for kind, status in STATUS_OF_KIND.items():
        if isinstance(problem, kind):
            return status
    return STATUS_OF_CODE.get(problem.code, 422)


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Say a Problem to a program."""
    return respond(
        request,
        status_of(problem),
        problem.code,
        params=problem.params,
        errors=problem.errors,
        retry_after=getattr(problem, "retry_after", None),
    )


def respond(
    request: HttpRequest,
    status: int,
    code: str,
    *,
    params: dict[str, Any] | None = None,
    errors: tuple[FieldProblem, ...] = (),
    retry_after: int | None = None,
) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": say(code, language(), params),
        "errors": [said(e) for e in errors],
        "request_id": getattr(request, "id", ""),
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), content_type="application/problem+json", status=status
    )
    response.is_problem = True  # type: ignore[attr-defined]
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def said(one: FieldProblem) -> dict[str, str]:
    """Return a field's problem with its pointer, its code and its sentence."""
    pointer = one.pointer if not one.pointer or one.pointer.startswith("/") else f"/{one.pointer}"
    return {"pointer": pointer, "code": one.code, "detail": say(one.code, language(), one.params)}
