"""From a template to an answer in the inbox, in a real Chromium; every page without obstacles."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from manyi.surveys.models import Survey
from tests.browser import follow
from tests.factories import House
from tests.voices import made, receive, voice
from tests.web.conftest import DESK, PHONE, Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def test_from_a_template_to_an_answer_in_the_inbox(browse: Opener, house: House) -> None:
    desk = browse(house.alice, size=DESK)
    desk.goto("/surveys/")
    follow(desk.get_by_role("link", name="选择模板"))
    follow(desk.get_by_role("link", name="满意度调查").first)
    follow(desk.get_by_role("button", name="使用此模板").first)
    desk.get_by_label("简体中文 · 标题").fill("门店回访")
    follow(desk.get_by_role("button", name="保存"))
    expect(desk.get_by_role("heading", name="门店回访")).to_be_visible()
    desk.get_by_role("button", name="发布问卷").first.click()
    follow(desk.locator("dialog[open] button[value=yes]"))
    expect(desk.get_by_text("下一步")).to_be_visible()
    expect(desk.get_by_alt_text("链接的二维码")).to_be_visible()
    link = desk.get_by_label("链接", exact=True).input_value()

    phone = browse(size=PHONE)
    phone.goto(link[link.index("/s/") :])
    # The only question of its page: a touch leads on.
    follow(phone.locator("label", has_text="非常满意").last)
    phone.get_by_role("textbox").fill("店员很耐心")
    follow(phone.get_by_role("button", name="提交").last)
    expect(phone.get_by_text("我们会认真阅读每一条意见")).to_be_visible()

    desk.goto("/feedback/")
    expect(desk.locator(".voice")).to_have_count(1)
    desk.keyboard.press("j")
    expect(desk.locator(".at a:focus")).to_have_count(1)
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    expect(desk.locator(".verbatim")).to_have_text("店员很耐心")
    desk.goto("/surveys/")
    # How many finished is hidden of so few; how many answered is not.
    expect(desk.get_by_role("cell", name="1", exact=True)).to_be_visible()


def test_new_voices_knock(browse: Opener, house: House) -> None:
    receive(house.alice, voice())
    page = browse(house.alice, size=DESK)
    page.clock.install()
    page.goto("/feedback/?from=2020-01-01")
    receive(house.alice, voice(verbatim="刚刚说的"))
    page.clock.run_for(16_000)
    follow(page.get_by_role("link", name="1 条新反馈"))
    expect(page.get_by_text("刚刚说的")).to_be_visible()


def test_a_language_without_its_switch_has_no_fields(browse: Opener, house: House) -> None:
    survey = made(house.alice)
    page = browse(house.alice, size=DESK)
    page.goto(f"/surveys/{survey.code}/")
    page.get_by_label("English", exact=True).uncheck()
    expect(page.get_by_label("English · 标题")).to_be_hidden()
    follow(page.get_by_role("button", name="保存"))
    assert Survey.objects.get().definition["languages"] == ["zh-Hans"]
