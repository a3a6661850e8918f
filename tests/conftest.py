"""What every test shares."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache


@pytest.fixture(autouse=True, scope="session")
def _ids_grow() -> None:
    """Let the counter of ids not run over: tests take the order of ids for that of making."""
    from manyi.base import ids

    ids._counter = itertools.count()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Databases roll back between tests, and what processes keep in memory with them."""
    from manyi.api import auth
    from manyi.feedback import directory, heads, versions
    from manyi.surveys import queries

    for lake in (Path(settings.DATA) / "lake").glob("[0-9]*"):
        shutil.rmtree(lake)
    if settings.ON_SQLITE:
        cache.clear()  # who asked how often: elsewhere the database keeps it
    auth.forget()
    directory.forget()
    versions.questionnaire.cache_clear()
    heads.forget()
    queries.forget()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One real browser for the whole run: Playwright allows no second in a process."""
    from playwright.sync_api import sync_playwright

    from tests.browser import CHROMIUM, FLAGS, PATIENCE

    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"there is no Chromium at {CHROMIUM}")
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    # Playwright's loop runs in this thread; Django would take it for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=FLAGS, timeout=PATIENCE * 1000
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def contexts(chromium: Any) -> Iterator[Any]:
    """Return what opens pages; a script that fails or breaks the content policy fails the test.

    Closed before the database is emptied.
    """
    from django.core.signals import request_started

    from tests.browser import SLOW, Contexts, dawdle

    opened = Contexts(chromium)
    if SLOW > 1:
        request_started.connect(dawdle)
    yield opened
    opened.close()
    request_started.disconnect(dawdle)
    assert not opened.broken
