"""Answers given without care: signs to be shown, never a reason to delete in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats.moments import FloatArray, IntArray


def longest_run_rows(answers: ArrayLike) -> IntArray:
    """Return the longest run of the same answer in each row (n, k); NaN ends a run."""
    x = np.asarray(answers, np.float64)
    longest = run = (~np.isnan(x[:, 0])).astype(np.int64)
    for at in range(1, x.shape[1]):
        there = (~np.isnan(x[:, at])).astype(np.int64)
        run = np.where(x[:, at] == x[:, at - 1], run + 1, there)
        longest = np.maximum(longest, run)
    return np.asarray(longest)


def variability_rows(answers: ArrayLike) -> FloatArray:
    """Return the standard deviation of each row (IRV): near 0 is straight-lining."""
    return np.asarray(np.nanstd(np.asarray(answers, np.float64), axis=1, ddof=1))


@dataclass(frozen=True, eq=False)
class Outlyingness:
    """Squared Mahalanobis distance of each row and its chi-square p."""

    distance: FloatArray
    p: FloatArray

    def flagged(self, p: float = 0.001) -> IntArray:
        """Return the rows (from 0) that are rarer than `p`."""
        return np.flatnonzero(self.p < p)


def outlying_rows(answers: ArrayLike) -> Outlyingness:
    """Return how unusual each complete row is as a whole (Meade & Craig 2012)."""
    x = np.asarray(answers, np.float64)
    away = x - x.mean(axis=0)
    inverse = np.linalg.pinv(np.cov(x, rowvar=False))
    squared = np.einsum("ij,jk,ik->i", away, inverse, away)
    return Outlyingness(squared, np.asarray(special.chdtrc(x.shape[1], squared)))


def percent_match_rows(answers: ArrayLike) -> FloatArray:
    """Return for each row the greatest share of answers it has in common with another row.

    Kuriakose & Robbins 2016: above .85 hints at copied interviews. Costs n²·k.
    """
    x = np.asarray(answers, np.float64)
    found = np.zeros(len(x))
    block = max(1, 4_000_000 // max(x.size, 1))
    for start in range(0, len(x), block):
        same = (x[start : start + block, None, :] == x[None, :, :]).mean(axis=2)
        rows = np.arange(len(same))
        same[rows, rows + start] = -1
        found[start : start + block] = same.max(axis=1)
    return found


def speeders_rows(seconds: ArrayLike, *, share_of_median: float = 1 / 3) -> IntArray:
    """Return the rows (from 0) that took less than that share of the median time."""
    took = np.asarray(seconds, np.float64)
    return np.flatnonzero(took < share_of_median * np.nanmedian(took))


def duplicates_rows(answers: ArrayLike) -> IntArray:
    """Return the rows (from 0) that some other row equals in all answers."""
    x = np.asarray(answers, np.float64)
    _, at, counts = np.unique(x, axis=0, return_inverse=True, return_counts=True)
    return np.flatnonzero(counts[at.ravel()] > 1)


def straightliners_rows(answers: ArrayLike) -> IntArray:
    """Return the rows (from 0) that gave one and the same answer throughout."""
    x = np.asarray(answers, np.float64)
    return np.flatnonzero(longest_run_rows(x) == x.shape[1])
