"""What a change between two periods goes with: how much of it lies with whom.

The part of a kind of record is the change of Σ (value − overall mean) over the records of that
kind, per record of all: how many they are and how far from the mean they score, in points of
the metric. Parts of kinds that exclude one another and cover all records sum to the change;
kinds that overlap (one voice speaks of several things) share what they have in common. A part
tells what goes with the change and not what causes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.adjust import adjust
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate, Note, Test, nothing

Key = TypeVar("Key")
LEAST = 10
_METHOD = "linearised_clusters"


@dataclass(frozen=True)
class Part(Generic[Key]):
    """One kind of record: its part of the change in points, and as a share of it in percent.

    `share` is None where the change itself may be chance. The p of `test` is adjusted for all
    parts that were looked at, by the rate of false findings; `sure` says that it is below
    1 − level.
    """

    key: Key
    points: Estimate
    share: Estimate | None
    test: Test
    n: int
    n_before: int
    sure: bool


@dataclass(frozen=True)
class Attribution(Generic[Key]):
    """The change of a mean, and what it goes with: what is sure and moves its way first."""

    change: Estimate
    parts: tuple[Part[Key], ...]
    looked_at: int

    @property
    def sure(self) -> tuple[Part[Key], ...]:
        return tuple(part for part in self.parts if part.sure)


@dataclass(frozen=True, eq=False)
class _Sides:
    """Values less the mean of both periods, each one's weight over that of its side (minus:
    before)."""

    y: FloatArray
    weight: FloatArray
    person: IntArray
    now: np.ndarray
    level: float

    def part(self, z: FloatArray) -> float:
        return float(self.weight @ z)

    def influence(self, z: FloatArray) -> FloatArray:
        """Return each person's pull on the part: what it would lack without them."""
        later, before = (float(np.abs(self.weight[x]) @ z[x]) for x in (self.now, ~self.now))
        mean = np.where(self.now, later, before)
        return np.asarray(np.bincount(self.person, self.weight * (z - mean)), np.float64)

    def error(self, z: FloatArray) -> float:
        people = int(self.person.max()) + 1
        pull = self.influence(z)
        apart = float(pull @ pull) * people / max(people - 1, 1)
        # A side in which nobody happens to be of the kind is not without error.
        together = float(z.var()) * float(self.weight @ self.weight)
        return math.sqrt(max(apart, together))

    def estimate(self, value: float, error: float, n: int, df: float) -> Estimate:
        low, high = intervals.around(value, error, intervals.t_quantile(self.level, df))
        return Estimate(value, low, high, self.level, n, float(n), df, _METHOD)


def attribute(
    values: ArrayLike,
    is_now: ArrayLike,
    kinds: Mapping[Key, ArrayLike],
    *,
    weights: ArrayLike | None = None,
    people: ArrayLike | None = None,
    level: float = 0.95,
    least: int = LEAST,
) -> Attribution[Key]:
    """Return which kinds of record the change of the mean of `values` goes with.

    `is_now` tells the records of the later period from those before; `kinds` has for each key
    the rows of its records, of which fewer than `least` are not looked at; `people` says whose
    each record is, since one person's records count as one, and `weights` what it weighs in the
    means. No change: about 1 − level of such questions name any part at all.
    """
    y, now = np.asarray(values, np.float64), np.asarray(is_now, bool)
    if min(now.sum(), (~now).sum()) < 2:
        missing = nothing(level=level, n=len(y), warnings=(Note("no_answers"),))
        return Attribution(missing, (), 0)
    whose = np.arange(len(y)) if people is None else np.unique(people, return_inverse=True)[1]
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    weight = np.where(now, w / w[now].sum(), -w / w[~now].sum())
    sides = _Sides(y - np.average(y, weights=w), weight, np.asarray(whose, np.int64), now, level)
    change = sides.part(sides.y)
    persons = int(sides.person.max())
    whole = sides.estimate(change, sides.error(sides.y), len(y), float(max(persons, 1)))
    rows = {key: np.unique(np.asarray(at, np.int64)) for key, at in kinds.items()}
    looked = {key: at for key, at in rows.items() if len(at) >= least}
    found = [_part(sides, key, at, whole) for key, at in looked.items()]
    adjusted = adjust([part.test.p or 0.0 for part in found], "bh").tolist()
    told = [_judged(part, p, level) for part, p in zip(found, adjusted, strict=True)]
    order = sorted(told, key=lambda one: _rank(one, -1.0 if change < 0 else 1.0))
    return Attribution(whole, tuple(order), len(looked))


def _part(sides: _Sides, key: Key, at: IntArray, whole: Estimate) -> Part[Key]:
    z = np.zeros(len(sides.y))
    z[at] = sides.y[at]
    value, error = sides.part(z), sides.error(z)
    # Few people in the kind make few degrees of freedom, however many others there are.
    df = float(max(len(np.unique(sides.person[at])) - 1, 1))
    t = value / error if error > 0 else None
    p = 1.0 if t is None else float(2 * special.stdtr(df, -abs(t)))
    n = int(sides.now[at].sum())
    points = sides.estimate(value, error, len(at), df)
    test = Test(t, p, df, points, _METHOD, len(at))
    return Part(key, points, _share(sides, z, value, whole, df), test, n, len(at) - n, sure=False)


def _share(
    sides: _Sides, z: FloatArray, value: float, whole: Estimate, df: float
) -> Estimate | None:
    """Return the part as a share of the change, whose own error counts too."""
    change = whole.value
    if change is None or whole.low is None or whole.high is None or whole.low <= 0 <= whole.high:
        return None
    share = value / change
    error = sides.error(z - share * sides.y) / abs(change)
    return sides.estimate(100 * share, 100 * error, whole.n, df)


def _judged(part: Part[Key], p: float, level: float) -> Part[Key]:
    sure = p < 1 - level
    return replace(part, test=replace(part.test, p=p), sure=sure)


def _rank(part: Part[Key], sign: float) -> tuple[bool, float, str]:
    value = part.points.value or 0.0
    return not part.sure, -sign * value, str(part.key)
