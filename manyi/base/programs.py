"""What a program's call needs of the middlewares of pages: its language, and strict headers.

One class instead of six, since each costs as much as storing half an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import activate
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)


class ForPrograms:
    """Speak the caller's language, and seal what is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.sealed = _sealed()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        activate(language)
        response = self.get_response(request)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        response.headers.setdefault("Content-Language", language)
        for name, value in self.sealed:
            response.headers.setdefault(name, value)
        return response


@lru_cache(maxsize=256)
def _language(accepted: str) -> str:
    for code, _ in parse_accept_lang_header(accepted):
        with suppress(LookupError):
            return get_supported_language_variant(code)
    return str(settings.LANGUAGE_CODE)


def _sealed() -> list[tuple[str, str]]:
    headers = [
        ("Vary", "Accept-Language"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", str(settings.X_FRAME_OPTIONS)),
        ("Referrer-Policy", str(settings.SECURE_REFERRER_POLICY)),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ]
    seconds = settings.SECURE_HSTS_SECONDS
    if seconds:
        headers.append(("Strict-Transport-Security", f"max-age={seconds}"))
    return headers
