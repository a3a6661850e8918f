"""What records hold, looked up by their numbers: an attribute's setting, or that they are meant.

What was looked up in files is kept for the questions that come next, as long as nothing changes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST, _MOST_BYTES = 32, 64 * 1024 * 1024
# So many records looked up last are kept with what was found.
_MOST_FOUND = 1_000_000


@dataclass(frozen=True, eq=False)
class Held:
    """A code for each of some `records`, which rise, and `nothing` for all others."""

    records: NDArray[np.int64]
    codes: NDArray[Any]
    nothing: Any

    def of(self, records: NDArray[np.int64]) -> NDArray[Any]:
        """Return the codes of records."""
        if not len(self.records) or not len(records):
            return np.full(len(records), self.nothing, self.codes.dtype)
        return _found.of(self, records)

    def looked_up(self, records: NDArray[np.int64]) -> NDArray[Any]:
        """Return the same, of records that there are, looked up one by one."""
        at = np.minimum(np.searchsorted(self.records, records), len(self.records) - 1)
        return np.where(self.records[at] == records, self.codes[at], self.nothing)

    @property
    def nbytes(self) -> int:
        return int(self.codes.nbytes + self.records.nbytes)


class _Found:
    """What was looked up last: the items of a questionnaire are of the same records."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, tuple[Held, NDArray[np.int64], NDArray[Any]]] = OrderedDict()
        self._size, self._keeping = 0, threading.Lock()

    def of(self, held: Held, records: NDArray[np.int64]) -> NDArray[Any]:
        key = (id(held), len(records), int(records[0]), int(records[-1]))
        with self._keeping:
            known = self._kept.get(key)
        # They may begin and end alike, and another one may have come to have that id.
        if known is not None and known[0] is held and np.array_equal(known[1], records):
            return known[2]
        codes = held.looked_up(records)
        self._keep(key, held, records, codes)
        return codes

    def _keep(self, key: Any, held: Held, records: NDArray[np.int64], codes: NDArray[Any]) -> None:
        with self._keeping:
            gone = self._kept.pop(key, None)
            self._size += len(records) - (len(gone[1]) if gone else 0)
            self._kept[key] = held, records, codes
            while self._size > _MOST_FOUND:
                _, (_, oldest, _) = self._kept.popitem(last=False)
                self._size -= len(oldest)


_found = _Found()


def held(records: NDArray[np.int64], codes: NDArray[Any], nothing: Any) -> Held:
    """Return these records' codes to look up."""
    order = np.argsort(records)
    return Held(records[order], codes[order], nothing)


def among(records: NDArray[np.int64]) -> Held:
    """Return whether records are among these, to look up."""
    return Held(np.sort(records), np.ones(len(records), bool), nothing=False)


_kept: OrderedDict[Hashable, tuple[tuple[Any, ...], Held]] = OrderedDict()
_keeping = threading.Lock()


def remembered(key: Hashable, tables: Sequence[Any], look: Callable[[], Held]) -> Held:
    """Return `look()`, looked up once for a key as long as the `tables` that it is about are
    the same ones."""
    with _keeping:
        found = _kept.get(key)
        if found is not None and all(a is b for a, b in zip(found[0], tables, strict=True)):
            _kept.move_to_end(key)
            return found[1]
    made = look()
    with _keeping:
        # The tables are kept as well, so that no others come to be taken for them.
        _kept[key] = tuple(tables), made
        _kept.move_to_end(key)
        while len(_kept) > _MOST or sum(one.nbytes for _, one in _kept.values()) > _MOST_BYTES:
            _kept.popitem(last=False)
    return made
