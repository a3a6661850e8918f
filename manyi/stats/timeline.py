"""When few enough answers arrive that a day more or less would tell about single people.

A period may only begin and end where its own answers were cut. Cuts are made at the turns of
years, then quarters, months, ISO weeks and days, from the first answer on, wherever at least
`minimum_n` answers lie on both sides within the stretch. Between two cuts there are thus no
answers or at least `minimum_n`, and so there are between any two such periods of one group.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from manyi.stats.disclosure import PRIVACY_N

IntArray = NDArray[np.int64]
# Days are numbered as by date.toordinal; numpy counts from 1970.
_EPOCH = 719_163


@dataclass(frozen=True, eq=False)
class Timeline:
    """How many answers arrived by day: `days` rise, `upto[i]` counts those before `days[i]`."""

    days: IntArray
    upto: IntArray
    minimum_n: int = PRIVACY_N

    @property
    def total(self) -> int:
        return int(self.upto[-1])

    def place(self, day: int) -> int:
        """Return how many days with answers lie before `day`."""
        return int(np.searchsorted(self.days, day))

    def between(self, first: int, after: int) -> int:
        """Return how many answered from `first` until before `after`."""
        return int(self.upto[self.place(after)] - self.upto[self.place(first)])

    def keeps(self, first: int, after: int) -> bool:
        """Whether a period's ends are both cuts, so that it may be asked for as it is."""
        return self.inside(first, after) == (first, after)

    def inside(self, first: int, after: int) -> tuple[int, int] | None:
        """Return the longest period within this one whose ends are cuts; None for none."""
        start, end = self.place(first), self.place(after)
        if start == end:
            return first, after
        left, right = self._stretch(start)[1], self._stretch(end)[0]
        if self.upto[right] <= self.upto[left]:
            return None
        return (
            first if left == start else int(self.days[left - 1]) + 1,
            after if right == end else int(self.days[right]),
        )

    def around(self, first: int, after: int) -> int:
        """Return how many answered in the shortest period around this one whose ends are cuts."""
        left, right = self._stretch(self.place(first))[0], self._stretch(self.place(after))[1]
        return int(self.upto[right] - self.upto[left])

    @cached_property
    def _turns(self) -> list[IntArray]:
        return turns_of(self.days)

    def _stretch(self, place: int) -> tuple[int, int]:
        """Return the places of the cuts around a place, which are the place itself on a cut."""
        low, high = 0, len(self.days)
        for turns in self._turns:
            if place in (low, high):
                break
            low, high = self._narrowed(turns, place, low, high)
        return (place, place) if place in (low, high) else (low, high)

    def _narrowed(self, turns: IntArray, place: int, low: int, high: int) -> tuple[int, int]:
        """Return the stretch around `place` once that from `low` to `high` is cut at turns."""
        last, end = low, high
        for at in np.flatnonzero(np.diff(turns[low:high])) + low + 1:
            before, beyond = self.upto[at] - self.upto[last], self.upto[end] - self.upto[at]
            if before >= self.minimum_n and beyond >= self.minimum_n:
                if at > place:
                    return last, int(at)
                last = int(at)
        return last, high


def timeline(days: ArrayLike, counts: ArrayLike, minimum_n: int) -> Timeline:
    """Return the timeline of answers counted by day; a day may come several times."""
    when, at = np.unique(np.asarray(days, np.int64), return_inverse=True)
    per_day = np.bincount(at, np.asarray(counts, np.float64), minlength=len(when))
    upto = np.concatenate([[0], np.cumsum(per_day)]).astype(np.int64)
    return Timeline(when, upto, minimum_n)


def turns_of(days: IntArray) -> list[IntArray]:
    """Return, coarsest first, the first day of the year, quarter, month, ISO week of each day,
    and the day itself."""
    if not len(days):
        return [days] * 5
    first = int(days.min())
    return [one[days - first] for one in _turns(first, int(days.max()))]


@lru_cache(maxsize=64)
def _turns(first: int, last: int) -> list[IntArray]:
    days = np.arange(first, last + 1)
    plain = (days - _EPOCH).astype("datetime64[D]")
    months = plain.astype("datetime64[M]").astype(np.int64)
    quarters = (months // 3 * 3).astype("datetime64[M]")
    starts = (plain.astype("datetime64[Y]"), quarters, plain.astype("datetime64[M]"))
    found = [one.astype("datetime64[D]").astype(np.int64) + _EPOCH for one in starts]
    return [*found, days - (days + 6) % 7, days]
