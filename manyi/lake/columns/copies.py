"""Which copies of records the files of a table hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from manyi.lake.columns import parts
from manyi.lake.columns.words import Lexicon

# Of a copy: the record, the part that it was written with, and the month of its file.
Place = tuple[int, int, str]


def held(table: str, paths: Iterable[str], wanted: Sequence[int], words: Lexicon) -> set[Place]:
    """Return the copies of records that files hold; raises OSError where one has no columns."""
    found: set[Place] = set()
    ids = np.array(sorted(wanted), np.int64)
    for path in paths:
        part = parts.opened(table, path, words)
        _, at = part.rows_of(ids)
        records, numbers = part.plain("record")[at].tolist(), part.codes("part")[at].tolist()
        values, month = part.values("part"), Path(path).parent.name
        found |= {(r, values[n], month) for r, n in zip(records, numbers, strict=True)}
    return found
