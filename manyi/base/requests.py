"""What every request carries: an id that its logs and its answer share."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.exception import response_for_exception
from django.http import HttpRequest, HttpResponse

from manyi.base.log import logger

log = logger(__name__)


class RequestId:
    """Give each request an id, log it when it is slow or failed, and send the id back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(8)  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(request_id=request.id)  # type: ignore[attr-defined]
        started = time.perf_counter()
        response = _refused(request) or self.get_response(request)
        taken = time.perf_counter() - started
        if response.status_code >= 500 or taken > 1:
            log.warning(
                "request",
                method=request.method,
                status=response.status_code,
                ms=round(taken * 1000),
            )
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        structlog.contextvars.unbind_contextvars("request_id")
        return response


def _refused(request: HttpRequest) -> HttpResponse | None:
    """Answer 400 to an address with a NUL, which no database takes; None for any other."""
    if "\0" not in request.path_info and "%00" not in request.META.get("QUERY_STRING", ""):
        return None
    return response_for_exception(request, BadRequest("a NUL in the address"))


def body_stream(request: HttpRequest) -> Any:
    """Return what a body is read from, one that comes in chunks without a length included.

    Django takes a body without Content-Length for an empty one.
    """
    is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    return request.META["wsgi.input"] if is_chunked else request


def client_address(request: HttpRequest) -> str:
    """Return the address of the client, believing X-Forwarded-For only from trusted proxies."""
    from ipaddress import ip_address

    address = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104
    chain = [
        p.strip() for p in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if p.strip()
    ]
    while chain:
        try:
            trusted = any(ip_address(address) in net for net in settings.TRUSTED_PROXIES)
        except ValueError:
            break
        if not trusted:
            break
        address = chain.pop()
    return address


def network(address: str) -> str:
    """Return what stands for a client: its address, or the /64 within which IPv6 changes it."""
    from ipaddress import IPv4Address, IPv6Network, ip_address

    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address) or found.ipv4_mapped:
        return str(getattr(found, "ipv4_mapped", found))
    return str(IPv6Network((int(found), 64), strict=False))
