"""Confirmatory factor analysis by maximum likelihood, each item on one factor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.errors import Errors
from manyi.stats.latent.fit import Fit, Misfit
from manyi.stats.latent.shape import Shape, implied, parts, shape_of, slopes
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate

_STEP = 1e-5


@dataclass(frozen=True, eq=False)
class Confirmed:
    """A fitted model with the first loading of each factor at 1.

    `loadings` (p,) in the order of the blocks with their errors `se` (0 for the fixed ones),
    `standardised` loadings (p,), covariances of the factors `phi` (m, m), what items do not
    share `theta` (p,), how well the model fits (`fit`), and the log-likelihood with its number
    of free `parameters` among `n` people.
    `standardised_covariance` (p, p) is that of the standardised loadings.
    """

    loadings: FloatArray
    se: FloatArray
    standardised: FloatArray
    phi: FloatArray
    theta: FloatArray
    df: int
    fit: Fit
    log_likelihood: float
    parameters: int
    n: int
    standardised_covariance: FloatArray

    def loading(self, item: int, *, level: float = 0.95) -> Estimate:
        """Return a standardised loading with its normal interval."""
        return self._of(lambda loadings: float(loadings[item]), level)

    def reliability(self, items: Sequence[int], *, level: float = 0.95) -> Estimate:
        """Return the composite reliability of the sum of some items of one factor."""
        return self._of(lambda loadings: composite_reliability(loadings[list(items)]), level)

    def variance_extracted(self, items: Sequence[int], *, level: float = 0.95) -> Estimate:
        """Return the average variance that a factor extracts from some of its items."""
        return self._of(lambda loadings: average_variance(loadings[list(items)]), level)

    def _of(self, statistic: Callable[[FloatArray], float], level: float) -> Estimate:
        found = self.standardised
        steps = _STEP * np.eye(len(found))
        slope = np.array(
            [(statistic(found + s) - statistic(found - s)) / (2 * _STEP) for s in steps]
        )
        value, se = statistic(found), math.sqrt(slope @ self.standardised_covariance @ slope)
        ends = intervals.around(value, se, intervals.normal_quantile(level))
        ends = intervals.clip(ends, -1.0, 1.0)
        return Estimate(value, *ends, level, self.n, float(self.n), None, "ml")

    @property
    def aic(self) -> float:
        return 2 * self.parameters - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        return math.log(self.n) * self.parameters - 2 * self.log_likelihood


def confirm_covariance(
    covariance: FloatArray, n: int, blocks: Mapping[str, Sequence[int]]
) -> Confirmed:
    """Fit factors that may all correlate to the covariance (p, p) of n people; `blocks` lists
    the items of each factor. The likelihood is Wishart's with n (as lavaan's default).

    Raises Problem("cfa_not_converged").
    """
    order = [at for block in blocks.values() for at in block]
    s = covariance[np.ix_(order, order)] * (n - 1) / n
    shape = shape_of(blocks)
    # Items of all sizes are fitted alike: as correlations, which are then scaled back.
    sd = np.sqrt(np.diag(s))
    r = s / np.outer(sd, sd)
    theta = _fit(r, shape)
    sigma = implied(theta, shape)
    information = n / 2 * _information(theta, shape, sigma)
    errors = np.asarray(np.linalg.pinv(information), np.float64)
    return _scaled(_found(theta, errors, r, sigma, n, shape), sd, shape)


def confirm_unweighted_rows(items: ArrayLike, blocks: Mapping[str, Sequence[int]]) -> Confirmed:
    """Fit the same to rows (n, p) without gaps (those with one are left out), each of another
    customer: `robust.confirm_robust_rows` knows weights and customers."""
    x = np.asarray(items, np.float64)
    x = x[~np.isnan(x).any(axis=1)]
    return confirm_covariance(np.asarray(np.cov(x, rowvar=False), np.float64), len(x), blocks)


def _scaled(found: Confirmed, sd: FloatArray, shape: Shape) -> Confirmed:
    first = sd[list(shape.fixed)]
    size = sd / first[list(shape.of)]
    return replace(
        found,
        loadings=found.loadings * size,
        se=found.se * size,
        phi=found.phi * np.outer(first, first),
        theta=found.theta * sd**2,
        log_likelihood=found.log_likelihood - found.n * float(np.log(sd).sum()),
    )


def _fit(s: FloatArray, shape: Shape) -> FloatArray:
    m = len(shape.fixed)
    phi = np.zeros((m, m))
    phi[np.diag_indices(m)] = [0.4 * s[at, at] for at in shape.fixed]
    lower = phi[np.tril_indices(m)]
    start = np.concatenate([np.ones(len(shape.free)), lower, 0.6 * np.diag(s)])

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        sigma = implied(theta, shape)
        sign, size = np.linalg.slogdet(sigma)
        if sign <= 0 or np.linalg.eigvalsh(sigma)[0] <= 0:
            return 1e10, np.zeros_like(theta)
        inverse = np.linalg.inv(sigma)
        pull = inverse - inverse @ s @ inverse
        gradient = np.array([float((pull * d).sum()) for d in slopes(theta, shape)])
        return float(size + np.trace(s @ inverse)), gradient

    best = optimize.minimize(
        loss, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000}
    )
    if best.fun >= 1e9 or np.abs(best.jac).max() > 1e-4:
        raise Problem("cfa_not_converged")
    return np.asarray(best.x, np.float64)


def _information(theta: FloatArray, shape: Shape, sigma: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(sigma)
    moved = [inverse @ d for d in slopes(theta, shape)]
    return np.array([[float((a * b.T).sum()) for b in moved] for a in moved])


def _found(
    theta: FloatArray,
    errors: FloatArray,
    s: FloatArray,
    sigma: FloatArray,
    n: int,
    shape: Shape,
) -> Confirmed:
    loadings, phi, unshared = parts(theta, shape)
    p = len(s)
    se = np.zeros(p)
    se[shape.free] = np.sqrt(np.diag(errors))[: len(shape.free)]
    own = loadings[range(p), shape.of]
    standardised = _standardised(theta, shape)
    steps = _STEP * np.eye(len(theta))
    slope = [_standardised(theta + d, shape) - _standardised(theta - d, shape) for d in steps]
    pull = np.array(slope).T / (2 * _STEP)
    chi = n * (_discrepancy(s, sigma))
    base = n * _discrepancy(s, np.diag(np.diag(s)))
    df, base_df = p * (p + 1) // 2 - len(theta), p * (p - 1) // 2
    gap = (s - sigma) / np.outer(np.sqrt(np.diag(s)), np.sqrt(np.diag(s)))
    srmr = math.sqrt(float((gap[np.tril_indices(p)] ** 2).mean()))
    fit = Misfit(chi, df, base, base_df, srmr, n, n).fit("ml")
    likelihood = -n / 2 * (chi / n + np.linalg.slogdet(2 * math.pi * s)[1] + p)
    return Confirmed(
        own,
        se,
        standardised,
        phi,
        unshared,
        df,
        fit,
        float(likelihood),
        len(theta),
        n,
        pull @ errors @ pull.T,
    )


def _standardised(theta: FloatArray, shape: Shape) -> FloatArray:
    loadings, phi, unshared = parts(theta, shape)
    of = list(shape.of)
    shared = loadings[range(len(of)), of] * np.sqrt(np.diag(phi))[of]
    return np.asarray(shared / np.sqrt(shared**2 + unshared))


def loading_estimates(
    errors: Errors, n: int, blocks: Mapping[str, Sequence[int]]
) -> list[Estimate]:
    """Return the standardised loadings in the order of the blocks, with the intervals that
    `errors` finds: with `ByCustomer` those of customers who answered again."""

    def standardised(many: FloatArray) -> FloatArray:
        return np.array([confirm_covariance(one, n, blocks).standardised for one in many])

    return errors.estimates(standardised, on="fisher")


def _discrepancy(s: FloatArray, sigma: FloatArray) -> float:
    inside = np.linalg.slogdet(sigma)[1] - np.linalg.slogdet(s)[1]
    return float(inside + np.trace(s @ np.linalg.inv(sigma)) - len(s))


def composite_reliability(standardised: FloatArray) -> float:
    """Return the reliability of a sum of items from their standardised loadings."""
    top = float(standardised.sum()) ** 2
    return top / (top + float((1 - standardised**2).sum()))


def average_variance(standardised: FloatArray) -> float:
    """Return the average variance extracted: above .5 the items tell more than noise."""
    return float((standardised**2).mean())
