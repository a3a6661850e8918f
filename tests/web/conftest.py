"""A browser for the staff's pages, logged in without typing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.factories import House

expect.set_options(timeout=30_000)
PHONE: Any = {"width": 390, "height": 844}
DESK: Any = {"width": 1280, "height": 900}


@pytest.fixture
def house() -> House:
    return factories.house()


@pytest.fixture
def client_of() -> Callable[[Any], Client]:
    """Return a client that is logged in as a member."""

    def logged_in(member: Any) -> Client:
        client = Client()
        client.force_login(member.user)
        return client

    return logged_in


Opener = Callable[..., Page]


@pytest.fixture
def browse(chromium: Browser, live_server: Any) -> Iterator[Opener]:
    """Return what opens a page: of a member where one is given, in a language, size and theme.

    A script that fails or breaks the content policy fails the test.
    """
    contexts: list[Any] = []
    broken: list[str] = []

    def open_page(
        member: Any = None, language: str = "zh-CN", size: Any = PHONE, theme: str = "light"
    ) -> Page:
        context = chromium.new_context(
            viewport=size, locale=language, color_scheme=theme, base_url=live_server.url
        )
        contexts.append(context)
        if member is not None:
            client = Client()
            client.force_login(member.user)
            name = settings.SESSION_COOKIE_NAME
            cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
            context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(40_000)  # what waits ends at once; this is for a busy machine
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda said: _note(said.text, broken))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not broken


def _note(text: str, broken: list[str]) -> None:
    if "Content Security" in text:
        broken.append(text)
