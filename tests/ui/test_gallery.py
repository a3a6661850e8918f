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
from playwright.sync_api import expect

from tests.browser import PATIENCE, Contexts, fits, obstacles, press_chart, rest, says
from tests.postgresql import free_port

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, str(HERE / "settings_gallery.py"), f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--skip-checks"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _wait_for(port)
    yield f"http://127.0.0.1:{port}/"
    process.terminate()
    process.wait(PATIENCE)


def _wait_for(port: int) -> None:
    for _ in range(int(PATIENCE * 10)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the gallery did not start")


@pytest.fixture
def open_page(contexts: Contexts, address: str) -> Any:
    """Open the gallery; the list beside the page fills with what the browser complains of."""

    def opened(*, language: str = "en", **how: Any) -> tuple[Any, list[str]]:
        page = contexts.page(**how)
        page.context.add_cookies([{"name": "manyi_language", "value": language, "url": address}])
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        page.goto(address)
        rest(page)
        return page, said

    return opened


WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_blocked_and_everything_can_be_read(
    open_page: Any, language: str, theme: str
) -> None:
    page, said = open_page(language=language, color_scheme=theme, viewport=WIDE)
    assert obstacles(page) == []
    assert [line for line in said if "500" not in line] == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_phone_never_scrolls_sideways(open_page: Any, language: str) -> None:
    page, _ = open_page(language=language, viewport=PHONE)
    assert fits(page)


# Asked as soon as there is anything to be drawn: later would be after the flash.
FIRST = """new MutationObserver(() => {
  if (document.body && !window.first) window.first = document.documentElement.dataset.theme || "?";
}).observe(document, { childList: true, subtree: true })"""


def test_the_theme_is_kept_without_a_flash(open_page: Any) -> None:
    page, _ = open_page(viewport=WIDE, color_scheme="light")
    page.click("summary[aria-label=Theme]")
    page.click("details[open] [data-set-theme=dark]")
    says(page, "document.documentElement.dataset.theme === 'dark'")
    page.add_init_script(FIRST)
    page.reload()
    assert says(page, "window.first") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 21, 19)"


def test_keys_walk_the_list_and_find_the_search(open_page: Any) -> None:
    page, _ = open_page(viewport=WIDE)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(":focus")).to_have_text("West Lake")
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_attribute("name", "q")
    page.keyboard.type("j?")
    expect(page.locator(":focus")).to_have_value("j?")


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
    expect(page.locator("dialog[open]")).to_have_count(0)
    rest(page)
    assert page.evaluate("window.sent") == 0
    page.click("[data-ask=drop]")
    page.click("dialog[open] button[value=yes]")
    says(page, "window.sent > 0")
    rest(page)
    assert page.evaluate("window.sent") == 1


def test_a_click_on_a_dot_leads_to_its_unit(open_page: Any) -> None:
    page, said = open_page(viewport=WIDE)
    room = page.locator(".chart-canvas").nth(2)
    box = room.bounding_box()
    right, bottom = int(box["width"]), int(box["height"])
    places = [(x, y) for y in range(25, bottom, 5) for x in range(120, right, 5)]
    with page.expect_navigation(url="**/?unit=x", wait_until="commit"):
        press_chart(room, places)
    assert [line for line in said if "500" not in line] == []
