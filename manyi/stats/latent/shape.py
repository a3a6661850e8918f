"""Factors of which each item loads on one: what its parameters imply, and their slopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manyi.stats.moments import FloatArray


@dataclass(frozen=True)
class Shape:
    """`of` is the factor of each item, `fixed` the first item of each factor, which loads 1."""

    of: tuple[int, ...]
    fixed: tuple[int, ...]

    @property
    def free(self) -> list[int]:
        """Return the items whose loadings are estimated."""
        return [at for at in range(len(self.of)) if at not in self.fixed]


def shape_of(blocks: Mapping[str, Sequence[int]]) -> Shape:
    """Return the shape of the blocks, items in their order."""
    of = tuple(f for f, block in enumerate(blocks.values()) for _ in block)
    return Shape(of, tuple(of.index(f) for f in range(len(blocks))))


def parts(theta: FloatArray, shape: Shape) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return loadings (p, m), factor covariances (m, m) and unshared variances (p,)."""
    p, m, free = len(shape.of), len(shape.fixed), shape.free
    loadings = np.zeros((p, m))
    loadings[list(shape.fixed), range(m)] = 1.0
    loadings[free, [shape.of[at] for at in free]] = theta[: len(free)]
    phi = np.zeros((m, m))
    lower = np.tril_indices(m)
    phi[lower] = theta[len(free) : len(free) + len(lower[0])]
    phi = phi + np.tril(phi, -1).T
    return loadings, phi, theta[-p:]


def implied(theta: FloatArray, shape: Shape) -> FloatArray:
    """Return the covariance (p, p) that the parameters imply."""
    loadings, phi, unshared = parts(theta, shape)
    return np.asarray(loadings @ phi @ loadings.T + np.diag(unshared))


def slopes(theta: FloatArray, shape: Shape) -> list[FloatArray]:
    """Return the derivative of the implied covariance by each parameter."""
    loadings, phi, unshared = parts(theta, shape)
    p, found = len(unshared), []
    shared = loadings @ phi
    for at in shape.free:
        one = np.zeros((p, p))
        one[at] = shared[:, shape.of[at]]
        found.append(one + one.T)
    for a, b in zip(*np.tril_indices(len(phi)), strict=True):
        outer = np.outer(loadings[:, a], loadings[:, b])
        found.append(outer if a == b else outer + outer.T)
    for at in range(p):
        one = np.zeros((p, p))
        one[at, at] = 1.0
        found.append(one)
    return found
