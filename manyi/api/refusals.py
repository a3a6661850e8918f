"""The last word on every answer to a program: refusals of the frame said as all others are."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from manyi.api.problems import respond

PREFIX = "/api/v1/"
CODES = {
    400: "request_odd",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    503: "busy",
}


class Refusals:
    """Answer HEAD as GET without a body, OPTIONS with what is allowed, and refusals as problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if request.method == "HEAD":
            return self._head(request)
        response = self._said(request)
        if response.status_code == 405 and request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": response["Allow"]})
        return response

    def _head(self, request: HttpRequest) -> HttpResponseBase:
        request.method = "GET"
        response = self._said(request)
        request.method = "HEAD"
        length = len(response.content) if isinstance(response, HttpResponse) else None
        empty = HttpResponse(status=response.status_code, headers=dict(response.items()))
        if length is not None:
            empty["Content-Length"] = str(length)
        return empty

    def _said(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        status = response.status_code
        if status < 400 or getattr(response, "is_problem", False):
            return response
        code = CODES.get(status, "failed" if status >= 500 else "request_odd")
        problem = respond(request, status, code)
        if "Retry-After" in response:
            problem["Retry-After"] = response["Retry-After"]
        if status == 405:
            problem["Allow"] = _allowed(response)
        return problem


def _allowed(response: HttpResponseBase) -> str:
    methods = {one.strip() for one in response.get("Allow", "").split(",") if one.strip()}
    methods |= {"HEAD"} if "GET" in methods else set()
    return ", ".join(sorted(methods | {"OPTIONS"}))
