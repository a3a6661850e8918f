"""Single lifetimes with weights and customers: what each row adds to a curve and to its test.

The errors are those of whole customers by the infinitesimal jackknife, as R's survfit with
`cluster`; without weights, each customer once, they are Greenwood's own. Reference: Therneau &
Grambsch, Modeling Survival Data (2000); Lin & Wei (1989) for the tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Lives:
    """Rows of a time, whether they left then (1) or were last seen (0), the weight, and the
    customer's code."""

    time: FloatArray
    event: FloatArray
    weights: FloatArray
    customer: IntArray
    kept: np.ndarray

    @property
    def n(self) -> int:
        return len(self.time)

    @property
    def plain(self) -> bool:
        """Whether each row is one customer of equal weight."""
        return self.n == self.customers and (self.n == 0 or bool(np.ptp(self.weights) == 0))

    @property
    def customers(self) -> int:
        return int(self.customer.max(initial=-1)) + 1

    @property
    def df(self) -> float:
        """Return as many as equal customers less one tell as much about errors as these."""
        mass = np.bincount(self.customer, weights=self.weights)
        return max(float(mass.sum() ** 2 / (mass @ mass)) - 1, 1.0)

    def by_customer(self, parts: FloatArray) -> FloatArray:
        """Return the sums of what the rows add, (n, q) or (n,), by customer."""
        sums = np.zeros((self.customers, *parts.shape[1:]))
        np.add.at(sums, self.customer, parts)
        return sums


def lives_rows(
    time: ArrayLike,
    event: ArrayLike,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Lives:
    """Return the rows that are complete and weigh something."""
    t, e = np.asarray(time, np.float64), np.asarray(event, np.float64)
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    there = ~(np.isnan(t) | np.isnan(e)) & (w > 0)
    ids = np.arange(len(t)) if cluster is None else np.asarray(cluster)
    codes = np.unique(ids[there], return_inverse=True)[1].astype(np.int64)
    return Lives(t[there], e[there], w[there], codes, there)


@dataclass(frozen=True, eq=False)
class Passed:
    """The curve at each distinct time (k,): left, at risk, Σ d/(r(r-d)), and the place of each
    row's time among them (n,)."""

    time: FloatArray
    left: FloatArray
    risk: FloatArray
    greenwood: FloatArray
    at: IntArray
    own: FloatArray


def passed(lives: Lives) -> Passed:
    """Return what the rows make of the curve, and what each adds to log S once it is over."""
    times, at = np.unique(lives.time, return_inverse=True)
    gone = np.bincount(at, weights=lives.weights, minlength=len(times))
    left = np.bincount(at, lives.weights * lives.event, len(times)).astype(np.float64)
    risk = gone[::-1].cumsum()[::-1]
    stay = risk - left
    # Where the last one leaves nothing is left to err about.
    open_ = stay > 1e-12 * risk
    hazard = np.divide(left, risk * stay, out=np.zeros_like(left), where=open_)
    greenwood = np.cumsum(hazard)
    jump = np.divide(1.0, stay, out=np.zeros_like(left), where=open_)
    own = lives.weights * (greenwood[at] - lives.event * jump[at])
    return Passed(times, left, risk, greenwood, at.astype(np.int64), own)


def log_variance(lives: Lives, curve: Passed) -> FloatArray:
    """Return the variance of log S at each time: Σ over customers of what they add, squared.

    A customer adds what rows that are over add for good, and A(t) times the weight of the
    others; the squares are summed up row by row as they pass.
    """
    order = np.lexsort((lives.time, lives.customer))
    x, w = -curve.own[order], lives.weights[order]
    customer, at = lives.customer[order], curve.at[order]
    starts = np.searchsorted(customer, np.arange(lives.customers))
    before, over = _since(x, starts, customer), _since(w, starts, customer)
    whole = np.bincount(lives.customer, weights=lives.weights)
    left, after = whole[customer] - over, whole[customer] - over - w
    k = len(curve.time)
    squares = _summed(at, 2 * before * x + x**2, k)
    cross = _summed(at, (before + x) * after - before * left, k)
    rest = float(whole @ whole) + _summed(at, after**2 - left**2, k)
    a = curve.greenwood
    wide = lives.customers / max(lives.customers - 1, 1)
    return np.asarray(wide * np.maximum(squares - 2 * a * cross + a**2 * rest, 0.0))


def _since(x: FloatArray, starts: IntArray, customer: IntArray) -> FloatArray:
    """Return the sum of the earlier rows of the same customer."""
    before = np.cumsum(x) - x
    return np.asarray(before - before[starts][customer])


def _summed(at: IntArray, parts: FloatArray, k: int) -> FloatArray:
    return np.asarray(np.cumsum(np.bincount(at, weights=parts, minlength=k)))


def mean_pulls(lives: Lives, curve: Passed, share: FloatArray, horizon: float) -> FloatArray:
    """Return what each customer adds to the restricted mean lifetime; the sum of the squares is
    its variance."""
    inside = curve.time < horizon
    steps = np.concatenate([[0.0], curve.time[inside], [horizon]])
    widths = np.diff(steps)
    heights = np.concatenate([[1.0], share[inside]])
    area = np.concatenate([[0.0], np.cumsum(widths * heights)])
    lost = np.concatenate([[0.0], curve.greenwood[inside]])
    weighed = np.concatenate([[0.0], np.cumsum(widths * heights * lost)])
    until = np.minimum(np.searchsorted(steps, lives.time), len(steps) - 1)
    over = lives.time < horizon
    parts = lives.weights * weighed[until]
    parts = parts + np.where(over, curve.own * (area[-1] - area[until]), 0.0)
    wide = lives.customers / max(lives.customers - 1, 1)
    return lives.by_customer(np.asarray(parts)) * math.sqrt(wide)


@dataclass(frozen=True, eq=False)
class Score:
    """Observed less expected leavers of all groups but the last (q,), their covariance by
    customers, and the information of the first."""

    away: FloatArray
    covariance: FloatArray
    information: float


def score_rows(lives: Lives, group: IntArray, groups: int, *, early: float) -> Score:
    """Return the (weighted) log-rank score of each group with what customers add to it; leavers
    at a time weigh S just before it to the power `early`."""
    curve = passed(lives)
    k = len(curve.time)
    flat = group * k + curve.at
    gone = np.bincount(flat, weights=lives.weights, minlength=groups * k).reshape(groups, k)
    risk = gone[:, ::-1].cumsum(axis=1)[:, ::-1]
    hazard = curve.left / curve.risk
    w = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]]) ** early
    share = risk / curve.risk
    single = np.cumsum(w * hazard)
    several = np.cumsum(w * hazard * share, axis=1)
    marked = (group[:, None] == np.arange(groups)).astype(np.float64)
    event = (lives.event * w[curve.at])[:, None] * (marked - share[:, curve.at].T)
    expected = marked * single[curve.at][:, None] - several[:, curve.at].T
    sums = lives.by_customer(lives.weights[:, None] * (event - expected))[:, :-1]
    centred = sums - sums.mean(axis=0)
    wide = lives.customers / max(lives.customers - 1, 1)
    information = float((w * curve.left * share[0] * (1 - share[0])).sum())
    return Score(sums.sum(axis=0), np.asarray(wide * centred.T @ centred), information)
