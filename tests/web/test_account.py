"""Logging in, passwords, the second step, and the first owner's set-up."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client

from manyi.accounts import actions
from manyi.accounts.models import Member, Organisation
from tests.factories import PASSWORD, House

pytestmark = pytest.mark.django_db

NEW = "quite another horse 7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


def log_in(client: Client, login: str, password: str = PASSWORD) -> Any:
    return client.post("/log-in/", {"login": login, "password": password})


@pytest.mark.parametrize("login", ["{0.username}", "{0.email}", "13800000000", "+86 138 0000 0000"])
def test_user_name_phone_and_mail_open_the_same_door(house: House, login: str) -> None:
    user = house.alice.user
    user.phone = "+8613800000000"
    user.save()
    client = Client()
    assert log_in(client, login.format(user)).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_wrong_password_says_no_more_than_that(house: House) -> None:
    known = log_in(Client(), house.alice.user.username, "wrong")
    unknown = log_in(Client(), "nobody-at-all", "wrong")
    sentence = "账号或密码不正确，请核对后重试。"
    assert sentence in known.content.decode()
    assert sentence in unknown.content.decode()


def test_guessing_is_stopped(house: House) -> None:
    client = Client()
    answers = [log_in(client, house.alice.user.username, "wrong") for _ in range(12)]
    assert any(a.status_code == 429 or "尝试次数过多" in a.content.decode() for a in answers)
    assert "请五分钟后再试" in log_in(client, house.alice.user.username).content.decode() or (
        log_in(client, house.alice.user.username).status_code == 429
    )


def test_whoever_has_left_cannot_log_in(house: House) -> None:
    house.viewer.user.is_active = False
    house.viewer.user.save()
    response = log_in(Client(), house.viewer.user.username)
    assert "/log-in/inactive/" in response.headers.get("Location", "/log-in/inactive/")
    assert "_auth_user_id" not in response.wsgi_request.session


def test_logging_out_takes_a_click(house: House) -> None:
    client = Client()
    client.force_login(house.alice.user)
    client.get("/log-out/")
    assert client.get("/").status_code == 200
    assert client.post("/log-out/").headers["Location"] == "/log-in/"
    assert client.get("/").status_code == 302


def test_nobody_signs_up(db: None) -> None:
    for path in ("/sign-up/", "/signup/", "/accounts/signup/"):
        assert Client().get(path).status_code == 404


def test_a_password_is_changed_by_who_knows_the_present_one(house: House) -> None:
    client = Client()
    client.force_login(house.alice.user)
    fields = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert "当前密码不正确" in client.post("/password/", fields).content.decode()
    fields["oldpassword"] = PASSWORD
    assert client.post("/password/", fields).status_code == 302
    assert log_in(Client(), house.alice.user.username, NEW).status_code == 302


def test_a_mail_with_a_link_leads_to_a_new_password(house: House, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client = Client(headers={"host": "127.0.0.1"})
    client.post("/password/reset/", {"email": house.alice.user.email})
    link = re.search(r"http\S+", str(mail.outbox[0].body))
    assert link is not None
    assert link[0].startswith(settings.BASE_URL)
    path = link[0].removeprefix(settings.BASE_URL)
    form = client.get(path, follow=True)
    where = form.redirect_chain[-1][0]
    sent = client.post(where, {"password1": NEW, "password2": NEW})
    assert sent.status_code == 302
    assert log_in(Client(), house.alice.user.username, NEW).status_code == 302
    assert "链接已失效" in Client().get(path, follow=True).content.decode()


def test_without_mail_the_page_says_whom_to_ask(settings: Any, db: None) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    page = Client().get("/password/reset/").content.decode()
    assert "本系统没有配置邮件" in page
    assert 'name="email"' not in page


def code_now(secret: str) -> str:
    """Return the latest code that is taken; where the next is too, half a minute is left."""
    *_, counter = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, counter))


def test_the_second_step_is_switched_on_asked_for_and_off(house: House) -> None:
    client = Client()
    log_in(client, house.alice.user.username)
    again = client.get("/two-step/on/").headers["Location"]
    assert again.startswith("/password/again/")
    assert client.post(again, {"password": PASSWORD}).headers["Location"] == "/two-step/on/"
    page = client.get("/two-step/on/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]{16,})</code>", page)
    assert secret is not None
    assert "验证码不正确" in client.post("/two-step/on/", {"code": "000000"}).content.decode()
    on = client.post("/two-step/on/", {"code": code_now(secret[1])})
    assert on.headers["Location"] == "/two-step/codes/"
    stored = Authenticator.objects.get(user=house.alice.user, type="totp").data["secret"]
    assert secret[1] not in stored
    codes = re.findall(r"<li><code>(\d+)</code>", client.get("/two-step/codes/").content.decode())
    assert len(codes) == 10

    other = Client()
    assert log_in(other, house.alice.user.username).headers["Location"] == "/two-step/log-in/"
    assert other.get("/").status_code == 302
    assert other.post("/two-step/log-in/", {"code": codes[0]}).headers["Location"] == "/"
    assert other.get("/").status_code == 200
    assert client.post("/two-step/off/").headers["Location"] == "/two-step/"
    assert not Authenticator.objects.filter(user=house.alice.user, type="totp").exists()


SET_UP = {
    "organisation": "云栖酒店",
    "language": "zh-Hans",
    "time_zone": "Asia/Shanghai",
    "name": "林晓燕",
    "username": "lin",
    "email": "lin@example.org",
    "password": NEW,
}


def test_the_set_up_founds_the_organisation_once(db: None) -> None:
    client = Client()
    assert client.get("/log-in/").headers["Location"] == "/set-up/"
    wrong = client.post("/set-up/", SET_UP | {"code": "aaaaa-aaaaa"})
    assert wrong.status_code == 422
    assert "设置码不正确" in wrong.content.decode()
    assert not Organisation.objects.exists()
    sent = SET_UP | {"code": actions.setup_code().upper()}
    assert client.post("/set-up/", sent).headers["Location"] == "/"
    owner = Member.objects.get()
    assert (owner.role, owner.user.username) == ("owner", "lin")
    assert "开始使用" in client.get("/").content.decode()
    assert client.get("/set-up/").status_code == 404
    assert Client().post("/set-up/", sent).status_code == 404


def test_the_set_up_says_what_is_wrong_where_it_is_wrong(db: None) -> None:
    bad = SET_UP | {"code": actions.setup_code(), "password": "12345678", "email": "lin"}
    page = Client().post("/set-up/", bad)
    assert page.status_code == 422
    assert "不是电子邮箱地址" in page.content.decode()
    assert not Organisation.objects.exists()


def test_guessing_the_code_is_stopped(db: None) -> None:
    client = Client()
    tries = [client.post("/set-up/", SET_UP | {"code": f"x{n}"}).status_code for n in range(12)]
    assert tries[0] == 422
    assert tries[-1] == 429


def test_a_demo_does_not_close_the_set_up(house: House) -> None:
    house.organisation.is_demo = True
    house.organisation.save()
    assert Client().get("/set-up/").status_code == 200
    assert Client().get("/log-in/").status_code == 200


def code_of(steps: int) -> str:
    """Return the code that a phone whose clock is so many half minutes off would show."""
    at = int(time.time()) // 30
    return format_hotp_value(hotp_value(SECRET, at + steps))


def second_step(house: House, code: str) -> Any:
    client = Client()
    log_in(client, house.alice.user.username)
    return client.post("/two-step/log-in/", {"code": code})


@pytest.mark.parametrize(("steps", "status"), [(-3, 200), (0, 302), (3, 200)])
def test_a_phone_whose_clock_is_far_off_is_refused(house: House, steps: int, status: int) -> None:
    TOTP.activate(house.alice.user, SECRET)
    assert second_step(house, code_of(steps)).status_code == status


def test_the_code_of_the_step_before_opens_and_does_so_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time() // 30 * 30 + 15
    monkeypatch.setattr("time.time", lambda: now)
    TOTP.activate(house.alice.user, SECRET)
    before = code_of(-1)
    late = code_of(1)
    assert second_step(house, before).status_code == 302
    assert second_step(house, late).status_code == 302
    # The library's own mark is gone after one step; the later code still holds.
    now += 31
    assert "验证码" in second_step(house, late).content.decode()
    assert second_step(house, code_of(0) if code_of(0) != late else code_of(1)).status_code == 302
