"""Every page of the staff in a real Chromium: open to everybody, and inside its width.

The pages are those of the addresses' table, so a new one is looked at without being named here.
Each is loaded once in Chinese and light, once in English and dark, and looked at in both widths.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from manyi.accounts import actions
from tests import factories
from tests.factories import House
from tests.voices import made, receive, voice
from tests.web.conftest import DESK, PHONE, Opener
from tests.web.numbers import answer, publish
from tests.web.urls_table import World, every_row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  (found) => found.id + " " + found.nodes.map((n) => n.html.slice(0, 120)).join(" | "))"""
GOOD = {"overall": 5, "aspects": {"manner": 5, "parking": 2}, "recommend": 10}
BAD = {"overall": 2, "aspects": {"manner": 4, "parking": 1}, "recommend": 3, "comment": "慢"}
# What an address shows when it is asked for more, and where nothing is.
MORE = (
    "/feedback/?from=2020-01-01&q=态度&score=high",
    "/feedback/?from=2020-01-01&sort=when&cols=unit",
    "/search/?q=海",
    "/search/?q=没有这样的词",
    "/units/?q=none",
    "/units/?sort=-size",
    "/standings/?from=2020-01-01",
    "/?from=2020-01-01",
    "/log-out/",
    "/no-such-page/",
)


@pytest.fixture
def everything(house: House) -> World:
    """Return a house in which every page has something to show."""
    cache.clear()
    world = World(house, factories.stranger_house())
    found = publish(house, is_anonymous=False)
    with transaction.atomic():  # so that all are stored in this thread, at once
        answer(found, *[GOOD] * 14, unit="N-001", channel="wechat")
        answer(found, *[BAD] * 12, unit="S-001", channel="sms")
    turns = [{"role": "customer", "text": "暖气不热"}, {"role": "agent", "text": "马上派人"}]
    who = {"ref": "C-9", "name": "王芳", "phone": "13800000000", "unit": "N-001"}
    receive(house.alice, voice(customer=who, turns=turns, kind="conversation"), voice())
    actions.create_token(by=house.alice, name="bot", is_read_only=True, now=factories.NOW)
    actions.close_unit(by=house.alice, unit=house.south_1, now=factories.NOW)
    world.made["results"] = f"/surveys/{found.survey.code}/results/?from=2020-01-01"
    world.made["draft"] = f"/surveys/{made(house.alice).code}/"
    return world


def pages(world: World) -> list[str]:
    """Return the address of every whole page that the owner may open."""
    client = Client()
    client.force_login(world.house.alice.user)
    split = world.made["results"] + "&split=unit"
    found = [*MORE, world.made["results"], split, world.made["draft"]]
    for key, row in every_row().items():
        if row.post or row.api or row.public or key.startswith("api/"):
            continue
        path = reverse(key, args=row.alice(world))
        answered = client.get(path)
        whole = "text/html" in answered["Content-Type"] and not answered.streaming
        if answered.status_code == 200 and whole and b"<html" in answered.content:
            found.append(path)
    return found


def look(page: Page, size: Any, where: str) -> list[str]:
    """Return what stands in anybody's way on the page at this size."""
    page.set_viewport_size(size)
    wrong = [f"{where} {size['width']}: {one}" for one in page.evaluate(RUN)]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        wrong.append(f"{where} {size['width']} scrolls sideways")
    return wrong


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "light"), ("en", "dark")])
def test_every_page_is_open_to_everybody(
    browse: Opener, everything: World, language: str, theme: str
) -> None:
    page = browse(everything.house.alice, language, DESK, theme)
    wrong: list[str] = []
    addresses = pages(everything)
    assert len(addresses) > 50
    for address in addresses:
        page.set_viewport_size(DESK)
        page.goto(address, wait_until="load")
        page.evaluate(AXE)
        for size in (DESK, PHONE):
            wrong += look(page, size, address)
    assert wrong == []


def test_an_empty_organisation_says_what_to_do_next(browse: Opener, house: House) -> None:
    page = browse(factories.stranger_house().charlie, "zh-CN", PHONE, "dark")
    wrong: list[str] = []
    for address in ("/", "/surveys/", "/results/", "/standings/", "/feedback/", "/customers/"):
        page.goto(address, wait_until="load")
        page.evaluate(AXE)
        wrong += look(page, PHONE, address)
        assert page.locator("main a[href], main button").count(), f"{address} leads nowhere"
    assert wrong == []
