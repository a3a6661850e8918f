"""The staff's pages in a real Chromium: the first day on a phone, and no obstacle for anybody."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from manyi.accounts import actions
from manyi.accounts.models import Touchpoint
from tests.factories import PASSWORD, House
from tests.web.conftest import DESK, PHONE, Opener

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
    assert no_side_scroll(page)
    page.get_by_label(say["code"]).fill(actions.setup_code())
    page.get_by_label(say["organisation"]).fill("云栖酒店")
    page.get_by_label(say["name"]).fill("林晓燕")
    page.get_by_label(say["user"], exact=True).fill("lin")
    page.get_by_label(say["password"]).fill(NEW)
    page.get_by_role("button", name=say["found"]).click()
    expect(page.get_by_text(say["steps"])).to_be_visible()
    assert no_side_scroll(page)

    page.locator(".topbar summary").last.click()
    page.get_by_role("button", name=say["log out"]).click()
    expect(page).to_have_url("/log-in/")
    page.get_by_label(say["login"]).fill("lin")
    page.get_by_label(say["password"]).fill(NEW)
    page.get_by_role("button", name=say["log in"], exact=True).click()
    expect(page.get_by_text(say["steps"])).to_be_visible()


def no_side_scroll(page: Page) -> bool:
    """Whether the page fits its width."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_first_password_is_handed_over_and_changed(browse: Opener, house: House) -> None:
    page = browse(house.alice, "zh-CN", DESK)
    page.goto("/settings/members/new/")
    page.get_by_label("姓名").fill("王芳")
    page.get_by_label("手机号").fill("13800000000")
    page.get_by_label("机构负责人").check()
    page.get_by_label("机构", exact=True).select_option("N")
    page.get_by_role("button", name="添加成员").click()
    secret = page.locator(".secret").inner_text()
    page.reload()
    expect(page.locator(".secret")).to_have_count(0)

    theirs = browse(None, "zh-CN", PHONE)
    theirs.goto("/log-in/")
    theirs.get_by_label("用户名、手机号或邮箱").fill("13800000000")
    theirs.get_by_label("密码").fill(secret)
    theirs.get_by_role("button", name="登录", exact=True).click()
    expect(theirs.get_by_role("heading", name="设置您自己的密码")).to_be_visible()
    theirs.get_by_label("新密码", exact=False).first.fill(NEW)
    theirs.get_by_label("再次输入新密码").fill(NEW)
    theirs.get_by_role("button", name="修改密码").click()
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
    page.get_by_role("button", name="停用机构").click()
    page.get_by_role("dialog").get_by_role("button", name="停用机构").click()
    expect(page.get_by_text("已停用。")).to_be_visible()


def test_the_log_is_verified_in_place(browse: Opener, house: House) -> None:
    actions.create_token(by=house.alice, name="bot", now=timezone.now())
    page = browse(house.alice, "en", DESK)
    page.goto("/settings/audit/")
    page.get_by_role("button", name="Verify the log").click()
    expect(page.get_by_text("The log is whole")).to_be_visible()


@pytest.mark.parametrize(("theme", "language"), [("light", "zh-CN"), ("dark", "en")])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_of_the_settings_stands_in_anybodys_way(
    browse: Opener, house: House, theme: str, language: str, size: Any
) -> None:
    actions.create_token(by=house.alice, name="bot", is_read_only=True, now=timezone.now())
    actions.close_unit(by=house.alice, unit=house.south_1, now=timezone.now())
    page = browse(house.alice, language, size, theme)
    found = []
    for path in pages(house):
        page.goto(path)
        result = Axe().run(page)
        found += [f"{path}: {v['id']} {v['nodes'][0]['html'][:160]}" for v in violations(result)]
        if not no_side_scroll(page):
            found.append(f"{path} scrolls sideways")
    assert found == []


def violations(result: Any) -> list[dict[str, Any]]:
    return list(result.response["violations"])


def pages(house: House) -> list[str]:
    kept = [
        f"/settings/{kind}/{row.pk}/"
        for kind, row in (
            ("members", house.bob),
            ("members", house.alice),
            ("teams", house.works),
            ("touchpoints", house.repair),
            ("agents", house.agent_1),
        )
    ]
    lists = ("organisation", "members", "teams", "touchpoints", "agents", "tokens", "audit")
    new = [f"/settings/{kind}/new/" for kind in ("members", "teams", "touchpoints", "agents")]
    units = ["/units/", "/units/?q=none", "/units/new/", f"/units/{house.north.pk}/"]
    own = ["/two-step/", "/password/", "/two-step/on/", "/log-out/"]
    return [*units, *(f"/settings/{name}/" for name in lists), *new, *kept, *own]


def test_nobody_stumbles_at_the_door(browse: Opener, house: House) -> None:
    for theme in ("light", "dark"):
        page = browse(None, "zh-CN", PHONE, theme)
        for path in ("/log-in/", "/password/reset/", "/password/reset/1-x/", "/no-such-page/"):
            page.goto(path)
            assert [(path, v["id"]) for v in violations(Axe().run(page))] == []


def test_two_steps_are_switched_on_by_hand(browse: Opener, house: House) -> None:
    page = browse(house.alice, "zh-CN", PHONE)
    page.goto("/two-step/on/")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_alt_text("包含密钥的二维码")).to_be_visible()
    assert violations(Axe().run(page)) == []
