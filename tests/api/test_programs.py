"""Programs are served by a shorter way, which refuses and tells what the long one does."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import close_old_connections

from manyi.api.wire import loads
from manyi.config.wsgi import application
from tests.factories import house
from tests.voices import published

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The test's transaction outlives a request, as with the client for tests."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def call(path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Any:
    """Return status, headers and body of one call as the server makes it."""
    told: list[Any] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        **headers,
    }
    answer = application(environ, lambda status, sent: told.extend((status, dict(sent))))
    return int(told[0].split()[0]), told[1], b"".join(answer)


@pytest.mark.parametrize("path", ["/api/v1/feedback", "/api/v1/surveys/x/responses"])
def test_every_answer_is_sealed(path: str):
    for method in ("GET", "DELETE"):
        status, headers, _ = call(path, method)
        assert status in {401, 405}
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Permissions-Policy"] and headers["X-Request-Id"]
        assert "Set-Cookie" not in headers


def test_the_caller_chooses_the_language():
    said = {}
    for accepted, expected in (("zh-CN,zh;q=0.9", "zh-hans"), ("fr,en;q=0.5", "en")):
        _, headers, body = call("/api/v1/feedback", HTTP_ACCEPT_LANGUAGE=accepted)
        assert headers["Content-Language"] == expected
        said[expected] = loads(body)["detail"]
    assert said["en"].isascii() and not said["zh-hans"].isascii()


def test_a_host_that_is_not_ours_is_refused():
    status, headers, body = call("/api/v1/feedback", HTTP_HOST="elsewhere.example")
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert loads(body)["code"] == "request_odd" and headers["X-Frame-Options"] == "DENY"


def test_an_address_that_leads_nowhere_stays_unknown():
    assert [call("/api/v1/nowhere")[0] for _ in range(2)] == [404, 404]


def test_addresses_that_were_met_before_are_told_apart():
    path = f"/api/v1/surveys/{published(house().alice).survey.code}/responses"
    for _ in range(2):
        assert call(path, "POST", b'{"answers": {}, "hidden": 1}')[0] == 422
        assert call("/api/v1/surveys/nobody/responses", "POST", b'{"answers": {}}')[0] == 404


@pytest.mark.parametrize("odd", ["0000b", "d800b", "dc00b", "d800\\u0062"])
def test_what_no_database_keeps_is_left_out_of_json(odd: str):
    assert loads(f'"a\\u{odd}"'.encode()) == "ab"


@pytest.mark.parametrize("raw", [b"NaN", b'{"a": -Infinity}', b"\xff", b"[" * 99_999, b"{"])
def test_what_is_no_json_is_refused(raw: bytes):
    with pytest.raises((ValueError, RecursionError)):
        loads(raw)
