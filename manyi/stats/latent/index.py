"""Customer satisfaction indices 0 to 100 from a fitted model: ACSI, ECSI, CCSI.

The paths of the ACSI are those of Fornell et al. (1996), of the ECSI those of Tenenhaus et al.
(2005), with complaints between satisfaction and loyalty. Those of the CCSI were put together
from descriptions of GB/T 19038 and 19039 in other literature, not from the standards' text:
who must report by the standard should hold them against it. A model is data: any latents,
items and paths make a `pls.Model`, and the three below are only examples.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from manyi.kit.scale import Scale
from manyi.stats.latent.pls import Model, Solution
from manyi.stats.latent.validity import places
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate
from manyi.stats.survey.design import design_rows, mean_rows

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
# The Chinese index has a brand image in front and no complaints; see above for the source.
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
    sample_weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Return the mean index 0 to 100 of each latent over rows of items (n, p) on one scale.

    Σ weight·(x - worst)/(best - worst)·100; the interval takes the weights of the items as
    given, and knows `sample_weights` and customers who answered again (`cluster`).
    """
    x = (np.asarray(items, np.float64) - scale.worst) / (scale.best - scale.worst) * 100
    there = ~np.isnan(x).any(axis=1)
    w = np.ones(len(x)) if sample_weights is None else np.asarray(sample_weights, np.float64)
    people = None if cluster is None else np.asarray(cluster)[there]
    drawn = design_rows(w[there], psu=people)
    found = {}
    for name, rows in places(model).items():
        one = mean_rows(x[there][:, rows] @ weights[name], drawn).estimate(level=level)
        assert one.low is not None and one.high is not None
        low, high = max(one.low, 0.0), min(one.high, 100.0)
        found[name] = replace(one, low=low, high=high, method="pls_index")
    return found
