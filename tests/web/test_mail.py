"""A forgotten password, through a real SMTP server on this machine."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email import policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.test import Client

from manyi.accounts.models import AuditEntry, Member, Organisation
from tests.factories import House, house
from tests.postgresql import free_port
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NEW = "a longer and better one"


class Box(Message):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(email.message_from_bytes(message.as_bytes(), policy=policy.default))


@pytest.fixture
def box(settings: Any) -> Iterator[Box]:
    port, box = free_port(), Box()
    server = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield box
    server.stop()


@pytest.fixture
def home() -> House:
    found = house()
    found.alice.user.email = "alice@example.com"
    found.alice.user.save()
    return found


def test_a_forgotten_password_is_replaced_by_mail(home: House, box: Box) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    client.post("/password/reset/", {"email": "alice@example.com"})
    [mail] = box.mails
    assert mail["To"] == "alice@example.com"
    text = mail.get_body(("plain",)).get_content()
    assert any("\u4e00" <= c <= "\u9fff" for c in text)
    path = re.search(r"https?://[^/]+(/password/reset/\S+)", text)
    assert path is not None
    form = client.get(path.group(1), follow=True)
    done = client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert done.status_code == 302
    login = {"login": home.alice.user.username, "password": NEW}
    assert Client().post("/log-in/", login).status_code == 302
    used = Client().get(path.group(1), follow=True)
    assert NEW not in used.content.decode()
    assert "password1" not in used.content.decode()


def test_an_unknown_address_is_not_told(home: House, box: Box) -> None:
    answer = Client().post("/password/reset/", {"email": "nobody@example.com"})
    assert answer.status_code == 302
    assert box.mails == []


def link_in(mail: Any) -> str:
    text = mail.get_body(("plain",)).get_content()
    found = re.search(r"https?://[^/]+(/password/reset/\S+)", text)
    assert found is not None, text
    return found.group(1)


NEWCOMER = {"name": "王芳", "email": "fang@example.com", "role": "viewer", "unit": "N"}


def test_a_new_member_comes_in_by_the_link_in_a_mail(home: House, box: Box) -> None:
    owner = logged_in(home.alice)
    page = owner.post("/settings/members/new/", {**NEWCOMER, "invite": "on"}, follow=True)
    assert "已发送至 fang@example.com" in text(page)
    assert "初始密码" not in text(page).split("权限")[0]
    [mail] = box.mails
    assert mail["To"] == "fang@example.com"
    assert "邀请您加入" in mail["Subject"]
    told = mail.get_body(("plain",)).get_content()
    assert "王芳，您好" in told and "链接 3 天内有效" in told
    theirs = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    form = theirs.get(link_in(mail), follow=True)
    theirs.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    there = Client().post("/log-in/", {"login": "fang@example.com", "password": NEW})
    assert (there.status_code, there["Location"]) == (302, "/")
    used = Client().get(link_in(mail), follow=True)
    assert "password1" not in text(used)


def test_a_link_is_sent_once_more_and_written_down(home: House, box: Box) -> None:
    owner = logged_in(home.alice)
    owner.post("/settings/members/new/", {**NEWCOMER, "invite": "on"})
    pk = Member.objects.get(user__email="fang@example.com").pk
    assert "发送链接" in text(owner.get(f"/settings/members/{pk}/"))
    owner.post(f"/settings/members/{pk}/invite/")
    assert [mail["To"] for mail in box.mails] == ["fang@example.com"] * 2
    assert AuditEntry.objects.filter(action="member.invite").count() == 2


def test_who_cannot_be_reached_is_sent_nothing(home: House, box: Box) -> None:
    owner = logged_in(home.alice)
    home.viewer.user.email = ""
    home.viewer.user.save()
    refused = owner.post(f"/settings/members/{home.viewer.pk}/invite/", follow=True)
    assert "没有电子邮箱" in text(refused)
    owner.post(f"/settings/members/{home.agent.pk}/deactivate/")
    owner.post(f"/settings/members/{home.agent.pk}/invite/")
    assert logged_in(home.bob).post(f"/settings/members/{home.agent.pk}/invite/").status_code == 403
    assert box.mails == []


def test_without_the_tick_a_first_password_is_shown_once(home: House, box: Box) -> None:
    page = logged_in(home.alice).post("/settings/members/new/", NEWCOMER, follow=True)
    assert 'class="secret' in text(page)
    assert box.mails == []


def test_a_dead_mail_server_is_told_and_nothing_is_lost(home: House, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    owner = logged_in(home.alice)
    page = owner.post("/settings/members/new/", {**NEWCOMER, "invite": "on"}, follow=True)
    assert "邮件服务器没有响应" in text(page)
    assert Member.objects.filter(user__email="fang@example.com").exists()
    for address in ("alice@example.com", "nobody@example.com"):
        answer = Client(HTTP_ACCEPT_LANGUAGE="zh-CN").post("/password/reset/", {"email": address})
        assert answer.status_code == 503
        assert "邮件服务器没有响应" in text(answer)


def test_a_name_adds_no_header_to_a_mail(home: House, box: Box) -> None:
    name = "Alice\r\nBcc: thief@example.org\r\n\r\n<script> =?utf-8?q?x?= \u2028" + "长" * 200
    Organisation.objects.filter(pk=home.organisation.pk).update(name={"en": name, "zh-Hans": name})
    agent = home.agent.user
    agent.email, agent.last_login = "agent@example.com", None
    agent.save()
    logged_in(home.alice).post(f"/settings/members/{home.agent.pk}/invite/")
    [mail] = box.mails
    assert mail["Bcc"] is None and [*mail.get_all("To")] == ["agent@example.com"]
    assert "thief@example.org" in mail["Subject"] and "\n" not in mail["Subject"]
    assert "/password/" in mail.get_body(("plain",)).get_content()
