"""What moves a yes-or-no outcome, such as staying: importance in a logistic regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray


def logistic_relative_weights_rows(
    x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None
) -> FloatArray:
    """Return the relative weights (p,) of drivers `x` (n, p), without a constant, for `y` 0 or 1
    (Tonidandel & LeBreton 2010): they sum to the squared correlation of y with its forecast.

    Drivers are replaced by the uncorrelated variables nearest to them, y is regressed on those,
    and what each explains is handed back. A fast approximation, as its linear twin is. A weight
    counts a row so often; a driver that does not vary gets 0. Raises Problem("separated") as
    `logistic_rows`.
    """
    drivers, outcome = np.asarray(x, np.float64), np.asarray(y, np.float64)
    w = np.ones(len(outcome)) if weights is None else np.asarray(weights, np.float64)
    w = w / w.mean()
    away = drivers - np.average(drivers, axis=0, weights=w)
    sd = np.sqrt(np.average(away**2, axis=0, weights=w))
    z = np.divide(away, sd, out=np.zeros_like(away), where=sd > 1e-12)
    values, vectors = np.linalg.eigh((z * w[:, None]).T @ z / len(z))
    size = np.sqrt(np.maximum(values, 1e-12))
    apart = z @ (vectors / size) @ vectors.T
    design = np.column_stack([np.ones(len(z)), apart])
    model = logistic_rows(design, outcome, w)
    logits = design @ model.coefficients
    fit = _correlation(outcome, model.predict(design), w)
    spread = np.sqrt(np.cov(logits, aweights=w, ddof=0))
    beta = model.coefficients[1:] * fit / float(spread)
    loadings = (vectors * size) @ vectors.T
    return np.asarray(loadings**2 @ beta**2)


def _correlation(one: FloatArray, two: FloatArray, w: FloatArray) -> float:
    spread = np.cov(one, two, aweights=w, ddof=0)
    return float(spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]))
