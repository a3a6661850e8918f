"""McDonald's omega of one factor, with its interval, from cross moments: no rows are needed."""

from __future__ import annotations

import numpy as np

from manyi.stats.cross import CrossMoments, correlations
from manyi.stats.errors import ByCustomer
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate

_STEPS = 300
_SETTLED = 1e-8


def loadings(r: FloatArray) -> FloatArray:
    """Return the loadings of one factor (…, k) from correlations (…, k, k) by iterated principal
    axes, which end where the sum of squared residuals is least (minres); their sum is positive.

    A communality is held at 1 at most (Heywood).
    """
    r = np.asarray(r, np.float64)
    at = np.arange(r.shape[-1])
    common = np.abs(r - np.eye(len(at))).max(axis=-1)
    for _ in range(_STEPS):
        reduced = r.copy()
        reduced[..., at, at] = common
        values, vectors = np.linalg.eigh(reduced)
        found = vectors[..., -1] * np.sqrt(np.maximum(values[..., -1:], 0.0))
        now = np.minimum(found**2, 1.0)
        if np.abs(now - common).max() < _SETTLED:
            break
        common = now
    sign = np.where(found.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
    return np.asarray(found * sign)


def omega_of(r: FloatArray) -> FloatArray:
    """Return (Σλ)²/((Σλ)² + Σ(1 - λ²)) for correlations (…, k, k) of items: 1 where their sum
    is all factor, 0 where it is all error."""
    found = loadings(r)
    whole = found.sum(axis=-1) ** 2
    return np.asarray(whole / (whole + np.maximum(1 - found**2, 0.0).sum(axis=-1)))


def omega(cross: CrossMoments, *, level: float = 0.95) -> Estimate:
    """Return omega total of standardised items with a grouped-jackknife interval by customer,
    at most 1 (McDonald 1999)."""
    errors = ByCustomer(cross, level=level)
    value, parts = float(omega_of(correlations(cross.products))), omega_of(_without(cross))
    return errors.estimate(value, parts, bounds=(0.0, 1.0))


def loading_estimates(cross: CrossMoments, *, level: float = 0.95) -> list[Estimate]:
    """Return the loading of each item on one factor with a grouped-jackknife interval."""
    errors = ByCustomer(cross, level=level)
    whole, parts = loadings(correlations(cross.products)), loadings(_without(cross))
    return [
        errors.estimate(value, part, bounds=(-1.0, 1.0), on="fisher")
        for value, part in zip(whole.tolist(), parts.T, strict=True)
    ]


def _without(cross: CrossMoments) -> FloatArray:
    return correlations(cross.deleted())
