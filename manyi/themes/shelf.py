"""Vectors of an organisation's texts on disk: `<organisation>/<name>.vectors`.

A file is never changed: it is written, listed, and once replaced deleted. Records, marks and
vectors lie one after the other in it, so that each is mapped into memory and never copied.
A mark tells of which text the vector is; where the record says something else by now, or
nothing, the row counts no more.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from manyi.base.ids import new_id
from manyi.text.meaning import DIMENSIONS
from manyi.themes.models import VectorFile

_ROW = 8 + 4 + DIMENSIONS
_OPEN = 256
_TRIES = 3


@dataclass(frozen=True)
class Rows:
    """Records, the marks of their texts, and their vectors, in one order."""

    records: NDArray[np.int64]
    marks: NDArray[np.uint32]
    vectors: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, chosen: Any) -> Rows:
        return Rows(self.records[chosen], self.marks[chosen], self.vectors[chosen])


def mark(text: str) -> int:
    """Return what tells a text from another that the same record said before."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def folder() -> Path:
    """Return the folder of vectors, made when first asked for."""
    found = Path(settings.DATA).resolve() / "vectors"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def write(organisation: int, rows: Rows) -> str:
    """Write a file and return its path once it is on disk."""
    path = f"{organisation}/{new_id():x}.vectors"
    final = folder() / path
    final.parent.mkdir(mode=0o700, exist_ok=True)
    draft = final.with_suffix(".draft")
    with draft.open("wb") as file:
        for column in (rows.records, rows.marks, rows.vectors):
            file.write(np.ascontiguousarray(column).tobytes())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(final)
    return path


@lru_cache(_OPEN)
def _mapped(path: Path) -> Rows:
    count = path.stat().st_size // _ROW
    if not count:
        return nothing()
    # Plain arrays over the map: slices of a memmap cost ten times those of an array.
    content = np.asarray(np.memmap(path, np.uint8, mode="r"))
    marks, vectors = 8 * count, 12 * count
    return Rows(
        content[:marks].view("<i8"),
        content[marks:vectors].view("<u4"),
        content[vectors : vectors + DIMENSIONS * count].view(np.int8).reshape(count, DIMENSIONS),
    )


def nothing() -> Rows:
    return Rows(np.zeros(0, np.int64), np.zeros(0, np.uint32), np.zeros((0, DIMENSIONS), np.int8))


def paths(organisation: int, model: str) -> list[str]:
    """Return the files of an organisation that a model made, the oldest first."""
    mine = VectorFile.objects.filter(organisation_id=organisation, model=model)
    return list(mine.order_by("pk").values_list("path", flat=True))


def parts(organisation: int, model: str) -> list[Rows]:
    """Return an organisation's vectors, file by file."""
    for _try in range(_TRIES):
        try:
            return read(paths(organisation, model))
        except FileNotFoundError:
            continue  # replaced since the list was read
    return read(p for p in paths(organisation, model) if (folder() / p).exists())


def read(wanted: Iterable[str]) -> list[Rows]:
    """Return the rows of files, mapped into memory."""
    root = folder()
    return [_mapped(root / path) for path in wanted]


def together(found: Sequence[Rows]) -> Rows:
    """Return the rows of several files as one, copied."""
    if not found:
        return nothing()
    return Rows(
        np.concatenate([one.records for one in found]),
        np.concatenate([one.marks for one in found]),
        np.concatenate([one.vectors for one in found]),
    )


def discard(gone: Iterable[str]) -> None:
    """Delete files; who still looks at one keeps what it has mapped."""
    for path in gone:
        (folder() / path).unlink(missing_ok=True)
    _mapped.cache_clear()
