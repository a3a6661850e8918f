"""Log-in by user name, phone or e-mail; reset by mail; a second step; limits on guessing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
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
from django.urls import reverse

from manyi.accounts import actions
from manyi.accounts.models import Member, User
from tests import factories
from tests.factories import NOW, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.db]
FIRST = "first-Passw0rd-here"


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    cache.clear()


def log_in(login: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": login, "password": password})
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def member() -> Member:
    organisation = factories.organisation()
    user = factories.user("alice", email="alice@example.com", phone="+8613800000000")
    return factories.member(organisation, "owner", user=user)


@pytest.mark.parametrize(
    "login",
    [
        "alice",
        "Alice",
        "alice@example.com",
        "ALICE@Example.com",
        "13800000000",
        "138 0000 0000",
        "+86 138-0000-0000",
    ],
)
def test_a_member_logs_in_by(member: Member, login: str) -> None:
    assert is_in(log_in(login))
    cache.clear()
    assert not is_in(log_in(login, "wrong password"))


@pytest.mark.parametrize("login", ["13800000001", "nobody", "nobody@example.com", "", "+", "'"])
def test_nobody_logs_in_by(member: Member, login: str) -> None:
    assert not is_in(log_in(login))


def test_a_number_as_user_name_is_not_taken_for_a_phone(member: Member) -> None:
    factories.member(member.organisation, "agent", user=factories.user("1000017"))
    assert is_in(log_in("1000017"))


def test_a_deactivated_member_cannot_log_in(member: Member) -> None:
    colleague = factories.member(member.organisation, "viewer", "victor")
    actions.deactivate_member(by=member, member=colleague, now=NOW)
    assert not is_in(log_in("victor"))


def test_guessing_is_slowed_down(member: Member) -> None:
    for _ in range(6):
        log_in("alice", "wrong password")
    assert not is_in(log_in("alice"))
    cache.clear()
    assert is_in(log_in("alice"))


def test_nobody_signs_up(member: Member) -> None:
    from allauth.account.adapter import get_adapter

    assert not get_adapter().is_open_for_signup(None)


def test_a_first_password_is_changed_to_another_one(member: Member) -> None:
    cashier = actions.add_member(
        by=member, role="agent", phone="13900000001", password=FIRST, now=NOW
    )
    client = log_in("13900000001", FIRST)
    assert is_in(client)

    def change(new: str) -> None:
        given = {"oldpassword": FIRST, "password1": new, "password2": new}
        client.post(reverse("account_change_password"), given)

    change(FIRST)
    assert User.objects.get(pk=cashier.user_id).must_change_password
    change("short")
    assert User.objects.get(pk=cashier.user_id).must_change_password
    change("my-own-Passw0rd")
    changed = User.objects.get(pk=cashier.user_id)
    assert not changed.must_change_password
    assert changed.check_password("my-own-Passw0rd")


def test_a_password_set_by_an_owner_ends_the_sessions(member: Member) -> None:
    colleague = factories.member(member.organisation, "viewer", "victor")
    client = log_in("victor")
    actions.set_first_password(by=member, member=colleague, password=FIRST, now=NOW)
    response = client.get("/two-step/")
    assert response.status_code == 302
    assert not is_in(client)


def test_a_password_is_reset_by_mail(member: Member, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "Alice@example.com"})
    assert [m.to for m in mail.outbox] == [["alice@example.com"]]
    body = str(mail.outbox[0].body)
    link = re.search(rf"{re.escape(settings.BASE_URL)}(/\S+)", body)
    assert link, body
    page = client.get(link[1], follow=True)
    address = page.redirect_chain[-1][0]
    new = "after-The-reset-1"
    client.post(address, {"password1": new, "password2": new})
    assert not is_in(log_in("alice"))
    assert is_in(log_in("alice", new))


def test_an_address_that_was_changed_opens_nothing(member: Member, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    EmailAddress.objects.create(user=member.user, email="alice@example.com", verified=True)
    new = {"email": "new@example.com"}
    actions.change_person(by=member, member=member, now=NOW, **new)
    assert not is_in(log_in("alice@example.com"))
    Client().post(reverse("account_reset_password"), {"email": "alice@example.com"})
    assert not mail.outbox
    Client().post(reverse("account_reset_password"), new)
    assert mail.outbox[-1].to == ["new@example.com"]
    assert is_in(log_in("new@example.com"))


def test_a_second_step_is_asked_for(member: Member, settings: Any) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(member.user, secret)
    stored = Authenticator.objects.get(user=member.user)
    assert secret not in str(stored.data)
    client = log_in("alice")
    assert not is_in(client)
    settings.MFA_TOTP_TOLERANCE = 1  # the next code is taken too: half a minute is left
    *_, counter = yield_hotp_counters_from_time()
    code = format_hotp_value(hotp_value(secret, counter))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    client.post(reverse("mfa_authenticate"), {"code": wrong})
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_in(client)
