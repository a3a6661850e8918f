"""Every page of the staff in a real Chromium: open to everybody, and inside its width.

The pages are those of the addresses' table, so a new one is looked at without being named here.
Each is loaded once in Chinese and once in English; in between, theme and width change, so that it
is seen in both languages, both themes and both widths, and every fourth page alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from manyi.accounts import actions
from tests import factories
from tests.browser import AXE, fits, obstacles
from tests.factories import House
from tests.voices import made, receive, voice
from tests.web.conftest import DESK, PHONE, Opener
from tests.web.numbers import answer, publish
from tests.web.urls_table import Row, World, every_row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What another theme or width can break where the page is the same.
DRAWN = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]
LOOKS = [("light", DESK), ("dark", PHONE), ("dark", DESK), ("light", PHONE)]
CHUNKS = 4  # so that none takes long, and what fails is found soon
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


def pages(world: World, chunk: int) -> list[tuple[int, str]]:
    """Return the addresses of one chunk of all whole pages that the owner may open, numbered."""
    found = [*MORE, world.made["results"], world.made["results"] + "&split=unit"]
    found.append(world.made["draft"])
    rows = {key: row for key, row in every_row().items() if _asks_for_a_page(key, row)}
    # What a row needs is made for all of them, so that every chunk shows the same house.
    found += [reverse(key, args=row.alice(world)) for key, row in rows.items()]
    client = Client()
    client.force_login(world.house.alice.user)
    mine = list(enumerate(found))[chunk::CHUNKS]
    return [(n, path) for n, path in mine if path in MORE or _is_a_page(client.get(path))]


def _asks_for_a_page(key: str, row: Row) -> bool:
    return not (row.post or row.api or row.public or key.startswith("api/"))


def _is_a_page(answered: Any) -> bool:
    whole = "text/html" in answered["Content-Type"] and not answered.streaming
    return answered.status_code == 200 and whole and b"<html" in answered.content


def look(page: Page, theme: Any, size: Any, rules: Sequence[str] = ()) -> list[str]:
    """Return what stands in anybody's way on the page in this theme and size."""
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(size)
    where = f"{page.url} {theme} {size['width']}"
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    wrong = [f"{where}: {one}" for one in obstacles(page, **only)]
    return wrong if fits(page) else [*wrong, f"{where} scrolls sideways"]


def opened(page: Page, address: str, turn: int) -> list[str]:
    """Return what is wrong with a page in two of the four looks, which turn from page to page."""
    first, second = (LOOKS * 2)[turn % 4 : turn % 4 + 2]
    page.emulate_media(color_scheme=first[0])
    page.set_viewport_size(first[1])
    page.goto(address)
    return [*look(page, *first), *look(page, *second, rules=DRAWN)]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_page_is_open_to_everybody(browse: Opener, everything: World, chunk: int) -> None:
    alice = everything.house.alice
    chinese, english = browse(alice, "zh-CN", DESK), browse(alice, "en", DESK)
    for window in (chinese, english):  # once for all pages: it is half a megabyte
        window.add_init_script(AXE)
    wrong: list[str] = []
    addresses = pages(everything, chunk)
    assert len(addresses) > 50 / CHUNKS
    for n, address in addresses:
        turn = n // CHUNKS
        wrong += opened(chinese, address, turn)
        wrong += opened(english, address, turn + 2)
    assert not wrong, "\n".join(wrong)


def test_an_empty_organisation_says_what_to_do_next(browse: Opener, house: House) -> None:
    page = browse(factories.stranger_house().charlie, "zh-CN", PHONE, "dark")
    wrong: list[str] = []
    for address in ("/", "/surveys/", "/results/", "/standings/", "/feedback/", "/customers/"):
        page.goto(address)
        wrong += look(page, "dark", PHONE)
        assert page.locator("main a[href], main button").count(), f"{address} leads nowhere"
    assert wrong == []
