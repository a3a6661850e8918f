"""MaxDiff (best–worst scaling): which of several things matter most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class MaxDiff:
    """For each item: how often shown, best and worst, the score (best - worst)/shown (-1..1),
    the utility (the last item is 0) with its error, and the share of preference (sums to 1)."""

    shown: IntArray
    best: IntArray
    worst: IntArray
    score: FloatArray
    utility: FloatArray
    se: FloatArray
    preference: FloatArray
    log_likelihood: float


def maxdiff_rows(shown: ArrayLike, best: ArrayLike, worst: ArrayLike, *, items: int) -> MaxDiff:
    """Return counts and the sequential conditional logit of n tasks.

    `shown` (n, k) lists the items 0..items-1 of each task, `best` and `worst` (n,) those
    picked. The best is chosen among all shown, the worst among the rest with signs turned.
    """
    sets, top, bottom = np.asarray(shown), np.asarray(best), np.asarray(worst)
    counts = [np.bincount(one.ravel(), minlength=items) for one in (sets, top, bottom)]
    rest = sets[sets != top[:, None]].reshape(len(sets), -1)
    utility, covariance, likelihood = _fit([(sets, top, 1.0), (rest, bottom, -1.0)], items)
    size = np.exp(utility - utility.max())
    return MaxDiff(
        counts[0],
        counts[1],
        counts[2],
        np.asarray((counts[1] - counts[2]) / np.maximum(counts[0], 1)),
        utility,
        np.append(np.sqrt(np.diag(covariance)), 0.0),
        size / size.sum(),
        likelihood,
    )


Choice = tuple[np.ndarray, np.ndarray, float]


def _fit(choices: list[Choice], items: int) -> tuple[FloatArray, FloatArray, float]:
    """Return utilities, the covariance of all but the last, and the log-likelihood."""
    beta = np.zeros(items)
    covariance: FloatArray = np.eye(items - 1)
    likelihood = 0.0
    for _ in range(50):
        gradient, information, likelihood = np.zeros(items), np.zeros((items, items)), 0.0
        for sets, picked, sign in choices:
            g, h, part = _slope(beta, sets, picked, sign)
            gradient += g
            information += h
            likelihood += part
        covariance = np.asarray(np.linalg.pinv(information[:-1, :-1]), np.float64)
        step = covariance @ gradient[:-1]
        beta[:-1] += step
        if np.abs(step).max() < 1e-10:
            break
    return beta, covariance, likelihood


def _slope(
    beta: FloatArray, sets: np.ndarray, picked: np.ndarray, sign: float
) -> tuple[FloatArray, FloatArray, float]:
    items = len(beta)
    utility = sign * beta[sets]
    chance = np.exp(utility - utility.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    wide = np.zeros((len(sets), items))
    np.put_along_axis(wide, sets, chance, axis=1)
    gradient = sign * (np.bincount(picked, minlength=items) - wide.sum(axis=0))
    information = np.diag(wide.sum(axis=0)) - wide.T @ wide
    likelihood = float(np.log(wide[np.arange(len(sets)), picked]).sum())
    return gradient, information, likelihood
