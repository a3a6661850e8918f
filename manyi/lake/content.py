"""What files hold, without asking the engine: their rows, and whether they hold the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from manyi.lake.columns import layout

T = TypeVar("T")
_FACTORS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_MOST_FILES = 4096
Copies = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Content:
    """How many rows there are, and a sum over their copies: alike where the copies are."""

    rows: int
    mixed: int

    def __add__(self, other: Content) -> Content:
        return Content(self.rows + other.rows, (self.mixed + other.mixed) % 2**64)


_contents: OrderedDict[str, Content] = OrderedDict()


def content(paths: Iterable[str]) -> Content:
    """Return what files hold together."""
    whole = Content(0, 0)
    for path in paths:
        whole += _remembered(_contents, path, _content, _MOST_FILES)
    return whole


def _remembered(kept: OrderedDict[str, T], path: str, make: Callable[[str], T], most: int) -> T:
    found = kept.get(path)
    if found is None:
        found = kept[path] = make(path)
        while len(kept) > most:
            kept.popitem(last=False)
    return found


def _content(path: str) -> Content:
    record, part = _laid_out(path) or _read(path)
    mixed = _mixed(record, part)
    return Content(len(mixed), int(mixed.sum(dtype=np.uint64)))


def _laid_out(path: str) -> Copies | None:
    """Return the copies by the columns beside a file; None where these do not hold them all."""
    try:
        found = layout.read(Path(path))
    except OSError:
        return None
    if layout.left_out(found) or not found.num_rows:
        return None
    coded = found["part"].chunk(0)
    parts = coded.dictionary.to_numpy()
    return found["record"].to_numpy(), parts[coded.indices.to_numpy()]


def _read(path: str) -> Copies:
    import pyarrow.parquet as pq

    copies = pq.read_table(path, columns=["record", "part"], partitioning=None)
    return copies["record"].to_numpy(), copies["part"].to_numpy()


def _mixed(record: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return a number for each copy: another one for any other copy, but for one in 2^64."""
    found = record.astype(np.uint64) * np.uint64(_FACTORS[0])
    found ^= part.astype(np.uint64) * np.uint64(_FACTORS[1])
    for shift, factor in zip((30, 27), _FACTORS, strict=True):
        found = (found ^ (found >> np.uint64(shift))) * np.uint64(factor)
    return found ^ (found >> np.uint64(31))
