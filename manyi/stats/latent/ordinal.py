"""Confirmatory factor analysis of ordinal answers: least squares of polychoric correlations,
with errors and fit made robust (WLSMV)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.latent.fit import Fit, Misfit
from manyi.stats.latent.ordered import Ordered, ordered_rows
from manyi.stats.latent.shape import Shape, parts, shape_of, slopes
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class OrdinalFactors:
    """A fitted model of what lies behind the answers, the first loading of each factor at 1.

    `loadings` (p,) with errors `se` (0 for the fixed ones), `standardised` loadings (p,) with
    `standardised_se`, covariances of the factors `phi` (m, m), thresholds of each item. The
    chi-square of the `fit` is scaled and shifted to the mean and variance of its df, and the
    indices go by that.
    """

    loadings: FloatArray
    se: FloatArray
    standardised: FloatArray
    standardised_se: FloatArray
    phi: FloatArray
    thresholds: tuple[FloatArray, ...]
    df: int
    fit: Fit
    n: int
    people: int

    def loading(self, item: int, *, level: float = 0.95) -> Estimate:
        """Return a standardised loading with its normal interval."""
        value, se = float(self.standardised[item]), float(self.standardised_se[item])
        ends = intervals.around(value, se, intervals.normal_quantile(level))
        return Estimate(value, *ends, level, self.n, float(self.people), None, "wlsmv")


def confirm_ordinal_rows(
    items: ArrayLike,
    blocks: Mapping[str, Sequence[int]],
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> OrdinalFactors:
    """Fit factors that may all correlate to ordinal columns (n, p) of complete rows, as
    lavaan's WLSMV: for Likert items of few or uneven answers, which are not normal.

    Each correlation counts by its own variance alone; errors and chi-square take all of their
    covariance (Muthén, du Toit & Spisic 1997; Asparouhov & Muthén 2010), with sample `weights`
    and customers (`cluster`). Raises Problem("cfa_not_converged").
    """
    order = [at for block in blocks.values() for at in block]
    seen = ordered_rows(np.asarray(items)[:, order], weights=weights, cluster=cluster)
    shape = shape_of(blocks)
    theta = _fitted(seen, shape)
    return _told(theta, seen, shape)


def _full(theta: FloatArray, shape: Shape) -> FloatArray:
    """Return the parameters with what makes every item's variance 1."""
    return np.concatenate([theta, np.zeros(len(shape.of))])


def _model(theta: FloatArray, shape: Shape) -> tuple[FloatArray, FloatArray]:
    """Return the implied correlations below the diagonal (q,) and their slopes (q, k)."""
    p = len(shape.of)
    below = np.tril_indices(p, -1)
    whole = _full(theta, shape)
    loadings, phi, _ = parts(whole, shape)
    each = slopes(whole, shape)[: len(theta)]
    return (loadings @ phi @ loadings.T)[below], np.column_stack([one[below] for one in each])


def _fitted(seen: Ordered, shape: Shape) -> FloatArray:
    m = len(shape.fixed)
    phi = 0.5 * np.eye(m)
    start = np.concatenate([np.ones(len(shape.free)), phi[np.tril_indices(m)]])
    size = np.sqrt(np.diag(seen.covariance))
    if len(start) > len(size):
        raise Problem("cfa_not_converged")
    best = optimize.least_squares(
        lambda theta: (seen.below - _model(theta, shape)[0]) / size,
        start,
        jac=lambda theta: -_model(theta, shape)[1] / size[:, None],
        xtol=1e-12,
        ftol=1e-14,
        gtol=1e-10,
    )
    if not best.success:
        raise Problem("cfa_not_converged")
    return np.asarray(best.x, np.float64)


def _told(theta: FloatArray, seen: Ordered, shape: Shape) -> OrdinalFactors:
    loadings, phi, _ = parts(_full(theta, shape), shape)
    implied, delta = _model(theta, shape)
    gap, weight = seen.below - implied, 1 / np.diag(seen.covariance)
    pulled = delta * weight[:, None]
    bread = np.linalg.pinv(delta.T @ pulled)
    covariance = bread @ pulled.T @ seen.covariance @ pulled @ bread
    df, base_df = len(gap) - len(theta), len(gap)
    plain = float(weight @ gap**2)
    left = np.diag(weight) - pulled @ bread @ pulled.T
    chi = _shifted(plain, left @ seen.covariance, df)
    base = _shifted(float(weight @ seen.below**2), weight[:, None] * seen.covariance, base_df)
    free = shape.free
    se = np.zeros(len(shape.of))
    se[free] = np.sqrt(np.diag(covariance)[: len(free)])
    own = loadings[range(len(shape.of)), shape.of]
    standardised, moved = _standardised(own, phi, shape)
    errors = np.sqrt(np.maximum(np.diag(moved @ covariance @ moved.T), 0))
    srmr = math.sqrt(float((gap**2).sum()) / (len(gap) + len(own)))
    misfit = Misfit(chi, df, base, base_df, srmr, seen.n, seen.people, told=seen.n - 1)
    return OrdinalFactors(
        own,
        se,
        standardised,
        np.asarray(errors),
        phi,
        seen.thresholds,
        df,
        misfit.fit("wlsmv"),
        seen.n,
        seen.people,
    )


def _shifted(plain: float, product: FloatArray, df: int) -> float:
    """Return the chi-square with the mean and variance that its df call for."""
    if df == 0:
        return 0.0
    trace, square = float(np.trace(product)), float((product * product.T).sum())
    scale = math.sqrt(df / square)
    return scale * plain + df - scale * trace


def _standardised(own: FloatArray, phi: FloatArray, shape: Shape) -> tuple[FloatArray, FloatArray]:
    """Return λ√φ of each item and its slopes by free loadings and factor covariances."""
    root = np.sqrt(np.maximum(np.diag(phi), 1e-12))[list(shape.of)]
    free, pairs = shape.free, list(zip(*np.tril_indices(len(phi)), strict=True))
    slopes_ = np.zeros((len(own), len(free) + len(pairs)))
    slopes_[free, range(len(free))] = root[free]
    for column, (a, b) in enumerate(pairs, start=len(free)):
        if a == b:
            mine = np.asarray(shape.of) == a
            slopes_[mine, column] = own[mine] / (2 * root[mine])
    return np.asarray(own * root), slopes_
