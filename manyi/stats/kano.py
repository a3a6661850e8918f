"""Kano's model: what is a must, what satisfies the more the better, what delights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.rates import share_counts
from manyi.stats.result import Estimate, Note, Test, nothing
from manyi.stats.survey.design import Design, Linear, design_rows, mean_rows, share_rows

Category = Literal["A", "O", "M", "I", "R", "Q"]
# Attractive, one-dimensional, must-be, indifferent, reverse, questionable. Rows: the answer
# to "if it is there" (1 like, 2 must-be, 3 neutral, 4 live with, 5 dislike); columns: "if not".
TABLE: tuple[tuple[Category, ...], ...] = (
    ("Q", "A", "A", "A", "O"),
    ("R", "I", "I", "I", "M"),
    ("R", "I", "I", "I", "M"),
    ("R", "I", "I", "I", "M"),
    ("R", "R", "R", "R", "Q"),
)
_MUST_FIRST: tuple[Category, ...] = ("M", "O", "A", "I", "R", "Q")
# Of equally common categories the one that stands first: the more demanding, or as printed.
_ORDERS: dict[str, tuple[Category, ...]] = {
    "demanding": _MUST_FIRST,
    "table": ("A", "O", "M", "I", "R", "Q"),
}
Ties = Literal["demanding", "table"]
_FUNCTIONAL = np.array([4.0, 2.0, 0.0, -1.0, -2.0])
_CRITICAL = 1.65
_DYSFUNCTIONAL = np.array([-2.0, -1.0, 0.0, 2.0, 4.0])


@dataclass(frozen=True)
class Kano:
    """One feature: counts by category and what they say.

    `better` (0..100) and `worse` (-100..0) are Berger's coefficients; `category_strength` is
    the lead of the commonest category over the next (in points), `total_strength` the share
    that cares (in percent); `leading` is Fong's test of the lead, `sure` whether it passes at
    his 1.65 (one side, 5 %); `functional` and
    `dysfunctional` are DuMouchel's continuous scores (-2..4).
    """

    counts: dict[Category, int]
    n: int
    category: Category
    lee_newcomb: Category
    better: Estimate
    worse: Estimate
    category_strength: Estimate
    total_strength: Estimate
    leading: Test
    functional: Estimate
    dysfunctional: Estimate
    shares: dict[Category, Estimate]

    @property
    def sure(self) -> bool:
        return (self.leading.statistic or 0.0) > _CRITICAL


def cross_table(functional: ArrayLike, dysfunctional: ArrayLike) -> np.ndarray:
    """Return the (5, 5) counts of answers 1..5 to both questions; others are left out."""
    f, d = np.asarray(functional, np.float64), np.asarray(dysfunctional, np.float64)
    there = np.isin(f, range(1, 6)) & np.isin(d, range(1, 6))
    at = (f[there].astype(int) - 1) * 5 + d[there].astype(int) - 1
    return np.bincount(at, minlength=25).reshape(5, 5)


def kano_counts(table: ArrayLike, *, ties: Ties = "demanding", level: float = 0.95) -> Kano | None:
    """Return the category of a feature from its (5, 5) counts of different people's answers;
    None where nobody answered.

    Berger et al. 1993. Of equally common categories the more demanding one is taken (M, O,
    A, I), or with `ties` "table" the first of A, O, M, I, R, Q.
    """
    cells = np.asarray(table, np.int64)
    n = int(cells.sum())
    if n == 0:
        return None
    counts = _counts(cells)
    order = _ORDERS[ties]
    ranked = sorted(order, key=lambda c: (-counts[c], order.index(c)))
    first, second = counts[ranked[0]], counts[ranked[1]]
    both = first + second
    base = sum(counts[c] for c in ("A", "O", "M", "I"))
    lead = _lead(first, second, n, level)
    return Kano(
        counts,
        n,
        ranked[0],
        _lee_newcomb(counts),
        share_counts(counts["A"] + counts["O"], base, level=level),
        _negative(share_counts(counts["O"] + counts["M"], base, level=level)),
        lead,
        share_counts(counts["A"] + counts["O"] + counts["M"], n, level=level),
        _fong(first - second, math.sqrt(both * (2 * n - both) / (2 * n)), lead),
        _score(cells.sum(axis=1), _FUNCTIONAL, level),
        _score(cells.sum(axis=0), _DYSFUNCTIONAL, level),
        {category: share_counts(count, n, level=level) for category, count in counts.items()},
    )


def kano_rows(
    functional: ArrayLike,
    dysfunctional: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    ties: Ties = "demanding",
    level: float = 0.95,
) -> Kano | None:
    """Return the same from answers 1..5 to both questions (others are left out), with sample
    `weights` and customers who answered again (`cluster`).

    `counts` are of answers; category, coefficients and leads are weighted. The critical lead
    of Fong's test grows with the design effect of the lead.
    """
    f, d = np.asarray(functional, np.float64), np.asarray(dysfunctional, np.float64)
    w = np.ones(f.shape) if weights is None else np.asarray(weights, np.float64)
    there = np.isin(f, range(1, 6)) & np.isin(d, range(1, 6)) & (w > 0)
    if (weights is None and cluster is None) or not there.any():
        return kano_counts(cross_table(f, d), ties=ties, level=level)
    people = None if cluster is None else np.asarray(cluster)[there]
    return _drawn(
        (f[there] - 1).astype(int),
        (d[there] - 1).astype(int),
        design_rows(w[there] / w[there].mean(), psu=people),
        _ORDERS[ties],
        level,
    )


def _drawn(
    f: np.ndarray, d: np.ndarray, drawn: Design, order: tuple[Category, ...], level: float
) -> Kano:
    of = np.array(TABLE)[f, d]
    marks = np.column_stack([of == one for one in order]).astype(np.float64)
    n, found = len(of), mean_rows(marks, drawn)
    size = dict(zip(order, found.values.tolist(), strict=True))
    weighed: dict[Category, float] = {one: n * size[one] for one in order}
    ranked = sorted(order, key=lambda c: (-round(weighed[c], 9), order.index(c)))
    lead = np.array([float(c == ranked[0]) - float(c == ranked[1]) for c in order])
    between = found.contrast(lead)
    first, second = weighed[ranked[0]], weighed[ranked[1]]
    gap, both = (first - second) / n, (first + second) / n
    alone = max(both - gap**2, 1e-12) / n
    wide = math.sqrt(max(float(between.covariance[0, 0]), 0.0) / alone)
    strength = _strength(between, drawn, level)
    caring = np.isin(of, ["A", "O", "M", "I"])
    counts: dict[Category, int] = {one: int((of == one).sum()) for one in order}
    scores = mean_rows(np.column_stack([_FUNCTIONAL[f], _DYSFUNCTIONAL[d]]), drawn)
    return Kano(
        counts,
        n,
        ranked[0],
        _lee_newcomb(weighed),
        _share_of(np.isin(of, ["A", "O"]), caring, drawn, level),
        _negative(_share_of(np.isin(of, ["O", "M"]), caring, drawn, level)),
        strength,
        share_rows(np.isin(of, ["A", "O", "M"]), drawn, level=level),
        _fong(first - second, math.sqrt(n * both * (2 - both) / 2) * wide, strength),
        scores.estimate(0, level=level),
        scores.estimate(1, level=level),
        {one: share_rows(of == one, drawn, level=level) for one in order},
    )


def _share_of(marked: np.ndarray, among: np.ndarray, drawn: Design, level: float) -> Estimate:
    if not among.any():
        return nothing(level=level, warnings=(Note("no_answers"),))
    inside = design_rows(drawn.weights[among], psu=drawn.psu[among])
    if len(np.unique(inside.psu)) > 1:
        return share_rows(marked[among], inside, level=level)
    # One customer alone may be anything between nobody and everybody.
    value, n = 100 * float(inside.weights @ marked[among] / inside.weights.sum()), among.sum()
    note = Note("few_customers", {"customers": 1})
    return Estimate(value, 0.0, 100.0, level, int(n), 1.0, None, "logit", (note,))


def _counts(cells: np.ndarray) -> dict[Category, int]:
    found: dict[Category, int] = {"A": 0, "O": 0, "M": 0, "I": 0, "R": 0, "Q": 0}
    for row, categories in enumerate(TABLE):
        for column, category in enumerate(categories):
            found[category] += int(cells[row, column])
    return found


def _lee_newcomb(counts: Mapping[Category, float]) -> Category:
    caring: tuple[Category, ...] = ("M", "O", "A")
    other: tuple[Category, ...] = ("I", "R", "Q")
    cares = sum(counts[c] for c in caring) > sum(counts[c] for c in other)
    return max(caring if cares else other, key=lambda c: counts[c])


def _negative(found: Estimate) -> Estimate:
    if found.value is None or found.low is None or found.high is None:
        return found
    ends = (-found.value, -found.high, -found.low)
    return Estimate(*ends, found.level, found.n, found.n_effective, found.df, found.method)


def _lead(first: int, second: int, n: int, level: float) -> Estimate:
    """Return how far the commonest category leads, in points, with MOVER's interval of two
    shares that exclude each other (Newcombe 1998)."""
    a, b = share_counts(first, n, level=level), share_counts(second, n, level=level)
    rest = (n - first) * (n - second)
    against = -math.sqrt(first * second / rest) if rest else -1.0
    ends = intervals.square_and_add(_three(a), _three(b), against)
    low, high = max(ends.low, -100.0), min(ends.high, 100.0)
    value = 100 * (first - second) / n
    return Estimate(value, low, high, level, n, float(n), None, "square_and_add")


def _fong(lead: float, se: float, strength: Estimate) -> Test:
    """Return Fong's test (1996) that the two commonest categories are equally common."""
    z = lead / max(se, 1e-300)
    return Test(z, float(special.ndtr(-z)), None, strength, "fong", strength.n)


def _three(one: Estimate) -> tuple[float, float, float]:
    assert one.value is not None and one.low is not None and one.high is not None
    return one.value, one.low, one.high


def _strength(between: Linear, drawn: Design, level: float) -> Estimate:
    found = between.estimate(level=level)
    return replace(
        found,
        value=100 * float(between.values[0]),
        low=None if found.low is None else max(100 * found.low, -100.0),
        high=None if found.high is None else min(100 * found.high, 100.0),
    )


def _score(counts: FloatArray, scores: FloatArray, level: float) -> Estimate:
    n = int(counts.sum())
    mean = float(counts @ scores) / n
    square = float(counts @ (scores - mean) ** 2)
    se = math.sqrt(square / max(n - 1, 1) / n)
    ends = intervals.around(mean, se, intervals.t_quantile(level, max(n - 1, 1)))
    ends = ends if n > 1 else intervals.Interval(-2.0, 4.0)
    return Estimate(mean, *ends, level, n, float(n), float(n - 1), "t")
