"""Correlations of what lies behind ordinal answers: polychoric and tetrachoric."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


@dataclass(frozen=True, eq=False)
class Polychoric:
    """The correlation with its interval (on Fisher's z scale), and the thresholds of both, which
    are normal quantiles of the shares below them."""

    correlation: Estimate
    rows: tuple[Estimate, ...]
    columns: tuple[Estimate, ...]


def normal_square(h: ArrayLike, k: ArrayLike, r: float) -> FloatArray:
    """Return P(X ≤ h, Y ≤ k) of standard normals with correlation r, for any shapes.

    Φ(h)Φ(k) + ∫ of the density over the correlation, in the angle arcsin r.
    """
    a, b = np.broadcast_arrays(np.asarray(h, np.float64), np.asarray(k, np.float64))
    base = special.ndtr(a) * special.ndtr(b)
    finite = np.isfinite(a) & np.isfinite(b)
    x, y = np.where(finite, a, 0.0)[..., None], np.where(finite, b, 0.0)[..., None]
    half = math.asin(r) / 2
    angle = half * (_NODES + 1)
    sine, cosine = np.sin(angle), np.cos(angle)
    inside = np.exp(-(x**2 + y**2 - 2 * x * y * sine) / (2 * cosine**2))
    return np.asarray(base + np.where(finite, half * (inside @ _WEIGHTS) / (2 * math.pi), 0.0))


def polychoric_counts(table: ArrayLike, *, empty: float = 0.0, level: float = 0.95) -> Polychoric:
    """Return the polychoric correlation of two ordinal answers from their counts (r, c).

    Two steps (Olsson 1979): thresholds from the margins, then the likelihood over the
    correlation, as lavaan and R's polycor by default; tetrachoric for 2 × 2. `empty` is what
    empty cells count as (R's psych: 0.5). The error is that of full likelihood, thresholds
    unknown too. Levels that nobody chose are left out.
    """
    counts = np.asarray(table, np.float64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        raise ValueError("both need at least two levels that somebody chose")
    n = float(counts.sum())
    rows, columns = _thresholds(counts.sum(axis=1)), _thresholds(counts.sum(axis=0))
    r = likeliest(np.where(counts == 0, empty, counts), rows, columns)
    se = _standard_error(rows, columns, r, n)
    told = (_cuts(cuts[1:-1], n, level) for cuts in (rows, columns))
    return Polychoric(_estimate(r, se, n, level), *told)


def _cuts(cuts: FloatArray, n: float, level: float) -> tuple[Estimate, ...]:
    """Return thresholds with the interval of the share below each, by the delta method."""
    below, density = special.ndtr(cuts), np.exp(-(cuts**2) / 2) / math.sqrt(2 * math.pi)
    errors = np.sqrt(below * (1 - below) / n) / density
    quantile = intervals.normal_quantile(level)
    return tuple(
        Estimate(cut, *intervals.around(cut, se, quantile), level, round(n), n, None, "probit")
        for cut, se in zip(cuts.tolist(), errors.tolist(), strict=True)
    )


def likeliest(counts: FloatArray, rows: FloatArray, columns: FloatArray) -> float:
    """Return the correlation under which the counts are likeliest, given the thresholds."""

    def loss(r: float) -> float:
        return -float((counts * np.log(np.maximum(cells(rows, columns, r), 1e-300))).sum())

    best = optimize.minimize_scalar(
        loss, bounds=(-0.99999, 0.99999), method="bounded", options={"xatol": 1e-10}
    )
    return float(best.x)


def _estimate(r: float, se: float, n: float, level: float) -> Estimate:
    reach = intervals.normal_quantile(level) * se / (1 - r * r)
    z = math.atanh(r)
    low, high = math.tanh(z - reach), math.tanh(z + reach)
    if math.isnan(se):
        return Estimate(r, None, None, level, round(n), n, None, "polychoric")
    return Estimate(r, low, high, level, round(n), n, None, "polychoric")


def _standard_error(rows: FloatArray, columns: FloatArray, r: float, n: float) -> float:
    """Return the error of r from the information of the table on r and all thresholds."""
    inner = [*range(1, len(rows) - 1)], [*range(1, len(columns) - 1)]
    moves = [(0, at) for at in inner[0]] + [(1, at) for at in inner[1]]
    step = min(1e-5, (1 - abs(r)) / 4)
    slopes = [(cells(rows, columns, r + step) - cells(rows, columns, r - step)) / (2 * step)]
    for side, at in moves:
        ends = []
        for way in (1e-5, -1e-5):
            moved = [rows.copy(), columns.copy()]
            moved[side][at] += way
            ends.append(cells(moved[0], moved[1], r))
        slopes.append((ends[0] - ends[1]) / 2e-5)
    flat = np.array([one.ravel() for one in slopes])
    chance = np.maximum(cells(rows, columns, r).ravel(), 1e-12)
    information = n * (flat / chance) @ flat.T
    variance = float(np.linalg.pinv(information)[0, 0])
    return math.sqrt(variance) if variance > 0 else math.nan


def _thresholds(counts: FloatArray) -> FloatArray:
    return np.asarray(special.ndtri(np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])))


def cells(rows: FloatArray, columns: FloatArray, r: float) -> FloatArray:
    """Return the chance of each cell between the thresholds (ends included) of two items."""
    square = normal_square(rows[:, None], columns[None, :], r)
    return np.asarray(np.diff(np.diff(square, axis=0), axis=1))


def polychoric_rows(
    items: ArrayLike, *, weights: ArrayLike | None = None, empty: float = 0.0
) -> FloatArray:
    """Return the matrix (p, p) of polychoric correlations of ordinal columns (n, p), each pair
    over the rows that have both; mended to be positive definite where sampling broke that."""
    x = np.asarray(items, np.float64)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
    p = x.shape[1]
    r = np.eye(p)
    for a in range(p):
        for b in range(a):
            found = polychoric_counts(_crossed(x[:, a], x[:, b], w), empty=empty).correlation.value
            r[a, b] = r[b, a] = 0.0 if found is None else found
    return _positive(r)


def _crossed(a: FloatArray, b: FloatArray, w: FloatArray) -> FloatArray:
    there = ~(np.isnan(a) | np.isnan(b))
    rows, at = np.unique(a[there], return_inverse=True)
    columns, of = np.unique(b[there], return_inverse=True)
    size = len(rows) * len(columns)
    sums = np.bincount(at * len(columns) + of, weights=w[there], minlength=size)
    return np.asarray(sums, np.float64).reshape(len(rows), len(columns))


def _positive(r: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(r)
    if values[0] > 1e-8:
        return r
    mended = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    size = np.sqrt(np.diag(mended))
    return np.asarray(mended / np.outer(size, size))
