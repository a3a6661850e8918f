"""A backup, restored, is the same installation: row for row, key and lake."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from manyi.packs.demo_load import BROKEN_OFF
from manyi.packs.demo_voices import A_BLOCK
from tests.upkeep.rows import demonstrated, everything, manyi, owned

# What a restore makes anew: files of the lake and which batch holds a record.
MADE_ANEW = {"lake_lakefile", "lake_superseded"}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("installation") / "data"
    demonstrated(data)
    return data


@pytest.fixture(scope="module")
def saved(installation: Path) -> Path:
    path = installation.parent / "manyi.zip"
    done = manyi(installation, "backup", str(path))
    assert done.returncode == 0, done.stderr
    assert "sha256" in done.stdout
    return path


@pytest.fixture(scope="module")
def restored(saved: Path) -> Path:
    """What a restore made; a test that changes it takes a copy."""
    data = saved.parent / "restored"
    done = manyi(data, "restore", str(saved))
    assert done.returncode == 0, done.stderr
    return data


def test_a_restore_equals_the_installation_row_for_row(installation: Path, restored: Path):
    data = restored
    before = everything(installation / "manyi.sqlite3")
    after = everything(data / "manyi.sqlite3")
    assert after["integrity"] == "ok"
    assert before["tables"].keys() == after["tables"].keys()
    for name in before["tables"].keys() - MADE_ANEW:
        assert content(before, name) == content(after, name), name
    assert content(after, "lake_lakefile") and list((data / "lake").rglob("*.parquet"))
    assert (data / "secret-key").read_text() == (installation / "secret-key").read_text()
    assert manyi(data, "verify-audit").returncode == 0
    assert len(content(after, "feedback_feedbackrecord")) > 3000


def content(found: dict, table: str) -> list:
    one = found["tables"][table]
    kept = [i for i, name in enumerate(one["columns"]) if name != "lake_part"]
    return [[row[i] for i in kept] for row in one["rows"]]


def test_the_file_is_for_its_owner_and_says_what_it_holds(installation: Path, saved: Path):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with zipfile.ZipFile(saved) as archive:
        about = json.loads(archive.read("manifest.json"))
        assert {"database.sqlite3", "secret-key", "manifest.json"} == set(archive.namelist())
    assert about["tables"]["feedback_feedbackrecord"] == A_BLOCK + BROKEN_OFF
    assert not [p for p in saved.parent.iterdir() if "unfinished" in p.name or p.name[0] == "."]
    again = manyi(installation, "backup", str(saved))
    assert again.returncode == 1 and "already" in again.stderr


def test_nothing_is_overwritten(installation: Path, saved: Path):
    before = (installation / "secret-key").read_text()
    done = manyi(installation, "restore", str(saved))
    assert done.returncode == 1 and "is not empty" in done.stderr
    assert "Traceback" not in done.stderr
    assert (installation / "secret-key").read_text() == before


def bitten(saved: Path, to: Path) -> Path:
    raw = bytearray(saved.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    to.write_bytes(raw)
    return to


def cut(saved: Path, to: Path) -> Path:
    to.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    return to


def swapped(saved: Path, to: Path) -> Path:
    """The same manifest, another database."""
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"no database" if name.endswith("sqlite3") else old.read(name))
    return to


def other(saved: Path, to: Path) -> Path:
    to.write_text("hello")
    return to


def newer(saved: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w") as new:
        new.writestr("manifest.json", json.dumps({"format": 99, "version": "9.0", "parts": {}}))
    return to


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (bitten, "is damaged"),
        (cut, "is not a backup"),
        (swapped, "is damaged"),
        (other, "is not a backup"),
        (newer, "version 9.0"),
    ],
)
def test_a_spoilt_backup_is_refused_and_leaves_the_folder_empty(spoil, said, saved, tmp_path):
    data = tmp_path / "data"
    done = manyi(data, "restore", str(spoil(saved, tmp_path / "spoilt.zip")))
    assert done.returncode == 1 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert not data.exists() or not list(data.iterdir())


def test_a_missing_file_is_one_sentence(tmp_path):
    done = manyi(tmp_path / "data", "restore", str(tmp_path / "none.zip"))
    assert done.returncode == 1 and "none.zip" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_another_key_is_refused(saved: Path, tmp_path):
    key = "another-key-of-fifty-characters-0123456789-abcdefghijk"
    done = manyi(tmp_path / "data", "restore", str(saved), MANYI_SECRET_KEY=key)
    assert done.returncode == 1 and "another secret key" in done.stderr
    assert not (tmp_path / "data" / "secret-key").exists()


def test_a_key_from_the_environment_stays_out_of_the_backup(tmp_path):
    key = "another-key-of-fifty-characters-0123456789-abcdefghijk"
    owned(tmp_path / "a", MANYI_SECRET_KEY=key)
    path = tmp_path / "a.zip"
    assert manyi(tmp_path / "a", "backup", str(path), MANYI_SECRET_KEY=key).returncode == 0
    assert zipfile.ZipFile(path).namelist() == ["database.sqlite3", "manifest.json"]
    without = manyi(tmp_path / "b", "restore", str(path))
    assert without.returncode == 1 and "another secret key" in without.stderr
    shutil.rmtree(tmp_path / "b")
    assert manyi(tmp_path / "b", "restore", str(path), MANYI_SECRET_KEY=key).returncode == 0


@pytest.mark.db
@pytest.mark.skipif("TEST_DATABASE_URL" not in os.environ, reason="needs PostgreSQL")
@pytest.mark.skipif(not shutil.which("pg_dump"), reason="needs PostgreSQL's client tools")
def test_postgresql_is_dumped_and_restored(tmp_path):
    source, target = databases("backup_source", "backup_target")
    owned(tmp_path / "a", MANYI_DATABASE_URL=source)
    path = tmp_path / "a.zip"
    done = manyi(tmp_path / "a", "backup", str(path), MANYI_DATABASE_URL=source)
    assert done.returncode == 0, done.stderr
    on_sqlite = manyi(tmp_path / "b", "restore", str(path))
    assert on_sqlite.returncode == 1 and "another kind of database" in on_sqlite.stderr
    filled = manyi(tmp_path / "b", "restore", str(path), MANYI_DATABASE_URL=source)
    assert filled.returncode == 1 and "is not empty" in filled.stderr
    done = manyi(tmp_path / "b", "restore", str(path), MANYI_DATABASE_URL=target)
    assert done.returncode == 0, done.stderr
    audit = manyi(tmp_path / "b", "verify-audit", MANYI_DATABASE_URL=target)
    assert audit.returncode == 0 and "2 entries" in audit.stdout


def databases(*names: str) -> list[str]:
    """Make databases that no other process names, and return their addresses."""
    import psycopg

    url = os.environ["TEST_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        own = [f"{name}_{secrets.token_hex(4)}" for name in names]
        for name in own:
            connection.execute(f"CREATE DATABASE {name}")
    return [f"{url.rpartition('/')[0]}/{name}" for name in own]


def test_a_backup_remembers_the_last_audit_entry(restored: Path, saved: Path, tmp_path: Path):
    with zipfile.ZipFile(saved) as archive:
        last = json.loads(archive.read("manifest.json"))["audit"]
    data = shutil.copytree(restored, tmp_path / "restored")
    assert manyi(data, "verify-audit", "--against", str(saved)).returncode == 0
    assert manyi(data, "verify-audit", "--expect", last["hash"]).returncode == 0
    cut = f"DELETE FROM accounts_auditentry WHERE number >= {last['number']}"
    run = f"from django.db import connection as c; c.cursor().execute({cut!r})"
    code = f"import django; django.setup(); {run}"
    env = {**os.environ, "MANYI_DATA": str(data), "DJANGO_SETTINGS_MODULE": "manyi.config.settings"}
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    told = manyi(data, "verify-audit", "--against", str(saved))
    assert (told.returncode, str(last["number"]) in told.stderr) == (1, True)
    assert manyi(data, "verify-audit").returncode == 0


ERASE = """
import django; django.setup()
from datetime import UTC, datetime
from manyi.accounts.models import Member
from manyi.customers.actions import request_erasure
from manyi.customers.models import Customer
from manyi.upkeep.erasure import erase_due
one = Customer.objects.order_by("pk").first()
owner = Member.objects.filter(organisation=one.organisation, role="owner").first()
request_erasure(by=owner, customer=one, now=datetime.now(UTC))
erase_due(datetime.now(UTC))
"""


def test_an_old_backup_does_not_bring_back_who_was_erased(
    restored: Path, saved: Path, tmp_path: Path
):
    first, second = shutil.copytree(restored, tmp_path / "first"), tmp_path / "second"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "manyi.config.settings"}
    env["MANYI_DATA"] = str(first)
    subprocess.run([sys.executable, "-c", ERASE], env=env, check=True)
    people = len(content(everything(first / "manyi.sqlite3"), "customers_customer"))
    told = manyi(second, "restore", str(saved), "--erasures", str(first / "erasures.txt"))
    assert told.returncode == 0, told.stderr
    assert "1 people" in told.stdout
    assert len(content(everything(second / "manyi.sqlite3"), "customers_customer")) == people
    assert (second / "erasures.txt").read_text() == (first / "erasures.txt").read_text()
    later = tmp_path / "later.zip"
    assert manyi(first, "backup", str(later)).returncode == 0
    third = tmp_path / "third"
    assert "1 people" in manyi(third, "restore", str(saved), "--erasures", str(later)).stdout
    assert manyi(third, "verify-audit").returncode == 0
