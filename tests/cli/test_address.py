"""Links name the address that is served, unless a setting names another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from manyi.cli import address
from tests.upkeep.rows import environment

SCRIPT = """
from manyi.cli import address
from manyi.cli.main import start_django
address.assume(["--no-worker", "--port", "8791"])
start_django()
from django.conf import settings
print(settings.BASE_URL, *settings.ALLOWED_HOSTS)
"""


def base_url(folder: Path, **given: str) -> str:
    environ = {k: v for k, v in environment(folder).items() if k != "MANYI_BASE_URL"}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, env={**environ, **given}, capture_output=True, text=True, check=True
    )
    return done.stdout.split()[0]


def test_links_are_made_from_the_port_that_is_served(tmp_path: Path) -> None:
    assert base_url(tmp_path / "data") == "http://127.0.0.1:8791"


def test_the_setting_goes_before_the_port(tmp_path: Path) -> None:
    given = {"MANYI_BASE_URL": "https://cx.example.com"}
    assert base_url(tmp_path / "data", **given) == "https://cx.example.com"


def test_the_setting_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "base").write_text("https://cx.example.com")
    given = {"MANYI_BASE_URL_FILE": str(tmp_path / "base")}
    assert base_url(tmp_path / "data", **given) == "https://cx.example.com"


@pytest.mark.parametrize(
    ("host", "found"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")],
)
def test_an_address_is_one_that_a_browser_opens(host: str, found: str) -> None:
    assert address.url(host, 80) == found


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_nobody_is_told_to_open_all_addresses(host: str) -> None:
    assert address.url(host, 80) == f"http://{address.lan_address()}:80"
    assert address.lan_address() not in {"0.0.0.0", "::"}


def test_a_port_that_is_no_number_is_left_to_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MANYI_BASE_URL", raising=False)
    address.assume(["--port", "eighty"])
    assert "MANYI_BASE_URL" not in address.os.environ
