"""Moments: mergeable sufficient statistics of one variable in one group.

Engines count, statistics judge; between them travels this and nothing else. For k distinct
answers the moments hold counts, Σw and Σw² per answer, and Σw per answer in each of 64
groups that customers are hashed into (one customer always falls into the same group, a
record without a customer is hashed by its own id). Deleting one group at a time gives
honest intervals for any statistic though one customer answered five times, with the number
of non-empty groups less one as degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Key = TypeVar("Key", bound=Hashable)

GROUPS = 64


@dataclass(frozen=True, eq=False)
class Moments:
    """Counts of the answers `values` (k,), distinct and rising, in one group.

    `n` (k,) answers, `w` (k,) Σweight, `w2` (k,) Σweight² per value; `by_group` (64, k)
    Σweight per customer-hash group, or None where customers are unknown and each answer
    stands for itself; `n_customers` is the exact number of customers, None if not known.
    """

    values: FloatArray
    n: IntArray
    w: FloatArray
    w2: FloatArray
    by_group: FloatArray | None = None
    n_customers: int | None = None

    @property
    def count(self) -> int:
        """Return the number of answers."""
        return int(self.n.sum())

    @property
    def sum_w(self) -> float:
        return float(self.w.sum())

    @property
    def sum_w2(self) -> float:
        return float(self.w2.sum())

    @property
    def weighted(self) -> bool:
        """Whether any two answers weigh differently."""
        return self.count > 0 and self.sum_w**2 < self.count * self.sum_w2 * (1 - 1e-12)

    @property
    def clustered(self) -> bool:
        """Whether a customer may have answered more than once."""
        if self.by_group is None:
            return False
        return self.n_customers is None or self.n_customers < self.count

    @property
    def kish(self) -> float:
        """Return Kish's effective number of answers (Σw)²/Σw²; n where weights are equal."""
        if not self.weighted:
            return float(self.count)
        return self.sum_w**2 / self.sum_w2

    @property
    def people(self) -> int:
        """Return how many customers answered, or the best lower bound that is known."""
        if self.n_customers is not None:
            return self.n_customers
        return self.count if self.by_group is None else self.filled_groups

    @property
    def filled_groups(self) -> int:
        """Return the number of customer-hash groups that hold an answer."""
        if self.by_group is None:
            return 0
        return int(np.count_nonzero(self.by_group.sum(axis=1) > 0))


def empty() -> Moments:
    """Return the moments of no answers; merging them changes nothing."""
    none = np.zeros(0)
    return Moments(none, np.zeros(0, np.int64), none, none, np.zeros((GROUPS, 0)), 0)


def from_counts(values: ArrayLike, counts: ArrayLike) -> Moments:
    """Return the moments of `counts` answers for each of `values`, of unknown customers."""
    n = np.asarray(counts, np.int64)
    return from_cells(values, None, n)


def from_values(
    x: ArrayLike, weights: ArrayLike | None = None, cluster: ArrayLike | None = None
) -> Moments:
    """Return the moments of single answers; NaN is "no answer" and does not count.

    `cluster` holds a whole number for each customer; customers fall into 64 groups by it.
    """
    answers = np.asarray(x, np.float64)
    there = ~np.isnan(answers)
    w = np.ones(answers.shape) if weights is None else np.asarray(weights, np.float64)
    there &= w > 0
    answers, w = answers[there], w[there]
    ones = np.ones(answers.shape, np.int64)
    if cluster is None:
        return from_cells(answers, None, ones, w, w**2)
    ids = np.asarray(cluster)[there]
    customers, codes = np.unique(ids, return_inverse=True)
    groups = hash_group(customers)[codes]
    return from_cells(answers, groups, ones, w, w**2, n_customers=len(customers))


def hash_group(ids: ArrayLike) -> IntArray:
    """Return the group 0..63 of each whole number by Fibonacci hashing; lakes bring their own."""
    mixed = np.asarray(ids).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(58)).astype(np.int64)


def from_cells(
    values: ArrayLike,
    groups: ArrayLike | None,
    n: ArrayLike,
    w: ArrayLike | None = None,
    w2: ArrayLike | None = None,
    *,
    n_customers: int | None = None,
) -> Moments:
    """Return the moments of counted cells, as an engine's GROUP BY value, group gives them.

    All arrays have one entry a cell, in any order, values repeated; `groups` are 0..63 or
    None; `w` and `w2` are Σw and Σw² (default: n). Cells without answers are left out.
    """
    x = np.asarray(values, np.float64)
    count = np.asarray(n, np.int64)
    sum_w = count.astype(np.float64) if w is None else np.asarray(w, np.float64)
    sum_w2 = sum_w if w2 is None else np.asarray(w2, np.float64)
    used = (count > 0) & ~np.isnan(x)
    distinct, at = np.unique(x[used], return_inverse=True)
    k = len(distinct)
    by_group = None
    if groups is not None:
        flat = np.asarray(groups, np.int64)[used] * k + at
        by_group = _tally(flat, sum_w[used], GROUPS * k).reshape(GROUPS, k)
    return Moments(
        distinct,
        _tally(at, count[used], k).astype(np.int64),
        _tally(at, sum_w[used], k),
        _tally(at, sum_w2[used], k),
        by_group,
        n_customers,
    )


def _tally(at: ArrayLike, amounts: ArrayLike, size: int) -> FloatArray:
    sums = np.bincount(np.asarray(at, np.int64), weights=np.asarray(amounts), minlength=size)
    return np.asarray(sums, np.float64)


