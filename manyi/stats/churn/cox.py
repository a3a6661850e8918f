"""Cox's proportional hazards: what makes customers leave sooner."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note, Test, nothing

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, eq=False)
class Cox:
    """Log hazard ratios (p,), their covariance, and the likelihood without and with them.

    `method` says whose covariance it is: that of the likelihood, or the robust one of clusters
    and sample weights. The rows, in the order of time, stay with it: `time`, `event`, `risk`,
    `weights` and `cluster` (n,).
    """

    coefficients: FloatArray
    covariance: FloatArray
    null_log_likelihood: float
    log_likelihood: float
    n: int
    events: int
    time: FloatArray = field(repr=False)
    event: FloatArray = field(repr=False)
    risk: FloatArray = field(repr=False)
    weights: FloatArray = field(repr=False)
    cluster: np.ndarray = field(repr=False)
    method: Literal["likelihood", "robust"] = "likelihood"

    @property
    def se(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def estimate(self, at: int, *, level: float = 0.95) -> Estimate:
        """Return one log hazard ratio with its normal interval."""
        value, se = float(self.coefficients[at]), float(self.se[at])
        ends = intervals.around(value, se, intervals.normal_quantile(level))
        people = float(len(np.unique(self.cluster)))
        return Estimate(value, *ends, level, self.n, people, None, self.method)

    def test(self, at: int, *, level: float = 0.95) -> Test:
        """Return Wald's test that a variable has no effect; its effect is the hazard ratio."""
        found = self.estimate(at, level=level)
        z = float(self.coefficients[at] / self.se[at])
        ends = (math.exp(one or 0.0) for one in (found.value, found.low, found.high))
        value, low, high = ends
        ratio = replace(found, value=value, low=low, high=high)
        return Test(z, 2 * float(special.ndtr(-abs(z))), None, ratio, "wald", self.n)

    @cached_property
    def concordance(self) -> Estimate:
        """Return how often the one at higher risk leaves first (.5 is chance); worked out when
        asked."""
        return concordance_rows(
            self.time, self.event, self.risk, weights=self.weights, cluster=self.cluster
        )


