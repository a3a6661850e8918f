"""Difference in differences where units start at different times (Callaway & Sant'Anna 2021).

Two-way fixed effects take units that started early as a comparison for those that start late,
and so may turn an effect that grows into its contrary. Here each group of units that started
together is compared only with units that have not started, and what was found is then averaged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note, Test

Control = Literal["never", "not_yet"]
Base = Literal["varying", "universal"]
Errors = Literal["welch", "plain"]


@dataclass(frozen=True, eq=False)
class GroupTime:
    """The effect on the units that started at `first`, at `time`; before that it should be 0."""

    first: float
    time: float
    effect: Estimate


@dataclass(frozen=True, eq=False)
class Staggered:
    """Effects by group and time (k,), what every unit adds to each (units, k), and the units:
    when each started (inf: never), its weight, and its cluster."""

    first: FloatArray
    time: FloatArray
    effects: FloatArray
    pulls: FloatArray
    started: FloatArray
    weights: FloatArray
    cluster: np.ndarray
    anticipation: float
    errors: Errors
    clustered: bool
    notes: tuple[Note, ...] = ()

    @property
    def units(self) -> int:
        return len(self.started)

    @property
    def after(self) -> np.ndarray:
        """Return which effects are of a time when the group had started."""
        return np.asarray(self.time >= self.first - self.anticipation)

    def by_group_and_time(self, *, level: float = 0.95) -> tuple[GroupTime, ...]:
        """Return every effect with its own interval."""
        return tuple(
            GroupTime(
                float(self.first[at]),
                float(self.time[at]),
                self._estimate(float(self.effects[at]), self.pulls[:, at], level),
            )
            for at in range(len(self.effects))
        )

    def overall(self, *, level: float = 0.95) -> Estimate:
        """Return the mean of all effects after the start, groups counting by their size."""
        return self._estimate(*self._averaged(self.after), level)

    def by_group(self, *, level: float = 0.95) -> dict[float, Estimate]:
        """Return the mean effect on each group, over all times since it started."""
        return self._each(self.first, self.after, level, even=True)

    def by_age(self, *, level: float = 0.95) -> dict[float, Estimate]:
        """Return the effect by time since the start (below 0: before it), over all groups."""
        return self._each(self.time - self.first, np.ones(len(self.time), bool), level)

    def by_time(self, *, level: float = 0.95) -> dict[float, Estimate]:
        """Return the mean effect on those that had started, at each time."""
        return self._each(self.time, self.after, level)

    def mean_of_groups(self, *, level: float = 0.95) -> Estimate:
        """Return the mean of `by_group`, groups counting by their size (what R's did shows)."""
        groups = np.unique(self.first[self.after])
        parts = [self._even(self.after & (self.first == one)) for one in groups]
        values, pulls = (np.array(side) for side in zip(*parts, strict=True))
        at = np.array([int(np.flatnonzero(self.first == one)[0]) for one in groups])
        value, pull = self._weighted(values, pulls.T, at)
        return self._estimate(value, pull, level)

    def mean_of_ages(self, *, level: float = 0.95) -> Estimate:
        """Return the plain mean of `by_age` from the start on."""
        return self._mean_over(self.time - self.first, level)

    def mean_of_times(self, *, level: float = 0.95) -> Estimate:
        """Return the plain mean of `by_time`."""
        return self._mean_over(self.time, level)

    def before(self, *, level: float = 0.95) -> Test | None:
        """Return the test that no group moved before it started (Hotelling's T²), its effect the
        mean gap before; None where there was no earlier time, or too few units to tell."""
        early = ~self.after & (np.abs(self.pulls).sum(axis=0) > 0)
        q, m = int(early.sum()), len(np.unique(self.cluster))
        if q == 0 or m <= q:
            return None
        gaps, pulls = self.effects[early], self._summed(self.pulls[:, early])
        covariance = pulls.T @ pulls
        if np.linalg.matrix_rank(covariance) < q:
            return None
        wald = float(gaps @ np.linalg.solve(covariance, gaps))
        f = wald * (m - q) / (q * (m - 1))
        effect = self._estimate(*self._averaged(early), level)
        p = float(special.fdtrc(q, m - q, f))
        return Test(wald, p, float(q), effect, "pre_trend_t2", self.units, self.notes)

    def _each(
        self, keys: FloatArray, among: np.ndarray, level: float, *, even: bool = False
    ) -> dict[float, Estimate]:
        average = self._even if even else self._averaged
        return {
            float(one): self._estimate(*average(among & (keys == one)), level)
            for one in np.unique(keys[among])
        }

    def _mean_over(self, keys: FloatArray, level: float) -> Estimate:
        parts = [self._averaged(self.after & (keys == one)) for one in np.unique(keys[self.after])]
        values, pulls = (np.array(side) for side in zip(*parts, strict=True))
        return self._estimate(float(values.mean()), pulls.mean(axis=0), level)

    def _even(self, marked: np.ndarray) -> tuple[float, FloatArray]:
        return float(self.effects[marked].mean()), self.pulls[:, marked].mean(axis=1)

    def _averaged(self, marked: np.ndarray) -> tuple[float, FloatArray]:
        at = np.flatnonzero(marked)
        return self._weighted(self.effects[at], self.pulls[:, at], at)

    def _weighted(
        self, values: FloatArray, pulls: FloatArray, at: np.ndarray
    ) -> tuple[float, FloatArray]:
        """Return the mean by size of group; that sizes are chance too widens the error."""
        members = (self.started[:, None] == self.first[at][None, :]) * self.weights[:, None]
        sizes = members.mean(axis=0)
        share = sizes / sizes.sum()
        chance = (members - sizes) / len(members)
        moved = (chance - chance.sum(axis=1, keepdims=True) * share) / sizes.sum()
        return float(values @ share), np.asarray(pulls @ share + moved @ values)

    def _summed(self, pulls: FloatArray) -> FloatArray:
        sums = np.zeros((int(self.cluster.max()) + 1, *pulls.shape[1:]))
        np.add.at(sums, self.cluster, pulls)
        return sums

    def _estimate(self, value: float, pull: FloatArray, level: float) -> Estimate:
        variance, df = self._variance(pull)
        low = high = None
        if variance > 0:
            reach = intervals.t_quantile(level, df) * math.sqrt(variance)
            low, high = value - reach, value + reach
        told = None if math.isinf(df) else df
        method, n = f"staggered_{self.errors}", self.units
        return Estimate(value, low, high, level, n, float(n), told, method, self.notes)

    def _variance(self, pull: FloatArray) -> tuple[float, float]:
        if self.errors == "plain":
            sums = self._summed(pull)
            return float(sums @ sums), math.inf
        if self.clustered:
            sums, m = self._summed(pull), int(self.cluster.max()) + 1
            return float(sums @ sums) * m / (m - 1), float(m - 1)
        groups = np.unique(self.started[pull != 0], return_inverse=True)[1]
        squares = np.bincount(groups, pull[pull != 0] ** 2)
        sizes = np.bincount(groups)
        wide = squares * sizes / np.maximum(sizes - 1, 1)
        total, below = float(wide.sum()), float((wide**2 / np.maximum(sizes - 1, 1)).sum())
        return total, total**2 / below if below > 0 else math.inf


def staggered_rows(
    y: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    first: ArrayLike,
    *,
    control: Control = "never",
    base: Base = "varying",
    anticipation: float = 0,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    errors: Errors = "welch",
) -> Staggered:
    """Return the effect on each group of units that started at the same `first` time (NaN:
    never), at each time, against units that never start or have "not_yet" started.

    A row is an answer, or the mean of a unit at a time; several of one unit and time are
    averaged by their `weights`, and a unit weighs the mean of its sums of weights where they
    are given, else all weigh alike. Units that are not there at every time are left out and
    noted. The gap is taken from the time before the start (less `anticipation`) and, before
    that, from the time before each ("varying", R's did) or the same one ("universal").
    `errors` "welch" scale each group's spread by n/(n-1) and have Satterthwaite's df; "plain" are
    those of R's did and Stata's csdid, too bold with few units. `cluster` (of the rows, such
    as a region of branches) makes units of one cluster one voice.
    Raises Problem("no_untouched_units") where there is nothing to compare with.
    """
    panel = _panel(y, unit, time, first, weights, cluster)
    found = [
        one
        for group in np.unique(panel.started[np.isfinite(panel.started)])
        for one in _of_group(panel, float(group), control, base, anticipation, errors)
    ]
    if not found:
        raise Problem("no_untouched_units")
    left = panel.left_out
    notes = (Note("units_left_out", {"units": left}),) if left else ()
    return Staggered(
        np.array([one[0] for one in found]),
        np.array([one[1] for one in found]),
        np.array([one[2] for one in found]),
        np.column_stack([one[3] for one in found]),
        panel.started,
        panel.weights,
        panel.cluster,
        anticipation,
        errors,
        cluster is not None,
        notes,
    )


@dataclass(frozen=True, eq=False)
class _Panel:
    y: FloatArray  # (units, times)
    times: FloatArray
    started: FloatArray
    weights: FloatArray
    cluster: np.ndarray
    left_out: int


def _panel(
    y: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    first: ArrayLike,
    weights: ArrayLike | None,
    cluster: ArrayLike | None,
) -> _Panel:
    answers, began = np.asarray(y, np.float64), np.asarray(first, np.float64)
    w = np.ones(len(answers)) if weights is None else np.asarray(weights, np.float64)
    there = ~np.isnan(answers) & (w > 0)
    answers, began, w = answers[there], began[there], w[there]
    _, at, of = np.unique(np.asarray(unit)[there], return_index=True, return_inverse=True)
    times, when = np.unique(np.asarray(time, np.float64)[there], return_inverse=True)
    shape = (len(at), len(times))
    flat = of * shape[1] + when
    sums, total = (
        np.bincount(flat, one, shape[0] * shape[1]).reshape(shape) for one in (w, w * answers)
    )
    whole = (sums > 0).all(axis=1)
    if not whole.any():
        raise Problem("no_untouched_units")
    size = np.ones(shape[0]) if weights is None else sums.mean(axis=1)
    size = size[whole] / size[whole].mean()
    ids = np.arange(shape[0]) if cluster is None else np.asarray(cluster)[there][at]
    return _Panel(
        np.asarray(total[whole] / sums[whole]),
        times,
        np.where(np.isnan(began[at]), np.inf, began[at])[whole],
        size,
        np.unique(ids[whole], return_inverse=True)[1],
        int((~whole).sum()),
    )


_Found = tuple[float, float, float, FloatArray]


def _of_group(
    panel: _Panel,
    group: float,
    control: Control,
    base: Base,
    anticipation: float,
    errors: Errors,
) -> list[_Found]:
    earlier = np.flatnonzero(panel.times < group - anticipation)
    if len(earlier) == 0:
        return []
    reference = int(earlier[-1])
    found = []
    for at in range(0 if base == "universal" else 1, len(panel.times)):
        back = reference if at > reference or base == "universal" else at - 1
        if at == back:
            found.append((group, float(panel.times[at]), 0.0, np.zeros(len(panel.y))))
            continue
        later = max(panel.times[at], panel.times[back]) + anticipation
        others = np.isinf(panel.started)
        if control == "not_yet":
            others |= (panel.started > later) & (panel.started != group)
        if others.any():
            gap = panel.y[:, at] - panel.y[:, back]
            effect, pull = _apart(gap, panel.started == group, others, panel.weights, errors)
            found.append((group, float(panel.times[at]), effect, pull))
    return found


def _apart(
    gap: FloatArray, mine: np.ndarray, others: np.ndarray, w: FloatArray, errors: Errors
) -> tuple[float, FloatArray]:
    """Return the difference of two weighted means and what each unit adds to it."""

    def side(marked: np.ndarray) -> tuple[float, FloatArray]:
        share = marked * w / float(w[marked].sum())
        mean = float(share @ gap)
        return mean, np.asarray(share * (gap - mean))

    (one, pull), (two, push) = side(mine), side(others)
    m = int(others.sum())
    if errors == "welch" and mine.sum() == 1 and m > 1:
        # A unit alone shows no spread: it is taken to vary as those it is compared with do.
        share = w[others] / w[others].sum()
        pull[mine] = math.sqrt(float(share @ (gap[others] - two) ** 2) * m / (m - 1))
    return one - two, pull - push
