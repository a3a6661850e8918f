"""What moves a yes-or-no outcome, such as staying: importance in a logistic regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray


def logistic_relative_weights_rows(x: ArrayLike, y: ArrayLike) -> FloatArray:
    """Return the relative weights (p,) of drivers `x` (n, p), without a constant, for `y` 0 or 1
    (Tonidandel & LeBreton 2010): they sum to the squared correlation of y with its forecast.

    Drivers are replaced by the uncorrelated variables nearest to them, y is regressed on those,
    and what each explains is handed back. A fast approximation, as its linear twin is. Raises
    Problem("separated") as `logistic_rows`.
    """
    drivers, outcome = np.asarray(x, np.float64), np.asarray(y, np.float64)
    z = (drivers - drivers.mean(axis=0)) / drivers.std(axis=0)
    values, vectors = np.linalg.eigh(z.T @ z / len(z))
    size = np.sqrt(np.maximum(values, 1e-12))
    apart = z @ (vectors / size) @ vectors.T
    design = np.column_stack([np.ones(len(z)), apart])
    model = logistic_rows(design, outcome)
    logits = design @ model.coefficients
    fit = float(np.corrcoef(outcome, model.predict(design))[0, 1])
    beta = model.coefficients[1:] * fit / logits.std()
    loadings = (vectors * size) @ vectors.T
    return np.asarray(loadings**2 @ beta**2)
