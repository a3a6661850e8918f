"""Cross moments: mergeable weighted products of several variables of one complete-case set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import GROUPS, FloatArray, hash_group


@dataclass(frozen=True, eq=False)
class CrossMoments:
    """Σw·z·zᵀ with z = (1, variables): `products` (q+1, q+1) of `n` complete rows, `sum_w2`
    Σw², and the same products in each of 64 customer groups, `by_group` (64, q+1, q+1)."""

    names: tuple[str, ...]
    n: int
    sum_w2: float
    by_group: FloatArray

    @property
    def products(self) -> FloatArray:
        return np.asarray(self.by_group.sum(axis=0))

    @property
    def n_effective(self) -> float:
        return float(self.products[0, 0]) ** 2 / self.sum_w2

    @property
    def filled(self) -> np.ndarray:
        """Return which customer groups hold anybody."""
        return np.asarray(self.by_group[:, 0, 0] > 0)

    @property
    def means(self) -> FloatArray:
        return np.asarray(self.products[0, 1:] / self.products[0, 0])

    def deleted(self) -> FloatArray:
        """Return the products without each filled group in turn (G, q+1, q+1)."""
        return np.asarray(self.products - self.by_group[self.filled])


def cross_rows(
    names: Sequence[str],
    columns: ArrayLike,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> CrossMoments:
    """Return the cross moments of the columns (n, q); rows with a NaN are left out whole."""
    x = np.asarray(columns, np.float64)
    there = ~np.isnan(x).any(axis=1)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(len(x)) if cluster is None else np.asarray(cluster)
    z = np.column_stack([np.ones(int(there.sum())), x[there]])
    w, group = w[there], hash_group(ids[there])
    by_group = np.zeros((GROUPS, z.shape[1], z.shape[1]))
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(GROUPS + 1))
    z, w = z[order], w[order]
    for one in range(GROUPS):
        part = slice(edges[one], edges[one + 1])
        by_group[one] = (z[part] * w[part, None]).T @ z[part]
    return CrossMoments(tuple(names), len(w), float(w @ w), by_group)


def merge_cross(a: CrossMoments, b: CrossMoments) -> CrossMoments:
    """Return the moments of both sets of rows (ValueError where the variables differ)."""
    if a.names != b.names:
        raise ValueError("the variables differ")
    return CrossMoments(a.names, a.n + b.n, a.sum_w2 + b.sum_w2, a.by_group + b.by_group)


def coarser(cross: CrossMoments) -> CrossMoments:
    """Return the same with four customer groups put into one: 16 instead of 64."""
    size = cross.by_group.shape[1]
    by_group = cross.by_group.reshape(GROUPS // 4, 4, size, size).sum(axis=1)
    return CrossMoments(cross.names, cross.n, cross.sum_w2, by_group)


def covariances(products: FloatArray) -> FloatArray:
    """Return Σw(z-z̄)(z-z̄)ᵀ/Σw of the variables, for one or many products (…, q+1, q+1)."""
    total = products[..., 0, 0][..., None, None]
    total = np.where(total > 0, total, np.nan)
    mean = products[..., 0, 1:] / total[..., 0]
    away = products[..., 1:, 1:] / total - mean[..., :, None] * mean[..., None, :]
    return np.asarray(away)


def correlations(products: FloatArray) -> FloatArray:
    """Return the correlation matrix of the variables; one that does not vary has only 0."""
    c = covariances(products)
    sd = np.sqrt(np.maximum(np.diagonal(c, axis1=-2, axis2=-1), 0))
    size = sd[..., :, None] * sd[..., None, :]
    r = np.divide(c, size, out=np.zeros_like(c), where=size > 1e-12)
    at = np.arange(c.shape[-1])
    r[..., at, at] = 1.0
    return np.asarray(r, np.float64)