def from_grouped_cells(
    keys: Iterable[Key],
    values: ArrayLike,
    groups: ArrayLike | None,
    n: ArrayLike,
    w: ArrayLike | None = None,
    w2: ArrayLike | None = None,
    *,
    n_customers: Mapping[Key, int] | None = None,
) -> dict[Key, Moments]:
    """Return the moments of each key, from one entry a cell as in `from_cells`."""
    places: dict[Key, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(at)
    columns = [None if c is None else np.asarray(c) for c in (values, groups, n, w, w2)]
    people = n_customers or {}
    found = {}
    for key, rows in places.items():
        x, g, count, sum_w, sum_w2 = (None if c is None else c[rows] for c in columns)
        assert x is not None and count is not None
        found[key] = from_cells(x, g, count, sum_w, sum_w2, n_customers=people.get(key))
    return found


def merge(a: Moments, b: Moments) -> Moments:
    """Return the moments of both selections together; the same customers may be in both.

    Either both know their customers' groups or neither does (ValueError otherwise).
    """
    return _added(a, b, None)


def merge_disjoint(a: Moments, b: Moments) -> Moments:
    """Return the moments of both together where no customer is in both."""
    if a.n_customers is None or b.n_customers is None:
        return _added(a, b, None)
    return _added(a, b, a.n_customers + b.n_customers)


def merge_all(parts: Iterable[Moments]) -> Moments:
    """Return the moments of all parts together; the same customers may be in several."""
    there = [part for part in parts if part.count]
    if len(there) < 2:
        return there[0] if there else empty()
    grouped = [part.by_group for part in there if part.by_group is not None]
    if 0 < len(grouped) < len(there):
        raise ValueError("moments with and without customer groups cannot be merged")
    values, at = np.unique(np.concatenate([one.values for one in there]), return_inverse=True)
    columns = ([one.n for one in there], [one.w for one in there], [one.w2 for one in there])
    n, w, w2 = (_tally(at, np.concatenate(each), len(values)) for each in columns)
    by_group = None
    if grouped:
        by_group = np.zeros((GROUPS, len(values)))
        ends = np.cumsum([len(one.values) for one in there])
        for part, end in zip(grouped, ends.tolist(), strict=True):
            by_group[:, at[end - part.shape[1] : end]] += part
    return Moments(values, n.astype(np.int64), w, w2, by_group, None)


def _added(a: Moments, b: Moments, n_customers: int | None) -> Moments:
    if b.count == 0:
        return a
    if a.count == 0:
        return b
    if (a.by_group is None) != (b.by_group is None):
        raise ValueError("moments with and without customer groups cannot be merged")
    values = np.union1d(a.values, b.values)
    one, two = _spread(a, values), _spread(b, values)
    by_group = None
    if one.by_group is not None and two.by_group is not None:
        by_group = one.by_group + two.by_group
    return Moments(values, one.n + two.n, one.w + two.w, one.w2 + two.w2, by_group, n_customers)


def _spread(part: Moments, values: FloatArray) -> Moments:
    """Return `part` over a longer list of values, with zeros for those it lacks."""
    at = np.searchsorted(values, part.values)
    n, w, w2 = np.zeros(len(values), np.int64), np.zeros(len(values)), np.zeros(len(values))
    n[at], w[at], w2[at] = part.n, part.w, part.w2
    by_group = None
    if part.by_group is not None:
        by_group = np.zeros((GROUPS, len(values)))
        by_group[:, at] = part.by_group
    return Moments(values, n, w, w2, by_group, part.n_customers)


def scaled(moments: Moments, factor: float) -> Moments:
    """Return the same answers, each weighing `factor` times as much."""
    by_group = None if moments.by_group is None else moments.by_group * factor
    return Moments(
        moments.values,
        moments.n,
        moments.w * factor,
        moments.w2 * factor**2,
        by_group,
        moments.n_customers,
    )


def without(whole: Moments, part: Moments) -> Moments:
    """Return the moments of `whole` less `part`, which must be among it."""
    if part.count == 0:
        return whole
    values = np.union1d(whole.values, part.values)
    one, two = _spread(whole, values), _spread(part, values)
    if np.any(one.n < two.n):
        raise ValueError("the part is not among the whole")
    rest = one.n > two.n
    by_group = None
    if one.by_group is not None and two.by_group is not None:
        by_group = _less(one.by_group, two.by_group)[:, rest]
    n = (one.n - two.n)[rest]
    once = by_group is not None and not whole.clustered
    return Moments(
        values[rest],
        n,
        (one.w - two.w)[rest],
        (one.w2 - two.w2)[rest],
        by_group,
        int(n.sum()) if once else None,
    )


def _less(whole: FloatArray, part: FloatArray) -> FloatArray:
    # What rounding leaves of an emptied group must not make it look filled.
    left = whole - part
    left[left < whole * 1e-12] = 0.0
    return left


def only(moments: Moments, keep: NDArray[np.bool_]) -> Moments:
    """Return the moments of the values marked in `keep` (k,); customers are then not counted."""
    if keep.all():
        return moments
    by_group = None if moments.by_group is None else moments.by_group[:, keep]
    n = moments.n[keep]
    once = moments.by_group is not None and not moments.clustered
    return Moments(
        moments.values[keep],
        n,
        moments.w[keep],
        moments.w2[keep],
        by_group,
        int(n.sum()) if once else None,
    )
