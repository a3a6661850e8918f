"""What every fitted model can say of its coefficients."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


class Coefficients:
    """Errors, t and p of `coefficients` (k,) with their `covariance` (k, k) and `df`."""

    coefficients: FloatArray
    covariance: FloatArray
    df: float
    n: int

    @property
    def se(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def t(self) -> FloatArray:
        return np.asarray(self.coefficients / self.se)

    @property
    def p(self) -> FloatArray:
        return np.asarray(2 * special.stdtr(self.df, -np.abs(self.t)))

    def estimate(self, at: int, *, level: float = 0.95) -> Estimate:
        """Return one coefficient with its t interval."""
        value, se = float(self.coefficients[at]), float(self.se[at])
        ends = intervals.around(value, se, intervals.t_quantile(level, max(self.df, 1)))
        return Estimate(value, *ends, level, self.n, float(self.n), float(self.df), "t")


def sandwich(
    bread: FloatArray, scores: FloatArray, cluster: ArrayLike | None, *, widened: bool = True
) -> FloatArray:
    """Return the covariance that holds though rows of one cluster (customer) are alike: bread
    around the squared sums of `scores` (n, k), `widened` by G/(G-1) for few clusters."""
    ids = np.arange(len(scores)) if cluster is None else np.asarray(cluster)
    codes = np.unique(ids, return_inverse=True)[1]
    groups = int(codes.max()) + 1
    sums = np.zeros((groups, scores.shape[1]))
    np.add.at(sums, codes, scores)
    wide = groups / (groups - 1) if widened and groups > 1 else 1.0
    return np.asarray(wide * bread @ (sums.T @ sums) @ bread)
