"""Answering on a phone, in a real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from manyi.feedback.models import Answer, FeedbackRecord
from manyi.surveys import actions
from tests.factories import NOW, House
from tests.respond.surveying import EVERY_KIND, SHORT, publish

PHONE: Any = {"width": 390, "height": 800}
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE, has_touch=True, locale="en")
    page = context.new_page()
    page.set_default_timeout(10_000)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on(
        "console",
        lambda said: broken.append(said.text) if "Content Security" in said.text else None,
    )
    yield page
    context.close()
    assert not broken


def press(page: Page, name: str = "Next") -> None:
    page.get_by_role("button", name=name, exact=True).last.click()


def onward(page: Page, name: str = "Next") -> None:
    """Press, and be on the next page: a script asks too early while the old one is leaving."""
    with page.expect_navigation():
        press(page, name)


def test_a_phone_answers_by_thumb_and_moves_on_by_itself(
    page: Page, live_server: Any, house: House
) -> None:
    code = publish(house, SHORT).code
    page.goto(f"{live_server.url}/s/{code}/")
    page.get_by_role("radio", name="10").tap()
    expect(page.get_by_text("You gave 10.")).to_be_visible()
    page.get_by_label("You gave 10.").fill("很好")
    press(page, "Submit")
    expect(page.get_by_text("We read every word.")).to_be_visible()
    assert FeedbackRecord.objects.get().verbatim == "很好"


def test_the_keyboard_alone_is_enough(page: Page, live_server: Any, house: House) -> None:
    code = publish(house, SHORT).code
    page.goto(f"{live_server.url}/s/{code}/")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("7")
    expect(page.get_by_role("radio", name="7")).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="8")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You gave 8.")).to_be_visible()


def test_without_javascript_nothing_is_missing(
    chromium: Browser, live_server: Any, house: House
) -> None:
    code = publish(house, SHORT).code
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(f"{live_server.url}/s/{code}/")
    press(page)
    expect(page.get_by_role("alert")).to_contain_text("needs another look")
    page.locator("label", has_text="2").first.click()
    press(page)
    page.locator("label", has_text="Came late").click()
    press(page)
    press(page, "Back")
    expect(page.get_by_label("Came late")).to_be_checked()
    press(page)
    press(page, "Submit")
    expect(page.get_by_text("We read every word.")).to_be_visible()
    assert set(Answer.objects.values_list("question", "code")) == {("nps", ""), ("reason", "late")}
    context.close()


def test_errors_get_the_focus(page: Page, live_server: Any, house: House) -> None:
    page.goto(f"{live_server.url}/s/{publish(house, SHORT).code}/")
    press(page)
    expect(page.get_by_role("alert").first).to_be_focused()


def test_the_browser_s_back_button_continues_the_same_submission(
    page: Page, live_server: Any, house: House
) -> None:
    page.goto(f"{live_server.url}/s/{publish(house, SHORT).code}/")
    page.get_by_role("radio", name="9").tap()
    expect(page.get_by_text("You gave 9.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("radio", name="9")).to_be_checked()
    page.get_by_role("radio", name="3").tap()
    press(page)
    expect(page.get_by_text("What went wrong?")).to_be_visible()
    assert FeedbackRecord.objects.count() == 1
    assert Answer.objects.get().number == 3


def test_an_impatient_finger_sends_once(page: Page, live_server: Any, house: House) -> None:
    page.goto(f"{live_server.url}/s/{publish(house, SHORT).code}/?nps=9")
    page.get_by_role("button", name="Next", exact=True).last.dblclick()
    page.get_by_label("You gave 9.").fill("once")
    page.get_by_role("button", name="Submit").last.dblclick()
    expect(page.get_by_text("We read every word.")).to_be_visible()
    assert FeedbackRecord.objects.count() == 1


def test_offline_keeps_what_was_typed(page: Page, live_server: Any, house: House) -> None:
    page.goto(f"{live_server.url}/s/{publish(house, SHORT).code}/?nps=9")
    press(page)
    page.get_by_label("You gave 9.").fill("in the lift")
    page.context.set_offline(True)
    press(page, "Submit")
    expect(page.get_by_text("You are offline.")).to_be_visible()
    page.context.set_offline(False)
    press(page, "Submit")
    expect(page.get_by_text("We read every word.")).to_be_visible()
    assert FeedbackRecord.objects.get().verbatim == "in the lift"


def test_an_embedded_survey_sizes_itself(page: Page, live_server: Any, house: House) -> None:
    code = publish(house, EVERY_KIND).code
    with _host(f'<h1>Shop</h1><script src="{live_server.url}/s/{code}/embed.js"></script>') as url:
        page.goto(url)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("button", name="Next", exact=True).last).to_be_visible()
        page.wait_for_function("document.querySelector('iframe').offsetHeight > 900")
        height = page.evaluate("document.querySelector('iframe').offsetHeight")
        inside = frame.locator("body").evaluate("b => b.scrollHeight")
        assert abs(height - inside) <= 2
        frame.locator("#q-overall label").nth(4).click()
        frame.get_by_role("button", name="Next", exact=True).last.click()
        expect(frame.get_by_text("How do you reach us?")).to_be_visible()
    assert FeedbackRecord.objects.count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("colour", ["#0F766E", "#FFE600"])
def test_axe_finds_nothing(
    chromium: Browser, live_server: Any, house: House, scheme: Any, width: int, colour: str
) -> None:
    house.organisation.colour = colour
    house.organisation.save()
    code = publish(house, EVERY_KIND).code
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, locale="en"
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/s/{code}/?stars=4&numbers=2")
    _clean(page)
    onward(page)
    _clean(page)
    page.locator("#q-overall label").first.click()
    onward(page)
    _clean(page)
    onward(page)
    _clean(page)
    page.locator(".o").last.click()
    onward(page, "Submit")
    expect(page.get_by_text("Your reference number")).to_be_visible()
    _clean(page)
    context.close()


def test_axe_finds_nothing_on_closed_doors(page: Page, live_server: Any, house: House) -> None:
    survey = publish(house, SHORT)
    actions.close(by=house.alice, survey=survey, now=NOW)
    for code in (survey.code, "nothing"):
        page.goto(f"{live_server.url}/s/{code}/")
        _clean(page)


def _clean(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _RULES}})
    assert found.violations_count == 0, found.generate_report()
    small = page.evaluate(_SMALL)
    assert not small, f"targets below 48 px: {small}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SMALL = """() => [...document.querySelectorAll('label:not(.t), button:not(.vh), .in')]
  .map(e => [e.textContent.trim().slice(0, 20), e.getBoundingClientRect()])
  .filter(([, r]) => r.width < 47.5 || r.height < 47.5)
  .map(([text, r]) => `${text} ${r.width}x${r.height}`)"""


class _host:
    """Somebody else's page on another origin."""

    def __init__(self, body: str) -> None:
        content = f"<!doctype html><title>Shop</title>{body}".encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                return None

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *args: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_an_unanswered_row_stays_under_its_heads(
    page: Page, live_server: Any, house: House
) -> None:
    pages = EVERY_KIND["pages"]
    rows = next(q for one in pages for q in one["questions"] if q["kind"] == "matrix")
    only = [{"code": "one", "questions": [{**rows, "required": True}]}]
    code = publish(house, {**EVERY_KIND, "pages": only}).code
    page.set_viewport_size({"width": 1000, "height": 900})
    page.goto(f"{live_server.url}/s/{code}/")
    press(page, "Submit")
    expect(page.locator(".row .err").first).to_be_visible()
    heads = page.locator(".heads .cells > span").all()
    cells = page.locator(".row").first.locator("label").all()
    assert len(heads) == len(cells) > 3
    for head, cell in zip(heads, cells, strict=True):
        above, below = head.bounding_box(), cell.bounding_box()
        assert above is not None and below is not None
        middles = [box["x"] + box["width"] / 2 for box in (above, below)]
        assert abs(middles[0] - middles[1]) < 3
