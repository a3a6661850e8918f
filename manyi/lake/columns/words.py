"""One code for each value of a column, in all files of an organisation alike.

Codes are given as values are met, and hold as long as the process.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.kit.period import bucket
from manyi.lake import engine

if TYPE_CHECKING:
    import pyarrow as pa

Codes = NDArray[np.int32]
PERIODS = ("week", "month", "quarter", "year")


class Words:
    """The values of one column and their codes."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._codes: dict[Any, int] = {}
        self._giving = threading.Lock()
        self._array: tuple[pa.Array | None, int] = None, 0

    def __len__(self) -> int:
        return len(self.values)

    def codes(self, values: Sequence[Any]) -> Codes:
        """Return the codes of values, given to those that have none."""
        with self._giving:
            for value in values:
                if value not in self._codes:
                    self.values.append(value)
                    self._codes[value] = len(self.values) - 1
            return np.array([self._codes[value] for value in values], np.int32)

    def known(self, values: Iterable[Any]) -> list[int]:
        """Return the codes of those values that have one."""
        return [self._codes[value] for value in values if value in self._codes]

    def taken(self, codes: NDArray[Any], kind: pa.DataType) -> pa.Array:
        """Return the values of codes."""
        import pyarrow as pa

        values, many = self._array
        if values is None or many < len(self.values) or values.type != kind:
            values = pa.array(list(self.values), kind)
            self._array = values, len(values)
        return values.take(pa.array(codes, pa.int32()))


class Customers:
    """Known customers and their codes: hundreds of thousands, so that arrays hold them."""

    def __init__(self) -> None:
        self._ids: NDArray[np.int64] = np.zeros(0, np.int64)
        self._sorted: NDArray[np.int64] = np.zeros(0, np.int64)
        self._code: Codes = np.zeros(0, np.int32)
        self._giving = threading.Lock()

    def __len__(self) -> int:
        return len(self._ids)

    def codes(self, ids: NDArray[np.int64]) -> Codes:
        """Return the codes of different customers, given to those that have none."""
        with self._giving:
            new = ids[self._at(ids) < 0]
            if len(new):
                self._ids = np.concatenate([self._ids, np.sort(new)])
                order = np.argsort(self._ids)
                self._sorted, self._code = self._ids[order], order.astype(np.int32)
            return self._code[self._at(ids)]

    def ids(self, codes: Codes) -> NDArray[np.int64]:
        """Return the customers that codes stand for; any where none has one yet."""
        return self._ids[codes] if len(self._ids) else np.zeros(len(codes), np.int64)

    def _at(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places of customers among the sorted ones, -1 for new ones."""
        if not len(self._sorted):
            return np.full(len(ids), -1, np.int64)
        at = np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)
        return np.where(self._sorted[at] == ids, at, -1)


@dataclass
class Lexicon:
    """The words of each column of one organisation, and its customers."""

    columns: defaultdict[str, Words] = field(default_factory=lambda: defaultdict(Words))
    customers: Customers = field(default_factory=Customers)

    def periods(self, interval: str, days: Sequence[date]) -> Codes:
        """Return the codes of the periods that days lie in, named by their first days."""
        return self.columns[interval].codes([bucket(day, interval).first for day in days])


_lexicons: dict[tuple[Path, str], Lexicon] = {}
_opening = threading.Lock()


def lexicon(organisation: str) -> Lexicon:
    """Return the lexicon of an organisation."""
    with _opening:
        return _lexicons.setdefault((engine.folder(), organisation), Lexicon())
