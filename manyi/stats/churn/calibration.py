"""Whether a forecast of churn can be trusted: discrimination, calibration, lift."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats.intervals import around, normal_quantile, t_quantile, wilson
from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note, Test, nothing


def auc_rows(
    y: ArrayLike,
    p: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the area under the ROC curve (.5 is chance, 1 perfect) with DeLong's interval.

    With `cluster` (a customer who was forecast several times) the errors are summed over
    customers (Obuchowski 1997), and the interval is one of t.
    """
    outcome, score = np.asarray(y) > 0, np.asarray(p, np.float64)
    w = np.ones(len(score)) if weights is None else np.asarray(weights, np.float64)
    over = np.where(
        outcome,
        _beaten(score, score[~outcome], w[~outcome]),
        1 - _beaten(score, score[outcome], w[outcome]),
    )
    size = np.where(outcome, w / w[outcome].sum(), w / w[~outcome].sum())
    area = float((size * over)[outcome].sum())
    pulls, n = size * (over - area), len(score)
    n_effective = float(w.sum() ** 2 / (w @ w))
    if cluster is None:
        sides = (pulls[outcome], pulls[~outcome])
        variance = sum(float(one @ one) * len(one) / (len(one) - 1) for one in sides)
        ends = around(area, math.sqrt(variance), normal_quantile(level))
        return Estimate(area, *ends, level, n, n_effective, None, "delong")
    codes = np.unique(np.asarray(cluster), return_inverse=True)[1]
    sums = np.bincount(codes, weights=pulls)
    people = float(len(sums))
    se = math.sqrt(float(sums @ sums) * people / (people - 1))
    ends = around(area, se, t_quantile(level, people - 1))
    return Estimate(area, *ends, level, n, min(n_effective, people), people - 1, "obuchowski")


def _beaten(score: FloatArray, others: FloatArray, w: FloatArray) -> FloatArray:
    """Return the share of the others' weight that lies below each score, ties counting half."""
    order = np.argsort(others, kind="stable")
    upto = np.concatenate([[0.0], np.cumsum(w[order])])
    below, through = (np.searchsorted(others[order], score, side=s) for s in ("left", "right"))
    return np.asarray((upto[below] + upto[through]) / 2 / upto[-1])


@dataclass(frozen=True)
class Calibration:
    """How forecasts p compare with outcomes.

    `brier` is the mean squared error, `brier_scaled` 1 less its ratio to that of the base
    rate; `intercept` and `slope` of outcomes on logit p (0 and 1 are perfect; a slope below 1
    means too bold forecasts); `in_the_large` the intercept at slope 1; Hosmer and Lemeshow's
    chi-square over ten groups; `ece` the expected calibration error over ten groups.
    """

    brier: Estimate
    brier_scaled: float
    log_loss: Estimate
    intercept: Estimate
    slope: Estimate
    in_the_large: Estimate
    hosmer_lemeshow: Test
    ece: float


def calibration_rows(
    y: ArrayLike, p: ArrayLike, *, groups: int = 10, fitted: bool = False, level: float = 0.95
) -> Calibration:
    """Return the calibration of forecasts `p` (n,) of outcomes `y` (n,), 0 or 1.

    `fitted` says that the model has seen these very outcomes, which costs Hosmer and
    Lemeshow's test two degrees of freedom. Each row is one customer of equal weight: it knows
    neither sample weights nor customers who were forecast again (`auc_rows` does).
    """
    outcome, forecast = np.asarray(y, np.float64), np.asarray(p, np.float64)
    base = float(outcome.mean())
    squares = (outcome - forecast) ** 2
    loss = -special.xlogy(outcome, forecast) - special.xlogy(1 - outcome, 1 - forecast)
    bold = special.logit(np.clip(forecast, 1e-12, 1 - 1e-12))
    fit = logistic_rows(np.column_stack([np.ones(len(bold)), bold]), outcome)
    hosmer, ece = _grouped(outcome, forecast, groups, 2 if fitted else 0)
    lines = [
        _normal(float(value), float(se), level, len(outcome), "logistic")
        for value, se in zip(fit.coefficients, fit.se, strict=True)
    ]
    return Calibration(
        _mean(squares, level),
        1 - float(squares.mean()) / (base * (1 - base)),
        _mean(loss, level),
        lines[0],
        lines[1],
        _offset(outcome, bold, level),
        hosmer,
        ece,
    )


def _normal(value: float, se: float, level: float, n: int, method: str) -> Estimate:
    ends = around(value, se, normal_quantile(level))
    return Estimate(value, *ends, level, n, float(n), None, method)


def _mean(losses: FloatArray, level: float) -> Estimate:
    n = len(losses)
    return _normal(float(losses.mean()), float(losses.std()) / math.sqrt(n), level, n, "mean")


def _offset(outcome: FloatArray, bold: FloatArray, level: float) -> Estimate:
    """Return the constant that is added to logit p to make the mean right."""
    constant, known = 0.0, 1.0
    for _ in range(50):
        p = special.expit(bold + constant)
        known = float((p * (1 - p)).sum())
        step = float((outcome - p).sum()) / known
        constant += step
        if abs(step) < 1e-12:
            break
    return _normal(constant, 1 / math.sqrt(known), level, len(outcome), "logistic")


def _grouped(
    outcome: FloatArray, forecast: FloatArray, groups: int, spent: int
) -> tuple[Test, float]:
    edges = np.unique(np.quantile(forecast, np.linspace(0, 1, groups + 1)))
    place = np.searchsorted(edges, forecast, side="left") - 1
    at = np.clip(place, 0, max(len(edges) - 2, 0))
    # Forecasts that are often the same can leave a group between two of them empty.
    at = np.unique(at, return_inverse=True)[1]
    n, total = np.bincount(at), len(outcome)
    seen, told = np.bincount(at, weights=outcome), np.bincount(at, weights=forecast)
    spread = told * (1 - told / n)
    statistic = float(((seen - told) ** 2 / np.maximum(spread, 1e-300)).sum())
    gap = float(np.abs(seen - told).sum() / total)
    df = float(max(len(n) - spent, 1))
    effect = Estimate(gap, None, None, 0.95, total, float(total), None, "calibration_error")
    p = float(special.chdtrc(df, statistic))
    return Test(statistic, p, df, effect, "hosmer_lemeshow", total), gap


def lift_rows(y: ArrayLike, p: ArrayLike, *, share: float = 0.1, level: float = 0.95) -> Estimate:
    """Return how many times more of the outcome the top share of forecasts holds than all (1 is
    chance), with Wilson's interval of the share among the top. None where nobody left.

    Each row is one customer of equal weight."""
    outcome, forecast = np.asarray(y, np.float64), np.asarray(p, np.float64)
    top = np.argsort(-forecast, kind="stable")[: max(1, round(share * len(outcome)))]
    base, n = float(outcome.mean()), len(top)
    if base == 0:
        return nothing(level=level, n=n, warnings=(Note("no_spread"),))
    ends = wilson(float(outcome[top].sum()), n, level)
    value = float(outcome[top].mean()) / base
    return Estimate(value, ends.low / base, ends.high / base, level, n, float(n), None, "wilson")
