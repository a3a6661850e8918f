"""Kaplan and Meier's curve and tests between curves, from rows and from counts.

Rows take weights and customers; counts, which know neither, say so in their names.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats.churn.lives import (
    Lives,
    lives_rows,
    log_variance,
    mean_pulls,
    passed,
    score_rows,
)
from manyi.stats.intervals import around, clopper_pearson, normal_quantile, t_quantile
from manyi.stats.moments import FloatArray, hash_group
from manyi.stats.result import Estimate, Note, Overall, nothing

_NAMES = {0.0: "log_rank", 1.0: "peto"}
Transform = Literal["log", "log-log", "plain", "logit", "arcsine"]


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """Mergeable counts: at each distinct `time` (k,), how many left and how many were last
    seen still there (censored)."""

    time: FloatArray
    events: FloatArray
    censored: FloatArray

    @property
    def n(self) -> int:
        return int(self.events.sum() + self.censored.sum())

    @property
    def at_risk(self) -> FloatArray:
        """Return how many were there just before each time."""
        gone = self.events + self.censored
        return np.asarray(gone[::-1].cumsum()[::-1])


def lifetimes_rows(
    time: ArrayLike, event: ArrayLike, weights: ArrayLike | None = None
) -> Lifetimes:
    """Return the counts of n customers: `event` is 1 where they left at `time`, else 0.

    `weights` count a row as so many customers (frequencies); for weights of a sample, or
    customers who are there several times, `retention_rows` has the honest interval.
    """
    t, e = np.asarray(time, np.float64), np.asarray(event, np.float64)
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    there = ~(np.isnan(t) | np.isnan(e)) & (w > 0)
    times, at = np.unique(t[there], return_inverse=True)
    k = len(times)
    gone = np.bincount(at, weights=w[there], minlength=k).astype(np.float64)
    left = np.bincount(at, weights=(w * e)[there], minlength=k).astype(np.float64)
    return Lifetimes(times, left, gone - left)


def retention_rows(
    time: ArrayLike,
    event: ArrayLike,
    at: float,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the retention 留存率 in percent at time `at` with sample weights and customers who
    come again: the grouped jackknife on the scale of log(-log)."""
    t, e = np.asarray(time, np.float64), np.asarray(event, np.float64)
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    there = ~(np.isnan(t) | np.isnan(e)) & (w > 0)
    t, e, w = t[there], e[there], w[there]
    ids = np.arange(len(there)) if cluster is None else np.asarray(cluster)
    groups = hash_group(np.unique(ids[there], return_inverse=True)[1])
    used = np.unique(groups)
    value = _share_at(t, e, w, at)
    effective = float(w.sum() ** 2 / (w @ w)) if len(w) else 0.0
    if len(t) == 0:
        return nothing(level=level, warnings=(Note("no_answers"),))
    if len(used) < 2 or not 0 < value < 1:
        ends = clopper_pearson(value * effective, effective, level)
        return Estimate(
            100 * value, 100 * ends.low, 100 * ends.high, level, len(t), effective, None, "exact"
        )
    parts = np.array([_share_at(t, e, w * (groups != one), at) for one in used])
    parts = np.log(-np.log(np.clip(parts, 1e-9, 1 - 1e-9)))
    g = len(used)
    se = math.sqrt((g - 1) / g * float(((parts - parts.mean()) ** 2).sum()))
    middle, reach = math.log(-math.log(value)), t_quantile(level, g - 1) * se
    low, high = (100 * math.exp(-math.exp(middle + way * reach)) for way in (1, -1))
    return Estimate(100 * value, low, high, level, len(t), effective, float(g - 1), "jackknife")


def _share_at(t: FloatArray, e: FloatArray, w: FloatArray, at: float) -> float:
    lifetimes = lifetimes_rows(t, e, w)
    inside = lifetimes.time <= at
    hazard = lifetimes.events[inside] / lifetimes.at_risk[inside]
    return float(np.prod(1 - hazard))


