"""Questions left out: several plausible completions, and one result from all of them.

Filling a gap once, however cleverly, fakes answers; filling it several times at random and
pooling by Rubin's rules keeps the doubt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate

Imputation = Literal["pmm", "normal"]
Degrees = Literal["barnard_rubin", "rubin"]
_DONORS = 5


@dataclass(frozen=True)
class Pooled:
    """One result from m completed tables.

    `within` is the mean variance, `between` that of the results; `missing_information` (γ)
    says what share of the knowledge was lost with the missing answers, `share_between` (λ)
    how much of the variance comes from not knowing them.
    """

    estimate: Estimate
    within: float
    between: float
    total: float
    missing_information: float
    share_between: float
    relative_increase: float


def pool(
    values: ArrayLike,
    variances: ArrayLike,
    *,
    n: int,
    complete_df: float = math.inf,
    df: Degrees = "barnard_rubin",
    level: float = 0.95,
) -> Pooled:
    """Return the pooled result of m analyses (Rubin 1987): `values` and their sampling
    `variances` (m,), m at least 2.

    Degrees of freedom by Barnard & Rubin 1999, never above `complete_df`; "rubin" gives the
    older (m - 1)(1 + 1/r)², which may exceed n. Same as R's mice::pool.scalar.
    """
    q, u = np.asarray(values, np.float64), np.asarray(variances, np.float64)
    m = len(q)
    value, within, between = float(q.mean()), float(u.mean()), float(q.var(ddof=1))
    total = within + (1 + 1 / m) * between
    extra = (1 + 1 / m) * between
    share = extra / total if total > 0 else 0.0
    ratio = extra / within if within > 0 else math.inf
    free = _degrees(m, share, complete_df if df == "barnard_rubin" else math.inf)
    lost = (ratio + 2 / (free + 3)) / (ratio + 1) if math.isfinite(ratio) else 1.0
    ends = intervals.around(value, math.sqrt(total), intervals.t_quantile(level, free))
    effective = n * (1 - lost)
    found = Estimate(value, *ends, level, n, effective, free, "rubin")
    return Pooled(found, within, between, total, lost, share, ratio)


def _degrees(m: int, share: float, complete: float) -> float:
    old = math.inf if share == 0 else (m - 1) / share**2
    if math.isinf(complete):
        return old
    seen = (complete + 1) / (complete + 3) * complete * (1 - share)
    return seen if math.isinf(old) else old * seen / (old + seen)


def impute_rows(
    x: ArrayLike,
    *,
    rng: np.random.Generator,
    imputations: int = 20,
    rounds: int = 10,
    method: Imputation = "pmm",
) -> FloatArray:
    """Return `imputations` completed copies (m, n, p) of the columns (n, p), NaN filled in.

    Chained equations (van Buuren 2018): each column in turn is drawn from a Bayesian
    regression on all others; "pmm" takes the answer of one of the five people whose forecast
    is nearest, so that only answers somebody gave are imputed. Supposes that what is missing
    depends only on what is known.
    """
    table = np.asarray(x, np.float64)
    gaps = np.isnan(table)
    if (gaps.all(axis=0)).any():
        raise ValueError("a column that nobody answered cannot be filled")
    seeds = rng.integers(0, 2**63, imputations)
    return np.stack(
        [_completed(table, gaps, np.random.default_rng(s), rounds, method) for s in seeds]
    )


def _completed(
    table: FloatArray, gaps: np.ndarray, rng: np.random.Generator, rounds: int, method: Imputation
) -> FloatArray:
    filled = table.copy()
    order = [int(at) for at in np.argsort(gaps.sum(axis=0), kind="stable") if gaps[:, at].any()]
    for at in order:
        known = table[~gaps[:, at], at]
        filled[gaps[:, at], at] = rng.choice(known, int(gaps[:, at].sum()))
    for _ in range(rounds if len(order) > 1 else 1):
        for at in order:
            filled[gaps[:, at], at] = _drawn(filled, table[:, at], gaps[:, at], at, rng, method)
    return filled


def _drawn(
    filled: FloatArray,
    column: FloatArray,
    gap: np.ndarray,
    at: int,
    rng: np.random.Generator,
    method: Imputation,
) -> FloatArray:
    design = np.column_stack([np.ones(len(filled)), np.delete(filled, at, axis=1)])
    x, y = design[~gap], column[~gap]
    inside = x.T @ x
    inside += 1e-5 * np.diag(np.diag(inside))
    bread = np.linalg.inv(inside)
    beta = bread @ (x.T @ y)
    left = y - x @ beta
    free = max(len(y) - x.shape[1], 1)
    sigma = math.sqrt(max(float(left @ left), 1e-12) / float(rng.chisquare(free)))
    root = np.linalg.cholesky((bread + bread.T) / 2)
    drawn = beta + sigma * (root @ rng.normal(size=len(beta)))
    aim = design[gap] @ drawn
    if method == "normal":
        return np.asarray(aim + sigma * rng.normal(size=len(aim)))
    return _nearest(x @ beta, y, aim, rng)


def _nearest(
    told: FloatArray, y: FloatArray, aim: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return, for each aim, the answer of one of those whose forecast lies nearest."""
    jitter = rng.permutation(len(told))
    order = jitter[np.argsort(told[jitter], kind="stable")]
    ranked = told[order]
    k = min(_DONORS, len(y))
    place = np.clip(np.searchsorted(ranked, aim) - k, 0, max(len(y) - 2 * k, 0))
    window = np.minimum(place[:, None] + np.arange(2 * k), len(y) - 1)
    near = np.argsort(np.abs(ranked[window] - aim[:, None]), axis=1, kind="stable")[:, :k]
    pick = near[np.arange(len(aim)), rng.integers(0, k, len(aim))]
    return np.asarray(y[order[window[np.arange(len(aim)), pick]]])
