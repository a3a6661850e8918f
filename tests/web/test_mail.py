"""A forgotten password, through a real SMTP server on this machine."""

from __future__ import annotations

import email
import re
import socket
from collections.abc import Iterator
from email import policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.test import Client

from tests.factories import House, house

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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=port)
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
