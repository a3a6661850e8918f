"""Means of several groups together: how far each may be off, and how much they go together.

What tests of groups and waves are made from. Each mean has the error that `spread` finds: of
single answers, of answers that weigh differently, or of customers who answer again. Where the
same customers may be in several groups the correlation of the means comes from the customer
groups that all moments carry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from manyi.stats import intervals
from manyi.stats.moments import FloatArray, Moments
from manyi.stats.result import Estimate, Test, nothing_tested
from manyi.stats.spread import Spread, influence, spread

Score = Callable[[FloatArray], FloatArray]


def as_answered(values: FloatArray) -> FloatArray:
    """Return answers as their own scores."""
    return values


@dataclass(frozen=True, eq=False)
class FTest:
    """An F test: statistic, its two df (an infinite second one is that of chi-square over its
    df) and p."""

    statistic: float
    df: float
    df2: float
    p: float


@dataclass(frozen=True, eq=False)
class Means:
    """Means of k groups: their spreads and the correlation of their errors (k, k), None where
    the groups are of different people."""

    spreads: tuple[Spread, ...]
    together: FloatArray | None

    @property
    def values(self) -> FloatArray:
        return np.array([one.value for one in self.spreads])

    @property
    def se(self) -> FloatArray:
        return np.array([one.se for one in self.spreads])

    @property
    def df(self) -> FloatArray:
        return np.array([one.df for one in self.spreads])

    @property
    def n(self) -> int:
        return sum(one.n for one in self.spreads)

    @property
    def n_effective(self) -> float:
        return float(sum(one.n_effective for one in self.spreads))

    @property
    def freedom(self) -> float:
        """Return the degrees of freedom of all groups together."""
        return float(self.df.sum() if self.together is None else self.df.max())

    @property
    def told(self) -> bool:
        """Whether every group tells how far its answers differ."""
        return all(one.told for one in self.spreads)

    @property
    def covariance(self) -> FloatArray:
        together = np.eye(len(self.spreads)) if self.together is None else self.together
        return np.asarray(together * np.outer(self.se, self.se))

    def gap(self, one: int = 0, two: int = 1) -> tuple[float, float, float]:
        """Return one mean less another, its standard error and its degrees of freedom."""
        a, b = self.spreads[one], self.spreads[two]
        both = 0.0 if self.together is None else 2 * self.together[one, two] * a.se * b.se
        df = intervals.welch_df(a.se**2, a.df, b.se**2, b.df)
        return a.value - b.value, math.sqrt(max(a.se**2 + b.se**2 - both, 0.0)), df

    def test(self, pull: FloatArray, *, method: str, level: float) -> Test:
        """Return the t test that Σ pull·mean is 0."""
        value, variances = float(pull @ self.values), pull**2 * self.se**2
        se = math.sqrt(max(float(pull @ self.covariance @ pull), 0.0))
        parts = float((variances**2 / self.df).sum())
        df = float(variances.sum()) ** 2 / parts if parts > 0 else math.inf
        return _t_test(value, se, df, self.n, self.n_effective, method, level)

    def t_test(self, one: int = 0, two: int = 1, *, n: int, method: str, level: float) -> Test:
        """Return the t test of one mean less another; `n` is what the result is to call n."""
        if min(self.spreads[one].df, self.spreads[two].df) <= 0:
            return nothing_tested(n, method, level)
        value, se, df = self.gap(one, two)
        counted = self.spreads[one].n + self.spreads[two].n
        share = (self.spreads[one].n_effective + self.spreads[two].n_effective) / counted
        return _t_test(value, se, df, n, n * share, method, level)

    def welch(self) -> FTest:
        """Return Welch's F that all means are one, for groups of different people."""
        k, w, mean = len(self.spreads), 1 / self.se**2, self.values
        centre = float(w @ mean) / w.sum()
        off = float(((1 - w / w.sum()) ** 2 / self.df).sum()) / (k**2 - 1)
        f = float(w @ (mean - centre) ** 2) / (k - 1) / (1 + 2 * (k - 2) * off)
        return _f_test(f, float(k - 1), 1 / (3 * off))

    def hotelling(self) -> FTest | None:
        """Return Hotelling's T² that all means are one as F, with the df that Krishnamoorthy
        and Yu (2004) find for errors of different size; None where too few answered."""
        q, covariance = len(self.spreads) - 1, self.covariance
        contrast = np.column_stack([np.eye(q), -np.ones(q)])
        inside = contrast @ covariance @ contrast.T
        away = contrast @ self.values
        if np.linalg.matrix_rank(inside, hermitian=True) < q:
            return None
        df = self._joint_df(contrast)
        if df - q + 1 <= 0:
            return None
        t2 = float(away @ np.linalg.solve(inside, away))
        return _f_test(t2 * (df - q + 1) / (df * q), float(q), df - q + 1)

    def _joint_df(self, contrast: FloatArray) -> float:
        alone = np.diag(self.se**2)
        back = contrast.T @ np.linalg.pinv(contrast @ alone @ contrast.T) @ contrast
        parts = (np.diag(back) * self.se**2) ** 2 / self.df
        q = len(contrast)
        return q * (q + 1) / (2 * float(parts.sum()))

    def alike(self) -> FTest | None:
        """Return the F test that all means are one; None where the answers cannot tell."""
        if np.isnan(self.se).any() or (self.df <= 0).any():
            return None
        return self.welch() if self.together is None and self.told else self.hotelling()