def cox_rows(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    ties: Ties = "efron",
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Cox:
    """Fit by Newton's method; rows with a NaN are left out. `x` (n, p) has no constant; a column
    that does not vary gets 0. Raises Problem("separated") where a hazard ratio has no end.

    Whole `weights` count a row so many times; others, and rows of the same `cluster` (a
    customer who comes again), bring the robust covariance (Lin & Wei 1989), as in R.
    """
    found, sets, sums = _fitted(time, event, x, ties, weights, cluster)
    w = found.weights
    if cluster is None and bool((w == np.round(w)).all()):
        return found
    slopes = (w[:, None] * _score_rows(found, sets, sums)) @ found.covariance
    by_cluster = np.zeros((int(found.cluster.max()) + 1, slopes.shape[1]))
    np.add.at(by_cluster, found.cluster, slopes)
    return replace(found, covariance=by_cluster.T @ by_cluster, method="robust")


def _score_rows(found: Cox, sets: _Sets, sums: _Sums) -> FloatArray:
    """Return what each row (n, p) adds to the slope of the likelihood."""
    hazard = sets.weight / sums.total
    ones = np.column_stack([hazard, hazard[:, None] * sums.mean])
    by_time = np.add.reduceat(ones, sets.start)
    tied = np.add.reduceat(ones * sets.share[:, None], sets.start)
    until = np.vstack([np.zeros(ones.shape[1]), by_time.cumsum(axis=0)])
    met = until[np.searchsorted(found.time[sets.begin], found.time, side="right")]
    met[sets.left] -= tied[sets.at]
    score = -np.exp(found.risk)[:, None] * (sets.x * met[:, :1] - met[:, 1:])
    mean = np.add.reduceat(sums.mean, sets.start) / np.bincount(sets.at)[:, None]
    score[sets.left] += sets.x[sets.left] - mean[sets.at]
    return np.asarray(score)


def _fitted(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    ties: Ties,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> tuple[Cox, _Sets, _Sums]:
    t, e, a = (np.asarray(one, np.float64) for one in (time, event, x))
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(len(t)) if cluster is None else np.asarray(cluster)
    there = ~(np.isnan(t) | np.isnan(e) | np.isnan(a).any(axis=1)) & (w > 0)
    order = np.flatnonzero(there)[np.argsort(t[there], kind="stable")]
    t, e, a, w = t[order], e[order], a[order], w[order]
    ids = np.unique(ids[order], return_inverse=True)[1]
    sets = _risk_sets(t, e, a - np.average(a, axis=0, weights=w), w, ties)
    beta = np.zeros(a.shape[1])
    sums = first = _sums(beta, sets)
    for _ in range(50):
        step = np.linalg.pinv(sums.information(), hermitian=True) @ sums.gradient()
        # A step too far raises the loss: halve it, as coxph does.
        moved = _sums(beta + step, sets)
        while not moved.log_likelihood >= sums.log_likelihood - 1e-9 and np.abs(step).max() > 1e-9:
            step = step / 2
            moved = _sums(beta + step, sets)
        beta, sums = beta + step, moved
        if np.ptp(sets.x @ beta) > 40:
            raise Problem("separated")
        # Steps square their error: after one this small nothing is left to gain.
        if np.abs(step).max() < 1e-8:
            break
    covariance = np.asarray(np.linalg.pinv(sums.information(), hermitian=True), np.float64)
    # Where nothing is left to be learnt, a ratio was on its way to infinity.
    if bool((np.diag(sums.information()) < 1e-6 * np.diag(first.information())).any()):
        raise Problem("separated")
    null, last, events = first.log_likelihood, sums.log_likelihood, int(e.sum())
    found = Cox(beta, covariance, null, last, len(t), events, t, e, sets.x @ beta, w, ids)
    return found, sets, sums


@dataclass(frozen=True, eq=False)
class _Sets:
    x: FloatArray  # (n, p) in the order of time
    products: FloatArray  # (n, 1 + p + pairs): one, x, and products of two of them
    begin: np.ndarray  # of each event time: its first row
    left: np.ndarray  # the rows that left
    start: np.ndarray  # of each event time: its first place in `left`
    at: np.ndarray  # of each event: the number of its time
    share: FloatArray  # of each event: how much of the tied ones has left the risk set
    weights: FloatArray  # (n,)
    weight: FloatArray  # of each event: the mean weight of those who left at its time


def _risk_sets(
    time: FloatArray, event: FloatArray, x: FloatArray, weights: FloatArray, ties: Ties
) -> _Sets:
    left = np.flatnonzero(event > 0)
    times, start, at, counts = np.unique(
        time[left], return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.arange(len(left)) - start[at]
    share = rank / counts[at] if ties == "efron" else np.zeros(len(left))
    upper = np.triu_indices(x.shape[1])
    products = np.column_stack([np.ones(len(x)), x, x[:, upper[0]] * x[:, upper[1]]])
    begin = np.searchsorted(time, times, side="left")
    weight = (np.bincount(at, weights=weights[left]) / counts)[at]
    return _Sets(x, products, begin, left, start, at, share, weights, weight)


@dataclass(frozen=True, eq=False)
class _Sums:
    """What the likelihood's slopes are made of: by event the total risk and the mean of x, by
    event time the sums of products over those at risk and over those who left."""

    sets: _Sets
    log_likelihood: float
    total: FloatArray
    away: FloatArray
    mean: FloatArray
    later: FloatArray
    tied: FloatArray

    def gradient(self, weight: FloatArray | None = None) -> FloatArray:
        """Return Σ weight·(x - mean of those at risk) over the events."""
        return np.asarray(self.away.sum(axis=0) if weight is None else weight @ self.away)

    def information(self, weight: FloatArray | None = None) -> FloatArray:
        """Return Σ weight·(covariance of x among those at risk) over the events."""
        p, at = self.mean.shape[1], self.sets.at
        w = self.sets.weight * (1.0 if weight is None else weight)
        whole = np.bincount(at, weights=w / self.total)
        gone = np.bincount(at, weights=w * self.sets.share / self.total)
        second = np.zeros((p, p))
        upper = np.triu_indices(p)
        second[upper] = whole @ self.later[:, p + 1 :] - gone @ self.tied[:, p + 1 :]
        second.T[upper] = second[upper]
        return second - (self.mean * w[:, None]).T @ self.mean


def _sums(beta: FloatArray, sets: _Sets) -> _Sums:
    p, at, share = len(beta), sets.at, sets.share
    eta = sets.x @ beta
    columns = (sets.weights * np.exp(eta))[:, None] * sets.products
    # Between two event times nothing happens: sum there first, then from the end.
    later = np.add.reduceat(columns, sets.begin)[::-1].cumsum(axis=0)[::-1]
    tied = np.add.reduceat(columns[sets.left], sets.start)
    total = later[at, 0] - share * tied[at, 0]
    mean = later[at, 1 : p + 1] - share[:, None] * tied[at, 1 : p + 1]
    mean /= total[:, None]
    own = sets.weights[sets.left]
    likelihood = float(own @ eta[sets.left] - sets.weight @ np.log(total))
    away = own[:, None] * sets.x[sets.left] - sets.weight[:, None] * mean
    return _Sums(sets, likelihood, total, away, mean, later, tied)


@dataclass(frozen=True, eq=False)
class Proportionality:
    """Score tests that hazards stay in proportion over time: of `each` variable alone, and of
    all `together`."""

    each: tuple[Test, ...]
    together: Test


def proportionality_unweighted_rows(
    time: ArrayLike, event: ArrayLike, x: ArrayLike, *, ties: Ties = "efron"
) -> Proportionality:
    """Test whether any effect grows or fades with time, measured by the share that has left
    (1 - Kaplan-Meier just before; Grambsch & Therneau 1994, exact as in R's survival 3).

    Each row is one customer of equal weight."""
    found, sets, sums = _fitted(time, event, x, ties)
    gone = _gone_before(found.time, found.event, sets)
    g = gone - gone.mean()
    k = len(found.coefficients)
    plain, cross, square = (sums.information(w) for w in (None, g, g * g))
    score = sums.gradient(g)
    inverse = np.linalg.inv(square - cross @ np.linalg.solve(plain, cross))
    alone = np.diag(square - cross @ np.linalg.solve(plain, cross))
    together = float(score @ inverse @ score)
    each = np.asarray(score**2 / alone)
    n = len(np.asarray(time))
    return Proportionality(
        tuple(_score_test(one, 1, n) for one in each.tolist()), _score_test(together, k, n)
    )


def _score_test(statistic: float, df: int, n: int) -> Test:
    # A slope of the effect over time is not fitted: the score alone says whether there is one.
    none = nothing(n=n, method="score", warnings=(Note("no_known_interval"),))
    return Test(statistic, float(special.chdtrc(df, statistic)), float(df), none, "score", n)


def _gone_before(time: FloatArray, event: FloatArray, sets: _Sets) -> FloatArray:
    """Return 1 - Kaplan-Meier just before the time of each event."""
    counts = np.bincount(sets.at)
    kept = np.cumprod(1 - counts / (len(time) - sets.begin))
    return np.asarray((1 - np.concatenate([[1.0], kept[:-1]]))[sets.at])


def concordance_rows(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return Harrell's concordance of (n,) rows: the share of comparable pairs of which the one
    at higher risk left first, ties of risk counting half, with the interval of the infinitesimal
    jackknife. A pair compares where it is known who left first, and weighs the product of its
    weights. O(n·log²n) in whole-array steps."""
    t, e, r = (np.asarray(one, np.float64) for one in (time, event, risk))
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    # Who left at a time comes before who was still there; equals do not compare.
    turn = 2 * np.unique(t, return_inverse=True)[1] + (e <= 0)
    rank = np.unique(r, return_inverse=True)[1]
    compared = _compared(turn, e > 0, w)
    total = float(w @ compared) / 2
    if total == 0:
        return nothing(level=level, n=len(t), warnings=(Note("no_spread"),))
    right = _inversions(turn, rank, e > 0, w)
    wrong = _inversions(turn, rank.max() - rank, e > 0, w)
    agreed = (compared + right - wrong) / 2
    value = float(w @ agreed) / (2 * total)
    slopes = w * (agreed - value * compared) / total
    if cluster is not None:
        codes = np.unique(np.asarray(cluster), return_inverse=True)[1]
        slopes = np.asarray(np.bincount(codes, slopes), np.float64)
    se, voices = math.sqrt(float(slopes @ slopes)), float(w.sum() ** 2 / (w @ w))
    ends = intervals.around(value, se, intervals.normal_quantile(level))
    ends = intervals.clip(ends, 0.0, 1.0)
    effective = min(voices, float(len(slopes)))
    return Estimate(value, *ends, level, len(t), effective, None, "infinitesimal_jackknife")


def _compared(turn: np.ndarray, left: np.ndarray, w: FloatArray) -> FloatArray:
    """Return the weight of those each row compares with: all after it, if it left, and those
    before it who left."""
    size = int(turn.max()) + 1
    all_until = np.bincount(turn, w, size).cumsum()
    left_before = np.bincount(turn, w * left, size).cumsum() - np.bincount(turn, w * left, size)
    after = all_until[-1] - all_until[turn]
    return np.asarray(np.where(left, after, 0.0) + left_before[turn], np.float64)


def _inversions(turn: np.ndarray, rank: np.ndarray, left: np.ndarray, w: FloatArray) -> FloatArray:
    """Return for each row the weight of pairs in which the earlier one, who left, has the
    higher rank.

    Blocks of rows are compared with their neighbours, then blocks twice as long.
    """
    order = np.lexsort((rank, turn))
    r, leaves, weight = rank[order].astype(np.int64), left[order], w[order]
    place, span = np.arange(len(r)), int(rank.max()) + 1
    found = np.zeros(len(r))
    size = 1
    while size < len(r):
        key, late = place // (2 * size) * span + r, place // size % 2 == 1
        early = ~late & leaves
        ends = (place // (2 * size) + 1) * span
        lower, lower_w = _ranked(key[late], weight[late])
        higher, higher_w = _ranked(key[early], weight[early])
        first = np.searchsorted(lower, key[early] - r[early])
        found[early] += lower_w[np.searchsorted(lower, key[early])] - lower_w[first]
        last = np.searchsorted(higher, ends[late])
        found[late] += higher_w[last] - higher_w[np.searchsorted(higher, key[late], side="right")]
        size *= 2
    back = np.empty(len(r))
    back[order] = found
    return back


def _ranked(key: np.ndarray, weight: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Return keys in order and the weight that lies before each place."""
    order = np.argsort(key, kind="stable")
    return key[order], np.concatenate([[0.0], weight[order].cumsum()])
