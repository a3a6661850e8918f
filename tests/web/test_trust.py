"""What staff rely on: sessions end, gates hold, forms are ours alone, cookies are kept safe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver

from manyi.accounts import actions
from manyi.accounts.models import AuditEntry
from tests import factories
from tests.api.test_api import Api
from tests.factories import NOW, PASSWORD, House
from tests.web.test_every_url import KEYS, STAFF, TABLE, path_of
from tests.web.urls_table import World

pytestmark = pytest.mark.django_db
FIRST = "Set-by-Alice-1"


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    cache.clear()


@pytest.fixture
def world(house: House) -> World:
    return World(house, factories.stranger_house())


def log_in(login: str, password: str = PASSWORD, **extra: Any) -> Client:
    client = Client(**extra)
    client.post("/log-in/", {"login": login, "password": password})
    return client


# --- sessions


def test_a_session_ends_when_its_member_is_deactivated(house: House) -> None:
    bob = log_in(house.bob.user.username)
    assert bob.get("/units/").status_code == 200
    actions.deactivate_member(by=house.alice, member=house.bob, now=NOW)
    assert bob.get("/units/")["Location"].startswith("/log-in/")


def test_who_works_elsewhere_too_loses_only_the_one_place(house: House) -> None:
    other = factories.stranger_house()
    factories.member(other.organisation, "owner", user=house.bob.user)
    bob = log_in(house.bob.user.username)
    assert "Chaoyang" in bob.get("/units/", headers={"accept-language": "en"}).content.decode()
    actions.deactivate_member(by=house.alice, member=house.bob, now=NOW)
    page = bob.get("/units/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "Chaoyang" not in page.content.decode()
    assert bob.get(f"/units/{house.north.pk}/").status_code == 404


def test_a_new_password_ends_every_other_session(house: House) -> None:
    here, there = (log_in(house.bob.user.username) for _ in range(2))
    given = {"oldpassword": PASSWORD, "password1": "New-Passw0rd", "password2": "New-Passw0rd"}
    here.post("/password/", given)
    assert here.get("/units/").status_code == 200
    assert there.get("/units/")["Location"].startswith("/log-in/")


@pytest.mark.parametrize("key", [k for k in STAFF if k != "language"])
def test_no_page_opens_before_a_first_password_is_changed(key: str, world: World) -> None:
    actions.set_first_password(
        by=world.house.alice, member=world.house.analyst, password=FIRST, now=NOW
    )
    client = log_in(world.house.analyst.user.username, FIRST)
    assert "_auth_user_id" in client.session
    row = TABLE[key]
    path = path_of(key, row.alice(world))
    before = AuditEntry.objects.count()
    answer = client.post(path, dict(row.data)) if row.post else client.get(path)
    if key not in {"account_change_password", "account_logout"}:
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/password/")
        assert AuditEntry.objects.count() == before


# --- forms and addresses


def test_no_form_of_staff_is_taken_without_its_mark(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.house.alice.user)
    before = AuditEntry.objects.count()
    for key in STAFF:
        path = path_of(key, TABLE[key].alice(world))
        before = AuditEntry.objects.count()
        assert client.post(path, dict(TABLE[key].data)).status_code == 403, key
        assert AuditEntry.objects.count() == before


def test_only_customers_and_programs_post_without_a_mark() -> None:
    exempt = {key for key, view in _views() if getattr(view, "csrf_exempt", False)}
    pages = {key for key in exempt if not key.startswith("api/v1/")}
    assert pages == {"respond:survey"}
    assert len(KEYS) > 80


def _views(resolver: Any = None, route: str = "", space: str = "") -> Any:
    for pattern in (resolver or get_resolver()).url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _views(pattern, here, inside)
        elif here.startswith("api/v1/"):
            yield here, pattern.callback
        else:
            yield space + (pattern.name or here), pattern.callback


EVIL = ("https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example")


@pytest.mark.parametrize("target", [*EVIL, "javascript:alert(1)"])
def test_nothing_leads_away_from_here(house: House, target: str) -> None:
    login = {"login": house.bob.user.username, "password": PASSWORD}
    client = Client()
    for answer in (
        client.post("/log-in/", {**login, "next": target}),
        client.post(f"/log-in/?next={target}", login),
        client.get(f"/log-in/?next={target}"),
        client.post("/language/", {"language": "en", "next": target}),
        client.post(f"/log-out/?next={target}", {"next": target}),
    ):
        where = answer.headers.get("Location", "/")
        assert where.startswith("/")
        assert not where.startswith(("//", "/\\"))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a b"])
def test_a_foreign_host_is_refused(host: str, db: None) -> None:
    answer = Client(headers={"host": host}).get("/log-in/")
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


PROBE = """
import io, json, os
from manyi.config.wsgi import application
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
found = {}
def start(status, headers, *_):
    found.setdefault("headers", []).append(headers)
