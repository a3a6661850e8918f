"""A random forest, and how much worse it forecasts when one driver is shuffled.

Ranks drivers whatever the shape of their influence; drivers that say the same thing share
their importance, so that it orders but does not measure (Breiman 2001).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate, Test

_BINS = 64


@dataclass(frozen=True, eq=False)
class Forest:
    """For each driver the mean rise of the error where it is shuffled (percentage points of
    wrong forecasts for an outcome of 0 and 1, else of squared error), `tests` whose
    statistic is that mean over its standard error (R's `importance(type = 1)`), and the error
    among rows a tree had not seen. Both are of the trees grown, not of other customers.
    """

    importance: tuple[Estimate, ...]
    tests: tuple[Test, ...]
    error: Estimate

    @property
    def ranking(self) -> IntArray:
        """Return the places of the drivers from most to least important."""
        z = np.array([one.statistic for one in self.tests])
        return np.argsort(-z, kind="stable").astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Tree:
    feature: IntArray  # -1 in a leaf
    cut: IntArray  # the last bin that goes left
    left: IntArray  # the right child is the next
    value: FloatArray

    def predict(self, bins: IntArray) -> FloatArray:
        """Return the mean outcome of the leaf of each row (n, p)."""
        at = np.zeros(len(bins), np.int64)
        going = np.flatnonzero(self.feature[at] >= 0)
        while len(going):
            node = at[going]
            beyond = bins[going, self.feature[node]] > self.cut[node]
            at[going] = self.left[node] + beyond
            going = going[self.feature[at[going]] >= 0]
        return np.asarray(self.value[at])


def forest_rows(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rng: np.random.Generator,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    trees: int = 300,
    tried: int | None = None,
    least: int | None = None,
    level: float = 0.95,
) -> Forest:
    """Return permutation importance from `trees` trees grown on bootstrap rows (customers,
    where `cluster` names them), each split choosing among `tried` drivers.

    Defaults are those of R's randomForest: √p drivers and single rows in a leaf for an
    outcome of 0 and 1, p/3 and five rows else. Rows with a NaN are left out.
    """
    columns, outcome = np.asarray(x, np.float64), np.asarray(y, np.float64)
    there = ~(np.isnan(columns).any(axis=1) | np.isnan(outcome))
    columns, outcome = columns[there], outcome[there]
    w = np.ones(len(outcome)) if weights is None else np.asarray(weights, np.float64)[there]
    ids = np.arange(len(outcome)) if cluster is None else np.asarray(cluster)[there]
    codes = np.unique(ids, return_inverse=True)[1]
    binary = bool(np.isin(outcome, (0.0, 1.0)).all())
    p = columns.shape[1]
    some = max(1, int(math.sqrt(p)) if binary else p // 3) if tried is None else tried
    smallest = (1 if binary else 5) if least is None else least
    bins = np.column_stack([_binned(columns[:, at]) for at in range(p)])
    grown = _Grower(bins, outcome, w, some, smallest)
    return _measured(grown, codes, rng, trees, level, binary=binary)


def _binned(x: FloatArray) -> IntArray:
    values = np.unique(x)
    if len(values) > _BINS:
        values = np.unique(np.quantile(x, np.linspace(0, 1, _BINS + 1)[1:]))
    return np.minimum(np.searchsorted(values, x), len(values) - 1).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Grower:
    bins: IntArray
    y: FloatArray
    weights: FloatArray
    tried: int
    least: int

    def tree(self, counts: FloatArray, rng: np.random.Generator) -> _Tree:
        """Grow one tree level by level; all nodes of a level are split in whole-array steps."""
        rows = np.flatnonzero(counts)
        w, y, bins = (counts * self.weights)[rows], self.y[rows], self.bins[rows]
        feature, cut, left, value = [-1], [0], [0], [float(w @ y / w.sum())]
        at, nodes = np.zeros(len(rows), np.int64), np.array([0])
        while len(rows) and len(nodes):
            best = self._splits(bins, y, w, at, len(nodes), rng)
            kept = best[0] >= 0
            for place, node in enumerate(nodes.tolist()):
                if kept[place]:
                    feature[node], cut[node] = int(best[0][place]), int(best[1][place])
                    left[node] = len(feature)
                    for _ in range(2):
                        feature.append(-1)
                        cut.append(0)
                        left.append(0)
                        value.append(0.0)
            stay = kept[at]
            bins, y, w, at = bins[stay], y[stay], w[stay], at[stay]
            beyond = bins[np.arange(len(at)), best[0][at]] > best[1][at]
            order = np.cumsum(kept) - 1
            at = 2 * order[at] + beyond
            nodes = np.repeat([left[node] for node in nodes[kept]], 2)
            nodes[1::2] += 1
            rows = rows[stay]
            _fill(value, nodes, at, w, y)
        return _Tree(np.array(feature), np.array(cut), np.array(left), np.array(value))

    def _splits(
        self,
        bins: IntArray,
        y: FloatArray,
        w: FloatArray,
        at: IntArray,
        nodes: int,
        rng: np.random.Generator,
    ) -> tuple[IntArray, IntArray]:
        p, k = bins.shape[1], int(bins.max()) + 1
        flat = ((at[:, None] * p + np.arange(p)) * k + bins).ravel()
        size = nodes * p * k
        mass = np.bincount(flat, np.repeat(w, p), size).reshape(nodes, p, k).cumsum(axis=2)
        total = np.bincount(flat, np.repeat(w * y, p), size).reshape(nodes, p, k).cumsum(axis=2)
        n, s = mass[:, :, -1:], total[:, :, -1:]
        right = n - mass
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = total**2 / mass + (s - total) ** 2 / right - s**2 / n
        gain[(mass < 1e-9) | (right < 1e-9) | ~np.isfinite(gain)] = -1.0
        # Of each node only some drivers may be chosen.
        left_out = rng.random((nodes, p)).argsort(axis=1).argsort(axis=1) >= self.tried
        gain[left_out] = -1.0
        best = gain.reshape(nodes, -1).argmax(axis=1)
        feature, cut = np.divmod(best, k)
        worth = gain.reshape(nodes, -1)[np.arange(nodes), best] > 1e-10
        enough = np.bincount(at, minlength=nodes) > self.least
        return np.where(worth & enough, feature, -1), cut


def _fill(value: list[float], nodes: IntArray, at: IntArray, w: FloatArray, y: FloatArray) -> None:
    mass = np.bincount(at, w, len(nodes))
    means = np.bincount(at, w * y, len(nodes)) / np.maximum(mass, 1e-300)
    for node, mean in zip(nodes.tolist(), means.tolist(), strict=True):
        value[node] = mean


def _measured(
    grower: _Grower,
    codes: IntArray,
    rng: np.random.Generator,
    trees: int,
    level: float,
    *,
    binary: bool,
) -> Forest:
    n, p = grower.bins.shape
    people = int(codes.max()) + 1
    votes, asked = np.zeros(n), np.zeros(n)
    rises = np.zeros((trees, p))
    for at in range(trees):
        # Each tree has its own stream, so that their number does not change the first ones.
        own = np.random.default_rng(rng.integers(0, 2**63))
        drawn = np.bincount(own.integers(0, people, people), minlength=people)[codes]
        tree = grower.tree(drawn.astype(np.float64), own)
        unseen = np.flatnonzero(drawn == 0)
        if len(unseen) == 0:
            continue
        told = tree.predict(grower.bins[unseen])
        votes[unseen] += (told > 0.5) if binary else told
        asked[unseen] += 1
        rises[at] = _rises(tree, grower, unseen, told, own, binary=binary)
    mean, se = rises.mean(axis=0), rises.std(axis=0, ddof=1) / math.sqrt(trees)
    z = np.divide(mean, se, out=np.zeros(p), where=se > 0)
    quantile = intervals.normal_quantile(level)
    importance = tuple(
        Estimate(m, *intervals.around(m, s, quantile), level, n, float(people), None, "permutation")
        for m, s in zip(mean.tolist(), se.tolist(), strict=True)
    )
    tests = tuple(
        Test(one, 2 * float(special.ndtr(-abs(one))), None, effect, "permutation", n)
        for one, effect in zip(z.tolist(), importance, strict=True)
    )
    return Forest(importance, tests, _error(grower, votes, asked, level, binary=binary))


def _rises(
    tree: _Tree,
    grower: _Grower,
    rows: IntArray,
    told: FloatArray,
    rng: np.random.Generator,
    *,
    binary: bool,
) -> FloatArray:
    """Return the rise of the error among unseen rows with each driver shuffled in turn."""
    p, m = grower.bins.shape[1], len(rows)
    shuffled = np.tile(grower.bins[rows], (p, 1, 1))
    for at in range(p):
        shuffled[at, :, at] = rng.permutation(shuffled[at, :, at])
    again = tree.predict(shuffled.reshape(p * m, p)).reshape(p, m)
    y, w = grower.y[rows], grower.weights[rows] / grower.weights[rows].sum()
    rise = (_loss(y, again, binary=binary) - _loss(y, told, binary=binary)) @ w
    return np.asarray(100 * rise if binary else rise)


def _loss(y: FloatArray, told: FloatArray, *, binary: bool) -> FloatArray:
    wrong = (told > 0.5) != (y > 0.5) if binary else (told - y) ** 2
    return np.asarray(wrong, np.float64)


def _error(
    grower: _Grower, votes: FloatArray, asked: FloatArray, level: float, *, binary: bool
) -> Estimate:
    seen = asked > 0
    losses = _loss(grower.y[seen], votes[seen] / asked[seen], binary=binary)
    w = grower.weights[seen]
    n, n_effective = len(w), float(w.sum() ** 2 / (w @ w))
    mean = float(w @ losses / w.sum())
    if binary:
        low, high = intervals.wilson(mean * n_effective, n_effective, level)
        return Estimate(
            100 * mean, 100 * low, 100 * high, level, n, n_effective, None, "out_of_bag"
        )
    se = math.sqrt(float(w @ (losses - mean) ** 2 / w.sum()) / n_effective)
    ends = intervals.around(mean, se, intervals.normal_quantile(level))
    return Estimate(mean, *ends, level, n, n_effective, None, "out_of_bag")
