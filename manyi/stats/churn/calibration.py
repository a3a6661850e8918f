"""Whether a forecast of churn can be trusted: discrimination, calibration, lift."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from manyi.stats.intervals import around, normal_quantile, wilson
from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note, nothing


def auc_rows(y: ArrayLike, p: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the area under the ROC curve (.5 is chance, 1 perfect) with DeLong's interval."""
    outcome, score = np.asarray(y) > 0, np.asarray(p, np.float64)
    high, low = score[outcome], score[~outcome]
    m, n = len(high), len(low)
    ranks = stats.rankdata(score)
    upper = (ranks[outcome] - stats.rankdata(high)) / n
    lower = 1 - (ranks[~outcome] - stats.rankdata(low)) / m
    area = float(upper.mean())
    se = math.sqrt(float(upper.var(ddof=1)) / m + float(lower.var(ddof=1)) / n)
    ends = around(area, se, normal_quantile(level))
    return Estimate(area, *ends, level, m + n, float(m + n), None, "delong")


@dataclass(frozen=True)
class Calibration:
    """How forecasts p compare with outcomes.

    `brier` is the mean squared error, `brier_scaled` 1 less its ratio to that of the base
    rate; `intercept` and `slope` of outcomes on logit p (0 and 1 are perfect; a slope below 1
    means too bold forecasts); `in_the_large` the intercept at slope 1; Hosmer and Lemeshow's
    chi-square over ten groups; `ece` the expected calibration error over ten groups.
    """

    brier: float
    brier_scaled: float
    log_loss: float
    intercept: float
    slope: float
    in_the_large: float
    hosmer_lemeshow: float
    ece: float


def calibration_rows(y: ArrayLike, p: ArrayLike, *, groups: int = 10) -> Calibration:
    """Return the calibration of forecasts `p` (n,) of outcomes `y` (n,), 0 or 1."""
    outcome, forecast = np.asarray(y, np.float64), np.asarray(p, np.float64)
    base = float(outcome.mean())
    brier = float(((outcome - forecast) ** 2).mean())
    loss = special.xlogy(outcome, forecast) + special.xlogy(1 - outcome, 1 - forecast)
    bold = special.logit(np.clip(forecast, 1e-12, 1 - 1e-12))
    fit = logistic_rows(np.column_stack([np.ones(len(bold)), bold]), outcome)
    hosmer, ece = _grouped(outcome, forecast, groups)
    return Calibration(
        brier,
        1 - brier / (base * (1 - base)),
        -float(loss.mean()),
        float(fit.coefficients[0]),
        float(fit.coefficients[1]),
        _offset(outcome, bold),
        hosmer,
        ece,
    )


def _offset(outcome: FloatArray, bold: FloatArray) -> float:
    """Return the constant that is added to logit p to make the mean right."""
    constant = 0.0
    for _ in range(50):
        p = special.expit(bold + constant)
        step = float((outcome - p).sum() / (p * (1 - p)).sum())
        constant += step
        if abs(step) < 1e-12:
            break
    return constant


def _grouped(outcome: FloatArray, forecast: FloatArray, groups: int) -> tuple[float, float]:
    edges = np.unique(np.quantile(forecast, np.linspace(0, 1, groups + 1)))
    place = np.searchsorted(edges, forecast, side="left") - 1
    at = np.clip(place, 0, len(edges) - 2)
    n = np.bincount(at, minlength=len(edges) - 1)
    seen = np.bincount(at, weights=outcome, minlength=len(n))
    told = np.bincount(at, weights=forecast, minlength=len(n))
    mean = told / n
    hosmer = float(((seen - told) ** 2 / (n * mean * (1 - mean))).sum())
    return hosmer, float(np.abs(seen - told).sum() / len(outcome))


def lift_rows(y: ArrayLike, p: ArrayLike, *, share: float = 0.1, level: float = 0.95) -> Estimate:
    """Return how many times more of the outcome the top share of forecasts holds than all (1 is
    chance), with Wilson's interval of the share among the top. None where nobody left."""
    outcome, forecast = np.asarray(y, np.float64), np.asarray(p, np.float64)
    top = np.argsort(-forecast, kind="stable")[: max(1, round(share * len(outcome)))]
    base, n = float(outcome.mean()), len(top)
    if base == 0:
        return nothing(level=level, n=n, warnings=(Note("no_spread"),))
    ends = wilson(float(outcome[top].sum()), n, level)
    value = float(outcome[top].mean()) / base
    return Estimate(value, ends.low / base, ends.high / base, level, n, float(n), None, "wilson")
