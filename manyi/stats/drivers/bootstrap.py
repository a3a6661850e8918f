"""Bootstrap intervals of importance, from rows: correlations of all draws by one product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.cross import correlations
from manyi.stats.drivers.importance import lmg_in_blocks
from manyi.stats.errors import draw_counts
from manyi.stats.moments import FloatArray

_BLOCK = 50


@dataclass(frozen=True, eq=False)
class Bootstrapped:
    """LMG shares in percent: of the rows themselves (p,), of every draw (draws, p), with
    percentile intervals (p, 2) and rank intervals (p, 2)."""

    shares: FloatArray
    draws: FloatArray
    intervals: FloatArray
    ranks: np.ndarray


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
    return Bootstrapped(
        whole[0],
        found,
        np.percentile(found, tails, axis=0).T,
        np.percentile(ranks, tails, axis=0).T.round().astype(int),
    )


def _shares(sums: FloatArray, upper: tuple[np.ndarray, ...], q: int) -> FloatArray:
    products = np.zeros((len(sums), q, q))
    products[:, upper[0], upper[1]] = sums
    products[:, upper[1], upper[0]] = sums
    gains = lmg_in_blocks(np.moveaxis(correlations(products), 0, -1))
    return np.asarray((100 * gains / gains.sum(axis=0)).T)
