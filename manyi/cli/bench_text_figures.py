"""Figures of answers beside the truth, each computed anew on every draw of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

DRAWS = 1_000
RNG = 20_261_122
Figure = Callable[[NDArray[np.int64]], float]
Row = tuple[str, Figure, int, float | None]  # what, figure of drawn texts, n, goal


def worded(figure: Figure, n: int, goal: float | None) -> str:
    rng = np.random.default_rng(RNG)
    draws = [figure(rng.integers(0, n, n)) for _ in range(DRAWS if n <= 6_000 else 200)]
    low, high = np.quantile(draws, [0.025, 0.975])
    value = figure(np.arange(n))
    verdict = "" if goal is None else f"  goal {goal:.3f} {'met' if value >= goal else 'MISSED'}"
    return f"{value:.3f}  {low:.3f}–{high:.3f}  n {n:,}{verdict}"


def share(right: Sequence[bool] | NDArray[np.bool_]) -> Figure:
    marks = np.asarray(right, dtype=float)
    return lambda drawn: float(marks[drawn].mean())


def macro(said: NDArray[np.int64], truth: NDArray[np.int64]) -> Figure:
    classes = np.unique(truth)

    def figure(drawn: NDArray[np.int64]) -> float:
        s, t = said[drawn], truth[drawn]
        both = [
            2 * ((s == k) & (t == k)).sum() / max(1, (s == k).sum() + (t == k).sum())
            for k in classes
        ]
        return float(np.mean(both))

    return figure


def f1(guessed: Sequence[set[Any]], true: Sequence[set[Any]]) -> Figure:
    """Micro F1 over sets, one pair of sets a text."""
    hits = np.array([len(g & t) for g, t in zip(guessed, true, strict=True)])
    sizes = np.array([len(g) + len(t) for g, t in zip(guessed, true, strict=True)])
    return lambda drawn: float(2 * hits[drawn].sum() / max(1, sizes[drawn].sum()))


def macro_f1(guessed: Sequence[set[Any]], true: Sequence[set[Any]]) -> Figure:
    """Mean F1 over the kinds that occur in the truth, one pair of sets a text."""
    kinds = sorted({kind for said in true for kind in said})
    columns = [np.array([[k in s for k in kinds] for s in side]) for side in (guessed, true)]
    said_it, is_so = columns

    def figure(drawn: NDArray[np.int64]) -> float:
        s, t = said_it[drawn], is_so[drawn]
        sizes = s.sum(axis=0) + t.sum(axis=0)
        return float((2 * (s & t).sum(axis=0) / np.maximum(1, sizes))[t.any(axis=0)].mean())

    return figure


def spearman(said: NDArray[np.float64], truth: NDArray[np.float64]) -> Figure:
    """Rank correlation, ties at their mean rank."""
    return lambda drawn: float(spearmanr(said[drawn], truth[drawn]).statistic)
