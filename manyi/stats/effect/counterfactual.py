"""What would have come without the change: a local level with comparison series, and the gap.

The model of Brodersen et al. 2015 (CausalImpact) without its sampling: y = level + x·β + noise
where the level wanders as a random walk. Level and β are unknown beforehand (diffuse); the
ratio of the two variances is averaged over by its restricted likelihood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note

_PRIOR = 0.5  # of the deviation of a step of the level over that of the noise


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """The expected course after the change without it, the gap at each time, and the mean and
    the sum of the gaps; `wander` is the variance of the level's steps over that of noise."""

    expected: tuple[Estimate, ...]
    gaps: tuple[Estimate, ...]
    average: Estimate
    total: Estimate
    wander: float
    sentence: Note


def counterfactual_periods(
    y: ArrayLike, start: int, *, controls: ArrayLike | None = None, level: float = 0.95
) -> Counterfactual:
    """Return the effect of a change at place `start` of the series y (t,).

    `controls` (t, k): series that the change cannot have touched (other units, seasons as
    dummies). NaN in y before the start is passed over. Needs at least k + 4 times before.
    The interval is t with the times before less what was fitted. Raises ValueError where too
    little came before.
    """
    series = np.asarray(y, np.float64)
    t = len(series)
    x = np.ones((t, 1))
    if controls is not None:
        x = np.column_stack([x, np.asarray(controls, np.float64).reshape(t, -1)])
    before = np.flatnonzero(~np.isnan(series[:start]))
    after = start + np.flatnonzero(~np.isnan(series[start:]))
    if len(before) < x.shape[1] + 3 or len(after) == 0:
        raise ValueError("too few times before the change, or none after it")
    centred = series - np.nanmean(series[before])
    told, covariance, df, ratio = _mixed(centred, x, before, after)
    told = told + np.nanmean(series[before])
    return _found(series[after], told, covariance, df, len(before), ratio, level)


def _covariance(one: np.ndarray, two: np.ndarray, ratio: float) -> FloatArray:
    same = one[:, None] == two[None, :]
    return np.asarray(same + ratio * np.minimum(one[:, None], two[None, :]), np.float64)


def _ratios(y: FloatArray, x: FloatArray, at: np.ndarray) -> list[tuple[float, float]]:
    """Return variance ratios and how likely each is: restricted likelihood times a half-Cauchy
    prior of the ratio of deviations. One best ratio would make intervals too short."""
    grid = np.exp(np.linspace(-8.0, 4.0, 13))
    chances = np.array([_likelihood(y, x, at, ratio) for ratio in grid.tolist()])
    size = np.sqrt(grid)
    chances = np.exp(chances - chances.max()) * size / (1 + (size / _PRIOR) ** 2)
    chances /= chances.sum()
    kept = chances > 1e-4
    return list(
        zip(grid[kept].tolist(), (chances[kept] / chances[kept].sum()).tolist(), strict=True)
    )


def _likelihood(y: FloatArray, x: FloatArray, at: np.ndarray, ratio: float) -> float:
    n, k = x.shape
    lower = np.linalg.cholesky(_covariance(at, at, ratio))
    both = solve_triangular(lower, np.column_stack([x, y]), lower=True)
    a, b = both[:, :-1], both[:, -1]
    left = b - a @ np.linalg.lstsq(a, b, rcond=None)[0]
    logs = 2 * float(np.log(np.diag(lower)).sum()) + float(np.linalg.slogdet(a.T @ a)[1])
    return float(-((n - k) * math.log(max(float(left @ left), 1e-300)) + logs) / 2)


def _mixed(
    series: FloatArray, x: FloatArray, before: np.ndarray, after: np.ndarray
) -> tuple[FloatArray, FloatArray, float, float]:
    """Return forecast, covariance, df and mean ratio over all ratios that are likely."""
    middle, square, df, mean = np.zeros(len(after)), np.zeros((len(after), len(after))), 1.0, 0.0
    for ratio, chance in _ratios(series[before], x[before], before):
        told, covariance, df = _told(series, x, before, after, ratio)
        middle += chance * told
        square += chance * (covariance + np.outer(told, told))
        mean += chance * ratio
    return middle, square - np.outer(middle, middle), df, mean


def _told(
    series: FloatArray, x: FloatArray, before: np.ndarray, after: np.ndarray, ratio: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return the best linear unbiased forecast after the change and its covariance."""
    y, a, b = series[before], x[before], x[after]
    factor = cho_factor(_covariance(before, before, ratio))
    cross = _covariance(after, before, ratio)
    bread = np.linalg.pinv(a.T @ cho_solve(factor, a))
    beta = bread @ (a.T @ cho_solve(factor, y))
    left = y - a @ beta
    df = float(len(y) - a.shape[1])
    variance = float(left @ cho_solve(factor, left)) / df
    told = b @ beta + cross @ cho_solve(factor, left)
    pull = b - cross @ cho_solve(factor, a)
    own = _covariance(after, after, ratio) - cross @ cho_solve(factor, cross.T)
    return told, np.asarray(variance * (own + pull @ bread @ pull.T)), df


def _found(
    seen: FloatArray,
    told: FloatArray,
    covariance: FloatArray,
    df: float,
    n: int,
    ratio: float,
    level: float,
) -> Counterfactual:
    se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    quantile = intervals.t_quantile(level, df)

    def made(value: float, error: float) -> Estimate:
        ends = intervals.around(value, error, quantile)
        return Estimate(value, *ends, level, n, float(n), df, "local_level")

    gap = seen - told
    m = len(gap)
    whole = math.sqrt(max(float(covariance.sum()), 0.0))
    average = made(float(gap.mean()), whole / m)
    assert average.value is not None and average.low is not None and average.high is not None
    params = {
        "value": f"{average.value:+.2f}",
        "low": f"{average.low:+.2f}",
        "high": f"{average.high:+.2f}",
        "level": f"{100 * level:g}",
    }
    pairs = list(zip(told.tolist(), gap.tolist(), se.tolist(), strict=True))
    return Counterfactual(
        tuple(made(one, error) for one, _, error in pairs),
        tuple(made(one, error) for _, one, error in pairs),
        average,
        made(float(gap.sum()), whole),
        ratio,
        Note("effect_counterfactual", params),
    )
