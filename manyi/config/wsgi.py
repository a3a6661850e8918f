"""The web process: Django's application, with the engine opened beside the first requests."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "manyi.config.settings")
django.setup(set_prefix=False)

PROGRAMS = "/api/v1/"
DOCS = "/api/v1/docs"


class Lean(WSGIHandler):
    """Calls of programs carry a token: sessions, forms and pages cost them half their time."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002
        whole = settings.MIDDLEWARE
        settings.MIDDLEWARE = settings.MIDDLEWARE_FOR_PROGRAMS
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = whole


_people, _programs = WSGIHandler(), Lean()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a program or a person."""
    if settings.HTTPS:
        environ["wsgi.url_scheme"] = "https"
    path = environ.get("PATH_INFO", "")
    lean = path.startswith(PROGRAMS) and not path.startswith(DOCS)
    answer: Iterable[bytes] = (_programs if lean else _people)(environ, start_response)
    return answer


def _warm() -> None:
    from manyi.lake.engine import warm

    warm()


if os.environ.get("SERVED_BY_MANYI"):
    threading.Thread(target=_warm, name="warm", daemon=True).start()
