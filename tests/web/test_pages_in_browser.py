"""The staff's pages in a real Chromium: the first day on a phone, and no obstacle for anybody."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from manyi.accounts import actions
from manyi.accounts.models import Touchpoint
from tests import factories
from tests.browser import fits, follow, obstacles, rest
from tests.factories import PASSWORD, House
from tests.web.conftest import DESK, PHONE, Opener
from tests.web.numbers import OCTOBER, fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "quite another horse 7"


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


WORDS = {
    "zh-CN": {
        "code": "设置码",
        "organisation": "组织名称",
        "name": "您的姓名",
        "user": "用户名",
        "password": "密码",
        "found": "创建组织",
        "steps": "开始使用",
        "login": "用户名、手机号或邮箱",
        "log in": "登录",
        "log out": "退出登录",
        "again": "登录",
    },
    "en": {
        "code": "Set-up code",
        "organisation": "Name of the organisation",
        "name": "Your name",
        "user": "User name",
        "password": "Password",
        "found": "Found the organisation",
        "steps": "First steps",
        "login": "User name, phone or e-mail",
        "log in": "Log in",
        "log out": "Log out",
        "again": "Log in",
    },
}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_first_day_on_a_phone(browse: Opener, language: str) -> None:
    say = WORDS[language]
    page = browse(None, language, PHONE)
    page.goto("/")
    expect(page).to_have_url("/set-up/")
    assert fits(page)
    page.get_by_label(say["code"]).fill(actions.setup_code())
    page.get_by_label(say["organisation"]).fill("云栖酒店")
    page.get_by_label(say["name"]).fill("林晓燕")
    page.get_by_label(say["user"], exact=True).fill("lin")
    page.get_by_label(say["password"]).fill(NEW)
    follow(page.get_by_role("button", name=say["found"]))
    expect(page.get_by_text(say["steps"])).to_be_visible()
    assert fits(page)

    page.locator(".topbar summary").last.click()
    follow(page.get_by_role("button", name=say["log out"]))
    expect(page).to_have_url("/log-in/")
    page.get_by_label(say["login"]).fill("lin")
    page.get_by_label(say["password"]).fill(NEW)
    follow(page.get_by_role("button", name=say["log in"], exact=True))
    expect(page.get_by_text(say["steps"])).to_be_visible()


def test_a_first_password_is_handed_over_and_changed(browse: Opener, house: House) -> None:
    page = browse(house.alice, "zh-CN", DESK)
    page.goto("/settings/members/new/")
    page.get_by_label("姓名").fill("王芳")
    page.get_by_label("手机号").fill("13800000000")
    page.get_by_label("机构负责人").check()
    page.get_by_label("机构", exact=True).select_option("N")
    follow(page.get_by_role("button", name="添加成员"))
    secret = page.locator(".secret").inner_text()
    page.reload()
    expect(page.locator(".secret")).to_have_count(0)

    theirs = browse(None, "zh-CN", PHONE)
    theirs.goto("/log-in/")
    theirs.get_by_label("用户名、手机号或邮箱").fill("13800000000")
    theirs.get_by_label("密码").fill(secret)
    follow(theirs.get_by_role("button", name="登录", exact=True))
    expect(theirs.get_by_role("heading", name="设置您自己的密码")).to_be_visible()
    theirs.get_by_label("新密码", exact=False).first.fill(NEW)
    theirs.get_by_label("再次输入新密码").fill(NEW)
    follow(theirs.get_by_role("button", name="修改密码"))
    expect(theirs).to_have_url("/")


def test_touchpoints_are_moved_without_leaving_the_page(browse: Opener, house: House) -> None:
    page = browse(house.alice, "zh-CN", DESK)
    page.goto("/settings/touchpoints/")
    page.get_by_role("button", name="下移维修").click()
    expect(page.locator("tbody tr").first).to_contain_text("结账")
    page.get_by_role("button", name="下移结账").click()
    expect(page.locator("tbody tr").first).to_contain_text("维修")
    assert Touchpoint.objects.values_list("code", flat=True)[0] == "repair"


def test_closing_a_unit_is_asked_first(browse: Opener, house: House) -> None:
    page = browse(house.alice, "zh-CN", PHONE)
    page.goto(f"/units/{house.south_1.pk}/")
    page.get_by_role("button", name="停用机构").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="停用机构").click()
    follow(page.get_by_role("dialog").get_by_role("button", name="停用机构"))
    expect(page.get_by_text("已停用。")).to_be_visible()


def test_the_log_is_verified_in_place(browse: Opener, house: House) -> None:
    actions.create_token(by=house.alice, name="bot", now=timezone.now())
    page = browse(house.alice, "en", DESK)
    page.goto("/settings/audit/")
    page.get_by_role("button", name="Verify the log").click()
    expect(page.get_by_text("The log is whole")).to_be_visible()


def test_the_search_is_one_key_away(browse: Opener, house: House) -> None:
    page = browse(house.alice, "zh-CN", DESK)
    page.goto("/settings/members/")
    page.keyboard.press("/")
    expect(page.get_by_role("search", name="全局搜索").get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("天河")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/search/"))
    follow(page.get_by_role("link", name=re.compile("天河")).first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("天河")


def test_a_phone_searches_and_changes_the_organisation(browse: Opener, house: House) -> None:
    other = factories.organisation("other", name={"zh-Hans": "另一家", "en": "Another"})
    factories.member(other, user=house.alice.user, role="owner")
    page = browse(house.alice, "zh-CN", PHONE)
    page.goto("/units/")
    page.get_by_text("更多", exact=True).click()
    follow(page.locator(".rail-more").get_by_role("link", name="另一家"))
    page.get_by_text("更多", exact=True).click()
    chosen = page.locator(".rail-more a[aria-current=true]")
    expect(chosen).to_have_text("另一家")
    page.goto("/units/")
    follow(page.get_by_role("link", name="全局搜索"))
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_a_list_is_sorted_and_its_columns_chosen_by_hand(browse: Opener, house: House) -> None:
    page = browse(house.alice, "en", DESK)
    page.goto("/units/")
    follow(page.get_by_role("link", name="Code"))
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Code")
    page.get_by_role("button", name="Columns").click()
    dialog = page.get_by_role("dialog", name="What stands in this list")
    dialog.get_by_label("Level").uncheck()
    follow(dialog.get_by_role("button", name="Show"))
    expect(page.get_by_role("columnheader", name="Level")).to_have_count(0)
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Code")


def test_nobody_stumbles_at_the_door(browse: Opener, house: House) -> None:
    for theme in ("light", "dark"):
        page = browse(None, "zh-CN", PHONE, theme)
        for path in ("/log-in/", "/password/reset/", "/password/reset/1-x/", "/no-such-page/"):
            page.goto(path)
            assert (path, obstacles(page)) == (path, [])


def test_two_steps_are_switched_on_by_hand(browse: Opener, house: House) -> None:
    page = browse(house.alice, "zh-CN", PHONE)
    page.goto("/two-step/on/")
    page.get_by_label("密码").fill(PASSWORD)
    follow(page.get_by_role("button", name="继续"))
    expect(page.get_by_alt_text("包含密钥的二维码")).to_be_visible()
    assert obstacles(page) == []


def test_paper_gets_whole_pictures_and_says_what_they_are_of(browse: Opener, house: House) -> None:
    fill(house)
    page = browse(house.alice, "zh-CN", PHONE, "dark")
    page.goto(f"/?{OCTOBER}")
    expect(page.locator(".chart-canvas canvas").first).to_be_visible()
    rest(page)
    page.emulate_media(media="print")
    drawn = page.evaluate(
        """() => {
          dispatchEvent(new Event("beforeprint"));
          return [...document.querySelectorAll(".chart-canvas canvas")].map((canvas) => {
            const { width, height } = canvas;
            const dots = canvas.getContext("2d").getImageData(0, 0, width, height).data;
            let strong = 0;  // the accent of the light theme: lines, bars and dots
            for (let i = 0; i < dots.length; i += 4)
              strong += dots[i] < 40 && dots[i + 1] > 90 && dots[i + 2] > 80 && dots[i + 3] > 200;
            return [strong, canvas.getBoundingClientRect().width <= innerWidth];
          });
        }"""
    )
    assert drawn
    assert max(strong for strong, _ in drawn) > 100, drawn
    assert all(fits for _, fits in drawn)
    expect(page.locator(".on-paper")).to_contain_text("2026年10月1日 – 2026年10月31日")
    expect(page.locator(".topbar")).to_be_hidden()
