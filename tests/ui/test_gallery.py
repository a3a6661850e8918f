"""Every component in a real browser: under the strict policy, in both themes, on a phone."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(HERE / "settings_gallery.py"), f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--skip-checks"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _wait_for(port)
    yield f"http://127.0.0.1:{port}/"
    process.terminate()
    process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the gallery did not start")


@pytest.fixture
def open_page(chromium: Any, address: str) -> Iterator[Any]:
    """Open the gallery; the list beside the page fills with what the browser complains of."""
    contexts = []

    def opened(*, language: str = "en", **how: Any) -> tuple[Any, list[str]]:
        context = chromium.new_context(reduced_motion="reduce", **how)
        contexts.append(context)
        context.add_cookies([{"name": "manyi_language", "value": language, "url": address}])
        page = context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        page.goto(address)
        page.wait_for_selector("canvas")
        return page, said

    yield opened
    for context in contexts:
        context.close()


WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_blocked_and_everything_can_be_read(
    open_page: Any, language: str, theme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, said = open_page(language=language, color_scheme=theme, viewport=WIDE)
    assert [line for line in said if "500" not in line] == []
    found = Axe().run(page).response["violations"]
    assert {v["id"]: [n["html"][:160] for n in v["nodes"]][:3] for v in found} == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_phone_never_scrolls_sideways(open_page: Any, language: str) -> None:
    page, _ = open_page(language=language, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_theme_is_kept_without_a_flash(open_page: Any) -> None:
    page, _ = open_page(viewport=WIDE, color_scheme="light")
    page.click("summary[aria-label=Theme]")
    page.click("details[open] [data-set-theme=dark]")
    page.reload(wait_until="commit")
    page.wait_for_function("document.body")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.wait_for_load_state()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 21, 19)"


def test_keys_walk_the_list_and_find_the_search(open_page: Any) -> None:
    page, _ = open_page(viewport=WIDE)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "West Lake"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("j?")
    assert page.input_value("[data-search]") == "j?"


def test_a_dangerous_button_asks_first(open_page: Any) -> None:
    page, _ = open_page(viewport=WIDE)
    page.evaluate(
        "window.sent = 0; for (const form of document.forms)"
        " form.addEventListener('submit', (e) => { if (form.method === 'post')"
        " { e.preventDefault(); window.sent++; } })"
    )
    page.fill("[name=title]", "Stay")
    page.click("[data-ask=drop]")
    page.click("dialog[open] button[value='']")
    assert page.evaluate("window.sent") == 0
    page.click("[data-ask=drop]")
    page.click("dialog[open] button[value=yes]")
    page.wait_for_function("window.sent > 0")
    assert page.evaluate("window.sent") == 1


def test_a_click_on_a_dot_leads_to_its_unit(open_page: Any) -> None:
    page, said = open_page(viewport=WIDE)
    room = page.locator(".chart-canvas").nth(2)
    room.scroll_into_view_if_needed()
    with page.expect_navigation(url="**/?unit=x", wait_until="commit"):
        page.mouse.click(*_where_the_cursor_points(page, room))
    assert [line for line in said if "500" not in line] == []


def _where_the_cursor_points(page: Any, room: Any) -> tuple[float, float]:
    """Sweep the chart until the cursor says that something can be clicked.

    The place is measured again for each step: a page that still settles moves its charts.
    """
    height, width = (int(room.bounding_box()[side]) for side in ("height", "width"))
    for y in range(25, height, 10):
        for x in range(120, width, 5):
            box = room.bounding_box()
            at = box["x"] + x, box["y"] + y
            page.mouse.move(*at)
            if room.evaluate("e => e.firstElementChild.style.cursor") == "pointer":
                return at
    raise AssertionError("no place of the chart can be clicked")
