"""Raking and post-stratification on a table of cells: the rows are only read and written once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.kit.problems import Problem
from manyi.stats.moments import FloatArray

_DENSE = 5_000_000


@dataclass(frozen=True, eq=False)
class Margin:
    """Known totals over one or several axes of the table; `totals` has one entry a level."""

    axes: tuple[int, ...]
    totals: FloatArray


@dataclass(frozen=True, eq=False)
class Raked:
    """`factors` multiply the weights (a table, or one entry a row); `error` is the largest
    relative distance from a margin that was left after `cycles`."""

    factors: FloatArray
    cycles: int
    error: float
    converged: bool


def margins_of(totals: Sequence[ArrayLike]) -> list[Margin]:
    """Return one margin for each axis in turn."""
    return [Margin((at,), np.asarray(one, np.float64)) for at, one in enumerate(totals)]


def rake(
    cells: FloatArray,
    margins: Sequence[Margin],
    *,
    tolerance: float = 1e-10,
    most_cycles: int = 200,
) -> Raked:
    """Return the factors by which iterative proportional fitting meets all margins.

    `cells` holds Σweight by cell, one axis a variable (Deville, Särndal & Sautory 1993).
    Raises Problem("rake_totals_differ") where the margins have different sums and
    Problem("rake_empty_level") where a level is known to exist and nobody is in it.
    """
    _check(cells, margins)
    table = cells.astype(np.float64)
    error, cycle = math.inf, 0
    for _ in range(most_cycles):
        cycle += 1
        error = 0.0
        for margin in margins:
            error = max(error, _fit(table, margin))
        if error < tolerance:
            break
    factors = np.divide(table, cells, out=np.ones_like(table), where=cells > 0)
    return Raked(factors, cycle, error, error < max(tolerance, 1e-9))


def _fit(table: FloatArray, margin: Margin) -> float:
    """Scale the table to one margin in place; return how far off it was."""
    others = tuple(at for at in range(table.ndim) if at not in margin.axes)
    now = table.sum(axis=others)
    ratio = np.divide(margin.totals, now, out=np.ones_like(now), where=now > 0)
    shape = [size if at in margin.axes else 1 for at, size in enumerate(table.shape)]
    table *= ratio.reshape(shape)
    return float(np.abs(ratio - 1).max())


def _check(cells: FloatArray, margins: Sequence[Margin]) -> None:
    sums = [float(margin.totals.sum()) for margin in margins]
    if max(sums) - min(sums) > 1e-6 * max(sums):
        raise Problem("rake_totals_differ")
    for margin in margins:
        others = tuple(at for at in range(cells.ndim) if at not in margin.axes)
        empty = (cells.sum(axis=others) == 0) & (margin.totals > 0)
        if empty.any():
            raise Problem("rake_empty_level", axis=margin.axes[0], level=int(np.argmax(empty)))


def rake_rows(
    codes: ArrayLike, weights: ArrayLike, margins: Sequence[Margin], *, tolerance: float = 1e-10
) -> Raked:
    """Return a factor for each row: `codes` (n, m) holds the level 0, 1, … of each variable.

    Cost: one pass to fill the table, the fit on the table, one gather.
    """
    levels = np.asarray(codes)
    w = np.asarray(weights, np.float64)
    shape = tuple(
        max(_levels(margins, axis), int(levels[:, axis].max()) + 1)
        for axis in range(levels.shape[1])
    )
    if math.prod(shape) > _DENSE:
        return _rake_sparse(levels, w, margins, tolerance)
    at = levels[:, 0].astype(np.int64)
    for axis in range(1, levels.shape[1]):
        at = at * shape[axis] + levels[:, axis]
    cells = np.bincount(at, weights=w, minlength=math.prod(shape)).astype(np.float64)
    found = rake(cells.reshape(shape), margins, tolerance=tolerance)
    factors = found.factors.ravel()[at]
    return Raked(factors, found.cycles, found.error, found.converged)


def _levels(margins: Sequence[Margin], axis: int) -> int:
    sizes = [m.totals.shape[m.axes.index(axis)] for m in margins if axis in m.axes]
    return max(sizes, default=1)


def _rake_sparse(
    levels: np.ndarray, weights: FloatArray, margins: Sequence[Margin], tolerance: float
) -> Raked:
    """The same where the full table would be too large: over the cells that somebody is in."""
    used, at = np.unique(levels, axis=0, return_inverse=True)
    start = np.bincount(at.ravel(), weights=weights).astype(np.float64)
    table = start.copy()
    places = [
        np.ravel_multi_index(tuple(used[:, a] for a in m.axes), m.totals.shape) for m in margins
    ]
    error, cycle = math.inf, 0
    for _ in range(200):
        cycle += 1
        error = 0.0
        for margin, place in zip(margins, places, strict=True):
            now = np.bincount(place, weights=table, minlength=margin.totals.size)
            totals = margin.totals.ravel()
            ratio = np.divide(totals, now, out=np.ones_like(now), where=now > 0)
            table *= ratio[place]
            error = max(error, float(np.abs(ratio - 1).max()))
        if error < tolerance:
            break
    factors = np.asarray((table / start)[at.ravel()])
    return Raked(factors, cycle, error, error < max(tolerance, 1e-9))


def poststratify(cells: FloatArray, totals: ArrayLike) -> FloatArray:
    """Return the factor of each cell that brings Σweight to its known total.

    Raises Problem("rake_empty_level") where a cell is known to exist and nobody is in it.
    """
    known = np.asarray(totals, np.float64)
    empty = (cells == 0) & (known > 0)
    if empty.any():
        raise Problem("rake_empty_level", axis=0, level=int(np.argmax(empty)))
    return np.divide(known, cells, out=np.ones_like(known), where=cells > 0)