def merge_lifetimes(a: Lifetimes, b: Lifetimes) -> Lifetimes:
    """Return the counts of both."""
    times = np.union1d(a.time, b.time)
    events, censored = np.zeros(len(times)), np.zeros(len(times))
    for one in (a, b):
        at = np.searchsorted(times, one.time)
        events[at] += one.events
        censored[at] += one.censored
    return Lifetimes(times, events, censored)


@dataclass(frozen=True, eq=False)
class Curve:
    """The share still there after each time (k,), with its error and interval.

    Made from counts the error is Greenwood's; made from rows that weigh differently, or of
    customers who are there several times, that of whole customers (`lives`).
    """

    lifetimes: Lifetimes
    share: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    lives: Lives | None = None

    @property
    def method(self) -> str:
        return "kaplan_meier" if self.lives is None else "kaplan_meier_by_customers"

    def at(self, time: float) -> Estimate:
        """Return the retention 留存率 at a time, in percent."""
        place = int(np.searchsorted(self.lifetimes.time, time, side="right")) - 1
        n, voices = self._there(time)
        if place < 0:
            return Estimate(100.0, 100.0, 100.0, self.level, n, voices, None, self.method)
        value, low, high = (100 * float(one[place]) for one in (self.share, self.low, self.high))
        return Estimate(value, low, high, self.level, n, voices, None, self.method)

    def _there(self, time: float) -> tuple[int, float]:
        """Return how many are there at a time, and how many equal customers they are worth."""
        if self.lives is None:
            later = self.lifetimes.time >= time
            n = int(self.lifetimes.at_risk[later][0]) if later.any() else 0
            return n, float(n)
        later = self.lives.time >= time
        mass = np.bincount(self.lives.customer[later], weights=self.lives.weights[later])
        squares = float(mass @ mass)
        return int(later.sum()), float(mass.sum() ** 2 / squares) if squares else 0.0

    def quantile(self, share: float = 0.5) -> Estimate:
        """Return when that share has left, with its interval; None where it never came."""
        left, time = 1 - share, self.lifetimes.time
        value, low, high = (_reached(time, c, left) for c in (self.share, self.low, self.high))
        params = {"share": f"{100 * share:g}"}
        notes = () if value is not None else (Note("share_not_left", params),)
        voices = self._there(0.0)[1]
        return Estimate(value, low, high, self.level, self._n, voices, None, self.method, notes)

    @property
    def _n(self) -> int:
        return self.lifetimes.n if self.lives is None else self.lives.n

    def mean_until(self, horizon: float) -> Estimate:
        """Return the restricted mean lifetime up to a horizon, with its normal interval."""
        inside = self.lifetimes.time < horizon
        steps = np.concatenate([[0.0], self.lifetimes.time[inside], [horizon]])
        heights = np.concatenate([[1.0], self.share[inside]])
        areas = np.diff(steps) * heights
        mean, z = float(areas.sum()), normal_quantile(self.level)
        if self.lives is not None:
            pulls = mean_pulls(self.lives, passed(self.lives), self.share, horizon)
            variance = float(pulls @ pulls)
            z = t_quantile(self.level, self.lives.df)
        else:
            after = areas[::-1].cumsum()[::-1][1:]
            d, r = self.lifetimes.events[inside], self.lifetimes.at_risk[inside]
            hazard = np.divide(d, r * (r - d), out=np.zeros_like(d), where=r > d)
            variance = float((after**2 * hazard).sum())
        ends, n = around(mean, math.sqrt(variance), z), self._n
        voices = self._there(0.0)[1]
        return Estimate(mean, *ends, self.level, n, voices, None, "restricted_mean")


