"""MaxDiff (best–worst scaling): which of several things matter most."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.coefficients import sandwich
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate
from manyi.stats.survey.design import covariance_rows, design_rows


@dataclass(frozen=True)
class MaxDiff:
    """For each item: how often shown, best and worst, the `scores` (best - worst)/shown (-1..1),
    the `utilities` in logits (the last item is 0), and the `preferences`, shares in percent that
    sum to 100. `n` tasks came from `people`."""

    shown: tuple[int, ...]
    best: tuple[int, ...]
    worst: tuple[int, ...]
    scores: tuple[Estimate, ...]
    utilities: tuple[Estimate, ...]
    preferences: tuple[Estimate, ...]
    log_likelihood: float
    n: int
    people: int


def maxdiff_rows(
    shown: ArrayLike,
    best: ArrayLike,
    worst: ArrayLike,
    *,
    items: int,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> MaxDiff:
    """Return counts and the sequential conditional logit of n tasks.

    `shown` (n, k) lists the items 0..items-1 of each task, `best` and `worst` (n,) those
    picked. The best is chosen among all shown, the worst among the rest with signs turned.
    People do several tasks: with `cluster` (who did each) or sample `weights` the errors are
    robust ones over people. Counts are those of tasks; all else knows the weights.
    """
    sets, top, bottom = np.asarray(shown), np.asarray(best), np.asarray(worst)
    w = np.ones(len(sets)) if weights is None else np.asarray(weights, np.float64)
    w = w / w.mean()
    counts = [np.bincount(one.ravel(), minlength=items) for one in (sets, top, bottom)]
    weighed = [
        np.bincount(one.ravel(), np.repeat(w, one.size // len(w)), items)
        for one in (sets, top, bottom)
    ]
    rest = sets[sets != top[:, None]].reshape(len(sets), -1)
    choices = [(sets, top, 1.0), (rest, bottom, -1.0)]
    utility, bread, likelihood = _fit(choices, items, w)
    covariance = bread
    if weights is not None or cluster is not None:
        scores = w[:, None] * (_scores(utility, *choices[0]) + _scores(utility, *choices[1]))
        covariance = sandwich(bread, scores[:, :-1], cluster)
    whole = np.zeros((items, items))
    whole[:-1, :-1] = covariance
    people = len(sets) if cluster is None else len(np.unique(np.asarray(cluster)))
    found = _Found(len(sets), people, level)
    score = (weighed[1] - weighed[2]) / np.maximum(weighed[0], 1e-300)
    return MaxDiff(
        tuple(counts[0].tolist()),
        tuple(counts[1].tolist()),
        tuple(counts[2].tolist()),
        found.scores(np.asarray(score), _score_errors(sets, top, bottom, w, cluster, items)),
        found.utilities(utility, whole),
        found.preferences(utility, whole),
        likelihood,
        len(sets),
        people,
    )


@dataclass(frozen=True)
class _Found:
    n: int
    people: int
    level: float

    def normal(self, value: float, se: float, method: str = "conditional_logit") -> Estimate:
        ends = intervals.around(value, se, intervals.normal_quantile(self.level))
        return Estimate(value, *ends, self.level, self.n, float(self.people), None, method)

    def scores(self, score: FloatArray, se: FloatArray) -> tuple[Estimate, ...]:
        """Return how much more often each item was best than worst, of the times shown."""
        each = [
            self.normal(float(v), float(e), "linearised") for v, e in zip(score, se, strict=True)
        ]
        return tuple(
            replace(one, low=max(one.low or 0.0, -1.0), high=min(one.high or 0.0, 1.0))
            for one in each
        )

    def utilities(self, utility: FloatArray, covariance: FloatArray) -> tuple[Estimate, ...]:
        """Return how much more each item is wanted than the last one, in logits."""
        errors = np.sqrt(np.diag(covariance))
        return tuple(self.normal(float(v), float(e)) for v, e in zip(utility, errors, strict=True))

    def preferences(self, utility: FloatArray, covariance: FloatArray) -> tuple[Estimate, ...]:
        """Return each item's share of preference; its error is that of the utilities."""
        size = np.exp(utility - utility.max())
        shares = size / size.sum()
        slopes = np.diag(shares) - np.outer(shares, shares)
        errors = np.sqrt(np.maximum(np.diag(slopes @ covariance @ slopes), 0.0))
        return tuple(self._share(float(v), float(e)) for v, e in zip(shares, errors, strict=True))

    def _share(self, share: float, se: float) -> Estimate:
        # On the logit scale, so that the interval stays between 0 and 100.
        found = self.normal(0.0, 0.0)
        ends = intervals.logit(share, se, intervals.normal_quantile(self.level))
        return replace(found, value=100 * share, low=100 * ends.low, high=100 * ends.high)


def _score_errors(
    sets: np.ndarray,
    top: np.ndarray,
    bottom: np.ndarray,
    w: FloatArray,
    cluster: ArrayLike | None,
    items: int,
) -> FloatArray:
    """Return the linearised error of (best - worst)/shown of each item, over people."""
    marks = np.arange(items)
    seen = (sets[:, :, None] == marks).any(axis=1).astype(np.float64)
    taken = (top[:, None] == marks).astype(np.float64) - (bottom[:, None] == marks)
    total = np.maximum(w @ seen, 1e-300)
    pulls = (taken - (w @ taken) / total * seen) / total
    return np.sqrt(np.diag(covariance_rows(pulls, design_rows(w, psu=cluster))))


Choice = tuple[np.ndarray, np.ndarray, float]


def _fit(choices: list[Choice], items: int, w: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Return utilities, the covariance of all but the last, and the log-likelihood."""
    beta = np.zeros(items)
    covariance: FloatArray = np.eye(items - 1)
    likelihood = 0.0
    for _ in range(50):
        gradient, information, likelihood = np.zeros(items), np.zeros((items, items)), 0.0
        for sets, picked, sign in choices:
            g, h, part = _slope(beta, sets, picked, sign, w)
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
    beta: FloatArray, sets: np.ndarray, picked: np.ndarray, sign: float, w: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    wide = _chances(beta, sets, sign)
    weighed = wide * w[:, None]
    chosen = np.bincount(picked, weights=w, minlength=len(beta))
    gradient = sign * (chosen - weighed.sum(axis=0))
    information = np.diag(weighed.sum(axis=0)) - wide.T @ weighed
    likelihood = float(w @ np.log(wide[np.arange(len(sets)), picked]))
    return gradient, information, likelihood


def _chances(beta: FloatArray, sets: np.ndarray, sign: float) -> FloatArray:
    """Return the chance of each item to be picked in each task (n, items)."""
    utility = sign * beta[sets]
    chance = np.exp(utility - utility.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    wide = np.zeros((len(sets), len(beta)))
    np.put_along_axis(wide, sets, chance, axis=1)
    return wide


def _scores(beta: FloatArray, sets: np.ndarray, picked: np.ndarray, sign: float) -> FloatArray:
    """Return what each task adds to the slope of the likelihood (n, items)."""
    own = picked[:, None] == np.arange(len(beta))
    return np.asarray(sign * (own - _chances(beta, sets, sign)))
