"""Whether several items measure one thing: alpha, its parts, and sampling adequacy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats import intervals
from manyi.stats.cross import CrossMoments, cross_rows
from manyi.stats.errors import ByCustomer, Errors, NormalTheory
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note, Test, nothing

Missing = Literal["listwise", "pairwise"]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Cronbach's alpha, its standardised form, Guttman's λ6, the mean correlation; alpha with
    the interval of its slope (`duhachek`: Duhachek & Iacobucci 2004, for unweighted answers of
    different customers); for each item alpha without it and its correlation with the rest.

    From a covariance alone alphas have Feldt's interval and the others that of normal answers;
    where customers answered again all leave out groups of customers in turn.
    """

    alpha: Estimate
    average_r: Estimate
    duhachek: Estimate
    without: tuple[Estimate, ...]
    item_rest: tuple[Estimate, ...]
    errors: Errors

    @property
    def standardised(self) -> Estimate:
        return self._wholes[0]

    @property
    def lambda6(self) -> Estimate:
        return self._wholes[1]

    @cached_property
    def _wholes(self) -> list[Estimate]:
        # Each needs hundreds of inverses: only who asks for them waits for that.
        return self.errors.estimates(_wholes, on="unlike")


def reliability_rows(
    items: ArrayLike,
    *,
    missing: Missing = "listwise",
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Reliability:
    """Return the reliability of the columns (n, k); NaN is handled as `missing` says. With
    `weights` or `cluster` rows with a gap are left out, and intervals come from leaving out
    groups of customers in turn."""
    x = np.asarray(items, np.float64)
    if cluster is not None or weights is not None:
        cross = cross_rows([""] * x.shape[1], x, weights, cluster)
        return clustered_reliability(cross, level=level)
    if missing == "listwise":
        if np.isnan(x.sum()):
            x = x[~np.isnan(x).any(axis=1)]
        away = x - x.mean(axis=0)
        covariance = away.T @ away / (len(x) - 1)
    else:
        covariance = pairwise_covariance(x)
    return reliability_of_covariance(covariance, len(x), level=level)


def reliability_of_covariance(
    covariance: FloatArray, n: int, *, level: float = 0.95
) -> Reliability:
    """Return the same from the (k, k) covariance of the items among n different people."""
    k, errors = len(covariance), NormalTheory(covariance, n, level)
    # Feldt's interval is exact where items are parallel: alphas take it, k - 1 items too.
    alphas = _alphas(covariance[None])[0].tolist()
    without = tuple(_feldt_or_none(one, n, k - 1, level) for one in alphas[1:])
    return _told(errors, feldt_unweighted(alphas[0], n, k, level=level), without, n)


def clustered_reliability(cross: CrossMoments, *, level: float = 0.95) -> Reliability:
    """Return the same with grouped-jackknife intervals by customer."""
    errors = ByCustomer(cross, level=level)
    alpha, *without = errors.estimates(_alphas, on="unlike")
    if len(without) < 3:
        without = [_no_alpha(level, cross.n) for _ in without]
    return _told(errors, alpha, tuple(without), cross.n)


def _told(errors: Errors, alpha: Estimate, without: tuple[Estimate, ...], n: int) -> Reliability:
    average, *rest = errors.estimates(_rests, on="fisher")
    duhachek = _duhachek(errors.covariance, n, alpha)
    return Reliability(alpha, average, duhachek, without, tuple(rest), errors)


def _alphas(many: FloatArray) -> FloatArray:
    """Return alpha, and alpha without each item, of covariances (B, k, k)."""
    k, own = many.shape[-1], np.diagonal(many, axis1=-2, axis2=-1)
    total, trace = many.sum(axis=(-2, -1)), own.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = k / (k - 1) * (1 - trace / total)
        left = total[:, None] - 2 * many.sum(axis=-1) + own
        without = (k - 1) / max(k - 2, 1) * (1 - (trace[:, None] - own) / left)
    return np.column_stack([whole, without])


def _rests(many: FloatArray) -> FloatArray:
    """Return the mean correlation, and each item's correlation with the sum of the others."""
    k, own = many.shape[-1], np.diagonal(many, axis1=-2, axis2=-1)
    r = _correlations(many)
    rows = many.sum(axis=-1)
    others = many.sum(axis=(-2, -1))[:, None] - 2 * rows + own
    mean = (r.sum(axis=(-2, -1)) - k) / (k * (k - 1))
    return np.column_stack([mean, (rows - own) / np.sqrt(own * others)])


def _wholes(many: FloatArray) -> FloatArray:
    """Return standardised alpha and Guttman's λ6."""
    r = _correlations(many)
    total = r.sum(axis=(-2, -1))
    alone = 1 / np.diagonal(_inverses(r), axis1=-2, axis2=-1)
    return np.column_stack([_alphas(r)[:, 0], 1 - alone.sum(axis=-1) / total])


def _inverses(r: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.inv(r), np.float64)
    except np.linalg.LinAlgError:  # items that say one thing twice
        return np.asarray(np.linalg.pinv(r, hermitian=True), np.float64)


def _correlations(many: FloatArray) -> FloatArray:
    sd = np.sqrt(np.diagonal(many, axis1=-2, axis2=-1))
    return np.asarray(many / (sd[:, :, None] * sd[:, None, :]))


def _feldt_or_none(alpha: float, n: int, k: int, level: float) -> Estimate:
    return feldt_unweighted(alpha, n, k, level=level) if k > 1 else _no_alpha(level, n)


def _no_alpha(level: float, n: int) -> Estimate:
    return nothing(level=level, n=n, warnings=(Note("one_item"),))


def alpha_of_covariance(covariance: FloatArray) -> float:
    """Return k/(k-1)·(1 - trace/sum); 1 where the items are one, 0 or less where they are not;
    NaN for a single item, and where nobody differs."""
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or total <= 0:
        return math.nan
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def feldt_unweighted(alpha: float, n: int, k: int, *, level: float = 0.95) -> Estimate:
    """Return alpha of k items among n different people of equal weight with Feldt's F interval
    (1965)."""
    df = (n - 1.0, (n - 1.0) * (k - 1))
    tail = (1 - level) / 2
    low = 1 - (1 - alpha) * float(special.fdtri(*df, 1 - tail))
    high = 1 - (1 - alpha) * float(special.fdtri(*df, tail))
    return Estimate(alpha, low, high, level, n, float(n), df[0], "feldt")


def _duhachek(v: FloatArray, n: int, alpha: Estimate) -> Estimate:
    """Return alpha with Duhachek and Iacobucci's standard error (2004)."""
    k, total, trace, square = len(v), float(v.sum()), float(np.trace(v)), v @ v
    if alpha.value is None or total <= 0:
        return alpha
    inner = total * (float(np.trace(square)) + trace**2) - 2 * trace * float(square.sum())
    se = math.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * inner / n)
    ends = intervals.around(alpha.value, se, intervals.normal_quantile(alpha.level))
    return Estimate(alpha.value, *ends, alpha.level, n, float(n), None, "duhachek")