def _reached(time: FloatArray, share: FloatArray, left: float) -> float | None:
    at = np.flatnonzero(share <= left + 1e-12)
    if len(at) == 0:
        return None
    first = int(at[0])
    if abs(share[first] - left) < 1e-12:
        lower = np.flatnonzero(share < left - 1e-12)
        if len(lower):
            return float(time[first] + time[int(lower[0])]) / 2
    return float(time[first])


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    transform: Transform = "log",
    level: float = 0.95,
) -> Curve:
    """Return the curve of rows, `event` 1 where they left at `time`, else 0.

    With sample `weights`, or customers who are there several times (`cluster`), the error is
    that of whole customers (infinitesimal jackknife, R's survfit with cluster) and the interval
    has Student's t; otherwise Greenwood's, as `kaplan_meier_counts` has it.
    """
    lives = lives_rows(time, event, weights, cluster)
    if lives.plain:
        counts = lifetimes_rows(lives.time, lives.event)
        return kaplan_meier_counts(counts, transform=transform, level=level)
    curve = passed(lives)
    gone = np.bincount(curve.at, weights=lives.weights, minlength=len(curve.time))
    lifetimes = Lifetimes(curve.time, curve.left, gone - curve.left)
    sigma = np.sqrt(log_variance(lives, curve))
    share = np.asarray(np.cumprod(1 - curve.left / curve.risk), np.float64)
    share[share < 1e-12] = 0.0
    return _curve(lifetimes, share, sigma, t_quantile(level, lives.df), transform, level, lives)


def kaplan_meier_counts(
    lifetimes: Lifetimes, *, transform: Transform = "log", level: float = 0.95
) -> Curve:
    """Return the curve with intervals on the scale that `transform` names: log (R's default),
    log-log, plain (Greenwood's own), logit or arcsine, as R's conf.type."""
    d, r = lifetimes.events, lifetimes.at_risk
    share = np.asarray(np.cumprod(1 - d / r), np.float64)
    hazard = np.divide(d, r * (r - d), out=np.full_like(d, np.inf), where=r > d)
    sigma = np.sqrt(np.cumsum(hazard))
    return _curve(lifetimes, share, sigma, normal_quantile(level), transform, level)


def _curve(
    lifetimes: Lifetimes,
    share: FloatArray,
    sigma: FloatArray,
    reach: float,
    transform: Transform,
    level: float,
    lives: Lives | None = None,
) -> Curve:
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.where(share > 0, share * sigma, 0.0)
        low, high = _bands(share, sigma, reach, transform)
    return Curve(lifetimes, share, se, low, high, level, lives)


def _bands(
    share: FloatArray, sigma: FloatArray, z: float, transform: Transform
) -> tuple[FloatArray, FloatArray]:
    if transform == "log":
        low, high = share * np.exp(-z * sigma), np.minimum(share * np.exp(z * sigma), 1.0)
    elif transform == "log-log":
        wide = np.exp(z * sigma / np.abs(np.log(share)))
        low, high = share**wide, share ** (1 / wide)
    elif transform == "logit":
        middle, reach = special.logit(share), z * sigma / (1 - share)
        low, high = special.expit(middle - reach), special.expit(middle + reach)
    elif transform == "arcsine":
        middle = np.arcsin(np.sqrt(share))
        reach = z * sigma / 2 * np.sqrt(share / (1 - share))
        low = np.sin(np.maximum(middle - reach, 0.0)) ** 2
        high = np.sin(np.minimum(middle + reach, math.pi / 2)) ** 2
    else:
        low = np.maximum(share - z * share * sigma, 0.0)
        high = np.minimum(share + z * share * sigma, 1.0)
    flat = (share >= 1) | (share <= 0)
    return np.where(flat, share, low), np.where(flat, share, high)


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Overall:
    """Return the log-rank test of two or more curves of rows.

    With sample `weights`, or customers who are there several times (`cluster`), the score of
    the proportional hazards model with the spread of whole customers (Lin & Wei 1989), as F;
    otherwise as `log_rank_counts`. For two groups the effect is the ratio of their hazards.
    """
    return _tested_rows(time, event, group, weights, cluster, 0.0, level)


