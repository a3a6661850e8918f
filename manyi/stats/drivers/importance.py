"""Kernels of relative importance on a correlation matrix whose last variable is the outcome."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from manyi.stats.moments import FloatArray, IntArray

MOST_EXACT = 20


def r2(correlation: FloatArray) -> float:
    """Return the share of the outcome's variance that all drivers explain."""
    return float(correlation[:-1, -1] @ std_beta(correlation))


def std_beta(correlation: FloatArray) -> FloatArray:
    """Return the standardised regression weights."""
    found, *_ = np.linalg.lstsq(correlation[:-1, :-1], correlation[:-1, -1], rcond=None)
    return np.asarray(found)


def vif(correlation: FloatArray) -> FloatArray:
    """Return variance inflation factors of the drivers: above 5 they say the same thing."""
    return np.asarray(np.diag(np.linalg.pinv(correlation[:-1, :-1])))


def condition(correlation: FloatArray) -> float:
    """Return √(largest/smallest eigenvalue) of the drivers' correlations; above 30 is bad."""
    values = np.linalg.eigvalsh(correlation[:-1, :-1])
    return float(math.sqrt(values[-1] / values[0])) if values[0] > 0 else math.inf


def first(correlation: FloatArray) -> FloatArray:
    """Return what each driver explains alone."""
    return np.asarray(correlation[:-1, -1] ** 2)


def last(correlation: FloatArray) -> FloatArray:
    """Return what each driver adds to all others: β²/VIF."""
    return np.asarray(std_beta(correlation) ** 2 / vif(correlation))


def pratt(correlation: FloatArray) -> FloatArray:
    """Return β·r, which sums to R² but may be negative."""
    return np.asarray(std_beta(correlation) * correlation[:-1, -1])


def car(correlation: FloatArray) -> FloatArray:
    """Return squared correlation-adjusted scores (Rxx^-½ r)² (Genizi 1993; Zuber & Strimmer)."""
    _, back = _roots(correlation)
    return np.asarray((back @ correlation[:-1, -1]) ** 2)


def relative_weights(correlation: FloatArray) -> FloatArray:
    """Return Johnson's relative weights (2000), which sum to R²: a fast approximation of LMG."""
    root, back = _roots(correlation)
    return np.asarray(root**2 @ (back @ correlation[:-1, -1]) ** 2)


def _roots(correlation: FloatArray) -> tuple[FloatArray, FloatArray]:
    values, vectors = np.linalg.eigh(correlation[:-1, :-1])
    values = np.maximum(values, 1e-12)
    size = np.sqrt(values)
    return (vectors * size) @ vectors.T, (vectors / size) @ vectors.T


def lmg(correlation: FloatArray) -> FloatArray:
    """Return what each driver explains, averaged over all orders of entry (LMG, Shapley).

    `correlation` is (p+1, p+1) or (p+1, p+1, B) for B matrices at once; the answer (p,) or
    (p, B) sums to R². Up to 20 drivers exactly; `lmg_sampled` beyond. Lindeman, Merenda &
    Gold 1980; the same as R's relaimpo. All subsets at once: each step keeps the Schur
    complements with and without the next driver, so the work is about 6·2^p.
    """
    many = correlation if correlation.ndim == 3 else correlation[:, :, None]
    p = many.shape[0] - 1
    if p > MOST_EXACT:
        raise ValueError("too many drivers for all subsets: use lmg_sampled")
    explained = 1 - _residual_variances(many)
    weight = _weights(p)
    found = np.empty((p, many.shape[2]))
    for at in range(p):
        split = explained.reshape(1 << (p - 1 - at), 2, 1 << at, -1)
        gain = split[:, 1] - split[:, 0]
        found[at] = weight @ gain.reshape(1 << (p - 1), -1)
    return found if correlation.ndim == 3 else found[:, 0]


def lmg_in_blocks(correlations: FloatArray) -> FloatArray:
    """Return `lmg` of many matrices (p+1, p+1, B), so many at a time as memory is kind to."""
    return _in_blocks(lmg, correlations)


def pmvd_in_blocks(correlations: FloatArray) -> FloatArray:
    """Return `pmvd` of many matrices (p+1, p+1, B) in the same way."""
    return _in_blocks(pmvd, correlations)


def _in_blocks(measure: Callable[[FloatArray], FloatArray], correlations: FloatArray) -> FloatArray:
    p, many = correlations.shape[0] - 1, correlations.shape[2]
    size = max(1, (1 << 19) >> p)
    parts = [measure(correlations[:, :, at : at + size]) for at in range(0, many, size)]
    return np.concatenate(parts, axis=1)


