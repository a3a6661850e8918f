"""Customer satisfaction indices 0 to 100 from a fitted model: ACSI, ECSI, CCSI."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.latent.pls import Model, Solution
from manyi.stats.latent.validity import places
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate

ECSI_PATHS: tuple[tuple[str, str], ...] = (
    ("image", "expectation"),
    ("expectation", "quality"),
    ("expectation", "value"),
    ("quality", "value"),
    ("image", "satisfaction"),
    ("expectation", "satisfaction"),
    ("quality", "satisfaction"),
    ("value", "satisfaction"),
    ("satisfaction", "complaints"),
    ("image", "loyalty"),
    ("satisfaction", "loyalty"),
    ("complaints", "loyalty"),
)
ACSI_PATHS: tuple[tuple[str, str], ...] = (
    ("expectation", "quality"),
    ("expectation", "value"),
    ("quality", "value"),
    ("expectation", "satisfaction"),
    ("quality", "satisfaction"),
    ("value", "satisfaction"),
    ("satisfaction", "complaints"),
    ("satisfaction", "loyalty"),
    ("complaints", "loyalty"),
)
# GB/T 19038 and 19039: the Chinese index has a brand image in front and no complaints.
CCSI_PATHS: tuple[tuple[str, str], ...] = (
    ("image", "expectation"),
    ("image", "quality"),
    ("expectation", "quality"),
    ("expectation", "value"),
    ("quality", "value"),
    ("image", "satisfaction"),
    ("expectation", "satisfaction"),
    ("quality", "satisfaction"),
    ("value", "satisfaction"),
    ("image", "loyalty"),
    ("satisfaction", "loyalty"),
)


def normalised_weights(solution: Solution, sd: FloatArray) -> dict[str, FloatArray]:
    """Return, for each latent, the shares of its items in the index on the raw scale: weights
    over standard deviations (of all ones for the raw metric), summing to 1."""
    found = {}
    for at, (name, rows) in enumerate(places(solution.model).items()):
        raw = solution.weights[rows, at] / sd[rows]
        found[name] = np.asarray(raw / raw.sum())
    return found


def index_rows(
    items: ArrayLike,
    model: Model,
    weights: dict[str, FloatArray],
    scale: Scale,
    *,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Return the mean index 0 to 100 of each latent over rows of items (n, p) on one scale.

    Σ weight·(x - worst)/(best - worst)·100; the interval takes the weights as given.
    """
    x = (np.asarray(items, np.float64) - scale.worst) / (scale.best - scale.worst) * 100
    x = x[~np.isnan(x).any(axis=1)]
    return {name: _mean(x[:, rows] @ weights[name], level) for name, rows in places(model).items()}


def _mean(scores: FloatArray, level: float) -> Estimate:
    n, mean = len(scores), float(scores.mean())
    se = float(scores.std(ddof=1)) / math.sqrt(n)
    ends = intervals.around(mean, se, intervals.t_quantile(level, n - 1))
    ends = intervals.clip(ends, 0.0, 100.0)
    return Estimate(mean, *ends, level, n, float(n), float(n - 1), "pls_index")
