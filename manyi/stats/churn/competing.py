"""Competing reasons to leave: moving away is not the same as going to a rival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray


@dataclass(frozen=True, eq=False)
class Incidence:
    """The share that has left for one reason by each time (0..1), and its variance."""

    time: FloatArray
    share: FloatArray
    variance: FloatArray

    def at(self, times: ArrayLike) -> FloatArray:
        """Return the share at each of `times`."""
        return self._looked(self.share, times)

    def variance_at(self, times: ArrayLike) -> FloatArray:
        """Return the variance at each of `times`."""
        return self._looked(self.variance, times)

    def _looked(self, values: FloatArray, times: ArrayLike) -> FloatArray:
        place = np.searchsorted(self.time, np.asarray(times, np.float64), side="right")
        return np.asarray(np.concatenate([[0.0], values])[place])


def cumulative_incidence_rows(time: ArrayLike, cause: ArrayLike, reason: int) -> Incidence:
    """Return Aalen and Johansen's incidence of one cause; `cause` 0 is still there.

    Kaplan and Meier with other causes as censored would say too much. Variance as in R's
    cmprsk. Tied times are kept as they are.
    """
    t, c = np.asarray(time, np.float64), np.asarray(cause, np.int64)
    times, at = np.unique(t, return_inverse=True)
    k = len(times)
    mine = np.bincount(at, weights=c == reason, minlength=k).astype(np.float64)
    other = np.bincount(at, weights=(c != reason) & (c != 0), minlength=k).astype(np.float64)
    risk = np.bincount(at, minlength=k)[::-1].cumsum()[::-1].astype(np.float64)
    alive = np.asarray(np.cumprod(1 - (mine + other) / risk), np.float64)
    before = np.concatenate([[1.0], alive[:-1]])
    share = np.cumsum(before * mine / risk)
    return Incidence(times, share, _variance(mine, other, risk, before, alive, share))


def _variance(
    mine: FloatArray,
    other: FloatArray,
    risk: FloatArray,
    before: FloatArray,
    alive: FloatArray,
    share: FloatArray,
) -> FloatArray:
    back = np.divide(1.0, alive, out=np.zeros_like(alive), where=alive > 0)
    one = _step(mine, risk, before)
    two = np.where(alive > 0, _step(other, risk, before), 0.0)
    at_one, at_two = 1 + back * share, back * share
    first = np.cumsum(at_one**2 * one + at_two**2 * two)
    cross = np.cumsum(back * at_one * one + back * at_two * two)
    last = np.cumsum(back**2 * (one + two))
    return np.asarray(first + share**2 * last - 2 * share * cross)


def _step(counts: FloatArray, risk: FloatArray, before: FloatArray) -> FloatArray:
    ties = 1 - np.maximum(counts - 1, 0) / np.maximum(risk - 1, 1)
    return np.asarray(before**2 * ties * counts / risk**2)
