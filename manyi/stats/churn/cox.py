"""Cox's proportional hazards: what makes customers leave sooner."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.kit.problems import Problem
from manyi.stats.moments import FloatArray

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, eq=False)
class Cox:
    """Log hazard ratios (p,), their covariance, and the likelihood without and with them.

    The rows, in the order of time, stay with it: `time`, `event` and `risk` (n,).
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

    @property
    def se(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def hazard_ratios(self) -> FloatArray:
        return np.asarray(np.exp(self.coefficients))

    @property
    def p(self) -> FloatArray:
        return np.asarray(2 * special.ndtr(-np.abs(self.coefficients / self.se)))

    @cached_property
    def agreement(self) -> Concordance:
        """Return how well the model's risk orders who leaves first; worked out when asked."""
        return concordance_rows(self.time, self.event, self.risk)

    @property
    def concordance(self) -> float:
        """Return how often the one at higher risk leaves first (.5 is chance)."""
        return self.agreement.value


def cox_rows(time: ArrayLike, event: ArrayLike, x: ArrayLike, *, ties: Ties = "efron") -> Cox:
    """Fit by Newton's method; rows with a NaN are left out. `x` (n, p) has no constant; a column
    that does not vary gets 0. Raises Problem("separated") where a hazard ratio has no end."""
    return _fitted(time, event, x, ties)[0]


def _fitted(
    time: ArrayLike, event: ArrayLike, x: ArrayLike, ties: Ties
) -> tuple[Cox, _Sets, _Sums]:
    t, e, a = (np.asarray(one, np.float64) for one in (time, event, x))
    there = ~(np.isnan(t) | np.isnan(e) | np.isnan(a).any(axis=1))
    order = np.argsort(t[there], kind="stable")
    t, e, a = t[there][order], e[there][order], a[there][order]
    sets = _risk_sets(t, e, a - a.mean(axis=0), ties)
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
    found = Cox(beta, covariance, null, last, len(t), events, t, e, sets.x @ beta)
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


def _risk_sets(time: FloatArray, event: FloatArray, x: FloatArray, ties: Ties) -> _Sets:
    left = np.flatnonzero(event > 0)
    times, start, at, counts = np.unique(
        time[left], return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.arange(len(left)) - start[at]
    share = rank / counts[at] if ties == "efron" else np.zeros(len(left))
    upper = np.triu_indices(x.shape[1])
    products = np.column_stack([np.ones(len(x)), x, x[:, upper[0]] * x[:, upper[1]]])
    begin = np.searchsorted(time, times, side="left")
    return _Sets(x, products, begin, left, start, at, share)


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
        w = np.ones(len(at)) if weight is None else weight
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
    columns = np.exp(eta)[:, None] * sets.products
    # Between two event times nothing happens: sum there first, then from the end.
    later = np.add.reduceat(columns, sets.begin)[::-1].cumsum(axis=0)[::-1]
    tied = np.add.reduceat(columns[sets.left], sets.start)
    total = later[at, 0] - share * tied[at, 0]
    mean = later[at, 1 : p + 1] - share[:, None] * tied[at, 1 : p + 1]
    mean /= total[:, None]
    likelihood = float(eta[sets.left].sum() - np.log(total).sum())
    return _Sums(sets, likelihood, total, sets.x[sets.left] - mean, mean, later, tied)


@dataclass(frozen=True, eq=False)
class Proportionality:
    """Score tests that hazards stay in proportion over time: of each variable alone (p,), and
    of all together."""

    chi_square: FloatArray
    p: FloatArray
    together: float
    df: int
    p_together: float


def proportionality_rows(
    time: ArrayLike, event: ArrayLike, x: ArrayLike, *, ties: Ties = "efron"
) -> Proportionality:
    """Test whether any effect grows or fades with time, measured by the share that has left
    (1 - Kaplan-Meier just before; Grambsch & Therneau 1994, exact as in R's survival 3)."""
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
    return Proportionality(
        each, special.chdtrc(1, each), together, k, float(special.chdtrc(k, together))
    )


def _gone_before(time: FloatArray, event: FloatArray, sets: _Sets) -> FloatArray:
    """Return 1 - Kaplan-Meier just before the time of each event."""
    counts = np.bincount(sets.at)
    kept = np.cumprod(1 - counts / (len(time) - sets.begin))
    return np.asarray((1 - np.concatenate([[1.0], kept[:-1]]))[sets.at])


@dataclass(frozen=True)
class Concordance:
    """The share of comparable pairs of which the one at higher risk left first, ties of risk
    counting half, with its standard error by the infinitesimal jackknife."""

    value: float
    se: float
    pairs: int


def concordance_rows(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> Concordance:
    """Return Harrell's concordance of (n,) rows; a pair compares where it is known who left
    first. O(n·log²n) in whole-array steps."""
    t, e, r = (np.asarray(one, np.float64) for one in (time, event, risk))
    # Who left at a time comes before who was still there; equals do not compare.
    turn = 2 * np.unique(t, return_inverse=True)[1] + (e <= 0)
    rank = np.unique(r, return_inverse=True)[1]
    compared = _compared(turn, e > 0)
    total = int(compared.sum()) // 2
    if total == 0:
        return Concordance(0.5, math.nan, 0)
    right = _inversions(turn, rank, e > 0)
    wrong = _inversions(turn, rank.max() - rank, e > 0)
    agreed = (compared + right - wrong) / 2
    value = float(agreed.sum()) / (2 * total)
    slopes = (agreed - value * compared) / total
    return Concordance(value, math.sqrt(float(slopes @ slopes)), total)


def _compared(turn: np.ndarray, left: np.ndarray) -> FloatArray:
    """Return in how many pairs each row compares: with all after it, if it left, and with
    those before it who left."""
    order, leavers = np.sort(turn), np.sort(turn[left])
    after = len(turn) - np.searchsorted(order, turn, side="right")
    before = np.searchsorted(leavers, turn, side="left")
    return np.asarray(np.where(left, after, 0) + before, np.float64)


def _inversions(turn: np.ndarray, rank: np.ndarray, left: np.ndarray) -> FloatArray:
    """Return for each row the pairs in which the earlier one, who left, has the higher rank.

    Blocks of rows are compared with their neighbours, then blocks twice as long.
    """
    order = np.lexsort((rank, turn))
    r, leaves = rank[order].astype(np.int64), left[order]
    place, span = np.arange(len(r)), int(rank.max()) + 1
    found = np.zeros(len(r), np.int64)
    size = 1
    while size < len(r):
        key, late = place // (2 * size) * span + r, place // size % 2 == 1
        early = ~late & leaves
        ends = (place // (2 * size) + 1) * span
        lower, higher = np.sort(key[late]), np.sort(key[early])
        first = np.searchsorted(lower, key[early] - r[early])
        found[early] += np.searchsorted(lower, key[early]) - first
        last = np.searchsorted(higher, ends[late])
        found[late] += last - np.searchsorted(higher, key[late], side="right")
        size *= 2
    back = np.empty(len(r))
    back[order] = found
    return back
