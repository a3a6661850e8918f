"""A form sent twice acts once: the second click gets the answer of the first."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

FIELD = "once"
_KEPT = 3600
_PATIENCE = 5.0
_BUSY = "busy"


def new_mark() -> str:
    """Return a mark for one showing of a form."""
    return secrets.token_urlsafe(12)


def act_once(request: HttpRequest, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Return what `act` answers; sent again with the same mark, where the first time led.

    Only an answer that leads on counts as done: a form that comes back with its problems
    may be sent again.
    """
    if request.method != "POST" or not request.POST.get(FIELD):
        return act()
    key = _key(request)
    if not cache.add(key, _BUSY, _KEPT):
        led = _wait(key)
        return act() if led is None else HttpResponseRedirect(led)
    led_to: str | None = None
    try:
        response = act()
        led_to = _target(response)
        return response
    finally:
        cache.set(key, led_to, _KEPT) if led_to else cache.delete(key)


def _key(request: HttpRequest) -> str:
    """The same mark with other words is another form: the browser went back to it.

    Hashed whole, since no cache takes every letter and length that somebody may send.
    """
    told = (request.session.session_key, request.path, sorted(request.POST.lists()))
    return f"once:{hashlib.sha256(repr(told).encode()).hexdigest()}"


def _wait(key: str) -> str | None:
    ends = time.monotonic() + _PATIENCE
    while (led := cache.get(key)) == _BUSY and time.monotonic() < ends:
        time.sleep(0.05)
    return None if led is None or led == _BUSY else str(led)


def _target(response: Any) -> str | None:
    leads = isinstance(response, HttpResponse) and response.status_code in {302, 303}
    return response["Location"] if leads else None
