"""Kano's model: what is a must, what satisfies the more the better, what delights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray
from manyi.stats.rates import share
from manyi.stats.result import Estimate

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
_DYSFUNCTIONAL = np.array([-2.0, -1.0, 0.0, 2.0, 4.0])


@dataclass(frozen=True)
class Kano:
    """One feature: counts by category and what they say.

    `better` (0..100) and `worse` (-100..0) are Berger's coefficients; `category_strength` is
    the lead of the commonest category over the next, `total_strength` the share that cares,
    both in percent; `sure` whether the lead passes Fong's test; `functional` and
    `dysfunctional` are DuMouchel's continuous scores (-2..4) with their standard errors.
    """

    counts: dict[Category, int]
    n: int
    category: Category
    lee_newcomb: Category
    better: Estimate
    worse: Estimate
    category_strength: float
    total_strength: float
    lead: int
    critical_lead: float
    functional: tuple[float, float]
    dysfunctional: tuple[float, float]

    @property
    def sure(self) -> bool:
        return self.lead > self.critical_lead


def cross_table(functional: ArrayLike, dysfunctional: ArrayLike) -> np.ndarray:
    """Return the (5, 5) counts of answers 1..5 to both questions; others are left out."""
    f, d = np.asarray(functional, np.float64), np.asarray(dysfunctional, np.float64)
    there = np.isin(f, range(1, 6)) & np.isin(d, range(1, 6))
    at = (f[there].astype(int) - 1) * 5 + d[there].astype(int) - 1
    return np.bincount(at, minlength=25).reshape(5, 5)


def kano(table: ArrayLike, *, ties: Ties = "demanding", level: float = 0.95) -> Kano | None:
    """Return the category of a feature from its (5, 5) counts; None where nobody answered.

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
    return Kano(
        counts,
        n,
        ranked[0],
        _lee_newcomb(counts),
        share(counts["A"] + counts["O"], base, level=level),
        _negative(share(counts["O"] + counts["M"], base, level=level)),
        100 * (first - second) / n,
        100 * (counts["A"] + counts["O"] + counts["M"]) / n,
        first - second,
        1.65 * math.sqrt(both * (2 * n - both) / (2 * n)),
        _score(cells.sum(axis=1), _FUNCTIONAL),
        _score(cells.sum(axis=0), _DYSFUNCTIONAL),
    )


def _counts(cells: np.ndarray) -> dict[Category, int]:
    found: dict[Category, int] = {"A": 0, "O": 0, "M": 0, "I": 0, "R": 0, "Q": 0}
    for row, categories in enumerate(TABLE):
        for column, category in enumerate(categories):
            found[category] += int(cells[row, column])
    return found


def _lee_newcomb(counts: dict[Category, int]) -> Category:
    caring: tuple[Category, ...] = ("M", "O", "A")
    other: tuple[Category, ...] = ("I", "R", "Q")
    cares = sum(counts[c] for c in caring) > sum(counts[c] for c in other)
    return max(caring if cares else other, key=lambda c: counts[c])


def _negative(found: Estimate) -> Estimate:
    if found.value is None or found.low is None or found.high is None:
        return found
    ends = (-found.value, -found.high, -found.low)
    return Estimate(*ends, found.level, found.n, found.n_effective, found.df, found.method)


def _score(counts: FloatArray, scores: FloatArray) -> tuple[float, float]:
    n = float(counts.sum())
    mean = float(counts @ scores) / n
    square = float(counts @ (scores - mean) ** 2)
    return mean, math.sqrt(square / max(n - 1, 1) / n)
