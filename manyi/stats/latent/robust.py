"""Confirmatory factor analysis by maximum likelihood with robust errors and fit (MLR)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.latent.cfa import Confirmed, confirm_covariance
from manyi.stats.latent.fit import Fit, Misfit
from manyi.stats.latent.shape import Shape, implied, shape_of, slopes
from manyi.stats.moments import FloatArray


@dataclass(frozen=True, eq=False)
class RobustFactors:
    """A `model` whose errors hold though answers are not normal, weigh unequally or come from the
    same customers, and its `fit`: chi-square is divided by a scaling (1 where answers are
    normal), the other indices are the robust ones of Brosseau-Liard and Savalei (2014)."""

    model: Confirmed
    fit: Fit
    people: int


def confirm_robust_rows(
    items: ArrayLike,
    blocks: Mapping[str, Sequence[int]],
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> RobustFactors:
    """Fit factors that may all correlate to complete rows (n, p), as lavaan's MLR: errors by
    Huber and White's sandwich, chi-square scaled after Yuan and Bentler (2000) and Mplus.

    Raises Problem("cfa_not_converged").
    """
    x = np.asarray(items, np.float64)[:, [at for block in blocks.values() for at in block]]
    w = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(len(x)) if cluster is None else np.asarray(cluster)
    there = ~np.isnan(x).any(axis=1) & (w > 0)
    x, w, ids = x[there], w[there] / w[there].mean(), np.unique(ids[there], return_inverse=True)[1]
    away = x - w @ x / w.sum()
    sd = np.sqrt(w @ away**2 / w.sum())
    n, r = len(x), (away / sd * w[:, None]).T @ (away / sd) / w.sum()
    shape = shape_of(blocks)
    places = dict(zip(blocks, _places(blocks), strict=True))
    count = int(ids.max()) + 1
    widened = 1.0 if cluster is None else count / (count - 1)
    rows = _Rows(away / sd, w, ids, np.asarray(r), n, widened)
    plain = confirm_covariance(rows.r * n / (n - 1), n, places)
    theta = np.concatenate(
        [plain.loadings[shape.free], plain.phi[np.tril_indices(len(places))], plain.theta]
    )
    covariance, scaling = _sandwich(theta, shape, rows)
    base_scaling = _base_scaling(rows)
    se = np.zeros(x.shape[1])
    se[shape.free] = np.sqrt(np.diag(covariance)[: len(shape.free)])
    size = sd / sd[list(shape.fixed)][list(shape.of)]
    raw = confirm_covariance((away * w[:, None]).T @ away / w.sum() * n / (n - 1), n, places)
    return _told(replace(raw, se=se * size), scaling, base_scaling, rows)


def _places(blocks: Mapping[str, Sequence[int]]) -> list[list[int]]:
    ends = np.cumsum([len(block) for block in blocks.values()]).tolist()
    return [list(range(end - len(b), end)) for end, b in zip(ends, blocks.values(), strict=True)]


@dataclass(frozen=True, eq=False)
class _Rows:
    z: FloatArray  # (n, p) of mean 0 and variance 1
    weights: FloatArray  # of mean 1
    people: np.ndarray
    r: FloatArray
    n: int
    widened: float

    @property
    def count(self) -> int:
        """Return how many customers there are."""
        return int(self.people.max()) + 1

    def meat(self, slope: FloatArray) -> FloatArray:
        """Return Σ over customers of the squared Σ weight·(zz' - r) along each slope (p², k)."""
        p = self.z.shape[1]
        pairs = (self.z[:, :, None] * self.z[:, None, :] - self.r).reshape(self.n, p * p)
        scores = pairs @ slope * self.weights[:, None]
        sums = np.zeros((self.count, slope.shape[1]))
        np.add.at(sums, self.people, scores)
        return np.asarray(self.widened * sums.T @ sums)


def _gradient(theta: FloatArray, shape: Shape, rows: _Rows) -> FloatArray:
    """Return the slope of minus the log-likelihood."""
    inverse = np.linalg.inv(implied(theta, shape))
    pull = inverse - inverse @ rows.r @ inverse
    return rows.n / 2 * np.array([float((pull * d).sum()) for d in slopes(theta, shape)])


def _hessian(theta: FloatArray, shape: Shape, rows: _Rows) -> FloatArray:
    found = np.zeros((len(theta), len(theta)))
    for at in range(len(theta)):
        step = np.zeros(len(theta))
        step[at] = 1e-5 * max(abs(theta[at]), 0.1)
        up, down = _gradient(theta + step, shape, rows), _gradient(theta - step, shape, rows)
        found[at] = (up - down) / (2 * step[at])
    return (found + found.T) / 2


def _sandwich(theta: FloatArray, shape: Shape, rows: _Rows) -> tuple[FloatArray, float]:
    """Return the robust covariance of the parameters, and the scaling of chi-square."""
    sigma = implied(theta, shape)
    inverse = np.linalg.inv(sigma)
    bread = np.linalg.pinv(_hessian(theta, shape, rows))
    each = np.column_stack([(inverse @ d @ inverse).ravel() / 2 for d in slopes(theta, shape)])
    meat = rows.meat(each)
    p = len(sigma)
    df = p * (p + 1) // 2 - len(theta)
    if df == 0:
        return bread @ meat @ bread, 1.0
    return bread @ meat @ bread, (_saturated(rows) - float((bread * meat).sum())) / df


def _saturated(rows: _Rows) -> float:
    """Return the trace of what rows tell over what they should, where nothing is modelled."""
    inverse, spread = np.linalg.inv(rows.r), _duplication(len(rows.r))
    both = np.kron(inverse, inverse) @ spread / 2
    should, told = rows.n * spread.T @ both, rows.meat(both)
    return float(np.trace(np.linalg.solve(should, told)))


def _duplication(p: int) -> FloatArray:
    """Return what makes p² entries of the p(p+1)/2 of a symmetric matrix."""
    found = np.zeros((p * p, p * (p + 1) // 2))
    for column, (a, b) in enumerate(zip(*np.tril_indices(p), strict=True)):
        found[a * p + b, column] = found[b * p + a, column] = 1.0
    return found


def _base_scaling(rows: _Rows) -> float:
    """Return the scaling of the model in which nothing goes together."""
    p = len(rows.r)
    each = np.zeros((p * p, p))
    each[np.arange(p) * (p + 1), np.arange(p)] = 0.5
    alone = float(np.diag(rows.meat(each)).sum()) * 2 / rows.n
    return (_saturated(rows) - alone) / (p * (p - 1) / 2)


def _told(model: Confirmed, scaling: float, base_scaling: float, rows: _Rows) -> RobustFactors:
    p = len(rows.r)
    base = -rows.n * float(np.linalg.slogdet(rows.r)[1])
    chi, srmr = model.fit.test.statistic or 0.0, model.fit.srmr.value or 0.0
    misfit = Misfit(
        chi,
        model.df,
        base,
        p * (p - 1) / 2,
        srmr,
        rows.n,
        rows.count,
        scaling,
        base_scaling,
    )
    return RobustFactors(model, misfit.fit("mlr"), rows.count)
