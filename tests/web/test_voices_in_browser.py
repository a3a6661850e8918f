"""From a template to an answer in the inbox, in a real Chromium; every page without obstacles."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from manyi.surveys.models import Survey
from tests.factories import House
from tests.voices import made, receive, voice
from tests.web.conftest import DESK, PHONE, Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def confirm(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).first.click()
    page.locator("dialog[open] button[value=yes]").click()


def test_from_a_template_to_an_answer_in_the_inbox(browse: Opener, house: House) -> None:
    desk = browse(house.alice, size=DESK)
    desk.goto("/surveys/")
    desk.get_by_role("link", name="选择模板").click()
    desk.get_by_role("link", name="满意度调查").first.click()
    desk.get_by_role("button", name="使用此模板").first.click()
    desk.get_by_label("简体中文 · 标题").fill("门店回访")
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_role("heading", name="门店回访")).to_be_visible()
    confirm(desk, "发布问卷")
    expect(desk.get_by_text("下一步")).to_be_visible()
    expect(desk.get_by_alt_text("链接的二维码")).to_be_visible()
    link = desk.get_by_label("链接", exact=True).input_value()

    phone = browse(size=PHONE)
    phone.goto(link[link.index("/s/") :])
    phone.get_by_role("radio", name="非常满意", exact=True).check(force=True)
    phone.get_by_role("button", name="下一").last.click()
    phone.get_by_role("textbox").fill("店员很耐心")
    phone.get_by_role("button", name="提交").last.click()
    expect(phone.get_by_text("感谢您的反馈")).to_be_visible()

    desk.goto("/feedback/")
    expect(desk.locator(".voice")).to_have_count(1)
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.locator(".verbatim")).to_have_text("店员很耐心")
    desk.goto("/surveys/")
    expect(desk.get_by_text("1/1")).to_be_visible()


def test_new_voices_knock(browse: Opener, house: House) -> None:
    receive(house.alice, voice())
    page = browse(house.alice, size=DESK)
    page.clock.install()
    page.goto("/feedback/?from=2020-01-01")
    receive(house.alice, voice(verbatim="刚刚说的"))
    page.clock.run_for(16_000)
    page.get_by_role("link", name="1 条新反馈").click()
    expect(page.get_by_text("刚刚说的")).to_be_visible()


def test_a_language_without_its_switch_has_no_fields(browse: Opener, house: House) -> None:
    survey = made(house.alice)
    page = browse(house.alice, size=DESK)
    page.goto(f"/surveys/{survey.code}/")
    page.get_by_label("English", exact=True).uncheck()
    expect(page.get_by_label("English · 标题")).to_be_hidden()
    with page.expect_navigation():
        page.get_by_role("button", name="保存").click()
    assert Survey.objects.get().definition["languages"] == ["zh-Hans"]
