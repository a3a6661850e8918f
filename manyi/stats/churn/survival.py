"""Kaplan and Meier's curve from counts, and tests between curves."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats.intervals import clopper_pearson, normal_quantile, t_quantile
from manyi.stats.moments import FloatArray, hash_group
from manyi.stats.result import Estimate, Note, nothing

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
    """The share still there after each time, with Greenwood's error and interval."""

    lifetimes: Lifetimes
    share: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    level: float

    def at(self, time: float) -> Estimate:
        """Return the retention 留存率 at a time, in percent."""
        place = int(np.searchsorted(self.lifetimes.time, time, side="right")) - 1
        later = self.lifetimes.time >= time
        n = int(self.lifetimes.at_risk[later][0]) if later.any() else 0
        if place < 0:
            return Estimate(100.0, 100.0, 100.0, self.level, n, float(n), None, "kaplan_meier")
        value, low, high = (100 * float(one[place]) for one in (self.share, self.low, self.high))
        return Estimate(value, low, high, self.level, n, float(n), None, "kaplan_meier")

    def quantile(self, share: float = 0.5) -> tuple[float | None, float | None, float | None]:
        """Return when that share has left, with its interval; None where it never came."""
        left = 1 - share
        return (
            _reached(self.lifetimes.time, self.share, left),
            _reached(self.lifetimes.time, self.low, left),
            _reached(self.lifetimes.time, self.high, left),
        )

    def mean_until(self, horizon: float) -> Estimate:
        """Return the restricted mean lifetime up to a horizon, with its normal interval."""
        inside = self.lifetimes.time < horizon
        steps = np.concatenate([[0.0], self.lifetimes.time[inside], [horizon]])
        heights = np.concatenate([[1.0], self.share[inside]])
        areas = np.diff(steps) * heights
        after = areas[::-1].cumsum()[::-1][1:]
        d, r = self.lifetimes.events[inside], self.lifetimes.at_risk[inside]
        hazard = np.divide(d, r * (r - d), out=np.zeros_like(d), where=r > d)
        mean, se = float(areas.sum()), math.sqrt(float((after**2 * hazard).sum()))
        z, n = normal_quantile(self.level), self.lifetimes.n
        return Estimate(
            mean, mean - z * se, mean + z * se, self.level, n, float(n), None, "restricted_mean"
        )


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
    lifetimes: Lifetimes, *, transform: Transform = "log", level: float = 0.95
) -> Curve:
    """Return the curve with intervals on the scale that `transform` names: log (R's default),
    log-log, plain (Greenwood's own), logit or arcsine, as R's conf.type."""
    d, r = lifetimes.events, lifetimes.at_risk
    share = np.asarray(np.cumprod(1 - d / r), np.float64)
    hazard = np.divide(d, r * (r - d), out=np.full_like(d, np.inf), where=r > d)
    sigma = np.sqrt(np.cumsum(hazard))
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.where(share > 0, share * sigma, 0.0)
        low, high = _bands(share, sigma, normal_quantile(level), transform)
    return Curve(lifetimes, share, se, low, high, level)


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


@dataclass(frozen=True)
class CurveTest:
    """A test that several curves are one."""

    chi_square: float
    df: int
    p: float


def log_rank(groups: Mapping[Hashable, Lifetimes]) -> CurveTest:
    """Return the log-rank test of two or more curves."""
    return _weighted_test(groups, peto=0.0)


def peto(groups: Mapping[Hashable, Lifetimes]) -> CurveTest:
    """Return Peto and Peto's test, which gives early leavers more weight (R's rho = 1)."""
    return _weighted_test(groups, peto=1.0)


def _weighted_test(groups: Mapping[Hashable, Lifetimes], *, peto: float) -> CurveTest:
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
    w = before**peto
    away = ((d - r * total / risk) * w).sum(axis=1)
    factor = w**2 * total * (risk - total) / (risk**2 * np.maximum(risk - 1, 1))
    spread = np.diag((r * risk * factor).sum(axis=1)) - (r * factor) @ r.T
    keep = slice(0, len(parts) - 1)
    chi = float(away[keep] @ np.linalg.pinv(spread[keep, keep]) @ away[keep])
    df = len(parts) - 1
    return CurveTest(chi, df, float(special.chdtrc(df, chi)))
