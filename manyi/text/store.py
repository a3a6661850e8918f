"""The artefacts beside this file: arrays without pickle, each checked against its manifest."""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MODELS = Path(__file__).parent / "models"
TIER_A = "fast"
TIER_B = "accurate"
Arrays = dict[str, NDArray[Any]]


class Damaged(Exception):
    """An artefact differs from what its manifest says: install the package again."""


def words(name: str) -> dict[str, Any]:
    """Return the word lists of a module of this room."""
    path = Path(__file__).parent / "words" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def han() -> tuple[str, str]:
    """Return the written forms of Han characters and, in the same order, the simple ones."""
    table = json.loads((MODELS / "han.json").read_text(encoding="utf-8"))
    return table["written"], table["simple"]


@cache
def manifest(name: str = TIER_A) -> dict[str, Any]:
    """Return what the artefact says of itself: version, labels, hashes, data, figures."""
    found: dict[str, Any] = json.loads((MODELS / name / "manifest.json").read_text("utf-8"))
    return found


def arrays(name: str, file: str) -> Arrays:
    """Return the arrays of one file of an artefact; raises Damaged where the hash differs.

    Who needs them again keeps what was made of them, which is seldom what is stored.
    """
    with np.load(io.BytesIO(content(name, file)), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def rising(gaps: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return the rising numbers of which the gaps are stored, a row for each byte of them."""
    found = np.ascontiguousarray(gaps.T).view("<u4").ravel()
    return np.cumsum(found, dtype=np.uint32)


def checked(name: str, file: str) -> Path:
    """Return where a file of an artefact lies; raises Damaged where the hash differs."""
    path = MODELS / name / file
    with path.open("rb") as whole:
        if hashlib.file_digest(whole, "sha256").hexdigest() != manifest(name)["files"][file]:
            raise Damaged(f"{name}/{file}")
    return path


def content(name: str, file: str) -> bytes:
    """Return one file of an artefact; raises Damaged where the hash differs."""
    return checked(name, file).read_bytes()


def version(name: str = TIER_A) -> str:
    """Return name and version as they are stored with every prediction, such as fast-1.0.0."""
    return f"{name}-{manifest(name)['version']}"
