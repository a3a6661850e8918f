"""Exploratory factors of a correlation matrix, rotations, and omega."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from manyi.stats.errors import Errors
from manyi.stats.moments import FloatArray
from manyi.stats.reliability import alpha_of_covariance, squared_multiple
from manyi.stats.result import Estimate

Method = Literal["minres", "ml"]


@dataclass(frozen=True, eq=False)
class Factors:
    """Loadings (p, k), correlations of the factors (k, k), and what each item does not share."""

    loadings: FloatArray
    phi: FloatArray
    uniqueness: FloatArray

    @property
    def communality(self) -> FloatArray:
        return np.asarray(1 - self.uniqueness)


def extract(r: FloatArray, factors: int, *, method: Method = "minres") -> Factors:
    """Return unrotated factors: minres makes the residual correlations small, ml is maximum
    likelihood."""
    start = np.clip(1 - squared_multiple(r), 0.05, 0.95)
    loss = _minres if method == "minres" else _likelihood
    best = optimize.minimize(
        lambda psi: loss(psi, r, factors),
        start,
        method="L-BFGS-B",
        bounds=[(0.005, 1.0)] * len(r),
        options={"ftol": 1e-13, "gtol": 1e-9, "maxiter": 2000},
    )
    found = (
        _loadings_minres(best.x, r, factors)
        if method == "minres"
        else _loadings_ml(best.x, r, factors)
    )
    found = found * np.where(found.sum(axis=0) < 0, -1.0, 1.0)
    return Factors(found, np.eye(factors), 1 - (found**2).sum(axis=1))


def _loadings_minres(psi: FloatArray, r: FloatArray, factors: int) -> FloatArray:
    values, vectors = np.linalg.eigh(r - np.diag(psi))
    return np.asarray(vectors[:, -factors:] * np.sqrt(np.maximum(values[-factors:], 0)))


def _minres(psi: FloatArray, r: FloatArray, factors: int) -> float:
    found = _loadings_minres(psi, r, factors)
    left = r - found @ found.T
    np.fill_diagonal(left, 0.0)
    return float((left**2).sum())


def _loadings_ml(psi: FloatArray, r: FloatArray, factors: int) -> FloatArray:
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(r / np.outer(root, root))
    size = np.sqrt(np.maximum(values[-factors:] - 1, 0))
    return np.asarray(root[:, None] * vectors[:, -factors:] * size)


def _likelihood(psi: FloatArray, r: FloatArray, factors: int) -> float:
    root = np.sqrt(psi)
    rest = np.linalg.eigvalsh(r / np.outer(root, root))[:-factors]
    return float(-np.log(np.maximum(rest, 1e-12)).sum() + rest.sum() - len(rest))


def varimax(loadings: FloatArray, *, steps: int = 1000) -> FloatArray:
    """Return orthogonally rotated loadings, each item loading on few factors (Kaiser 1958)."""
    size = np.sqrt((loadings**2).sum(axis=1))[:, None]
    x = loadings / size
    turn, before = np.eye(x.shape[1]), 0.0
    for _ in range(steps):
        z = x @ turn
        u, d, v = np.linalg.svd(x.T @ (z**3 - z * (z**2).mean(axis=0)))
        turn = u @ v
        if d.sum() < before * (1 + 1e-12):
            break
        before = float(d.sum())
    return np.asarray(x @ turn * size)


def oblimin(loadings: FloatArray, *, steps: int = 5000) -> Factors:
    """Return factors that may correlate (direct quartimin), by gradient projection
    (Jennrich 2002)."""
    k = loadings.shape[1]
    turn = np.eye(k)
    others = 1 - np.eye(k)

    def slope(t: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        back = np.linalg.inv(t)
        now = loadings @ back.T
        squares = now**2 @ others
        gradient = -(now.T @ (now * squares) @ back).T
        return float((now**2 * squares).sum()) / 4, gradient, now

    found = _project(slope, turn, steps)
    _, _, rotated = slope(found)
    phi = found.T @ found
    shared = np.einsum("ij,jk,ik->i", rotated, phi, rotated)
    return Factors(rotated, phi, 1 - shared)


Slope = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]


def _project(slope: Slope, turn: FloatArray, steps: int) -> FloatArray:
    """Return where the slope along matrices with unit columns is 0."""
    size = 1.0
    loss, gradient, _ = slope(turn)
    for _ in range(steps):
        along = gradient - turn * (turn * gradient).sum(axis=0)
        length = float(np.sqrt((along**2).sum()))
        if length < 1e-7:
            break
        size *= 2
        for _ in range(20):
            new = turn - size * along
            new = new / np.sqrt((new**2).sum(axis=0))
            tried, next_gradient, _ = slope(new)
            if tried < loss - 0.5 * length**2 * size:
                break
            size /= 2
        turn, loss, gradient = new, tried, next_gradient
    return turn


Keyed = Literal["as_given", "flipped"]


@dataclass(frozen=True, eq=False)
class Omega:
    """How much of a sum score is reliable (`total`), how much one general factor
    (`hierarchical`), alpha, and the loadings on the general factor."""

    total: Estimate
    hierarchical: Estimate
    alpha: Estimate
    general: tuple[Estimate, ...]


def omega(errors: Errors, factors: int = 3, *, keyed: Keyed = "as_given") -> Omega:
    """Return McDonald's omega by Schmid and Leiman's transformation of oblique factors, with the
    intervals that `errors` finds.

    "flipped" turns round items that load negatively on the general factor first, as psych does.
    """

    known: dict[bytes, list[float]] = {}  # each is asked for twice, on either scale

    def told(many: FloatArray) -> FloatArray:
        for one in many:
            if one.tobytes() not in known:
                known[one.tobytes()] = _omega(_correlation(one), factors, keyed)
        return np.array([known[one.tobytes()] for one in many])

    wholes = errors.estimates(lambda many: told(many)[:, :3], on="unlike")
    general = errors.estimates(lambda many: told(many)[:, 3:], on="fisher")
    return Omega(wholes[0], wholes[1], wholes[2], tuple(general))


def _correlation(covariance: FloatArray) -> FloatArray:
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd))


def _omega(r: FloatArray, factors: int, keyed: Keyed) -> list[float]:
    """Return omega total and hierarchical, alpha, and the general loadings of correlations."""
    oblique = oblimin(extract(r, factors).loadings)
    second = extract(oblique.phi, 1).loadings[:, 0]
    general = oblique.loadings @ second
    general = general * (np.sign(general.sum()) or 1.0)
    if keyed == "flipped":
        way = np.where(general < 0, -1.0, 1.0)
        r, general = r * np.outer(way, way), np.abs(general)
    whole = float(r.sum())
    total = 1 - float(oblique.uniqueness.sum()) / whole
    return [
        total,
        float(general.sum()) ** 2 / whole,
        alpha_of_covariance(r),
        *general.tolist(),
    ]


Rotation = Literal["none", "varimax", "oblimin"]


def loading_estimates(
    errors: Errors,
    factors: int,
    *,
    method: Method = "minres",
    rotation: Rotation = "oblimin",
) -> list[list[Estimate]]:
    """Return the rotated loadings of each item with the intervals that `errors` finds.

    Each other solution is first turned to the order and signs of the factors of the whole one.
    """
    whole = _rotated(errors.covariance, factors, method, rotation)

    def loadings(many: FloatArray) -> FloatArray:
        found = [_matched(_rotated(one, factors, method, rotation), whole) for one in many]
        return np.array(found).reshape(len(many), -1)

    found = errors.estimates(loadings)
    return [found[at : at + factors] for at in range(0, whole.size, factors)]


def _rotated(
    covariance: FloatArray,
    factors: int,
    method: Method = "minres",
    rotation: Rotation = "oblimin",
) -> FloatArray:
    plain = extract(_correlation(covariance), factors, method=method).loadings
    if rotation == "none" or factors == 1:
        return plain
    return varimax(plain) if rotation == "varimax" else oblimin(plain).loadings


def _matched(found: FloatArray, whole: FloatArray) -> FloatArray:
    likeness = whole.T @ found
    at, of = optimize.linear_sum_assignment(-np.abs(likeness))
    return np.asarray(found[:, of] * np.where(likeness[at, of] < 0, -1.0, 1.0))
