"""Several columns of codes mixed into one, so that rows are counted by all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
# More places than this, or than twice the rows, are made fewer before they are counted.
_FEW = 65_536
# Codes of fewer places than so many times that are counted, codes of more are sorted.
_SPARSE = 4


def mix(
    first: NDArray[Any], width: int, second: NDArray[Any], many: int
) -> NDArray[np.signedinteger]:
    """Return one code for each pair of codes, below `width` and below `many`."""
    kind: Any = np.int32 if width * many < 2**31 else np.int64
    found: NDArray[np.signedinteger] = first.astype(kind) * kind(many)
    found += second.astype(kind, copy=False)
    return found


class Mixed:
    """One code a row for what columns hold there together; codes are below `width`."""

    def __init__(self, rows: int) -> None:
        self.code: NDArray[np.signedinteger] = np.zeros(rows, np.int32)
        self.width = 1
        self._most = max(_FEW, 2 * rows)
        self._before: dict[str, Integers] = {}
        self._since: list[tuple[str, int]] = []
        self._always: dict[str, int] = {}

    def add(self, name: str, codes: NDArray[np.integer], many: int) -> None:
        """Mix in a column whose codes are below `many`."""
        if self.width * many > self._most and self._since:
            self.tighten()
        self.code = mix(self.code, self.width, codes, many)
        self.width *= many
        self._since.append((name, many))

    def always(self, name: str, code: int) -> None:
        """Mix in a column that has one code in all rows."""
        self._always[name] = code

    def tighten(self) -> None:
        """Leave out the codes that no row has."""
        if self.width <= _SPARSE * self._most:
            there = np.bincount(self.code, minlength=self.width) > 0
            present = np.flatnonzero(there)
            place = np.zeros(self.width, np.int32)
            place[present] = np.arange(len(present), dtype=np.int32)
            self.code = place[self.code]
        else:
            present, code = np.unique(self.code, return_inverse=True)
            self.code = code.astype(np.int32)
        self._before = dict(self.told(present.astype(np.int64)))
        self._since, self.width = [], len(present)

    def told(self, codes: Integers) -> Mapping[str, Integers]:
        """Return the columns' own codes of mixed ones."""
        found: dict[str, Integers] = {}
        for name, many in reversed(self._since):
            codes, found[name] = np.divmod(codes, many)
        always = {name: np.full(len(codes), code) for name, code in self._always.items()}
        return always | {name: held[codes] for name, held in self._before.items()} | found

    def counts(self) -> Integers:
        """Return how many rows have each mixed code."""
        return np.bincount(self.code, minlength=self.width)

    def counted(self) -> tuple[Integers, Integers]:
        """Return the mixed codes that rows have, and how many rows have each."""
        if self.width > _SPARSE * self._most:
            self.tighten()
        counts = self.counts()
        codes = np.flatnonzero(counts)
        return codes, counts[codes]
