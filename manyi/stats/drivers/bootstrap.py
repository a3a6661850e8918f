"""Bootstrap intervals of importance, from rows: correlations of all draws by one product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.cross import correlations
from manyi.stats.drivers.importance import lmg_in_blocks
from manyi.stats.errors import draw_counts
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate

_BLOCK = 50


@dataclass(frozen=True, eq=False)
class Bootstrapped:
    """LMG shares in percent with percentile intervals, and the ranks that each may have."""

    shares: tuple[Estimate, ...]
    ranks: tuple[tuple[int, int], ...]


def lmg_bootstrap_rows(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rng: np.random.Generator,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    draws: int = 1000,
    level: float = 0.95,
) -> Bootstrapped:
    """Return bootstrap intervals of LMG shares; whole customers are drawn where `cluster`
    holds them. The same seed gives the same result."""
    z = np.column_stack([np.ones(len(np.asarray(y))), np.asarray(x), np.asarray(y)])
    w = np.ones(len(z)) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(len(z)) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    q = z.shape[1]
    upper = np.triu_indices(q)
    products = (z[:, upper[0]] * z[:, upper[1]]) * w[:, None]
    units = int(ids.max()) + 1
    if units < len(z):
        summed = np.zeros((units, products.shape[1]))
        np.add.at(summed, ids, products)
        products = summed
    whole = _shares(products.sum(axis=0)[None], upper, q)
    blocks = [
        _shares(counts @ products, upper, q) for counts in draw_counts(rng, units, draws, _BLOCK)
    ]
    found = np.concatenate(blocks)
    tails = [50 * (1 - level), 50 * (1 + level)]
    ranks = (-found).argsort(axis=1).argsort(axis=1) + 1
    ends = np.percentile(found, tails, axis=0).tolist()
    places = np.percentile(ranks, tails, axis=0).round().astype(int).tolist()
    effective = min(float(w.sum() ** 2 / (w @ w)), float(units))
    shares = tuple(
        Estimate(value, low, high, level, len(z), effective, None, "bootstrap")
        for value, low, high in zip(whole[0].tolist(), *ends, strict=True)
    )
    return Bootstrapped(shares, tuple(zip(*places, strict=True)))


def _shares(sums: FloatArray, upper: tuple[np.ndarray, ...], q: int) -> FloatArray:
    products = np.zeros((len(sums), q, q))
    products[:, upper[0], upper[1]] = sums
    products[:, upper[1], upper[0]] = sums
    gains = lmg_in_blocks(np.moveaxis(correlations(products), 0, -1))
    return np.asarray((100 * gains / gains.sum(axis=0)).T)
