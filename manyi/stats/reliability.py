"""Whether several items measure one thing: alpha, its parts, and sampling adequacy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats.cross import CrossMoments, covariances, cross_rows
from manyi.stats.intervals import t_quantile
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note

Missing = Literal["listwise", "pairwise"]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Cronbach's alpha with Feldt's interval, its standardised form, Guttman's λ6, the mean
    correlation, Duhachek's standard error; for each item alpha without it and its correlation
    with the rest."""

    alpha: Estimate
    standardised: float
    lambda6: float
    average_r: float
    se: float
    without: FloatArray
    item_rest: FloatArray


def reliability_rows(
    items: ArrayLike,
    *,
    missing: Missing = "listwise",
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Reliability:
    """Return the reliability of the columns (n, k); NaN is handled as `missing` says. With
    `weights` rows with a gap are left out, and n is Kish's effective number; with `cluster`
    too, and alpha's interval comes from leaving out groups of customers in turn."""
    x = np.asarray(items, np.float64)
    if cluster is not None:
        cross = cross_rows([""] * x.shape[1], x, weights, cluster)
        found = reliability(covariances(cross.products) * cross.n / (cross.n - 1), cross.n)
        return replace(found, alpha=clustered_alpha(cross, level=level))
    if weights is not None:
        there = ~np.isnan(x).any(axis=1)
        w = np.asarray(weights, np.float64)[there]
        spread = np.asarray(np.cov(x[there], rowvar=False, ddof=0, aweights=w), np.float64)
        n = float(w.sum() ** 2 / (w @ w))
        return reliability(spread * n / (n - 1), round(n), level=level)
    if missing == "listwise":
        if np.isnan(x.sum()):
            x = x[~np.isnan(x).any(axis=1)]
        away = x - x.mean(axis=0)
        covariance = away.T @ away / (len(x) - 1)
    else:
        covariance = pairwise_covariance(x)
    return reliability(covariance, len(x), level=level)


def reliability(covariance: FloatArray, n: int, *, level: float = 0.95) -> Reliability:
    """Return the same from the (k, k) covariance of the items among n people."""
    k = len(covariance)
    alpha = alpha_of_covariance(covariance)
    sd = np.sqrt(np.diag(covariance))
    r = covariance / np.outer(sd, sd)
    kept = [np.delete(np.arange(k), at) for at in range(k)]
    without = [alpha_of_covariance(covariance[np.ix_(at, at)]) for at in kept]
    rest = [
        covariance[at, others].sum() / sd[at] / math.sqrt(covariance[np.ix_(others, others)].sum())
        for at, others in enumerate(kept)
    ]
    return Reliability(
        feldt(alpha, n, k, level=level),
        alpha_of_covariance(r),
        1 - float((1 - squared_multiple(r)).sum()) / float(r.sum()),
        float((r.sum() - k) / (k * (k - 1))),
        _standard_error(covariance, n),
        np.array(without),
        np.array(rest),
    )


def clustered_alpha(cross: CrossMoments, *, level: float = 0.95) -> Estimate:
    """Return alpha of all variables with a grouped-jackknife interval by customer, on the scale
    of log(1 - alpha)."""
    value = alpha_of_covariance(covariances(cross.products))
    g = int(cross.filled.sum())
    deleted = [alpha_of_covariance(covariances(one)) for one in cross.deleted()] if g > 1 else []
    if g < 2 or not value < 1 or any(not one < 1 for one in deleted):
        told = level, cross.n, cross.n_effective, None, "jackknife"
        return Estimate(value, None, None, *told, (Note("few_customers", {"customers": g}),))
    parts = np.log(1 - np.array(deleted))
    se = math.sqrt((g - 1) / g * float(((parts - parts.mean()) ** 2).sum()))
    reach = math.exp(t_quantile(level, g - 1) * se)
    low, high = 1 - (1 - value) * reach, 1 - (1 - value) / reach
    return Estimate(value, low, high, level, cross.n, cross.n_effective, float(g - 1), "jackknife")


def alpha_of_covariance(covariance: FloatArray) -> float:
    """Return k/(k-1)·(1 - trace/sum); 1 where the items are one, 0 or less where they are not;
    NaN for a single item, and where nobody differs."""
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or total <= 0:
        return math.nan
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def feldt(alpha: float, n: int, k: int, *, level: float = 0.95) -> Estimate:
    """Return alpha of k items among n people with Feldt's F interval (1965)."""
    df = (n - 1.0, (n - 1.0) * (k - 1))
    tail = (1 - level) / 2
    low = 1 - (1 - alpha) * float(special.fdtri(*df, 1 - tail))
    high = 1 - (1 - alpha) * float(special.fdtri(*df, tail))
    return Estimate(alpha, low, high, level, n, float(n), df[0], "feldt")


def _standard_error(v: FloatArray, n: int) -> float:
    """Return Duhachek and Iacobucci's standard error of alpha (2004)."""
    k, total, trace, square = len(v), float(v.sum()), float(np.trace(v)), v @ v
    inner = total * (float(np.trace(square)) + trace**2) - 2 * trace * float(square.sum())
    return math.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * inner / n)


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


def kmo(r: FloatArray) -> tuple[float, FloatArray]:
    """Return Kaiser, Meyer and Olkin's adequacy, of all and of each item: above .8 is good."""
    inverse = np.linalg.inv(r)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = 1 - np.eye(len(r))
    plain, net = (r * off) ** 2, (partial * off) ** 2
    items = plain.sum(axis=0) / (plain.sum(axis=0) + net.sum(axis=0))
    return float(plain.sum() / (plain.sum() + net.sum())), np.asarray(items)


def bartlett(r: FloatArray, n: int) -> tuple[float, float, float]:
    """Return Bartlett's test that nothing correlates: chi-square, df, p."""
    k = len(r)
    statistic = -float(np.linalg.slogdet(r)[1]) * (n - 1 - (2 * k + 5) / 6)
    df = k * (k - 1) / 2
    return statistic, df, float(special.chdtrc(df, statistic))
