"""A browser for the staff's pages, logged in without typing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from tests import factories
from tests.browser import Contexts
from tests.factories import House

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
def browse(contexts: Contexts, live_server: Any) -> Opener:
    """Return what opens a page: of a member where one is given, in a language, size and theme."""

    def open_page(
        member: Any = None, language: str = "zh-CN", size: Any = PHONE, theme: str = "light"
    ) -> Page:
        url = live_server.url
        page = contexts.page(viewport=size, locale=language, color_scheme=theme, base_url=url)
        if member is not None:
            client = Client()
            client.force_login(member.user)
            name = settings.SESSION_COOKIE_NAME
            page.context.add_cookies(
                [{"name": name, "value": client.cookies[name].value, "url": url}]
            )
        return page

    return open_page
