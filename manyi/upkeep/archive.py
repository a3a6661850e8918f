"""A backup as one file: a zip of the database, the key and a manifest that proves both.

Imports no Django: `manyi restore` reads it before there are settings.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from manyi.kit.problems import Problem

FORMAT = 1
_PART = re.compile(r"\w[\w.-]{0,99}")
MANIFEST = "manifest.json"
KEY = "secret-key"
OLD_KEY = "secret-key-old"
RESTORING = ".restoring-"  # stands in the data folder until all of a backup is put back
BLOCK = 1024 * 1024
MOST_TOLD = 16 * BLOCK  # bytes of a manifest
# What reading a file that is no zip of ours may end with: an unknown method or version, a
# password, a name or number that is none, a list without end. A full disk is none of them.
_BROKEN = (
    *(zipfile.BadZipFile, KeyError, TypeError, ValueError, zlib.error, EOFError),
    *(RuntimeError, IndexError, struct.error, OverflowError),
)


@dataclass(frozen=True)
class Written:
    """A finished backup file."""

    path: Path
    size: int
    sha256: str


def pack(to: Path, parts: Mapping[str, Path], about: Mapping[str, Any]) -> Written:
    """Write `parts` and a manifest to `to`, which appears only once it is whole and on disk."""
    unfinished = to.with_name(to.name + ".unfinished")
    try:
        # The key lies inside: nobody else may read the file, not even while it grows.
        with os.fdopen(
            os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        ) as f:
            with zipfile.ZipFile(f, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                proofs = {name: _add(archive, name, path) for name, path in parts.items()}
                manifest = {"format": FORMAT, **about, "parts": proofs}
                archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2))
            f.flush()
            os.fsync(f.fileno())
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return Written(to, to.stat().st_size, sha256(to))


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as part:
        for block in _blocks(source):
            digest.update(block)
            size += len(block)
            part.write(block)
    return {"size": size, "sha256": digest.hexdigest()}


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in _blocks(file):
            digest.update(block)
    return digest.hexdigest()


def manifest(path: Path) -> dict[str, Any]:
    """Return what a backup says of itself; raises Problem for a file that is none."""
    with _refused("backup.not_one", path), zipfile.ZipFile(path) as archive:
        with archive.open(MANIFEST) as told:
            found = json.loads(told.read(MOST_TOLD))
        if not isinstance(found, dict) or not isinstance(found["parts"], dict):
            raise Problem("backup.not_one", path=str(path))
        known = found["format"] == FORMAT
    if not known:
        raise Problem("backup.newer", path=str(path), version=str(found.get("version"))[:20])
    return found


def unpack(path: Path, folder: Path) -> dict[str, Path]:
    """Write the parts of a backup into `folder`, each proved by its digest."""
    found: dict[str, Path] = {}
    with _refused("backup.damaged", path), zipfile.ZipFile(path) as archive:
        for name, proof in manifest(path)["parts"].items():
            if not _PART.fullmatch(name):
                raise zipfile.BadZipFile(name)
            found[name] = folder / name
            _extract(archive, name, proof, found[name])
    return found


def part(path: Path, name: str) -> bytes:
    """Return one part of a backup, proved by its digest; nothing where it has none."""
    proof = manifest(path)["parts"].get(name)
    if proof is None:
        return b""
    with tempfile.TemporaryDirectory() as folder, _refused("backup.damaged", path):
        to = Path(folder) / "part"
        with zipfile.ZipFile(path) as archive:
            _extract(archive, name, proof, to)
        return to.read_bytes()


@contextmanager
def _refused(code: str, path: Path) -> Iterator[None]:
    """Say in one Problem whatever shows that a file is no zip of ours."""
    try:
        yield
    except _BROKEN as error:
        raise Problem(code, path=str(path)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the file's beginning
            raise
        raise Problem(code, path=str(path)) from error


def _extract(archive: zipfile.ZipFile, name: str, proof: Mapping[str, Any], to: Path) -> None:
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as part, to.open("xb") as target:
        to.chmod(0o600)
        for block in _blocks(part):
            digest.update(block)
            size += len(block)
            if size > proof["size"]:
                break  # before a bomb fills the disk
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    if digest.hexdigest() != proof["sha256"] or size != proof["size"]:
        raise zipfile.BadZipFile(name)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block
