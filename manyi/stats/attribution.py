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
from numpy.typing import ArrayLike, NDArray
from scipy import special

from manyi.stats import intervals
from manyi.stats.adjust import adjust
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate, Note, Test, nothing

Key = TypeVar("Key")
Bools = NDArray[np.bool_]
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
class _Kind:
    """The rows of one kind, those of one person side by side, and what is summed over them:
    `pull` each of their `people`'s part, `later` and `before` the parts of the two sides."""

    rows: IntArray
    people: IntArray
    pull: FloatArray
    later: float
    before: float
    total: float
    squares: float

    @property
    def points(self) -> float:
        return self.later - self.before


class _Sides:
    """Values less the mean of both periods, each one's weight over that of its side (minus:
    before). The rows of one person lie side by side.

    The error of a kind's part is that of z, which is y on its rows and 0 elsewhere. Each
    person's pull on the part, what it would lack without them, is Σ w z less their share of
    each side's mean of z: all sums but those over the kind's own rows are taken once.
    """

    def __init__(
        self, y: FloatArray, weight: FloatArray, person: IntArray, now: Bools, level: float
    ) -> None:
        self.y, self.weight, self.person, self.now, self.level = y, weight, person, now, level
        self.pull = weight * y
        self.people = int(person[-1]) + 1
        # What of each side's weight is each person's.
        self.later = np.bincount(person[now], weight[now], minlength=self.people)
        self.before = np.bincount(person[~now], -weight[~now], minlength=self.people)
        self.crossed = np.array(
            [
                [self.later @ self.later, -(self.later @ self.before)],
                [-(self.later @ self.before), self.before @ self.before],
            ]
        )
        self.spread = float(weight @ weight)
        self.whole = self.kind(np.arange(len(y)))
        self._of_all = self._pulls(self.whole)
        df = float(max(self.people - 1, 1))
        self.change = self.estimate(self.whole.points, self.error(self.whole), len(y), df)

    def kind(self, rows: IntArray) -> _Kind:
        who, pull, now = self.person[rows], self.pull[rows], self.now[rows]
        starts = np.flatnonzero(np.diff(who, prepend=-1))
        later = float(pull[now].sum())
        y = self.y[rows]
        return _Kind(
            rows,
            who[starts],
            np.add.reduceat(pull, starts),
            later,
            later - float(pull.sum()),
            float(y.sum()),
            float(y @ y),
        )

    def _pulls(self, one: _Kind) -> FloatArray:
        """Return every person's pull on a part."""
        found = one.before * self.before - one.later * self.later
        found[one.people] += one.pull
        return np.asarray(found, np.float64)

    def error(self, one: _Kind) -> float:
        return self._error(self._pulled(one), one.squares, one.total)

    def error_of_share(self, one: _Kind, share: float) -> float:
        """Return the error of a part less this share of the whole change."""
        mine = float(self._of_all[one.people] @ one.pull)
        rest = one.before * (self._of_all @ self.before) - one.later * (self._of_all @ self.later)
        all_, both = float(self._of_all @ self._of_all), mine + float(rest)
        pulled = self._pulled(one) - 2 * share * both + share**2 * all_
        # z is y where it is not 0, so that the sum of their products is that of its squares.
        squares = one.squares * (1 - 2 * share) + share**2 * self.whole.squares
        return self._error(pulled, squares, one.total - share * self.whole.total)

    def _pulled(self, one: _Kind) -> float:
        """Return the sum of the squares of all pulls on a part."""
        means = np.array([one.later, one.before])
        own = one.before * self.before[one.people] - one.later * self.later[one.people]
        return float(one.pull @ one.pull + 2 * (one.pull @ own) + means @ self.crossed @ means)

    def _error(self, pulled: float, squares: float, total: float) -> float:
        apart = pulled * self.people / max(self.people - 1, 1)
        # A side in which nobody happens to be of the kind is not without error.
        size = len(self.y)
        together = (squares / size - (total / size) ** 2) * self.spread
        return math.sqrt(max(apart, together, 0.0))

    def estimate(self, value: float, error: float, n: int, df: float) -> Estimate:
        low, high = intervals.around(value, error, intervals.t_quantile(self.level, df))
        return Estimate(value, low, high, self.level, n, float(n), df, _METHOD)


