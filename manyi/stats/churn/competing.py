"""Competing reasons to leave: moving away is not the same as going to a rival."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, special

from manyi.stats.intervals import clopper_pearson, normal_quantile, t_quantile
from manyi.stats.moments import FloatArray, hash_group
from manyi.stats.result import Estimate, Note, Test, nothing


@dataclass(frozen=True, eq=False)
class Incidence:
    """The share that has left for one reason by each time (0..1), and its variance.

    `method` says whose variance it is: Aalen's from counts ("aalen", as R's cmprsk), or the
    infinitesimal jackknife over customers ("jackknife", as R's survfit) where weights or
    clusters are given. `n` rows of `people` customers tell as much as `n_effective` equal ones.
    """

    time: FloatArray
    share: FloatArray
    variance: FloatArray
    n: int = 0
    n_effective: float = 0.0
    people: int = 0
    method: str = field(default="aalen")

    def at(self, times: ArrayLike) -> FloatArray:
        """Return the share at each of `times`."""
        return self._looked(self.share, times)

    def variance_at(self, times: ArrayLike) -> FloatArray:
        """Return the variance at each of `times`."""
        return self._looked(self.variance, times)

    def estimate(self, time: float, *, level: float = 0.95) -> Estimate:
        """Return the incidence by a time in percent, its interval on the scale log(-log)."""
        if self.n == 0:
            return nothing(level=level, warnings=(Note("no_answers"),))
        share, variance = float(self.at(time)), float(self.variance_at(time))
        df = float(self.people - 1) if self.method == "jackknife" else None
        if not 0 < share < 1 or variance <= 0:
            ends = clopper_pearson(share * self.people, self.people, level)
            low, high = 100 * ends.low, 100 * ends.high
        else:
            quantile = normal_quantile(level) if df is None else t_quantile(level, max(df, 1))
            reach = quantile * math.sqrt(variance) / (share * abs(math.log(share)))
            low, high = (100 * share ** math.exp(way * reach) for way in (1, -1))
        told = 100 * share, low, high, level, self.n, self.n_effective, df
        return Estimate(*told, f"aalen_johansen_{self.method}")

    def _looked(self, values: FloatArray, times: ArrayLike) -> FloatArray:
        place = np.searchsorted(self.time, np.asarray(times, np.float64), side="right")
        return np.asarray(np.concatenate([[0.0], values])[place])


@dataclass(frozen=True, eq=False)
class _Counts:
    """Σ weight at each distinct time: who left for the reason, who for others, who was there;
    `before` and `alive` are the shares still there just before and after."""

    time: FloatArray
    at: np.ndarray
    mine: FloatArray
    other: FloatArray
    risk: FloatArray

    @property
    def alive(self) -> FloatArray:
        return np.asarray(np.cumprod(1 - (self.mine + self.other) / self.risk), np.float64)

    @property
    def before(self) -> FloatArray:
        return np.concatenate([[1.0], self.alive[:-1]])

    @property
    def steps(self) -> FloatArray:
        """Return by how much the incidence rises at each time."""
        return np.asarray(self.before * self.mine / self.risk)


def _counted(t: FloatArray, c: np.ndarray, w: FloatArray, reason: int) -> _Counts:
    times, at = np.unique(t, return_inverse=True)
    k = len(times)
    mine = np.bincount(at, weights=w * (c == reason), minlength=k)
    other = np.bincount(at, weights=w * ((c != reason) & (c != 0)), minlength=k)
    risk = np.bincount(at, weights=w, minlength=k)[::-1].cumsum()[::-1]
    return _Counts(times, at, *(np.asarray(one, np.float64) for one in (mine, other, risk)))


def cumulative_incidence_rows(
    time: ArrayLike,
    cause: ArrayLike,
    reason: int,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Incidence:
    """Return Aalen and Johansen's incidence of one cause; `cause` 0 is still there.

    Kaplan and Meier with other causes as censored would say too much. Without sample
    `weights` and `cluster` (a customer who is there several times) the variance is that of
    R's cmprsk, with them that of R's survfit. Tied times are kept as they are.
    """
    t, c = np.asarray(time, np.float64), np.asarray(cause, np.int64)
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(len(t)) if cluster is None else np.asarray(cluster)
    there = ~np.isnan(t) & (w > 0)
    t, c, w = t[there], c[there], w[there]
    people = np.unique(ids[there], return_inverse=True)[1]
    counts = _counted(t, c, w, reason)
    share = np.cumsum(counts.steps)
    plain = weights is None and cluster is None
    variance = _variance(counts, share) if plain else _robust(counts, c, w, people, reason)
    n_effective = float(w.sum() ** 2 / (w @ w)) if len(w) else 0.0
    size = len(t), n_effective, len(np.unique(people))
    return Incidence(counts.time, share, variance, *size, "aalen" if plain else "jackknife")


def _variance(counts: _Counts, share: FloatArray) -> FloatArray:
    risk, before, alive = counts.risk, counts.before, counts.alive
    back = np.divide(1.0, alive, out=np.zeros_like(alive), where=alive > 0)
    one = _step(counts.mine, risk, before)
    two = np.where(alive > 0, _step(counts.other, risk, before), 0.0)
    at_one, at_two = 1 + back * share, back * share
    first = np.cumsum(at_one**2 * one + at_two**2 * two)
    cross = np.cumsum(back * at_one * one + back * at_two * two)
    last = np.cumsum(back**2 * (one + two))
    return np.asarray(first + share**2 * last - 2 * share * cross)


def _step(counts: FloatArray, risk: FloatArray, before: FloatArray) -> FloatArray:
    ties = 1 - np.maximum(counts - 1, 0) / np.maximum(risk - 1, 1)
    return np.asarray(before**2 * ties * counts / risk**2)


def _robust(
    counts: _Counts, cause: np.ndarray, w: FloatArray, people: np.ndarray, reason: int
) -> FloatArray:
    """Return Σ over customers of the squared pull on the share at each time."""
    rise = counts.steps
    if len(rise) == 0:
        return rise
    # Rows of one time and kind pull alike: each customer is a sum over such cells.
    kind = np.where(cause == reason, 1, np.where(cause != 0, 2, 0))
    cells = counts.at * 3 + kind
    shape = int(people.max()) + 1, 3 * len(rise)
    voices = sparse.coo_array((w, (people, cells)), shape=shape).tocsr()
    found, places = np.zeros(len(rise)), np.flatnonzero(rise > 0)
    pulled = _Pulls(counts)
    for start in range(0, len(places), 64):
        some = places[start : start + 64]
        found[some] = ((voices @ pulled.on(some)) ** 2).sum(axis=0)
    last = np.maximum.accumulate(np.where(rise > 0, np.arange(len(rise)), -1))
    return np.asarray(np.where(last >= 0, found[last], 0.0))


class _Pulls:
    """What a row of each time and kind (still there, the reason, another) adds to the share."""

    def __init__(self, counts: _Counts) -> None:
        gone = counts.mine + counts.other
        left = counts.risk - gone
        # Once everybody has left nothing is multiplied any more.
        open_ = np.divide(1.0, left, out=np.zeros_like(left), where=left > 1e-12 * counts.risk)
        self.drift = np.cumsum(gone * open_ / counts.risk)
        earlier = np.concatenate([[0.0], self.drift[:-1]])
        self.share = np.cumsum(counts.steps)
        self.paid = np.cumsum(counts.steps / counts.risk - counts.steps * earlier)
        went = np.stack([np.zeros_like(open_), open_, open_])
        own = np.stack([np.zeros_like(open_), counts.before / counts.risk, np.zeros_like(open_)])
        self.went, self.own = went.T, own.T

    def on(self, places: np.ndarray) -> FloatArray:
        """Return the pulls of all cells (3·times) on the share at `places`."""
        at = np.arange(len(self.share))
        until = np.minimum(at[:, None], places[None, :])
        after = self.share[places][None, :] - self.share[until]
        shared = self.drift[until] * after - self.paid[until]
        mine = self.own[:, :, None] - self.went[:, :, None] * after[:, None, :]
        reached = (at[:, None] <= places[None, :])[:, None, :]
        pulls = shared[:, None, :] + np.where(reached, mine, 0.0)
        return np.asarray(pulls.reshape(3 * len(at), len(places)))


def gray_unweighted_rows(
    time: ArrayLike, cause: ArrayLike, group: ArrayLike, reason: int, *, rho: float = 0.0
) -> Test:
    """Return Gray's test (1988) of the incidence of one cause in two or more groups, as R's
    cmprsk; `rho` above 0 gives the early times more weight.

    Each row is one customer of equal weight; `gray_rows` knows weights and customers who come
    again.
    """
    t, c = np.asarray(time, np.float64), np.asarray(cause, np.int64)
    labels: list[Hashable] = np.unique(np.asarray(group)).tolist()
    place = np.unique(np.asarray(group), return_inverse=True)[1]
    times, at = np.unique(t, return_inverse=True)
    shape = (len(times), len(labels))
    there = _table(at, place, np.ones(len(t)), shape)[::-1].cumsum(axis=0)[::-1]
    mine = _table(at, place, c == reason, shape)
    other = _table(at, place, (c != reason) & (c != 0), shape)
    happened = (mine + other).sum(axis=1) > 0
    score, covariance = _gray(there[happened], mine[happened], other[happened], rho)
    df = len(labels) - 1
    keep = slice(0, df)
    chi = float(score[keep] @ np.linalg.pinv(covariance[keep, keep]) @ score[keep])
    return _tested(chi, df, float(special.chdtrc(df, chi)), len(t))


def gray_rows(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    reason: int,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    rho: float = 0.0,
) -> Test:
    """Return Gray's test for weighted rows and customers who come again: his scores, with their
    covariance from leaving out each of 64 groups of customers in turn (p is of Hotelling's F).

    Without either, `gray_unweighted_rows` is exact and has more power in small samples.
    """
    t, c = np.asarray(time, np.float64), np.asarray(cause, np.int64)
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(len(t)) if cluster is None else np.asarray(cluster)
    labels, place = np.unique(np.asarray(group), return_inverse=True)
    times, at = np.unique(t, return_inverse=True)
    shape = (len(times), len(labels))
    parts = np.unique(hash_group(np.unique(ids, return_inverse=True)[1]), return_inverse=True)[1]
    found = []
    for part in range(-1, int(parts.max()) + 1):
        kept = np.where(parts == part, 0.0, w)
        there = _table(at, place, kept, shape)[::-1].cumsum(axis=0)[::-1]
        mine = _table(at, place, kept * (c == reason), shape)
        other = _table(at, place, kept * ((c != reason) & (c != 0)), shape)
        happened = (mine + other).sum(axis=1) > 0
        score, _ = _gray(there[happened], mine[happened], other[happened], rho)
        found.append(score[: len(labels) - 1] / kept.sum())
    whole, without = found[0], np.array(found[1:])
    groups, df = len(without), len(labels) - 1
    spread = without - without.mean(axis=0)
    covariance = (groups - 1) / groups * spread.T @ spread
    wald = float(whole @ np.linalg.pinv(covariance) @ whole)
    below = float(max(groups - df, 1))
    statistic = wald / df * below / max(groups - 1, 1)
    p = float(special.fdtrc(df, below, statistic))
    return _tested(wald, df, p, len(t))


def _tested(statistic: float, df: int, p: float, n: int) -> Test:
    # The test is of whole curves: no one figure is its effect.
    none = nothing(n=n, method="gray", warnings=(Note("several_curves"),))
    return Test(statistic, p, float(df), none, "gray", n)


def _table(
    at: np.ndarray, place: np.ndarray, amounts: ArrayLike, shape: tuple[int, int]
) -> FloatArray:
    flat = at * shape[1] + place
    sums = np.bincount(flat, weights=np.asarray(amounts), minlength=shape[0] * shape[1])
    return np.asarray(sums, np.float64).reshape(shape)


def _gray(
    there: FloatArray, mine: FloatArray, other: FloatArray, rho: float
) -> tuple[FloatArray, FloatArray]:
    """Return the scores of the groups (G,) and their covariance from counts (times, G)."""
    some = there > 0
    risk = np.where(some, there, 1.0)
    alive = np.asarray(
        np.cumprod(np.where(some, 1 - (mine + other) / risk, 1.0), axis=0), np.float64
    )
    before = np.vstack([np.ones(there.shape[1]), alive[:-1]])
    own = np.cumsum(np.where(some, before * mine / risk, 0.0), axis=0)
    own_before = np.vstack([np.zeros(there.shape[1]), own[:-1]])
    # How many would still be there had nobody left for other reasons.
    full = np.where(some, there / np.where(before > 0, before, 1.0), 0.0)
    events, total = mine.sum(axis=1), full.sum(axis=1)
    pooled = np.cumsum(events / total)
    pooled_before = np.concatenate([[0.0], pooled[:-1]])
    early = (1 - pooled_before) ** rho
    subject = full * (1 - own_before)
    expected = events[:, None] * subject / subject.sum(axis=1, keepdims=True)
    score = (early[:, None] * np.where(some, mine - expected, 0.0)).sum(axis=0)
    pull = early[:, None, None] * (
        full[:, :, None] * np.eye(there.shape[1])
        - full[:, :, None] * full[:, None, :] / total[:, None, None]
    )
    paid = np.cumsum(pull * (events / (total * (1 - pooled_before)))[:, None, None], axis=0)
    later = np.asarray(paid[-1] - paid, np.float64)
    behind: FloatArray = np.zeros_like(alive)
    np.divide((1 - pooled)[:, None], alive, out=behind, where=some & (alive > 0))
    return score, _spread(pull, later, behind, (there, mine, other), before, alive, events, total)


def _spread(
    pull: FloatArray,
    later: FloatArray,
    behind: FloatArray,
    counts: tuple[FloatArray, FloatArray, FloatArray],
    before: FloatArray,
    alive: FloatArray,
    events: FloatArray,
    total: FloatArray,
) -> FloatArray:
    """Return the covariance: what each group's departures at each time do to every score."""
    there, _, other = counts
    some = there > 0
    risk = np.where(some, there, 1.0)
    mine_factor = np.where(alive > 0, 1 - behind, 1.0)
    ties = np.ones_like(there)
    many = np.broadcast_to(events[:, None] > 1, there.shape)
    open_ = total[:, None] * before - 1
    np.divide(events[:, None] - 1, open_, out=ties, where=many & (np.abs(open_) > 1e-12))
    ties = np.where(many, 1 - ties, 1.0)
    size = np.where(some, ties * before * events[:, None] / (total[:, None] * risk), 0.0)
    one = pull + mine_factor[:, None, :] * later
    tied = 1 - np.maximum(other - 1, 0) / np.maximum(risk - 1, 1)
    size_other = np.where(some & (alive > 0), tied * before**2 * other / risk**2, 0.0)
    two = behind[:, None, :] * later
    first = np.einsum("tk,tik,tjk->ij", size, one, one)
    return np.asarray(first + np.einsum("tk,tik,tjk->ij", size_other, two, two))
