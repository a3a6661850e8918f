"""What each variable adds to a forecast of boosted trees: exact Shapley values.

The game is that of TreeSHAP (Lundberg et al. 2020, “tree path dependent”): a coalition knows
some variables; at a cut on an unknown one both ways are followed in proportion to the weight
that went there. In one leaf the worth of a coalition is a product over the variables of its
path, of o (0 or 1: the row meets their conditions) for the known and z (the share that went
there) for the unknown. Its Shapley value is an integral of a polynomial (Owen 1972),

    φⱼ = v (oⱼ - zⱼ) ∫₀¹ Π_{k≠j} (zₖ(1 - t) + oₖ t) dt,

which Gauss and Legendre's rule with ⌈depth/2⌉ points gives exactly: no sampling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.trees.boosting import Boosted
from manyi.stats.trees.splits import BoolArray

_TABLED = 3


@dataclass(frozen=True, eq=False)
class Shapley:
    """`base` is the forecast that knows nothing; `values` (n, p) add up, with it, to what the
    model says of each row (log odds for an outcome of 0 and 1)."""

    base: float
    values: FloatArray


def shapley_values(boosted: Boosted, left: BoolArray, model: int = 0) -> Shapley:
    """Return the Shapley values of rows, given who goes left at each cut (s, n)."""
    split, depth = boosted.split[model], boosted.depth
    leaves = _Leaves(boosted, model)
    variable = boosted.splits.variable[np.maximum(split, 0)]
    found = np.zeros((left.shape[1], boosted.splits.p))
    if depth <= _TABLED:
        # A tree of seven questions has 128 answers: all of them are settled first.
        inner = split.shape[1]
        answers = (np.arange(2**inner)[:, None] >> np.arange(inner)) & 1 > 0
        tables = _onto(leaves.shares(answers[None]), variable, boosted.splits.p)
        for at, cuts in enumerate(split):
            found += tables[at][_coded(left, cuts)]
    else:
        for at in range(len(split)):
            goes = left[np.maximum(split[at], 0)].T[None]
            one = leaves.only(at).shares(goes)
            found += _onto(one, variable[at : at + 1], boosted.splits.p)[0]
    return Shapley(float(boosted.base[model]) + leaves.empty, found)


def _coded(left: BoolArray, cuts: IntArray) -> IntArray:
    powers = 2 ** np.arange(len(cuts))
    return np.asarray(powers @ left[np.maximum(cuts, 0)], np.int64)


def _onto(shares: FloatArray, variable: IntArray, p: int) -> FloatArray:
    """Return the shares of nodes (trees, rows, inner) as those of variables (trees, rows, p)."""
    where = np.zeros((*variable.shape, p))
    np.put_along_axis(where, variable[..., None], 1.0, axis=2)
    return np.asarray(shares @ where)


class _Leaves:
    """The paths to the leaves of some trees: which nodes, which way, which share went there."""

    def __init__(self, boosted: Boosted, model: int) -> None:
        self.depth = boosted.depth
        self.split = boosted.split[model]
        self.value, self.cover = boosted.value[model], boosted.cover[model]
        self.variable = np.where(
            self.split < 0, -1 - np.arange(self.split.shape[1]), boosted.splits.variable[self.split]
        )

    def only(self, at: int) -> _Leaves:
        one = object.__new__(_Leaves)
        one.depth = self.depth
        for name in ("split", "value", "cover", "variable"):
            setattr(one, name, getattr(self, name)[at : at + 1])
        return one

    @property
    def empty(self) -> float:
        """Return the sum over trees of what is said of nobody known."""
        inner = self.split.shape[1]
        root = np.maximum(self.cover[:, :1], 1e-300)
        return float((self.value * self.cover[:, inner:] / root).sum())

    def _path(self, leaf: int) -> tuple[list[int], list[bool]]:
        """Return the nodes from the root to a leaf, and whether each is left by the left."""
        node, nodes, ways = leaf + self.split.shape[1], [], []
        while node:
            above = (node - 1) // 2
            nodes.append(above)
            ways.append(node == 2 * above + 1)
            node = above
        return nodes[::-1], ways[::-1]

    def shares(self, goes: BoolArray) -> FloatArray:
        """Return what each node's question adds (trees, rows, inner), given the answers to all
        questions (trees or 1, rows, inner)."""
        trees, inner = self.split.shape
        found = np.zeros((trees, goes.shape[1], inner))
        for leaf in range(inner + 1):
            nodes, ways = self._path(leaf)
            met, share = self._met(goes, nodes, ways), self._shares_of(nodes, ways)
            self._merge(met, share, nodes)
            worth = self.value[:, leaf][:, None, None]
            found[:, :, nodes] += worth * (met - share) * _others(met, share)
        return found

    def _met(self, goes: BoolArray, nodes: list[int], ways: list[bool]) -> FloatArray:
        met = goes[:, :, nodes] == np.array(ways)
        unasked = self.split[:, None, nodes] < 0
        return np.where(unasked, np.array(ways), met).astype(np.float64)

    def _shares_of(self, nodes: list[int], ways: list[bool]) -> FloatArray:
        below = [2 * node + (1 if way else 2) for node, way in zip(nodes, ways, strict=True)]
        above = np.maximum(self.cover[:, nodes], 1e-300)
        share = self.cover[:, below] / above
        return np.where(self.split[:, nodes] < 0, np.array(ways, float), share)[:, None, :]

    def _merge(self, met: FloatArray, share: FloatArray, nodes: list[int]) -> None:
        """Let the first question about a variable stand for all of them on the path; those after
        it say nothing more (o = z = 1)."""
        for late in range(1, len(nodes)):
            open_ = np.ones(len(self.split), bool)
            for early in range(late):
                same = self.variable[:, nodes[early]] == self.variable[:, nodes[late]]
                same &= open_
                open_ &= ~same
                met[same, :, early] *= met[same, :, late]
                share[same, :, early] *= share[same, :, late]
                met[same, :, late], share[same, :, late] = 1.0, 1.0


def _others(met: FloatArray, share: FloatArray) -> FloatArray:
    """Return ∫ Π over the other questions of (z(1 - t) + o t), for each (trees, rows, depth)."""
    depth = met.shape[2]
    points, sizes = np.polynomial.legendre.leggauss((depth + 1) // 2)
    found = np.zeros_like(met)
    for t, size in zip((points + 1) / 2, sizes / 2, strict=True):
        factors = share * (1 - t) + met * t
        for one in range(depth):
            rest = [k for k in range(depth) if k != one]
            found[:, :, one] += size * factors[:, :, rest].prod(axis=2)
    return found
