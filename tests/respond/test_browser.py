"""Answering on a phone, in a real Chromium."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from manyi.feedback.models import Answer, FeedbackRecord
from manyi.surveys import actions
from tests.browser import Contexts, fits, follow, obstacles, says, until
from tests.factories import NOW, House
from tests.respond.surveying import EVERY_KIND, SHORT, publish

PHONE: Any = {"width": 390, "height": 800}
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(contexts: Contexts) -> Page:
    return contexts.page(viewport=PHONE, has_touch=True, locale="en")


def button(page: Page, name: str = "Next") -> Locator:
    return page.get_by_role("button", name=name, exact=True).last


def onward(page: Page, name: str = "Next") -> None:
    """Press, and be on the next page: a script asks too early while the old one is leaving."""
    follow(button(page, name))


def choose(page: Page, score: str) -> None:
    """Touch the only question of a page, which leads on by itself."""
    with page.expect_navigation():
        page.get_by_role("radio", name=score).tap()


def test_a_phone_answers_by_thumb_and_moves_on_by_itself(
    page: Page, live_server: Any, house: House
) -> None:
    code = publish(house, SHORT).code
    page.goto(f"{live_server.url}/s/{code}/")
    choose(page, "10")
    expect(page.get_by_text("You gave 10.")).to_be_visible()
    page.get_by_label("You gave 10.").fill("很好")
    onward(page, "Submit")
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
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("You gave 8.")).to_be_visible()


def test_without_javascript_nothing_is_missing(
    contexts: Contexts, live_server: Any, house: House
) -> None:
    code = publish(house, SHORT).code
    page = contexts.page(viewport=PHONE, java_script_enabled=False, locale="en")
    page.goto(f"{live_server.url}/s/{code}/")
    onward(page)
    expect(page.get_by_role("alert")).to_contain_text("needs another look")
    page.locator("label", has_text="2").first.click()
    onward(page)
    page.locator("label", has_text="Came late").click()
    onward(page)
    onward(page, "Back")
    expect(page.get_by_label("Came late")).to_be_checked()
    onward(page)
    onward(page, "Submit")
    expect(page.get_by_text("We read every word.")).to_be_visible()
    assert set(Answer.objects.values_list("question", "code")) == {("nps", ""), ("reason", "late")}


def test_errors_get_the_focus(page: Page, live_server: Any, house: House) -> None:
    page.goto(f"{live_server.url}/s/{publish(house, SHORT).code}/")
    onward(page)
    expect(page.get_by_role("alert").first).to_be_focused()


def test_the_browser_s_back_button_continues_the_same_submission(
    page: Page, live_server: Any, house: House
) -> None:
    page.goto(f"{live_server.url}/s/{publish(house, SHORT).code}/")
    choose(page, "9")
    expect(page.get_by_text("You gave 9.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("radio", name="9")).to_be_checked()
    choose(page, "3")
    expect(page.get_by_text("What went wrong?")).to_be_visible()
    assert FeedbackRecord.objects.count() == 1
    assert Answer.objects.get().number == 3


# Both before the answer to the first comes; a mouse on a busy machine may be later than that.
TWICE = "(button) => { button.click(); button.click(); }"


def test_an_impatient_finger_sends_once(page: Page, live_server: Any, house: House) -> None:
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    page.goto(f"{live_server.url}/s/{publish(house, SHORT).code}/?nps=9")
    with page.expect_navigation():
        button(page).evaluate(TWICE)
    page.get_by_label("You gave 9.").fill("once")
    with page.expect_navigation():
        button(page, "Submit").evaluate(TWICE)
    expect(page.get_by_text("We read every word.")).to_be_visible()
    assert FeedbackRecord.objects.count() == 1
    assert len(sent) == 2


def test_offline_keeps_what_was_typed(page: Page, live_server: Any, house: House) -> None:
    page.goto(f"{live_server.url}/s/{publish(house, SHORT).code}/?nps=9")
    onward(page)
    page.get_by_label("You gave 9.").fill("in the lift")
    page.context.set_offline(True)
    says(page, "!navigator.onLine")
    button(page, "Submit").click()
    expect(page.get_by_text("You are offline.")).to_be_visible()
    page.context.set_offline(False)
    says(page, "navigator.onLine")
    onward(page, "Submit")
    expect(page.get_by_text("We read every word.")).to_be_visible()
    assert FeedbackRecord.objects.get().verbatim == "in the lift"


def test_an_embedded_survey_sizes_itself(page: Page, live_server: Any, house: House) -> None:
    code = publish(house, EVERY_KIND).code
    with _host(f'<h1>Shop</h1><script src="{live_server.url}/s/{code}/embed.js"></script>') as url:
        page.goto(url)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("button", name="Next", exact=True).last).to_be_visible()
        until(lambda: _as_high_as_its_page(page) > 900, page=page)
        frame.locator("#q-overall label").nth(4).click()
        frame.get_by_role("button", name="Next", exact=True).last.click()
        expect(frame.get_by_text("How do you reach us?")).to_be_visible()
    assert FeedbackRecord.objects.count() == 1


def _as_high_as_its_page(page: Page) -> int:
    """Return the height of the frame, or 0 where its page needs another."""
    frame = page.locator("iframe")
    height = int(frame.evaluate("e => e.offsetHeight"))
    inside = frame.content_frame.locator("body").evaluate("b => b.scrollHeight")
    return height if abs(height - inside) <= 2 else 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("colour", ["#0F766E", "#FFE600"])
def test_axe_finds_nothing(
    contexts: Contexts, live_server: Any, house: House, scheme: Any, width: int, colour: str
) -> None:
    house.organisation.colour = colour
    house.organisation.save()
    code = publish(house, EVERY_KIND).code
    page = contexts.page(viewport={"width": width, "height": 800}, color_scheme=scheme, locale="en")
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


def test_axe_finds_nothing_on_closed_doors(page: Page, live_server: Any, house: House) -> None:
    survey = publish(house, SHORT)
    actions.close(by=house.alice, survey=survey, now=NOW)
    for code in (survey.code, "nothing"):
        page.goto(f"{live_server.url}/s/{code}/")
        _clean(page)


def _clean(page: Page) -> None:
    assert obstacles(page, runOnly={"type": "tag", "values": _RULES}) == []
    small = page.evaluate(_SMALL)
    assert not small, f"targets below 48 px: {small}"
    assert fits(page)


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

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

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
    onward(page, "Submit")
    expect(page.locator(".row .err").first).to_be_visible()
    heads = page.locator(".heads .cells > span").all()
    cells = page.locator(".row").first.locator("label").all()
    assert len(heads) == len(cells) > 3
    for head, cell in zip(heads, cells, strict=True):
        above, below = head.bounding_box(), cell.bounding_box()
        assert above is not None and below is not None
        middles = [box["x"] + box["width"] / 2 for box in (above, below)]
        assert abs(middles[0] - middles[1]) < 3
