"""Counts by unit rolled up along the tree: what was counted once tells of every level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.lake.adding import COUNTS
from manyi.lake.people import People, regrouped

if TYPE_CHECKING:
    import pyarrow as pa

Integers = NDArray[np.int64]
# So many places may be laid out for each row that is summed.
_PLACES, _FEW = 8, 65_536


@dataclass(frozen=True)
class Upwards:
    """Which value of the column `name` each of its values is counted as."""

    name: str
    above: Mapping[int, int]

    def table(self, found: pa.Table) -> pa.Table:
        """Return a table of counts rolled up, what is alike summed."""
        return _summed(self._moved(found))

    def people(self, found: People) -> People:
        """Return the people of groups that are put together, everybody once in each."""
        unknown = _summed(self._moved(found.unknown))
        return regrouped(found, self._moved(found.groups), unknown)

    def _moved(self, found: pa.Table) -> pa.Table:
        import pyarrow as pa

        at, column = found.column_names.index(self.name), found[self.name].combine_chunks()
        coded = column.dictionary_encode()
        values = pa.array([self.above.get(v, v) for v in coded.dictionary.to_pylist()], column.type)
        return found.set_column(at, self.name, values.take(coded.indices))


def _summed(found: pa.Table) -> pa.Table:
    """Return counts summed by everything else."""
    import pyarrow as pa

    counts = [name for name in found.column_names if name in COUNTS]
    coded = [_Coded(name, found[name]) for name in found.column_names if name not in COUNTS]
    if not found.num_rows or not coded:
        return found
    code, width = _mixed(coded)
    if width > _PLACES * found.num_rows + _FEW:
        present, code = np.unique(code, return_inverse=True)
    else:
        present = np.flatnonzero(np.bincount(code, minlength=width))
        place = np.zeros(width, np.int64)
        place[present] = np.arange(len(present))
        code = place[code]
    told = _told(present, coded)
    sums = {
        name: pa.array(
            np.bincount(code, found[name].to_numpy(), minlength=len(present)).astype(np.int64)
        )
        for name in counts
    }
    return pa.table({**told, **sums}).select(found.column_names)


class _Coded:
    """A column as codes of its values, none among them last."""

    def __init__(self, name: str, column: pa.ChunkedArray) -> None:
        coded = column.combine_chunks().dictionary_encode()
        self.name, self.values = name, coded.dictionary
        nothing = len(self.values)
        self.codes = coded.indices.fill_null(nothing).to_numpy(zero_copy_only=False)
        self.many = nothing + 1

    def taken(self, codes: Integers) -> Any:
        import pyarrow as pa

        return self.values.take(pa.array(codes, mask=codes == self.many - 1))


def _mixed(coded: Sequence[_Coded]) -> tuple[Integers, int]:
    code, width = np.zeros(len(coded[0].codes), np.int64), 1
    for one in coded:
        code, width = code * one.many + one.codes, width * one.many
    return code, width


def _told(code: Integers, coded: Sequence[_Coded]) -> dict[str, Any]:
    found = {}
    for one in reversed(coded):
        code, own = np.divmod(code, one.many)
        found[one.name] = one.taken(own)
    return found
