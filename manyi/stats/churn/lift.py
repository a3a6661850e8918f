"""What a forecast of churn is worth: lift and gains by share contacted, where contact pays."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate, Note, nothing

DECILES = tuple(tenth / 10 for tenth in range(1, 11))
_NEAR = 0.05


def lift_rows(
    y: ArrayLike,
    p: ArrayLike,
    *,
    share: float = 0.1,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return how many times more of the outcome the top share of forecasts holds than all (1 is
    chance). None where nobody left.

    Rows of one customer each of equal weight have Wilson's interval of the share among the top;
    with `weights` or `cluster` it is `gains_rows`' interval over customers.
    """
    outcome = np.asarray(y, np.float64)
    if weights is not None or cluster is not None:
        return gains_rows(y, p, shares=(share,), weights=weights, cluster=cluster, level=level)[
            0
        ].lift
    top = np.argsort(-np.asarray(p, np.float64), kind="stable")
    top = top[: max(1, round(share * len(outcome)))]
    base, n = float(outcome.mean()), len(top)
    if base == 0:
        return nothing(level=level, n=n, warnings=(Note("no_spread"),))
    ends = intervals.wilson(float(outcome[top].sum()), n, level)
    value = float(outcome[top].mean()) / base
    return Estimate(value, ends.low / base, ends.high / base, level, n, float(n), None, "wilson")


@dataclass(frozen=True)
class Gain:
    """What contacting the `share` of customers with the highest forecasts brings: the part of all
    leavers among them (`caught`, per cent), and how many times chance that is (`lift`)."""

    share: float
    caught: Estimate
    lift: Estimate


def gains_rows(
    y: ArrayLike,
    p: ArrayLike,
    *,
    shares: tuple[float, ...] = DECILES,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[Gain, ...]:
    """Return gains and lift where the highest shares of forecasts are contacted.

    Rows with the same forecast are taken in part, so that their order does not matter. Errors
    are summed over customers: a t interval of logit caught, and the same over the share.
    """
    outcome = np.asarray(y, np.float64)
    n = len(outcome)
    w = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(n) if cluster is None else np.asarray(cluster)
    people = np.unique(ids, return_inverse=True)[1]
    if float(w @ outcome) == 0:
        none = nothing(level=level, n=n, warnings=(Note("no_spread"),))
        return tuple(Gain(share, none, none) for share in shares)
    score = np.asarray(p, np.float64)
    rows = _Rows(outcome, w, people, level)
    return tuple(rows.gain(share, score) for share in shares)


def _taken(score: FloatArray, w: FloatArray, share: float) -> FloatArray:
    """Return which part of each row is among the top share of the weight."""
    values, at = np.unique(-score, return_inverse=True)
    mass = np.bincount(at, w, len(values))
    before = np.concatenate([[0.0], np.cumsum(mass)[:-1]])
    wanted = share * float(w.sum())
    return np.asarray(np.clip((wanted - before) / mass, 0, 1)[at])


@dataclass(frozen=True, eq=False)
class _Rows:
    y: FloatArray
    w: FloatArray
    people: IntArray
    level: float

    @property
    def df(self) -> float:
        return float(self.people.max())

    @property
    def n_effective(self) -> float:
        return min(float(self.w.sum() ** 2 / (self.w @ self.w)), self.df + 1)

    def se(self, pulls: FloatArray) -> float:
        sums = np.bincount(self.people, pulls)
        return math.sqrt(float(sums @ sums) * (self.df + 1) / max(self.df, 1.0))

    def gain(self, share: float, score: FloatArray) -> Gain:
        """Return the gain of a share; that the line moves with the sample costs what is caught
        just around it (Bahadur's expansion of the quantile)."""
        taken, n = _taken(score, self.w, share), len(self.y)
        left = self.w * self.y
        caught = float(left @ taken / left.sum())
        if share >= 1:
            sure = Estimate(100.0, 100.0, 100.0, self.level, n, self.n_effective, self.df, "logit")
            return Gain(share, sure, replace(sure, value=1.0, low=1.0, high=1.0))
        around = _taken(score, self.w, min(share + _NEAR, 1.0)) - _taken(
            score, self.w, max(share - _NEAR, 0.0)
        )
        near = float(left @ around / left.sum()) * float(self.w.sum()) / float(self.w @ around)
        pulls = left * (taken - caught) / left.sum()
        pulls -= near * self.w * (taken - share) / self.w.sum()
        found = self.share(caught, self.se(pulls))
        low, high = (found.low or 0.0) / 100 / share, (found.high or 0.0) / 100 / share
        return Gain(share, found, replace(found, value=caught / share, low=low, high=high))

    def share(self, p: float, se: float) -> Estimate:
        quantile = intervals.t_quantile(self.level, max(self.df, 1.0))
        if 0 < p < 1 and se > 0:
            ends = intervals.logit(p, se, quantile)
        else:
            left = float(len(np.unique(self.people[self.y > 0])))
            ends = intervals.clopper_pearson(p * left, left, self.level)
        return self.estimate(100 * p, 100 * ends.low, 100 * ends.high, "logit")

    def estimate(self, value: float, low: float, high: float, method: str) -> Estimate:
        n = len(self.y)
        return Estimate(value, low, high, self.level, n, self.n_effective, self.df, method)


@dataclass(frozen=True)
class Line:
    """Contacting everybody whose forecast is `threshold` or more: the share `contacted`, the
    share of them who would leave (`right`), the part of all leavers among them (`caught`), all
    in per cent, and the `benefit` of a hundred customers, counted in contacts saved or spent,
    beside that of contacting all (`benefit_of_all`); contacting nobody has 0."""

    threshold: float
    contacted: Estimate
    right: Estimate
    caught: Estimate
    benefit: Estimate
    benefit_of_all: Estimate


def line_rows(
    y: ArrayLike,
    p: ArrayLike,
    *,
    worth: float,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Line:
    """Return what comes of contacting wherever it pays: reaching a leaver is `worth` as much as
    so many contacts cost, so that it pays from a forecast of 1/worth on (Vickers & Elkin 2006)."""
    outcome, score = np.asarray(y, np.float64), np.asarray(p, np.float64)
    n = len(outcome)
    w = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(n) if cluster is None else np.asarray(cluster)
    rows = _Rows(outcome, w, np.unique(ids, return_inverse=True)[1], level)
    taken = (score >= 1 / worth).astype(np.float64)
    all_, left, reached = np.ones(n), outcome, taken
    return Line(
        1 / worth,
        _part(rows, taken, all_),
        _part(rows, left * taken, reached),
        _part(rows, left * taken, left),
        _benefit(rows, taken, worth),
        _benefit(rows, all_, worth),
    )


def _part(rows: _Rows, above: FloatArray, below: FloatArray) -> Estimate:
    whole = float(rows.w @ below)
    if whole == 0:
        return nothing(level=rows.level, n=0, warnings=(Note("no_spread"),))
    p = float(rows.w @ above) / whole
    return rows.share(p, rows.se(rows.w * (above - p * below) / whole))


def _benefit(rows: _Rows, taken: FloatArray, worth: float) -> Estimate:
    """Return worth of the leavers reached less the cost of all contacts, of 100 customers."""
    each = 100 * taken * (worth * rows.y - 1)
    value = float(rows.w @ each / rows.w.sum())
    se = rows.se(rows.w * (each - value) / rows.w.sum())
    ends = intervals.around(value, se, intervals.t_quantile(rows.level, max(rows.df, 1.0)))
    return rows.estimate(value, *ends, "mean")