def chi_square_test(chi: float, df: float) -> FTest:
    """Return a chi-square statistic as F with an infinite second df."""
    return FTest(chi / df, df, math.inf, float(special.chdtrc(df, chi)))


def _t_test(
    value: float, se: float, df: float, n: int, voices: float, method: str, level: float
) -> Test:
    ends = intervals.around(value, se, intervals.t_quantile(level, df))
    effect = Estimate(value, *ends, level, n, voices, df, method)
    t = value / se if se > 0 else None
    p = float(value == 0) if t is None else 2 * float(special.stdtr(df, -abs(t)))
    return Test(t, p, df, effect, method, n)


def _f_test(f: float, df: float, df2: float) -> FTest:
    return FTest(f, df, df2, float(special.fdtrc(df, df2, f)))


def means_of(
    parts: Sequence[Moments], score: Score = as_answered, *, n_shared: int | None = None
) -> Means:
    """Return the means of scored answers of several groups, each with at least one answer.

    `n_shared` says how many customers are in more than one group: with 0, and where no
    customers are known, the groups are independent.
    """
    scores = [np.asarray(score(part.values), np.float64) for part in parts]
    return means_scored(parts, scores, n_shared=n_shared)


def means_scored(
    parts: Sequence[Moments], scores: Sequence[FloatArray], *, n_shared: int | None = None
) -> Means:
    """Return the same where each group has scores (k,) of its own for its values."""
    spreads = tuple(_fewer(spread(part, y), part) for part, y in zip(parts, scores, strict=True))
    if n_shared == 0 or any(part.by_group is None for part in parts):
        return Means(spreads, None)
    pulls = np.array([influence(part, y) for part, y in zip(parts, scores, strict=True)])
    size = np.sqrt((pulls**2).sum(axis=1))
    size[size == 0] = 1.0
    together = (pulls / size[:, None]) @ (pulls / size[:, None]).T
    np.fill_diagonal(together, 1.0)
    return Means(spreads, np.asarray(together))


def _fewer(found: Spread, part: Moments) -> Spread:
    """Return the spread with the df of as many equal groups as tell as much as these unequal
    ones: where a few heavy customers decide, the error is known less well."""
    if not found.clustered or part.by_group is None or not found.told:
        return found
    weight = part.by_group.sum(axis=1)
    equal = float(weight.sum() ** 2 / (weight @ weight))
    return replace(found, df=max(min(equal - 1, found.df), 1.0))


def plain(parts: Sequence[Moments], *, n_shared: int | None = None) -> bool:
    """Whether every answer is one person of equal weight, so that textbook tests hold."""
    weights = np.concatenate([part.w / np.maximum(part.n, 1) for part in parts])
    equal = bool(np.ptp(weights) <= 1e-12 * weights.max()) and not any(p.weighted for p in parts)
    apart = n_shared == 0 or any(part.by_group is None for part in parts)
    return equal and apart and not any(part.clustered for part in parts)