def attribute(
    values: ArrayLike,
    is_now: ArrayLike,
    *kinds: Mapping[Key, ArrayLike],
    weights: ArrayLike | None = None,
    people: ArrayLike | None = None,
    level: float = 0.95,
    least: int = LEAST,
) -> tuple[Attribution[Key], ...]:
    """Return which kinds of record the change of the mean of `values` goes with, one answer for
    each set of `kinds`.

    `is_now` tells the records of the later period from those before; `kinds` has for each key
    the rows of its records, of which fewer than `least` are not looked at; `people` says whose
    each record is, since one person's records count as one, and `weights` what it weighs in the
    means. No change: about 1 − level of such questions name any part at all.
    """
    y, now = np.asarray(values, np.float64), np.asarray(is_now, bool)
    if min(now.sum(), (~now).sum()) < 2:
        missing = nothing(level=level, n=len(y), warnings=(Note("no_answers"),))
        return tuple(Attribution[Key](missing, (), 0) for _ in kinds)
    whose = np.arange(len(y)) if people is None else np.unique(people, return_inverse=True)[1]
    order = np.argsort(whose, kind="stable")
    y, now, whose = y[order], now[order], np.asarray(whose, np.int64)[order]
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)[order]
    weight = np.where(now, w / w[now].sum(), -w / w[~now].sum())
    sides = _Sides(y - np.average(y, weights=w), weight, whose, now, level)
    place = np.empty(len(y), np.int64)
    place[order] = np.arange(len(y))
    return tuple(_attributed(sides, place, one, least) for one in kinds)


def _attributed(
    sides: _Sides, place: IntArray, kinds: Mapping[Key, ArrayLike], least: int
) -> Attribution[Key]:
    change = sides.change
    rows = {key: _different(place[np.asarray(at, np.int64)]) for key, at in kinds.items()}
    looked = {key: at for key, at in rows.items() if len(at) >= least}
    found = [_part(sides, key, sides.kind(at), change) for key, at in looked.items()]
    adjusted = adjust([part.test.p or 0.0 for part in found], "bh").tolist()
    told = [_judged(part, p, sides.level) for part, p in zip(found, adjusted, strict=True)]
    sign = -1.0 if sides.whole.points < 0 else 1.0
    return Attribution(change, tuple(sorted(told, key=lambda one: _rank(one, sign))), len(looked))


def _different(rows: IntArray) -> IntArray:
    found = np.sort(rows)
    return found[np.diff(found, prepend=-1) > 0]


def _part(sides: _Sides, key: Key, kind: _Kind, whole: Estimate) -> Part[Key]:
    value, error, many = kind.points, sides.error(kind), len(kind.rows)
    # Few people in the kind make few degrees of freedom, however many others there are.
    df = float(max(len(kind.people) - 1, 1))
    t = value / error if error > 0 else None
    p = 1.0 if t is None else float(2 * special.stdtr(df, -abs(t)))
    n = int(sides.now[kind.rows].sum())
    points = sides.estimate(value, error, many, df)
    test = Test(t, p, df, points, _METHOD, many)
    return Part(key, points, _share(sides, kind, whole, df), test, n, many - n, sure=False)


def _share(sides: _Sides, kind: _Kind, whole: Estimate, df: float) -> Estimate | None:
    """Return the part as a share of the change, whose own error counts too."""
    change = whole.value
    if change is None or whole.low is None or whole.high is None or whole.low <= 0 <= whole.high:
        return None
    share = kind.points / change
    error = sides.error_of_share(kind, share) / abs(change)
    return sides.estimate(100 * share, 100 * error, whole.n, df)


def _judged(part: Part[Key], p: float, level: float) -> Part[Key]:
    sure = p < 1 - level
    return replace(part, test=replace(part.test, p=p), sure=sure)


def _rank(part: Part[Key], sign: float) -> tuple[bool, float, str]:
    value = part.points.value or 0.0
    return not part.sure, -sign * value, str(part.key)