def peto(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Overall:
    """Return Peto and Peto's test, which gives early leavers more weight (R's rho = 1), with
    weights and customers as `log_rank` has them."""
    return _tested_rows(time, event, group, weights, cluster, 1.0, level)


def _tested_rows(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    weights: ArrayLike | None,
    cluster: ArrayLike | None,
    early: float,
    level: float,
) -> Overall:
    lives = lives_rows(time, event, weights, cluster)
    labels, at = np.unique(np.asarray(group)[lives.kept], return_inverse=True)
    if lives.plain:
        parts = {
            one: lifetimes_rows(lives.time[at == place], lives.event[at == place])
            for place, one in enumerate(labels.tolist())
        }
        return _tested_counts(parts, early, level)
    found = score_rows(lives, at.astype(np.int64), len(labels), early=early)
    q, df, name = len(labels) - 1, lives.df, f"{_NAMES[early]}_by_customers"
    se = math.sqrt(found.covariance[0, 0]) / max(found.information, 1e-300)
    effect = _ratio(found.away, found.information, se, t_quantile(level, df), lives.n, df, level)
    if df - q + 1 <= 0 or np.linalg.matrix_rank(found.covariance, hermitian=True) < q:
        note = Note("few_customers", {"customers": lives.customers})
        return Overall(None, None, None, effect, name, lives.n, (note,))
    t2 = float(found.away @ np.linalg.solve(found.covariance, found.away))
    f, df2 = t2 * (df - q + 1) / (df * q), df - q + 1
    p = float(special.fdtrc(q, df2, f))
    return Overall(f, p, float(q), effect, name, lives.n, (), df2)


def _ratio(
    away: FloatArray,
    information: float,
    se: float,
    reach: float,
    n: int,
    voices: float,
    level: float,
) -> Estimate:
    """Return the hazard of the first of two groups over that of the second, by Peto's one step."""
    if len(away) != 1 or information <= 0:
        return nothing(level=level, n=n, warnings=(Note("several_curves"),))
    middle = float(away[0]) / information
    low, high = (math.exp(middle + way * reach * se) for way in (-1, 1))
    return Estimate(math.exp(middle), low, high, level, n, voices, None, "one_step_hazard_ratio")


def log_rank_counts(groups: Mapping[Hashable, Lifetimes], *, level: float = 0.95) -> Overall:
    """Return the log-rank test of two or more curves from counts."""
    return _tested_counts(groups, 0.0, level)


def peto_counts(groups: Mapping[Hashable, Lifetimes], *, level: float = 0.95) -> Overall:
    """Return Peto and Peto's test from counts."""
    return _tested_counts(groups, 1.0, level)


def _tested_counts(groups: Mapping[Hashable, Lifetimes], early: float, level: float) -> Overall:
    parts = list(groups.values())
    times = np.unique(np.concatenate([one.time for one in parts]))
    d = np.zeros((len(parts), len(times)))
    gone = np.zeros_like(d)
    for row, one in enumerate(parts):
        at = np.searchsorted(times, one.time)
        d[row, at], gone[row, at] = one.events, one.events + one.censored
    r = gone[:, ::-1].cumsum(axis=1)[:, ::-1]
    total, risk = d.sum(axis=0), r.sum(axis=0)
    before = np.concatenate([[1.0], np.cumprod(1 - total / risk)[:-1]])
    w = before**early
    away = ((d - r * total / risk) * w).sum(axis=1)
    factor = w**2 * total * (risk - total) / (risk**2 * np.maximum(risk - 1, 1))
    spread = np.diag((r * risk * factor).sum(axis=1)) - (r * factor) @ r.T
    keep = slice(0, len(parts) - 1)
    chi = float(away[keep] @ np.linalg.pinv(spread[keep, keep]) @ away[keep])
    df, n = len(parts) - 1, sum(one.n for one in parts)
    plain = float((w * total * (r[0] / risk) * (1 - r[0] / risk)).sum())
    se = math.sqrt(spread[0, 0]) / plain if plain > 0 else 0.0
    effect = _ratio(away[keep], plain, se, normal_quantile(level), n, float(n), level)
    return Overall(chi, float(special.chdtrc(df, chi)), float(df), effect, _NAMES[early], n)
