"""Many timelines at once: what `stats.timeline` tells of each group, of all groups together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from manyi.stats.disclosure import PRIVACY_N
from manyi.stats.timeline import turns_of

IntArray = NDArray[np.int64]
Bools = NDArray[np.bool_]
Ends = tuple[IntArray, IntArray]
# More than any day's number, so that a group and a day together make one rising number.
_WIDE = 1 << 32
# So many days of groups may be laid out one by one, with those on which nobody answered.
_FEW = 1 << 16


@dataclass(frozen=True, eq=False)
class Timelines:
    """How many answers arrived by day in each of several groups: lines of `groups` and `days`,
    which rise, and in `upto[i]` how many there are before line i.

    Whoever asks names groups by number (q,), -1 for one that nobody is in, with the first day
    of a period and that after it, one for all or one each.
    """

    groups: IntArray
    days: IntArray
    upto: IntArray
    minimum_n: int = PRIVACY_N

    def between(self, group: IntArray, first: ArrayLike, after: ArrayLike) -> IntArray:
        """Return how many of each group answered from `first` until before `after`."""
        start, end = self._places(group, first), self._places(group, after)
        return np.asarray(self.upto[end] - self.upto[start])

    def keeps(self, group: IntArray, first: ArrayLike, after: ArrayLike) -> Bools:
        """Whether the ends of each period are both cuts of its group."""
        start, end = self._places(group, first), self._places(group, after)
        left, right = self._stretch(group, start)[1], self._stretch(group, end)[0]
        whole = (left == start) & (right == end) & (self.upto[right] > self.upto[left])
        return np.asarray(whole | (start == end))

    def around(self, group: IntArray, first: ArrayLike, after: ArrayLike) -> IntArray:
        """Return how many answered in the shortest periods around these whose ends are cuts."""
        left = self._stretch(group, self._places(group, first))[0]
        right = self._stretch(group, self._places(group, after))[1]
        return np.asarray(self.upto[right] - self.upto[left])

    def _places(self, group: IntArray, day: ArrayLike) -> IntArray:
        found = np.searchsorted(self._keys, group * _WIDE + np.asarray(day)).astype(np.int64)
        return np.where(group < 0, len(self.days), found)

    @cached_property
    def _keys(self) -> IntArray:
        return np.asarray(self.groups * _WIDE + self.days)

    @cached_property
    def _turns(self) -> list[IntArray]:
        """Return, coarsest first, the places where another year, quarter, … begins."""
        return [np.flatnonzero(np.diff(one)) + 1 for one in turns_of(self.days)]

    def _stretch(self, group: IntArray, place: IntArray) -> Ends:
        """Return the places of the cuts around places, which are the place itself on a cut."""
        low, high = (np.searchsorted(self.groups, group, side) for side in ("left", "right"))
        low, high = (np.where(group < 0, len(self.days), one) for one in (low, high))
        for turns in self._turns:
            inside = np.flatnonzero((place != low) & (place != high))
            if not len(inside):
                break
            low[inside], high[inside] = self._narrowed(
                turns, place[inside], low[inside], high[inside]
            )
        on = (place == low) | (place == high)
        return np.where(on, place, low), np.where(on, place, high)

    def _narrowed(self, turns: IntArray, place: IntArray, low: IntArray, high: IntArray) -> Ends:
        """Return the stretches around places once those from `low` to `high` are cut at turns."""
        low, high, end = low.copy(), high.copy(), self.upto[high]
        before = self.upto[turns]
        open_ = np.arange(len(place))
        while len(open_):
            # The next cut is the first turn with enough answers since the last one.
            since = np.searchsorted(before, self.upto[low[open_]] + self.minimum_n)
            since = np.maximum(since, np.searchsorted(turns, low[open_], "right"))
            there = since < len(turns)
            open_, since = open_[there], since[there]
            at = turns[since]
            cut = (at < high[open_]) & (end[open_] - self.upto[at] >= self.minimum_n)
            open_, at = open_[cut], at[cut]
            beyond = at > place[open_]
            high[open_[beyond]] = at[beyond]
            open_, at = open_[~beyond], at[~beyond]
            low[open_] = at
        return low, high


def timelines(
    groups: ArrayLike, days: ArrayLike, counts: ArrayLike, minimum_n: int, many: int
) -> Timelines:
    """Return the timelines of the groups 0 … many - 1, from answers counted by group and day; a
    day of a group may come several times."""
    of, when = np.asarray(groups, np.int64), np.asarray(days, np.int64)
    n = np.asarray(counts, np.float64)
    first = int(when.min()) if len(when) else 0
    width = int(when.max(initial=first)) - first + 1
    key = of * width + when - first
    if many * width <= 16 * len(key) + _FEW:
        per_day = np.bincount(key, n, minlength=many * width)
        there = np.flatnonzero(np.bincount(key, minlength=many * width))
        per_day = per_day[there]
    else:
        there, at = np.unique(key, return_inverse=True)
        per_day = np.bincount(at, n, minlength=len(there))
    upto = np.concatenate([[0], np.cumsum(per_day)]).astype(np.int64)
    return Timelines(there // width, there % width + first, upto, minimum_n)
