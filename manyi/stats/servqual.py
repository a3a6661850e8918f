"""SERVQUAL: perception less expectation by item and dimension; SERVPERF: perception alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.reliability import reliability_rows
from manyi.stats.result import Estimate, Note, nothing
from manyi.stats.survey.design import design_rows, mean_rows


@dataclass(frozen=True)
class Servqual:
    """Gaps in points of the scale: below 0 is less than was expected.

    `alpha` is the reliability of the difference scores of a dimension, which is lower than
    that of either side (Peter, Churchill & Brown 1993), and has no value of a single item.
    """

    items: tuple[Estimate, ...]
    dimensions: dict[str, Estimate]
    perceptions: dict[str, Estimate]
    alpha: dict[str, Estimate]
    overall: Estimate
    weighted: Estimate | None


def servqual_rows(
    expected: ArrayLike,
    perceived: ArrayLike,
    dimensions: Mapping[str, Sequence[int]],
    *,
    importance: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Servqual:
    """Return the gaps of `perceived` - `expected` (n, items), of complete rows.

    `dimensions` lists the item columns of each dimension; `importance` (n, dimensions) holds
    100 points that each person shares out in that order. `weights` and `cluster` (customers)
    make the errors linearised. Parasuraman et al. 1988, 1991.
    """
    e, p = np.asarray(expected, np.float64), np.asarray(perceived, np.float64)
    there = np.asarray(~(np.isnan(e).any(axis=1) | np.isnan(p).any(axis=1)))
    points = None if importance is None else np.asarray(importance, np.float64)[there]
    e, p = e[there], p[there]
    gap = p - e
    drawn, people = None, None if cluster is None else np.asarray(cluster)[there]
    if weights is not None or cluster is not None:
        w = np.ones(there.shape) if weights is None else np.asarray(weights, np.float64)
        drawn = design_rows(w[there], psu=people)

    def mean(x: FloatArray) -> Estimate:
        return _mean(x, level) if drawn is None else mean_rows(x, drawn).estimate(level=level)

    by_dimension = np.column_stack([gap[:, list(at)].mean(axis=1) for at in dimensions.values()])
    names = list(dimensions)
    weighted = None if points is None else mean((points * by_dimension).sum(axis=1) / 100)
    return Servqual(
        tuple(mean(gap[:, at]) for at in range(gap.shape[1])),
        {name: mean(by_dimension[:, at]) for at, name in enumerate(names)},
        {name: mean(p[:, list(dimensions[name])].mean(axis=1)) for name in names},
        {
            name: _alpha(gap[:, list(dimensions[name])], weights, people, there, level)
            for name in names
        },
        mean(by_dimension.mean(axis=1)),
        weighted,
    )


def _alpha(
    gap: FloatArray,
    weights: ArrayLike | None,
    people: np.ndarray | None,
    there: np.ndarray,
    level: float,
) -> Estimate:
    if gap.shape[1] < 2:
        return nothing(level=level, n=len(gap), warnings=(Note("one_item"),))
    w = None if weights is None else np.asarray(weights, np.float64)[there]
    return reliability_rows(gap, weights=w, cluster=people, level=level).alpha


def _mean(x: FloatArray, level: float) -> Estimate:
    n = len(x)
    se = float(x.std(ddof=1)) / math.sqrt(n)
    ends = intervals.around(float(x.mean()), se, intervals.t_quantile(level, n - 1))
    return Estimate(float(x.mean()), *ends, level, n, float(n), float(n - 1), "t")
