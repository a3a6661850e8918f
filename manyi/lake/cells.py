"""The engine's counted cells, cut into groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from manyi.stats.moments import GROUPS, Moments, from_cells

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Group:
    """The cells of one group: `key` and the other columns as arrays."""

    key: tuple[Any, ...]
    columns: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns


def grouped(cells: pa.Table, names: Sequence[str]) -> Iterator[Group]:
    """Yield the groups of `cells` by the columns `names`, in the order of their keys."""
    if cells.num_rows == 0:
        return
    rest = {name: cells[name].to_numpy() for name in cells.column_names if name not in names}
    order, starts, found = _order(cells, names)
    sorted_rest = {name: column[order] for name, column in rest.items()}
    ends = [*starts[1:], cells.num_rows]
    for key, start, end in zip(found, starts, ends, strict=True):
        yield Group(key, {name: column[start:end] for name, column in sorted_rest.items()})


def _order(
    cells: pa.Table, names: Sequence[str]
) -> tuple[np.ndarray, list[int], list[tuple[Any, ...]]]:
    """Return the order that puts groups together, where each starts, and their keys."""
    if not names:
        return np.arange(cells.num_rows), [0], [()]
    ranks, words = zip(*(_ranks(cells[name]) for name in names), strict=True)
    order = np.lexsort(ranks[::-1])
    sorted_ranks = np.stack([column[order] for column in ranks])
    new = np.any(sorted_ranks[:, 1:] != sorted_ranks[:, :-1], axis=0)
    starts = [0, *(np.flatnonzero(new) + 1).tolist()]
    picked = sorted_ranks[:, starts].T.tolist()
    found = [tuple(w[at] for w, at in zip(words, row, strict=True)) for row in picked]
    return order, starts, found


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


def moments_of(group: Group, n_customers: int | None) -> Moments:
    """Return a group's moments; with customers' groups where its cells are split by them."""
    clusters = group.columns.get("cluster")
    if clusters is not None and len(clusters) and int(clusters.max()) >= GROUPS:
        raise ValueError("customers are hashed into 64 groups")
    return from_cells(group["value"], clusters, group["n"], n_customers=n_customers)
