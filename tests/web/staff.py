"""Members at their browsers."""

from __future__ import annotations

from typing import Any

from django.test import Client


def logged_in(member: Any, language: str = "zh-hans") -> Client:
    """Return a client of the member whose pages are written in `language`."""
    client = Client(headers={"accept-language": language})
    client.force_login(member.user)
    return client


def text(response: Any) -> str:
    return str(response.content.decode())
