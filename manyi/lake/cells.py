"""The engine's counted cells, cut into groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.stats.moments import GROUPS, Moments, from_cells
from manyi.stats.stacked import of_groups

if TYPE_CHECKING:
    import pyarrow as pa


_WIDE, _SHORT = 1 << 60, 1 << 16


@dataclass(frozen=True)
class Group:
    """The cells of one group: `key` and the other columns as arrays."""

    key: tuple[Any, ...]
    columns: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns


@dataclass(frozen=True)
class Sorted:
    """Cells in the order of their groups' `keys`; those of each begin at one of `starts`."""

    keys: Sequence[tuple[Any, ...]]
    starts: Sequence[int]
    columns: Mapping[str, np.ndarray]
    rows: int

    @property
    def group(self) -> NDArray[np.int64]:
        """Return the place of each row's group."""
        return np.repeat(np.arange(len(self.keys)), np.diff([*self.starts, self.rows]))

    def part(self, at: int) -> dict[str, np.ndarray]:
        """Return the columns of one group."""
        end = self.starts[at + 1] if at + 1 < len(self.starts) else self.rows
        return {name: column[self.starts[at] : end] for name, column in self.columns.items()}

    def sums(self, name: str) -> list[int]:
        """Return the sum of a column in each group."""
        if not self.keys:
            return []
        return [int(n) for n in np.add.reduceat(self.columns[name], self.starts).tolist()]


def in_groups(cells: pa.Table, names: Sequence[str]) -> Sorted:
    """Return `cells` sorted into groups by the columns `names`."""
    rest = [name for name in cells.column_names if name not in names]
    if cells.num_rows == 0:
        return Sorted([], [], {name: np.zeros(0, np.int64) for name in rest}, 0)
    order, starts, keys = _order(cells, names)
    columns = {name: cells[name].to_numpy()[order] for name in rest}
    return Sorted(keys, starts, columns, cells.num_rows)


def grouped(cells: pa.Table, names: Sequence[str]) -> Iterator[Group]:
    """Yield the groups of `cells` by the columns `names`, in the order of their keys."""
    found = in_groups(cells, names)
    for at, key in enumerate(found.keys):
        yield Group(key, found.part(at))


def _order(
    cells: pa.Table, names: Sequence[str]
) -> tuple[np.ndarray, list[int], list[tuple[Any, ...]]]:
    """Return the order that puts groups together, where each starts, and their keys."""
    if not names:
        return np.arange(cells.num_rows), [0], [()]
    ranks, words = zip(*(_ranks(cells[name]) for name in names), strict=True)
    mixed, width = ranks[0], len(words[0])
    for column, values in zip(ranks[1:], words[1:], strict=True):
        if width * len(values) > _WIDE:
            mixed = np.unique(mixed, return_inverse=True)[1]
            width = len(mixed)
        mixed, width = mixed * len(values) + column, width * len(values)
    # Sixteen bits are sorted in one pass for each eight of them, more are compared.
    order = np.argsort(mixed.astype(np.uint16) if width <= _SHORT else mixed, kind="stable")
    starts = np.flatnonzero(np.diff(mixed[order], prepend=-1))
    first = order[starts]
    each = (
        [w[at] for at in column[first].tolist()] for column, w in zip(ranks, words, strict=True)
    )
    return order, starts.tolist(), list(zip(*each, strict=True))


def _ranks(column: pa.ChunkedArray) -> tuple[np.ndarray, list[Any]]:
    """Return each entry's rank among the distinct values (none first), and those values."""
    coded = column.combine_chunks().dictionary_encode()
    if hasattr(coded, "combine_chunks"):
        coded = coded.combine_chunks()
    values = coded.dictionary.to_pylist()
    places = sorted(range(len(values)), key=lambda at: values[at])
    rank = np.empty(len(values) + 1, np.int64)
    rank[places] = np.arange(1, len(values) + 1)
    rank[-1] = 0
    codes = coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return rank[codes], [None, *(values[at] for at in places)]


def distinct_values(column: pa.ChunkedArray) -> tuple[np.ndarray, list[Any]]:
    """Return the place of each entry among the distinct values, and those (none last)."""
    rank, values = _ranks(column)
    return (rank - 1) % len(values), [*values[1:], None]


def all_moments(found: Sorted, n_customers: Sequence[int]) -> list[Moments]:
    """Return what `moments_of` returns of each group."""
    clusters = found.columns.get("cluster")
    if clusters is not None and len(clusters) and int(clusters.max()) >= GROUPS:
        raise ValueError("customers are hashed into 64 groups")
    return of_groups(
        len(found.keys),
        found.group,
        found.columns["value"],
        clusters,
        found.columns["n"],
        n_customers=n_customers,
    )


def moments_of(group: Group, n_customers: int | None) -> Moments:
    """Return a group's moments; with customers' groups where its cells are split by them."""
    clusters = group.columns.get("cluster")
    if clusters is not None and len(clusters) and int(clusters.max()) >= GROUPS:
        raise ValueError("customers are hashed into 64 groups")
    return from_cells(group["value"], clusters, group["n"], n_customers=n_customers)