def pairwise_covariance(x: FloatArray) -> FloatArray:
    """Return covariances of the columns, each pair over the rows that have both."""
    there = (~np.isnan(x)).astype(np.float64)
    filled = np.where(there > 0, x, 0.0)
    n = there.T @ there
    ours, theirs = filled.T @ there, there.T @ filled
    return np.asarray((filled.T @ filled - ours * theirs / n) / (n - 1))


def squared_multiple(r: FloatArray) -> FloatArray:
    """Return the R² of each item by all others, from the correlation matrix."""
    return np.asarray(1 - 1 / np.diag(np.linalg.pinv(r)))


def kmo(errors: Errors) -> tuple[Estimate, tuple[Estimate, ...]]:
    """Return Kaiser, Meyer and Olkin's adequacy, of all and of each item, with the intervals
    that `errors` finds: above .8 is good."""

    def adequacy(many: FloatArray) -> FloatArray:
        r = _correlations(many)
        inverse = np.linalg.inv(r)
        scale = np.sqrt(np.diagonal(inverse, axis1=-2, axis2=-1))
        partial = inverse / (scale[:, :, None] * scale[:, None, :])
        off = 1 - np.eye(r.shape[-1])
        plain, net = ((r * off) ** 2).sum(axis=1), ((partial * off) ** 2).sum(axis=1)
        whole = plain.sum(axis=1) / (plain.sum(axis=1) + net.sum(axis=1))
        return np.column_stack([whole, plain / (plain + net)])

    overall, *items = errors.estimates(adequacy, on="unlike")
    return overall, tuple(items)


def bartlett_unweighted(r: FloatArray, n: int, *, level: float = 0.95) -> Test:
    """Return Bartlett's test that nothing correlates among n different customers, with the mean
    correlation as its effect."""
    k = len(r)
    statistic = -float(np.linalg.slogdet(r)[1]) * (n - 1 - (2 * k + 5) / 6)
    df = k * (k - 1) / 2
    effect = NormalTheory(r, n, level).estimates(_rests, on="fisher")[0]
    return Test(statistic, float(special.chdtrc(df, statistic)), df, effect, "bartlett", n)
