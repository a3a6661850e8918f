"""The doctor finds what is wrong, says what to do, and fails when something is bad."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.upkeep.rows import demonstrated, manyi, owned


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doctor") / "data"
    owned(folder)
    return folder


def states(data: Path, **environ: str) -> tuple[int, dict[str, str]]:
    done = manyi(data, "doctor", "--json", **environ)
    found = json.loads(done.stdout)
    assert found["ok"] == (done.returncode == 0)
    assert all("{" not in one["sentence"] for one in found["checks"])
    return done.returncode, {one["check"]: one["code"] for one in found["checks"]}


def test_a_sound_installation_passes_a_line_each(data: Path):
    done = manyi(data, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 15 and not [x for x in lines if x.startswith("✗")]
    assert "SQLite 3." in done.stdout and "No worker has run yet" in done.stdout
    chinese = manyi(data, "doctor", MANYI_LANGUAGE="zh-Hans")
    assert chinese.returncode == 0


def test_each_fault_is_named_with_what_to_do(data: Path):
    (data / "secret-key").chmod(0o644)
    code, found = states(data, MANYI_BASE_URL="http://cx.example.com")
    (data / "secret-key").chmod(0o600)
    assert code == 1
    assert found["folder"] == "doctor.folder_open"
    assert found["address"] == "doctor.address_plain"
    code, found = states(data, MANYI_EMAIL_URL="smtp://127.0.0.1:9")
    assert (code, found["mail"]) == (1, "doctor.mail_failed")
    nobody = {"MANYI_LLM_URL": "http://127.0.0.1:9/v1", "MANYI_LLM_MODEL": "m"}
    code, found = states(data, **nobody)
    assert (code, found["llm"]) == (0, "doctor.llm_failed")


def test_a_new_folder_and_a_damaged_lake_are_found(data: Path, tmp_path: Path):
    code, found = states(tmp_path / "empty")
    assert (code, found["migrations"]) == (1, "doctor.migrations_waiting")
    demo = tmp_path / "demo"
    demonstrated(demo)
    assert states(demo)[0] == 0
    one = next(path for path in (demo / "lake").rglob("*.parquet") if "records" in str(path))
    one.unlink()
    done = manyi(demo, "doctor")
    assert done.returncode == 1 and "manyi rebuild" in done.stdout
    assert manyi(demo, "rebuild").returncode == 0
    assert states(demo)[0] == 0