def pmvd(correlation: FloatArray) -> FloatArray:
    """Return the proportional marginal variance decomposition (Feldman 2005), shaped as `lmg`.

    Like LMG it averages what each driver adds over all orders of entry and sums to R², but an
    order π counts by ∏ 1/(R² - R²(first i of π)), i = 1 … p - 1: orders in which the first
    drivers already explain nearly all weigh most. So a driver whose coefficient is 0 gets
    nothing, which LMG does not promise where drivers correlate; of two drivers the shares are
    as β₁² : β₂² (Grömping 2007). The orders are summed over the 2^p subsets, forwards and
    backwards; up to 20 drivers.
    """
    many = correlation if correlation.ndim == 3 else correlation[:, :, None]
    p = many.shape[0] - 1
    if p > MOST_EXACT:
        raise ValueError("too many drivers for all subsets")
    explained = 1 - _residual_variances(many)
    left = explained[-1] - explained
    weight = 1 / np.maximum(left, 1e-12 * np.maximum(explained[-1], 1e-12))
    weight[-1] = 1.0
    subsets = np.arange(1 << p)
    size = np.bitwise_count(subsets)
    before = _before(weight, subsets, size, p)
    after = _after(weight, subsets, size, p)
    found = np.empty((p, many.shape[2]))
    for at in range(p):
        without = subsets[(subsets >> at) & 1 == 0]
        of = without | 1 << at
        ways = before[without] * weight[of] * after[of]
        found[at] = (ways * (explained[of] - explained[without])).sum(axis=0)
    found /= before[-1]
    return found if correlation.ndim == 3 else found[:, 0]


def _before(weight: FloatArray, subsets: IntArray, size: IntArray, p: int) -> FloatArray:
    """Return the weight of all orders that begin with each subset (2^p, B)."""
    found = np.ones_like(weight)
    for k in range(1, p + 1):
        level = subsets[size == k]
        total = np.zeros((len(level), weight.shape[1]))
        for at in range(p):
            there = (level >> at) & 1 == 1
            total[there] += found[level[there] ^ 1 << at]
        found[level] = total * weight[level]
    return found


def _after(weight: FloatArray, subsets: IntArray, size: IntArray, p: int) -> FloatArray:
    """Return the weight of all ways to go on from each subset (2^p, B)."""
    found = np.ones_like(weight)
    for k in range(p - 1, -1, -1):
        level = subsets[size == k]
        total = np.zeros((len(level), weight.shape[1]))
        for at in range(p):
            free = (level >> at) & 1 == 0
            of = level[free] | 1 << at
            total[free] += weight[of] * found[of]
        found[level] = total
    return found


def _residual_variances(many: FloatArray) -> FloatArray:
    """Return the outcome's variance left by every subset of drivers (2^p, B); bit j is j."""
    left = many[:, :, None, :]
    while left.shape[0] > 1:
        pivot, column, rest = left[0, 0], left[1:, 0], left[1:, 1:]
        n = rest.shape[2]
        both = np.empty((*rest.shape[:2], 2 * n, rest.shape[3]))
        both[:, :, :n] = rest
        scaled = np.divide(column, pivot, out=np.zeros_like(column), where=pivot > 1e-10)
        np.multiply(column[:, None], scaled[None], out=both[:, :, n:])
        np.subtract(rest, both[:, :, n:], out=both[:, :, n:])
        left = both
    return np.asarray(left[0, 0])


def _weights(p: int) -> FloatArray:
    """Return |S|!(p-|S|-1)!/p! for every subset S of the other p - 1 drivers."""
    size = np.zeros(1, np.int64)
    for _ in range(p - 1):
        size = np.concatenate([size, size + 1])
    by_size = np.array([1 / (p * math.comb(p - 1, s)) for s in range(p)])
    return np.asarray(by_size[size])


def lmg_sampled(
    correlation: FloatArray, *, rng: np.random.Generator, orders: int = 500
) -> tuple[FloatArray, FloatArray]:
    """Return LMG from random orders of entry, and its sampling error, for many drivers."""
    p = correlation.shape[0] - 1
    gains = np.zeros((orders, p))
    for row in gains:
        order = rng.permutation(p)
        index = np.append(order, p)
        factor = np.linalg.cholesky(correlation[np.ix_(index, index)] + 1e-12 * np.eye(p + 1))
        row[order] = factor[-1, :-1] ** 2
    return gains.mean(axis=0), gains.std(axis=0, ddof=1) / math.sqrt(orders)
