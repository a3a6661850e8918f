"""Counts by unit rolled up along the tree: what was counted once tells of every level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manyi.lake.adding import summed
from manyi.lake.people import People, regrouped

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Upwards:
    """Which value of the column `name` each of its values is counted as."""

    name: str
    above: Mapping[int, int]

    def table(self, found: pa.Table) -> pa.Table:
        """Return a table of counts rolled up, what is alike summed."""
        return summed(self._moved(found))

    def people(self, found: People) -> People:
        """Return the people of groups that are put together, everybody once in each."""
        unknown = summed(self._moved(found.unknown))
        return regrouped(found, self._moved(found.groups), unknown)

    def _moved(self, found: pa.Table) -> pa.Table:
        import pyarrow as pa

        at, column = found.column_names.index(self.name), found[self.name].combine_chunks()
        coded = column.dictionary_encode()
        values = pa.array([self.above.get(v, v) for v in coded.dictionary.to_pylist()], column.type)
        return found.set_column(at, self.name, values.take(coded.indices))
