"""Thresholds and polychoric correlations of many ordinal items, with their joint error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats.latent.polychoric import cells, likeliest
from manyi.stats.moments import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Ordered:
    """Polychoric correlations (p, p), the thresholds of each item, and the covariance of the
    correlations below the diagonal, in the order of `np.tril_indices(p, -1)`."""

    correlations: FloatArray
    thresholds: tuple[FloatArray, ...]
    covariance: FloatArray
    n: int
    people: int

    @property
    def below(self) -> FloatArray:
        """Return the correlations below the diagonal."""
        return np.asarray(self.correlations[np.tril_indices(len(self.correlations), -1)])


def ordered_rows(
    items: ArrayLike, *, weights: ArrayLike | None = None, cluster: ArrayLike | None = None
) -> Ordered:
    """Return the correlations of ordinal columns (n, p) of complete rows, thresholds first
    (Muthén 1984, as lavaan); errors know sample `weights` and customers who come again.

    Raises ValueError where an item has one answer only.
    """
    x = np.asarray(items, np.float64)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(len(x)) if cluster is None else np.asarray(cluster)
    there = ~np.isnan(x).any(axis=1) & (w > 0)
    x, w = x[there], w[there]
    w = w / w.mean()
    people = np.unique(ids[there], return_inverse=True)[1]
    codes = [np.unique(column, return_inverse=True)[1] for column in x.T]
    if any(code.max(initial=0) == 0 for code in codes):
        raise ValueError("an item needs at least two levels that somebody chose")
    margins = [_thresholds(code, w) for code in codes]
    p = len(codes)
    r = np.eye(p)
    for a, b in zip(*np.tril_indices(p, -1), strict=True):
        table = _table(codes[a], codes[b], w)
        r[a, b] = r[b, a] = likeliest(table, margins[a], margins[b])
    covariance = _covariance(codes, margins, r, w, people)
    return Ordered(
        r, tuple(m[1:-1] for m in margins), covariance, len(x), int(people.max(initial=-1)) + 1
    )


def _thresholds(code: IntArray, w: FloatArray) -> FloatArray:
    share = np.cumsum(np.bincount(code, w)) / w.sum()
    share[-1] = 1.0
    return np.asarray(special.ndtri(np.concatenate([[0.0], share])))


def _table(a: IntArray, b: IntArray, w: FloatArray) -> FloatArray:
    shape = (int(a.max()) + 1, int(b.max()) + 1)
    sums = np.bincount(a * shape[1] + b, w, shape[0] * shape[1])
    return np.asarray(sums, np.float64).reshape(shape)


def _covariance(
    codes: list[IntArray], margins: list[FloatArray], r: FloatArray, w: FloatArray, people: IntArray
) -> FloatArray:
    """Return the covariance of the correlations, to which that of the thresholds adds."""
    sizes = [len(m) - 2 for m in margins]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    pairs = list(zip(*np.tril_indices(len(codes), -1), strict=True))
    first, many = int(starts[-1]), int(starts[-1]) + len(pairs)
    scores, bread = np.zeros((len(w), many)), np.zeros((many, many))
    for at, (code, margin) in enumerate(zip(codes, margins, strict=True)):
        here = slice(starts[at], starts[at + 1])
        scores[:, here] = _margin_slopes(margin)[code]
        bread[here, here] = (scores[:, here] * w[:, None]).T @ scores[:, here]
    for row, (a, b) in enumerate(pairs, start=first):
        slope, by_a, by_b = _pair_slopes(margins[a], margins[b], float(r[a, b]))
        own = slope[codes[a], codes[b]]
        scores[:, row] = own
        bread[row, row] = float(w @ own**2)
        bread[row, starts[a] : starts[a + 1]] = (w * own) @ by_a[codes[a], codes[b]]
        bread[row, starts[b] : starts[b + 1]] = (w * own) @ by_b[codes[a], codes[b]]
    pulls = np.linalg.solve(bread, (scores * w[:, None]).T)[first:]
    many_people = int(people.max()) + 1
    summed = np.zeros((many_people, len(pairs)))
    np.add.at(summed, people, pulls.T)
    return np.asarray(summed.T @ summed * many_people / (many_people - 1))


def _margin_slopes(margin: FloatArray) -> FloatArray:
    """Return d log share / d threshold of each answer (answers, thresholds)."""
    share = np.diff(special.ndtr(margin))
    density = np.exp(-(margin[1:-1] ** 2) / 2) / math.sqrt(2 * math.pi)
    slopes = np.zeros((len(share), len(density)))
    at = np.arange(len(density))
    slopes[at, at] = density / share[:-1]
    slopes[at + 1, at] = -density / share[1:]
    return slopes


def _pair_slopes(
    rows: FloatArray, columns: FloatArray, r: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return d log chance of each cell (a, b) by the correlation, and by both thresholds."""
    chance = np.maximum(cells(rows, columns, r), 1e-300)
    grid = _density(rows[:, None], columns[None, :], r)
    slope = np.diff(np.diff(grid, axis=0), axis=1) / chance
    by_rows = _threshold_slopes(rows, columns, r) / chance[:, :, None]
    turned = np.moveaxis(_threshold_slopes(columns, rows, r), 0, 1)
    return slope, by_rows, np.asarray(turned / chance[:, :, None])


def _density(a: FloatArray, b: FloatArray, r: float) -> FloatArray:
    finite = np.isfinite(a) & np.isfinite(b)
    x, y = np.where(finite, a, 0.0), np.where(finite, b, 0.0)
    free = 1 - r * r
    inside = np.exp(-(x**2 + y**2 - 2 * r * x * y) / (2 * free))
    return np.asarray(np.where(finite, inside / (2 * math.pi * math.sqrt(free)), 0.0))


def _threshold_slopes(moved: FloatArray, other: FloatArray, r: float) -> FloatArray:
    """Return d chance / d threshold of `moved` (moved answers, other answers, thresholds)."""
    inner = moved[1:-1]
    away = (other[None, :] - r * inner[:, None]) / math.sqrt(1 - r * r)
    density = np.exp(-(inner**2) / 2) / math.sqrt(2 * math.pi)
    flow = density[:, None] * np.diff(special.ndtr(away), axis=1)
    slopes = np.zeros((len(moved) - 1, len(other) - 1, len(inner)))
    for at in range(len(inner)):
        slopes[at, :, at], slopes[at + 1, :, at] = flow[at], -flow[at]
    return slopes
