"""Forecasts of churn that mean what they say: recalibrated by Platt or by monotone steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray

Recalibration = Literal["platt", "isotonic"]


@dataclass(frozen=True, eq=False)
class Recalibrated:
    """A map from a forecast to a truer one: places `told` (k,), rising, and what to say there
    (k,); between them straight lines on the scale of `method`."""

    told: FloatArray
    said: FloatArray
    method: Recalibration

    def predict(self, p: ArrayLike) -> FloatArray:
        """Return the recalibrated forecasts of p (n,)."""
        raw = np.asarray(p, np.float64)
        if self.method == "platt":
            bold = special.logit(np.clip(raw, 1e-12, 1 - 1e-12))
            return np.asarray(special.expit(self.said[0] + self.said[1] * bold))
        return np.asarray(np.interp(raw, self.told, self.said))


def recalibrate_rows(
    y: ArrayLike,
    p: ArrayLike,
    *,
    method: Recalibration = "platt",
    weights: ArrayLike | None = None,
) -> Recalibrated:
    """Learn the map on outcomes y (0 or 1) and forecasts p that no model has seen.

    "platt": a line on the logit scale (two numbers; from some fifty outcomes on); "isotonic":
    steps that never fall (Zadrozny & Elkan 2002; wants a thousand).
    """
    outcome, raw = np.asarray(y, np.float64), np.asarray(p, np.float64)
    if method == "platt":
        bold = special.logit(np.clip(raw, 1e-12, 1 - 1e-12))
        fit = logistic_rows(np.column_stack([np.ones(len(bold)), bold]), outcome, weights)
        return Recalibrated(np.zeros(2), fit.coefficients, method)
    values, at = np.unique(raw, return_inverse=True)
    w = np.ones(len(raw)) if weights is None else np.asarray(weights, np.float64)
    mass = np.bincount(at, weights=w)
    means = np.bincount(at, weights=w * outcome) / mass
    said = np.asarray(scipy.optimize.isotonic_regression(means, weights=mass).x, np.float64)
    return Recalibrated(values, said, method)


def time_split(when: ArrayLike, *, share: float = 0.75) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the earlier `share` of rows and of the later: a forecast is judged on
    what came after, never on a shuffled part of what it learnt from."""
    order = np.argsort(np.asarray(when), kind="stable")
    cut = round(share * len(order))
    return np.sort(order[:cut]), np.sort(order[cut:])