def ask(path):
    application({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "x",
        "SERVER_PORT": "8000", "HTTP_HOST": "cx.example.com", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO()}, start)
ask("/set-up/"); ask("/api/v1/units")
from django.conf import settings
names = ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_NAME", "LANGUAGE_COOKIE_SECURE")
print(json.dumps({**found, **{n: getattr(settings, n) for n in names}}))
"""


def probe(base_url: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        given = {k: v for k, v in os.environ.items() if not k.startswith(("MANYI_", "DJANGO_"))}
        env = {**given, "MANYI_DATA": folder, "MANYI_BASE_URL": base_url}
        told = subprocess.run(
            [sys.executable, "-c", PROBE],
            env=env, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
    return json.loads(told.stdout.splitlines()[-1])


def test_cookies_and_headers_are_tight_under_https_behind_a_proxy() -> None:
    """The proxy speaks plain HTTP to us, and need not be a trusted one."""
    told = probe("https://cx.example.com")
    for headers in told["headers"]:
        assert ["Strict-Transport-Security", "max-age=31536000"] in headers
    cookies = [v.strip() for headers in told["headers"] for n, v in headers if n == "Set-Cookie"]
    [csrf] = [c for c in cookies if c.startswith("__Host-manyi_csrf=")]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {p.strip() for p in csrf.split(";")}
    assert "Domain" not in csrf
    assert (told["SESSION_COOKIE_NAME"], told["SESSION_COOKIE_SAMESITE"]) == (
        "__Host-manyi_session",
        "Lax",
    )
    assert told["SESSION_COOKIE_SECURE"] is told["SESSION_COOKIE_HTTPONLY"] is True
    assert told["LANGUAGE_COOKIE_SECURE"] is True


def test_over_plain_http_log_in_still_works() -> None:
    told = probe("http://cx.example.com")
    for headers in told["headers"]:
        assert "Strict-Transport-Security" not in dict(headers)
    assert told["SESSION_COOKIE_SECURE"] is False
    assert told["SESSION_COOKIE_NAME"] == "manyi_session"


# --- the second step


def test_an_owner_switches_off_a_lost_second_step(house: House) -> None:
    TOTP.activate(house.bob.user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(house.bob.user)
    name = house.bob.user.username
    assert log_in(name).session.get("_auth_user_id") is None
    alice = Client()
    alice.force_login(house.alice.user)
    page = f"/settings/members/{house.bob.pk}/"
    assert f"{page}two-step-off/" in alice.get(page).content.decode()
    assert alice.post(f"{page}two-step-off/")["Location"] == page
    assert f"{page}two-step-off/" not in alice.get(page).content.decode()
    assert not Authenticator.objects.filter(user=house.bob.user).exists()
    entry = AuditEntry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.action, entry.target) == ("member.two_step_off", f"member:{house.bob.pk}")
    assert log_in(name).session.get("_auth_user_id") == str(house.bob.user_id)
    assert log_in(name, "wrong").session.get("_auth_user_id") is None


def test_an_owner_does_so_by_api_and_nobody_else_can(house: House) -> None:
    TOTP.activate(house.bob.user, "JBSWY3DPEHPK3PXP")
    path = f"/api/v1/members/{house.bob.pk}/two-step"
    strangers = factories.stranger_house()
    for member, status in ((house.analyst, 403), (house.bob, 403), (strangers.charlie, 404)):
        assert Api(member).client.delete(path).status_code == status
    listed = {m["id"]: m["has_two_step"] for m in Api(house.alice).get("/members").json()["items"]}
    assert [pk for pk, on in listed.items() if on] == [str(house.bob.pk)]
    answer = Api(house.alice).client.delete(path)
    assert (answer.status_code, answer.json()["has_two_step"]) == (200, False)
    assert Api(house.alice).client.delete(path).status_code == 200
    assert AuditEntry.objects.filter(action="member.two_step_off").count() == 1


def test_the_second_step_of_somebody_who_works_elsewhere_stays(house: House) -> None:
    other = factories.stranger_house()
    factories.member(other.organisation, "viewer", user=house.bob.user)
    TOTP.activate(house.bob.user, "JBSWY3DPEHPK3PXP")
    path = f"/api/v1/members/{house.bob.pk}/two-step"
    assert Api(house.alice).client.delete(path).status_code == 403
    assert Authenticator.objects.filter(user=house.bob.user).exists()


def test_a_recovery_code_opens_once(house: House) -> None:
    TOTP.activate(house.bob.user, "JBSWY3DPEHPK3PXP")
    code = RecoveryCodes.activate(house.bob.user).get_unused_codes()[0]
    for expected in (str(house.bob.user_id), None):
        client = log_in(house.bob.user.username)
        client.post("/two-step/log-in/", {"code": code})
        assert client.session.get("_auth_user_id") == expected
