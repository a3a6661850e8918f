"""The days that a question looks at, cut wherever the sides that they lie on change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Span:
    """Days (as `date.toordinal`), their side, and all sides that they lie on."""

    first: int
    last: int
    side: int = 0
    sides: int = 0


def spans_of(table: pa.Table) -> Iterator[Span]:
    """Yield the days between which the sides are the same, once for each of their sides."""
    day = table["day"].combine_chunks().cast("int32").to_numpy() + _EPOCH
    order = np.argsort(day, kind="stable")
    side = table["side"].to_numpy()[order]
    days, starts = np.unique(day[order], return_index=True)
    masks = np.bitwise_or.reduceat(side, starts)
    new = (np.diff(masks, prepend=-1) != 0) | (np.diff(days, prepend=days[0]) != 1)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(days)) - 1
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        mask = int(masks[start])
        for bit in range(mask.bit_length()):
            if mask >> bit & 1:
                yield Span(int(days[start]), int(days[stop]), 1 << bit, mask)
