"""A real browser for tests, and waits that a slow machine passes too.

What follows a deed waits for what the deed promises: `expect(…)`, `expect_navigation`, `until`.
Never `wait_for_function`: the content policy lets its first look through, and none after it.
`TEST_SLOW=6` makes every page's processor six times slower and lets the server answer late.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

T = TypeVar("T")
SLOW = float(os.environ.get("TEST_SLOW") or 1)
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# What waits ends at once; this is for a machine on which the first page takes minutes.
PATIENCE = 240.0
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
# Without `preload` no style sheet is fetched again for one rule about turned screens.
RUN = """async (options) => (await axe.run(document,
  {resultTypes: ["violations"], preload: false, ...options}))
  .violations.map((found) => found.id + " " + found.nodes.map((n) => n.html.slice(0, 160)
  + " " + n.any.map((one) => one.message).join(" ").slice(0, 200)).join(" | "))"""
# Parts have come, pictures are drawn, and nothing moves any more.
RESTS = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
  const ends = (one) => Number.isFinite(one.effect?.getComputedTiming().endTime);
  const moves = document.getAnimations().filter(ends);
  await Promise.all(moves.map((one) => one.finished.catch(() => null)));
  return document.readyState === "complete"
    && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
    && [...document.querySelectorAll("[data-option]")].every(
      (box) => box.querySelector("canvas") || !document.getElementById(box.dataset.option));
}"""


class Contexts:
    """The windows of one test, each with its own cookies, and what went wrong in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open: list[BrowserContext] = []
        self.broken: list[str] = []

    def page(self, **how: Any) -> Page:
        """Open a page in a context of its own; nothing moves in it."""
        context = self._browser.new_context(**{"reduced_motion": "reduce", **how})
        self._open.append(context)
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", lambda said: self._note(said.text))
        if SLOW > 1:
            line = context.new_cdp_session(page)
            line.send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
        return page

    def _note(self, text: str) -> None:
        if "Content Security" in text:
            self.broken.append(text)

    def close(self) -> None:
        """Close the windows, and wait for the server to have done with what they asked."""
        for context in self._open:
            context.close()
        end = time.monotonic() + PATIENCE
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join(max(0.0, end - time.monotonic()))
                assert not thread.is_alive(), "the server still answers a page that is gone"


def dawdle(**_: Any) -> None:
    """Let the server answer late, so that whoever does not wait is found out."""
    if threading.current_thread() is not threading.main_thread():
        time.sleep(0.03 * SLOW)


def until(true: Callable[[], T], *, page: Page | None = None) -> T:
    """Ask again and again until the answer is true, and return it."""
    end = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < end, "it never came to be"
        if page is None:
            time.sleep(0.05)
        else:
            page.wait_for_timeout(50)  # the page's events go on meanwhile
    return found


def says(page: Page, expression: str) -> Any:
    """Return what an expression says in the page as soon as it is true there."""
    return until(lambda: page.evaluate(expression), page=page)


def rest(page: Page) -> None:
    """Wait until every part has come, every picture is drawn and nothing moves."""
    says(page, RESTS)


def follow(link: Locator) -> None:
    """Press what leads to another page, and be there with its scripts."""
    with link.page.expect_navigation():
        link.click()


def obstacles(page: Page, **options: Any) -> list[str]:
    """Return what axe finds on the page once it rests."""
    rest(page)
    # Once a page: half a megabyte is much to send with every look.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return list(page.evaluate(RUN, options))


def fits(page: Page) -> bool:
    """Whether the page stays inside its width."""
    rest(page)
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


# The page itself moves over the places: there are thousands, and it asks them at once.
LEADS = """(box, places) => {
  const canvas = box.querySelector("canvas");
  if (!canvas) return null;
  const { left, top } = box.getBoundingClientRect();
  return places.find(([x, y]) => {
    const at = { bubbles: true, clientX: left + x, clientY: top + y };
    canvas.dispatchEvent(new MouseEvent("mousemove", at));
    return box.firstElementChild.style.cursor === "pointer";
  }) ?? null;
}"""


def press_chart(box: Locator, places: list[tuple[float, float]]) -> None:
    """Click the first of these places in a picture that leads somewhere, once it is drawn."""
    page = box.page
    box.scroll_into_view_if_needed()
    rest(page)
    x, y = until(lambda: box.evaluate(LEADS, places), page=page)
    until(lambda: _points(box, x, y), page=page)
    page.mouse.down()
    page.mouse.up()


def _points(box: Locator, x: float, y: float) -> bool:
    """Move the mouse to a place of a picture; whether the cursor says that it can be clicked."""
    corner = box.bounding_box()
    assert corner is not None
    box.page.mouse.move(corner["x"] + x - 1, corner["y"] + y)
    box.page.mouse.move(corner["x"] + x, corner["y"] + y)
    return bool(box.evaluate("e => e.firstElementChild.style.cursor === 'pointer'"))


expect.set_options(timeout=PATIENCE * 1000)
