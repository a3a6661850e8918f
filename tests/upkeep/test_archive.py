"""A file that is no backup, or a spoilt one, is refused by one sentence and unpacks nothing odd."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from manyi.kit.problems import Problem
from manyi.upkeep import archive

NOTHING = {"size": 0, "sha256": hashlib.sha256().hexdigest()}


@pytest.fixture
def good(tmp_path: Path) -> bytes:
    (tmp_path / "db").write_bytes(b"SQLite format 3" * 500)
    (tmp_path / "key").write_text("k" * 60)
    to, parts = tmp_path / "good.zip", {"a.sqlite3": tmp_path / "db", "key": tmp_path / "key"}
    archive.pack(to, parts, {"database": "sqlite"})
    return to.read_bytes()


def unpacked(data: bytes, tmp_path: Path) -> str:
    """Return the code of the refusal, or "ok"."""
    path, folder = tmp_path / "given.zip", tmp_path / f"folder-{random.random()}"
    path.write_bytes(data)
    folder.mkdir()
    try:
        archive.unpack(path, folder)
    except Problem as problem:
        return problem.code
    return "ok"


def crafted(manifest: Any, parts: Sequence[tuple[str, bytes]] = (("a.sqlite3", b""),)) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts:
            made.writestr(name, content)
        made.writestr("manifest.json", json.dumps(manifest))
    return out.getvalue()


def test_whatever_bytes_are_spoilt(good: bytes, tmp_path: Path) -> None:
    rng = random.Random(20_261_122)
    assert unpacked(good, tmp_path) == "ok"
    for _ in range(1_000):
        spoilt = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            end = rng.choice((len(good), 400))
            spoilt[-rng.randint(1, end)] = rng.randrange(256)
        assert unpacked(bytes(spoilt), tmp_path) in {
            "ok", "backup.not_one", "backup.damaged", "backup.newer"
        }  # fmt: skip
    for length in range(0, len(good), 50):
        assert unpacked(good[:length], tmp_path) in {"backup.not_one", "backup.damaged"}


@pytest.mark.parametrize("name", ["..", "../x", "/x", "a/b", "x" * 300, "x\0y", "-", ""])
def test_no_part_leaves_the_folder(name: str, tmp_path: Path) -> None:
    about = {"format": 1, "parts": {name: NOTHING}}
    held = [] if name == "" else [(name, b"")]
    assert unpacked(crafted(about, held), tmp_path) == "backup.damaged"
    assert sorted(p.name for p in tmp_path.iterdir())[-1] == "given.zip"


@pytest.mark.parametrize("parts", [None, [1], {"a.sqlite3": None}, {"a.sqlite3": {"size": "x"}}])
def test_a_manifest_that_proves_nothing_is_refused(parts: Any, tmp_path: Path) -> None:
    found = unpacked(crafted({"format": 1, "parts": parts}), tmp_path)
    assert found in {"backup.not_one", "backup.damaged"}


def test_a_manifest_nested_without_end_is_no_backup(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("manifest.json", "[" * 100_000)
    assert unpacked(out.getvalue(), tmp_path) == "backup.not_one"


def test_a_bomb_fills_no_disk(tmp_path: Path) -> None:
    about = {"format": 1, "parts": {"a.sqlite3": {**NOTHING, "size": 10}}}
    bomb = crafted(about, [("a.sqlite3", b"0" * 100_000_000)])
    assert unpacked(bomb, tmp_path) == "backup.damaged"
    assert sum(p.stat().st_size for p in tmp_path.rglob("*") if p.is_file()) < 10_000_000
