"""Where a tree may cut: the cuts of every variable as columns of “goes left”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from manyi.stats.moments import FloatArray, IntArray

BoolArray = NDArray[np.bool_]
MOST_CUTS = 31


@dataclass(frozen=True, eq=False)
class Splits:
    """The cuts (s,) that a tree may choose among: which variable, and who goes left.

    A number goes left up to `at`; a code goes left where it is `at`; a blank (NaN) where
    `blank_left`. An `at` of minus infinity parts the blanks from all others. `p` is the number
    of variables.
    """

    variable: IntArray
    at: FloatArray
    is_code: BoolArray
    blank_left: BoolArray
    p: int

    def __len__(self) -> int:
        return len(self.variable)

    def left(self, x: ArrayLike) -> BoolArray:
        """Return for each cut which rows of x (n, p) go left, (s, n)."""
        columns = np.asarray(x, np.float64).T[self.variable]
        at = self.at[:, None]
        with np.errstate(invalid="ignore"):
            goes = np.where(self.is_code[:, None], columns == at, columns <= at)
        return np.where(np.isnan(columns), self.blank_left[:, None], goes)


def splits_of(x: ArrayLike, *, codes: Sequence[int] = (), most: int = MOST_CUTS) -> Splits:
    """Return the cuts of x (n, p): between neighbouring values, at most `most` a variable.

    `codes` are the places of variables whose values are names and have no order: each value
    is parted from all others. Where a variable has blanks, they may go to either side.
    """
    table = np.asarray(x, np.float64)
    found = [
        _of_codes(table[:, j], j) if j in codes else _of_numbers(table[:, j], j, most)
        for j in range(table.shape[1])
    ]
    rows = np.array([row for part in found for row in part], np.float64).reshape(-1, 4)
    return Splits(
        rows[:, 0].astype(np.int64), rows[:, 1], rows[:, 2] > 0, rows[:, 3] > 0, table.shape[1]
    )


_Row = tuple[float, float, float, float]


def _of_numbers(column: FloatArray, j: int, most: int) -> list[_Row]:
    given = column[~np.isnan(column)]
    values = np.unique(given)
    cuts = (values[1:] + values[:-1]) / 2
    if len(cuts) > most:
        ends = np.quantile(given, np.linspace(0, 1, most + 2)[1:-1], method="median_unbiased")
        cuts = np.unique(ends)
    sides = (0.0, 1.0) if len(given) < len(column) else (0.0,)
    found = [(float(j), float(cut), 0.0, side) for side in sides for cut in cuts]
    if len(sides) > 1 and len(given):
        found.append((float(j), -np.inf, 0.0, 1.0))
    return found


def _of_codes(column: FloatArray, j: int) -> list[_Row]:
    values, counts = np.unique(column[~np.isnan(column)], return_counts=True)
    kept = values[np.argsort(-counts, kind="stable")][:MOST_CUTS]
    found = [(float(j), float(value), 1.0, 0.0) for value in sorted(kept.tolist())]
    if np.isnan(column).any() and len(values):
        found.append((float(j), np.nan, 1.0, 1.0))
    return found
