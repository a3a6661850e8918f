"""The web process: Django's application, with the engine opened beside the first requests."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import ResolverMatch, get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "manyi.config.settings")
django.setup(set_prefix=False)

PROGRAMS = "/api/v1/"
DOCS = "/api/v1/docs"
LONGEST_KEPT = 120
# So long the engine waits for the first answer, which would otherwise take twice as long beside
# it; then threads take turns this often until it is open (5 ms is usual), since every query of a
# page waits for its turn.
FIRST_ANSWER_SECONDS = 5.0
TURNS_SECONDS = 0.000_5
PASSED_BY_PROGRAMS = [
    "manyi.base.requests.RequestId",
    "manyi.base.programs.ForPrograms",
    "manyi.api.refusals.Refusals",
]


class Lean(WSGIHandler):
    """Calls of programs carry a token: sessions, forms and pages cost them half their time."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002
        whole = settings.MIDDLEWARE
        settings.MIDDLEWARE = PASSED_BY_PROGRAMS
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = whole

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        request.get_host()  # refuses one that is not ours
        path = request.path_info
        match = _known(path) if len(path) <= LONGEST_KEPT else get_resolver().resolve(path)
        request.resolver_match = match
        return match


@lru_cache(maxsize=2000)
def _known(path: str) -> ResolverMatch:
    """Programs call the same few addresses; one that leads nowhere is not kept."""
    return get_resolver().resolve(path)


_people, _programs = WSGIHandler(), Lean()
_answered = threading.Event()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a program or a person."""
    if settings.HTTPS:
        environ["wsgi.url_scheme"] = "https"
    path = environ.get("PATH_INFO", "")
    lean = path.startswith(PROGRAMS) and not path.startswith(DOCS)
    answer: Iterable[bytes] = (_programs if lean else _people)(environ, start_response)
    _answered.set()
    return answer


def _warm() -> None:
    from django.db import connection

    _ = get_resolver().url_patterns  # what the first answer of all needs
    _answered.wait(FIRST_ANSWER_SECONDS)
    from django.utils import timezone

    from manyi.lake import warming
    from manyi.reports import usual

    turns = sys.getswitchinterval()
    sys.setswitchinterval(TURNS_SECONDS)
    try:
        warming.warm()
        warming.open_columns()
        usual.reckon(timezone.now())
    finally:
        sys.setswitchinterval(turns)
        connection.close()


if os.environ.get("SERVED_BY_MANYI"):
    # What is loaded by now stays: to look through it again and again is time lost.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    threading.Thread(target=_warm, name="warm", daemon=True).start()
