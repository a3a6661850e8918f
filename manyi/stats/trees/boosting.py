"""Gradient boosted trees (Friedman 2001), many models of the same rows grown side by side.

Every step adds one small tree to each model, fitted to the gradient of its loss by Newton's
step (Chen & Guestrin 2016). All cuts are weighed by three matrix products a level, for all
models at once; that the models share the cuts is what makes leaving out groups affordable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.trees.splits import BoolArray, Splits

Loss = Literal["squared", "logistic"]
_Trees = tuple[IntArray, FloatArray, FloatArray]
_AT_ONCE = 60_000
_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True)
class Growth:
    """How trees grow: `rate` of each step, at most `rounds` of them, `depth` of questions in a
    row, at least `least` of weight in a leaf, `ridge` on what a leaf says, and after how many
    rounds (`patience`) without a gain on the rows that are judged to stop.

    `rising` names variables that may only raise the forecast, `falling` only lower it."""

    rate: float = 0.1
    rounds: int = 150
    depth: int = 3
    least: float = 20.0
    ridge: float = 1.0
    patience: int = 15
    rising: tuple[int, ...] = ()
    falling: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Boosted:
    """`m` models: trees in heap order with `split` (m, rounds, 2^depth - 1), the chosen cut or
    -1 where all go left; `value` (m, rounds, 2^depth) of the leaves; `cover` (m, rounds,
    2^(depth + 1) - 1), the weight in each node; `base` (m,), what is said before any tree.

    `path` (rounds, n) holds what each row was told after each round by the model that judges it.
    """

    splits: Splits
    base: FloatArray
    split: IntArray
    value: FloatArray
    cover: FloatArray
    path: FloatArray
    loss: Loss

    @property
    def depth(self) -> int:
        return int(self.split.shape[2]).bit_length()

    def first(self, rounds: int) -> Boosted:
        """Return the models after fewer rounds."""
        return Boosted(
            self.splits,
            self.base,
            self.split[:, :rounds],
            self.value[:, :rounds],
            self.cover[:, :rounds],
            self.path[:rounds],
            self.loss,
        )

    def scores(self, left: BoolArray, model: int = 0) -> FloatArray:
        """Return what a model says of rows, given who goes left at each cut (s, n); log odds
        for an outcome of 0 and 1."""
        said = np.full(left.shape[1], self.base[model])
        for split, value in zip(self.split[model], self.value[model], strict=True):
            said += value[_leaves(split, left)]
        return said

    def predict(self, x: ArrayLike, model: int = 0) -> FloatArray:
        """Return the forecast of each row of x (n, p); a probability for 0 and 1."""
        said = self.scores(self.splits.left(x), model)
        return np.asarray(special.expit(said)) if self.loss == "logistic" else said


def boost(
    splits: Splits,
    left: BoolArray,
    y: ArrayLike,
    weights: ArrayLike,
    *,
    loss: Loss,
    judge: ArrayLike | None = None,
    growth: Growth | None = None,
) -> Boosted:
    """Grow one model for each row of `weights` (m, n) on who goes left (s, n) and y (n,).

    `judge` (n,) names for each row the model that has not seen it, or -1; growing stops when
    these forecasts gain no more. A row may stand for several: y is then their mean.
    """
    how = growth or Growth()
    return _Grower(splits, left, np.asarray(y, np.float64), np.asarray(weights), loss, how).grown(
        None if judge is None else np.asarray(judge)
    )


def _leaves(split: IntArray, left: BoolArray) -> IntArray:
    """Return the leaf of every row (n,) in one tree, split (inner,)."""
    at, rows = np.zeros(left.shape[1], np.int64), np.arange(left.shape[1])
    for _ in range(len(split).bit_length()):
        chosen = split[at]
        at = 2 * at + np.where((chosen < 0) | left[chosen, rows], 1, 2)
    return at - len(split)


@dataclass
class _Grower:
    splits: Splits
    left: BoolArray
    y: FloatArray
    weights: FloatArray
    loss: Loss
    how: Growth
    signs: FloatArray = field(init=False)
    cells: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.cells = np.ascontiguousarray(self.left.T, np.float64)
        sign = np.zeros(self.splits.p)
        sign[list(self.how.rising)], sign[list(self.how.falling)] = 1.0, -1.0
        ordered = ~self.splits.is_code & np.isfinite(self.splits.at)
        self.signs = np.where(ordered, sign[self.splits.variable], 0.0)

    def grown(self, judge: IntArray | None) -> Boosted:
        w = self.weights
        mean = (w @ self.y) / w.sum(axis=1)
        base = special.logit(np.clip(mean, 1e-6, 1 - 1e-6)) if self.loss == "logistic" else mean
        said = np.repeat(base[:, None], len(self.y), axis=1)
        trees: list[_Trees] = []
        path: list[FloatArray] = []
        best, worth = 0, np.inf
        while len(trees) < self.how.rounds:
            trees.append(self._grow_on(said))
            if judge is not None:
                path.append(said[judge, np.arange(len(self.y))])
                now = self._lost(path[-1], judge)
                best, worth = (len(trees), now) if now < worth else (best, worth)
                if len(trees) - best >= self.how.patience:
                    break
        split, value, cover = (np.stack(parts, axis=1) for parts in zip(*trees, strict=True))
        told = np.array(path) if judge is not None else np.zeros((len(trees), 0))
        return Boosted(self.splits, np.asarray(base), split, value, cover, told, self.loss)

    def _lost(self, said: FloatArray, judge: IntArray) -> float:
        seen = judge >= 0
        w = self.weights.max(axis=0)
        return float(w[seen] @ losses(self.y[seen], said[seen], self.loss))

    def _pulls(self, said: FloatArray, models: slice) -> FloatArray:
        """Return gradient, curvature and weight of each row in each model, (3, m, n); the weight
        is the curvature too where the loss is a square, and comes once, (2, m, n)."""
        w = self.weights[models]
        if self.loss == "squared":
            return np.stack([w * (said - self.y), w])
        p = special.expit(said)
        return np.stack([w * (p - self.y), w * p * (1 - p), w])

    def _grow_on(self, said: FloatArray) -> _Trees:
        """Return one more tree of each model, and add what it says to `said`.

        Some models at a time, so that what is worked on stays in the processor's cache.
        """
        step = max(1, _AT_ONCE // len(self.y))
        parts = [self._tree(said, slice(at, at + step)) for at in range(0, len(said), step)]
        split, value, cover = (np.concatenate(one) for one in zip(*parts, strict=True))
        return split, value, cover

    def _tree(self, all_said: FloatArray, block: slice) -> _Trees:
        said = all_said[block]
        models, depth, n = len(said), self.how.depth, len(self.y)
        pulls = self._pulls(said, block)
        inner = 2**depth - 1
        split = np.full((models, inner), -1, np.int64)
        cover = np.zeros((models, 2 * inner + 1))
        total = pulls.sum(axis=2)[:, :, None]
        sums = self._sums(pulls)[:, :, None]
        bounds = np.stack([np.full((models, 1), -np.inf), np.full((models, 1), np.inf)])
        at, rows, goes = np.zeros((models, n), np.int64), np.arange(n), self.left.ravel()
        for level in range(depth):
            first, nodes = 2**level - 1, 2**level
            cover[:, first : first + nodes] = total[-1]
            chosen, bounds = self._chosen(sums, total, bounds)
            split[:, first : first + nodes] = chosen
            total = _children(total, _picked(sums, total, chosen))
            cut = _looked_up(chosen, at)
            at = 2 * at + ~((cut < 0) | goes[np.maximum(cut, 0) * n + rows])
            if level + 1 < depth:
                inside = at[:, None, :] == 2 * np.arange(nodes)[None, :, None]
                sums = _children(sums, self._sums(pulls[:, :, None, :] * inside))
        cover[:, inner:] = total[-1]
        value = np.clip(-total[0] / (total[1] + self.how.ridge + 1e-12), *bounds) * self.how.rate
        value = np.where(total[-1] > 1e-9, value, 0.0)
        said += _looked_up(value, at)
        return split, value, cover

    def _sums(self, pulls: FloatArray) -> FloatArray:
        """Return what goes left at every cut, (…, s), by one matrix product."""
        found = pulls.reshape(-1, pulls.shape[-1]) @ self.cells
        return np.asarray(found.reshape(*pulls.shape[:-1], -1))

    def _chosen(
        self, sums: FloatArray, total: FloatArray, bounds: FloatArray
    ) -> tuple[IntArray, FloatArray]:
        """Return the best cut of each node, -1 for none, and the bounds of their children."""
        whole = total[..., None]
        low, high = bounds[0][..., None], bounds[1][..., None]
        said = [_step(one, self.how.ridge, low, high) for one in (sums, whole - sums, whole)]
        gain = -(sums[0] * said[0] + (whole - sums)[0] * said[1] - whole[0] * said[2])
        enough = np.minimum(sums[-1], (whole - sums)[-1]) >= self.how.least - 1e-9
        kept = enough & ((said[1] - said[0]) * self.signs >= 0) & (gain > 1e-9)
        gain = np.where(kept, gain, -np.inf)
        best = gain.argmax(axis=-1)
        is_cut = np.take_along_axis(kept, best[..., None], axis=-1)[..., 0]
        ends = [np.take_along_axis(one, best[..., None], axis=-1)[..., 0] for one in said[:2]]
        middle, sign = (ends[0] + ends[1]) / 2, np.where(is_cut, self.signs[best], 0.0)
        return np.where(is_cut, best, -1), _bounds(bounds, middle, sign)


def losses(y: FloatArray, said: FloatArray, loss: Loss) -> FloatArray:
    """Return the loss of each forecast: its square, or minus the log likelihood."""
    if loss == "squared":
        return np.asarray((y - said) ** 2)
    return np.asarray(np.logaddexp(0, said) - y * said)


def _looked_up(table: NDArray[_T], at: IntArray) -> NDArray[_T]:
    """Return of each row of a table (m, k) the places `at` (m, n)."""
    flat = at + (np.arange(len(table)) * table.shape[1])[:, None]
    found: NDArray[_T] = table.ravel()[flat]
    return found


def _step(sums: FloatArray, ridge: float, low: FloatArray, high: FloatArray) -> FloatArray:
    return np.asarray(np.clip(-sums[0] / (sums[1] + ridge + 1e-12), low, high))


def _picked(sums: FloatArray, total: FloatArray, chosen: IntArray) -> FloatArray:
    """Return what goes left in each node: all of it where there is no cut."""
    at = np.broadcast_to(np.maximum(chosen, 0), total.shape)[..., None]
    return np.where(chosen < 0, total, np.take_along_axis(sums, at, axis=-1)[..., 0])


def _children(whole: FloatArray, left: FloatArray) -> FloatArray:
    """Return left and right children side by side along the axis of nodes (the third)."""
    pairs = np.stack([left, whole - left], axis=3)
    shape = (*whole.shape[:2], 2 * whole.shape[2], *whole.shape[3:])
    return np.asarray(pairs.reshape(shape))


def _bounds(bounds: FloatArray, middle: FloatArray, sign: FloatArray) -> FloatArray:
    """Return what children may say: never beyond the middle of a cut with a direction."""
    low, high = bounds
    lows = np.stack([np.where(sign < 0, middle, low), np.where(sign > 0, middle, low)], axis=-1)
    highs = np.stack([np.where(sign > 0, middle, high), np.where(sign < 0, middle, high)], axis=-1)
    return np.stack([lows.reshape(len(low), -1), highs.reshape(len(low), -1)])
