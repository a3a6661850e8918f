"""Who learns and who judges: no row is ever judged by a model that has seen it or its customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.trees.boosting import Boosted, Growth, Loss, boost, losses
from manyi.stats.trees.splits import BoolArray, Splits

EARLY = 0.4
"""The share of rows, the earliest, that are learnt from and never judged in order of time."""


@dataclass(frozen=True, eq=False)
class Folds:
    """`learns` (m, n): which rows each model may see, the first model all of them; `judge` (n,):
    the model that judges a row, or -1 for none."""

    learns: BoolArray
    judge: IntArray

    @property
    def judged(self) -> BoolArray:
        return np.asarray(self.judge >= 0)


def by_customer(ids: ArrayLike, *, folds: int, rng: np.random.Generator) -> Folds:
    """Part customers at random into `folds` equal groups; each is judged by what all others
    taught."""
    codes = np.unique(np.asarray(ids), return_inverse=True)[1]
    people = int(codes.max()) + 1
    groups = (rng.permutation(people) % min(folds, people))[codes]
    models = int(groups.max()) + 2
    return Folds(groups[None, :] != np.arange(-1, models - 1)[:, None], groups + 1)


def by_time(ids: ArrayLike, when: ArrayLike, known: ArrayLike, *, blocks: int = 5) -> Folds:
    """Part rows by time into `blocks` after the first two fifths; each is judged by what was
    `known` before its first row, of other customers than its own."""
    codes = np.unique(np.asarray(ids), return_inverse=True)[1]
    time, settled = np.asarray(when, np.float64), np.asarray(known, np.float64)
    ends = np.unique(np.quantile(time, np.linspace(EARLY, 1, blocks + 1)[:-1]))
    at = np.searchsorted(ends, time, side="right") - 1
    learns, judge = [np.ones(len(time), bool)], np.full(len(time), -1, np.int64)
    for block, start in enumerate(ends.tolist()):
        inside = at == block
        seen = (settled <= start) & ~inside & ~np.isin(codes, codes[inside])
        if seen.any():
            judge[inside] = len(learns)
            learns.append(seen)
    return Folds(np.array(learns), judge)


@dataclass(frozen=True, eq=False)
class Fitted:
    """Boosted trees and what they told rows that they had not seen.

    `boosted` holds the model of all rows first, then those of the folds, after the number of
    `rounds` that served unseen rows best; `told` (n,) is each row's forecast, with a number of
    rounds that the rows judged together with it had no say in; NaN where nobody judged.
    `rows` (n,) is the place of each row among the `left` (s, k) that differ, of `weights` (m, k).
    """

    boosted: Boosted
    folds: Folds
    told: FloatArray
    left: BoolArray
    rows: IntArray
    weights: FloatArray

    @property
    def rounds(self) -> int:
        return int(self.boosted.split.shape[1])


def fit_in_folds(
    splits: Splits,
    x: ArrayLike,
    y: FloatArray,
    weights: FloatArray,
    folds: Folds,
    *,
    loss: Loss,
    growth: Growth,
) -> Fitted:
    """Grow the models of all folds together. Rows that no cut and no fold tells apart count as
    one, whose outcome is their mean, which changes no tree."""
    left = splits.left(x)
    first, rows = _alike(np.vstack([left, folds.learns]), folds.judge)
    mass = np.bincount(rows, weights)
    mean = np.bincount(rows, weights * y) / np.maximum(mass, 1e-300)
    told, judge = left[:, first], folds.judge[first]
    w = folds.learns[:, first] * mass
    grown = boost(splits, told, mean, w, loss=loss, judge=judge, growth=growth)
    lost = np.array([losses(mean, said, loss) * mass for said in grown.path])
    models = np.arange(1, len(w))
    by_fold = np.stack([lost[:, judge == one].sum(axis=1) for one in models], axis=1)
    rounds = int(by_fold.sum(axis=1).argmin()) + 1
    others = (by_fold.sum(axis=1)[:, None] - by_fold).argmin(axis=0)
    said = np.where(judge > 0, grown.path[others[judge - 1], np.arange(len(judge))], np.nan)
    return Fitted(grown.first(rounds), folds, said[rows], told, rows, np.asarray(w, np.float64))


def _alike(marks: BoolArray, judge: IntArray) -> tuple[IntArray, IntArray]:
    """Return the first of each kind of column, and of which kind each column is."""
    packed = np.packbits(marks, axis=0).T
    keys = np.ascontiguousarray(np.column_stack([packed, (judge + 1).astype(np.uint8)]))
    kinds = keys.view(np.dtype((np.void, keys.shape[1]))).ravel()
    _, first, rows = np.unique(kinds, return_index=True, return_inverse=True)
    return first.astype(np.int64), rows.astype(np.int64)
