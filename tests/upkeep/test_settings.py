"""Whatever stands in the environment: settings, or one sentence."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from manyi.base import env

KEY = "abcdefghijklmnop" + "0123456789" * 4
WRONG = {
    "MANYI_BASE_URL": (
        *("http://[", "http://x:99999", "http://x:abc", "http://a b", "http://a\nb"),
        *("http://a/?q", "http://a#f", "http://user:pw@host", "ftp://x", "http://a<b>"),
        "http://" + "a" * 300,
    ),
    "MANYI_DATABASE_URL": (
        *("postgresql://h:abc/x", "postgresql://[", "postgresql://", "postgresql://h:99999/x"),
        "postgresql://h/x?sslmodus=require",
    ),
    "MANYI_EMAIL_URL": ("smtp://h:abc", "smtp://[", "smtp://", "smtp://h:99999"),
    "MANYI_EMAIL_FROM": ("a@b.cn\nBcc: c@d.cn", "no address"),
    "MANYI_TIME_ZONE": ("Asia", "a" * 500, "../etc", "\0"),
    "MANYI_ALLOWED_HOSTS": ("http://x", "a b", "x/y"),
    "MANYI_SECRET_KEY_FILE": ("/bin/ls", "/", "/none"),
}


def settings(folder: Path, **given: str) -> env.Env:
    found = env.read({"MANYI_DATA": str(folder), **given})
    env.database(found)
    env.email(found)
    return found


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, found in WRONG.items() for v in found])
def test_a_wrong_value_is_one_sentence(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(env.SettingError) as refused:
        settings(tmp_path, **{name: value})
    assert name in str(refused.value)


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"short", bytes(range(128, 200)), bytes(86)])
def test_a_spoilt_key_file_is_one_sentence_and_stays(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    path.write_bytes(raw)
    with pytest.raises(env.SettingError, match="secret-key"):
        settings(tmp_path)
    assert path.read_bytes() == raw


def test_a_key_that_is_gone_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "manyi.sqlite3").touch()
    with pytest.raises(env.SettingError, match="is gone"):
        settings(tmp_path)
    assert settings(tmp_path, MANYI_SECRET_KEY=KEY).secret_key == KEY
    (tmp_path / "secret-key-old").write_text(KEY)
    assert settings(tmp_path).secret_key != KEY, "one laid aside asks for a new one"


def test_all_who_start_at_once_have_one_key(tmp_path: Path) -> None:
    found: list[str] = []
    begin = threading.Barrier(8)

    def start() -> None:
        begin.wait()
        found.append(settings(tmp_path).secret_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (8, 1)
    assert {path.name for path in tmp_path.iterdir()} == {"secret-key"}
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_postgresql_is_told_how_to_encrypt(tmp_path: Path) -> None:
    url = "postgresql://u:p%40w@h/db?sslmode=verify-full&sslrootcert=%2Fca.pem"
    told = env.database(settings(tmp_path, MANYI_DATABASE_URL=url))
    assert told["OPTIONS"] == {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}
    assert (told["PASSWORD"], told["NAME"]) == ("p@w", "db")


def test_an_address_is_written_one_way(tmp_path: Path) -> None:
    found = settings(tmp_path, MANYI_BASE_URL="HTTPS://CX.Example.com:8443/")
    assert (found.base_url, found.https) == ("https://cx.example.com:8443", True)
    assert settings(tmp_path, MANYI_BASE_URL="http://[::1]:8000").base_url == "http://[::1]:8000"
