"""Rows ready to be compared: complete, coded, with weights and customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.explain.shapes import Variable
from manyi.stats.moments import FloatArray, IntArray, Moments, from_values
from manyi.stats.survey.design import Design, design_rows


@dataclass(frozen=True, eq=False)
class Rows:
    """Complete rows of two variables; `plain` where every row is one person of equal weight."""

    weights: FloatArray
    cluster: IntArray | None
    missing: int

    @property
    def n(self) -> int:
        return len(self.weights)

    @property
    def plain(self) -> bool:
        equal = bool(np.ptp(self.weights) <= 1e-12 * self.weights.max()) if self.n else True
        return equal and self.cluster is None

    @property
    def design(self) -> Design:
        """Return the rows as a sample of customers."""
        return design_rows(self.weights, psu=self.cluster)

    def moments(self, x: FloatArray, keep: np.ndarray | None = None) -> Moments:
        """Return the moments of `x` where `keep` is true."""
        here = np.ones(self.n, bool) if keep is None else keep
        weights = None if self.plain else self.weights[here]
        cluster = None if self.cluster is None else self.cluster[here]
        return from_values(x[here], weights, cluster)


def complete(
    one: Variable, two: Variable, weights: ArrayLike | None, cluster: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray, Rows]:
    """Return the values of both where neither is missing, as numbers unless they are labels."""
    a, b = values_of(one), values_of(two)
    w = np.ones(len(a)) if weights is None else np.asarray(weights, np.float64)
    there = ~(_lost(a) | _lost(b)) & (w > 0)
    ids = None if cluster is None else _codes(np.asarray(cluster)[there])
    if ids is not None and len(np.unique(ids)) == len(ids):
        ids = None
    return a[there], b[there], Rows(w[there], ids, int((~there).sum()))


def values_of(variable: Variable) -> np.ndarray:
    """Return the values: floats for scale, ordinal and date; what they are for labels."""
    values = np.asarray(variable.values)
    if variable.kind in ("nominal", "binary"):
        return values
    if np.issubdtype(values.dtype, np.datetime64):
        days = values.astype("datetime64[s]").astype(np.float64) / 86400
        days[np.isnat(values)] = np.nan
        return np.asarray(days)
    if values.dtype == object:
        return np.array([np.nan if v is None else float(v) for v in values])
    return np.asarray(values, np.float64)


def _lost(values: np.ndarray) -> np.ndarray:
    if np.issubdtype(values.dtype, np.floating):
        return np.asarray(np.isnan(values))
    if values.dtype == object:
        return np.array([v is None or v == "" or v != v for v in values], bool)
    if values.dtype.kind in "US":
        return np.asarray(values == "")
    return np.zeros(len(values), bool)


def _codes(labels: np.ndarray) -> IntArray:
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def coded(values: np.ndarray) -> tuple[list[Any], IntArray]:
    """Return the distinct values in order, and each row's place among them."""
    if values.dtype == object:
        distinct: Sequence[Any] = sorted(set(values.tolist()), key=lambda v: (str(type(v)), v))
        place = {value: at for at, value in enumerate(distinct)}
        return list(distinct), np.array([place[v] for v in values.tolist()], np.int64)
    found, at = np.unique(values, return_inverse=True)
    return found.tolist(), at.astype(np.int64)


def midranks(x: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the share of the weight below each value, ties and itself counting half."""
    values, at = np.unique(x, return_inverse=True)
    mass = np.bincount(at, weights=weights, minlength=len(values))
    below = (np.cumsum(mass) - mass / 2) / mass.sum()
    return np.asarray(below[at], np.float64)
