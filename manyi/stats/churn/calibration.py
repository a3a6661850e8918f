"""Whether a forecast of churn can be trusted: discrimination and calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from manyi.stats.intervals import around, normal_quantile, t_quantile
from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.result import Estimate, Note, Test, nothing
from manyi.stats.survey.design import design_rows, share_rows

BoolArray = NDArray[np.bool_]


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
    outcome = np.asarray(y) > 0
    w = np.ones(len(outcome)) if weights is None else np.asarray(weights, np.float64)
    area, pulls = _area(outcome, np.asarray(p, np.float64), w)
    return _of_pulls(area, pulls, outcome, w, cluster, level)


def auc_gap_rows(
    y: ArrayLike,
    p: ArrayLike,
    other: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the area under the ROC curve of forecasts p less that of `other` ones of the same
    rows, whose errors are not independent (DeLong, DeLong & Clarke-Pearson 1988)."""
    outcome = np.asarray(y) > 0
    w = np.ones(len(outcome)) if weights is None else np.asarray(weights, np.float64)
    mine, pulls = _area(outcome, np.asarray(p, np.float64), w)
    its, others = _area(outcome, np.asarray(other, np.float64), w)
    return _of_pulls(mine - its, pulls - others, outcome, w, cluster, level)


def _area(outcome: BoolArray, score: FloatArray, w: FloatArray) -> tuple[float, FloatArray]:
    """Return the area and what each row pulls it by."""
    over = np.where(
        outcome,
        _beaten(score, score[~outcome], w[~outcome]),
        1 - _beaten(score, score[outcome], w[outcome]),
    )
    size = np.where(outcome, w / w[outcome].sum(), w / w[~outcome].sum())
    area = float((size * over)[outcome].sum())
    return area, np.asarray(size * (over - area))


def _of_pulls(
    value: float,
    pulls: FloatArray,
    outcome: BoolArray,
    w: FloatArray,
    cluster: ArrayLike | None,
    level: float,
) -> Estimate:
    n, n_effective = len(pulls), float(w.sum() ** 2 / (w @ w))
    if cluster is None:
        sides = (pulls[outcome], pulls[~outcome])
        variance = sum(float(one @ one) * len(one) / (len(one) - 1) for one in sides)
        ends = around(value, math.sqrt(variance), normal_quantile(level))
        return Estimate(value, *ends, level, n, n_effective, None, "delong")
    codes = np.unique(np.asarray(cluster), return_inverse=True)[1]
    sums = np.bincount(codes, weights=pulls)
    people = float(len(sums))
    se = math.sqrt(float(sums @ sums) * people / (people - 1))
    ends = around(value, se, t_quantile(level, people - 1))
    return Estimate(value, *ends, level, n, min(n_effective, people), people - 1, "obuchowski")


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
    chi-square over ten groups; `ece` the expected calibration error over ten groups, whose interval
    holds whatever the truth is: no further from it than the errors of all groups together.
    """

    brier: Estimate
    brier_scaled: Estimate
    log_loss: Estimate
    intercept: Estimate
    slope: Estimate
    in_the_large: Estimate
    hosmer_lemeshow: Test
    ece: Estimate


def calibration_rows(
    y: ArrayLike,
    p: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    groups: int = 10,
    fitted: bool = False,
    level: float = 0.95,
) -> Calibration:
    """Return the calibration of forecasts `p` (n,) of outcomes `y` (n,), 0 or 1.

    `fitted` says that the model has seen these very outcomes, which costs Hosmer and
    Lemeshow's test two degrees of freedom. With `weights` or `cluster` (a customer who was
    forecast several times) errors are summed over customers, intervals are of t, and the test
    by groups is divided by how much more these spread than forecasts promise (Rao & Scott 1984).
    """
    outcome, forecast = np.asarray(y, np.float64), np.asarray(p, np.float64)
    among = _among(len(outcome), weights, cluster, level)
    squares = (outcome - forecast) ** 2
    loss = -special.xlogy(outcome, forecast) - special.xlogy(1 - outcome, 1 - forecast)
    bold = special.logit(np.clip(forecast, 1e-12, 1 - 1e-12))
    lines = _lines(outcome, bold, among)
    tested, ece = _grouped(outcome, forecast, groups, 2 if fitted else 0, among)
    return Calibration(
        among.mean(squares),
        _scaled(squares, outcome, among),
        among.mean(loss),
        lines[0],
        lines[1],
        _offset(outcome, bold, among),
        tested,
        ece,
    )


@dataclass(frozen=True, eq=False)
class _Among:
    """Weights (n,), and whose each row is; `people` None where each row is one customer."""

    w: FloatArray
    people: IntArray | None
    level: float

    def summed(self, pulls: FloatArray) -> FloatArray:
        """Return the pulls (n, k) of each customer."""
        if self.people is None:
            return pulls
        found = np.zeros((int(self.people.max()) + 1, pulls.shape[1]))
        np.add.at(found, self.people, pulls)
        return found

    def covariance(self, pulls: FloatArray) -> FloatArray:
        """Return the covariance of sums of pulls over customers."""
        sums = self.summed(pulls)
        return np.asarray(sums.T @ sums * len(sums) / (len(sums) - 1))

    def estimate(self, value: float, se: float, method: str) -> Estimate:
        n = len(self.w)
        if self.people is None:
            ends = around(value, se, normal_quantile(self.level))
            return Estimate(value, *ends, self.level, n, float(n), None, method)
        people = float(self.people.max() + 1)
        effective = min(float(self.w.sum() ** 2 / (self.w @ self.w)), people)
        ends = around(value, se, t_quantile(self.level, people - 1))
        return Estimate(value, *ends, self.level, n, effective, people - 1, method)

    def mean(self, losses: FloatArray) -> Estimate:
        value = float(self.w @ losses / self.w.sum())
        return self.estimate(value, self.se(losses - value), "mean")

    def se(self, pulls: FloatArray) -> float:
        """Return the error of a mean that its rows pull so (n,)."""
        if self.people is None:
            return float(pulls.std()) / math.sqrt(len(pulls))
        summed = self.covariance((self.w * pulls / self.w.sum())[:, None])
        return math.sqrt(float(summed[0, 0]))


def _scaled(squares: FloatArray, outcome: FloatArray, among: _Among) -> Estimate:
    """Return 1 - Brier/(base·(1 - base)) with the error of the linearised ratio."""
    brier, base = (float(among.w @ one / among.w.sum()) for one in (squares, outcome))
    spread = base * (1 - base)
    if spread <= 0:
        return nothing(level=among.level, n=len(outcome), warnings=(Note("no_spread"),))
    ratio = brier / spread
    pulls = (squares - brier - ratio * (1 - 2 * base) * (outcome - base)) / spread
    return among.estimate(1 - ratio, among.se(pulls), "linearised")


def _among(n: int, weights: ArrayLike | None, cluster: ArrayLike | None, level: float) -> _Among:
    if weights is None and cluster is None:
        return _Among(np.ones(n), None, level)
    w = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(n) if cluster is None else np.asarray(cluster)
    return _Among(w, np.unique(ids, return_inverse=True)[1], level)


def _lines(outcome: FloatArray, bold: FloatArray, among: _Among) -> list[Estimate]:
    """Return intercept and slope of outcomes on what was forecast, in log odds."""
    design = np.column_stack([np.ones(len(bold)), bold])
    fit = logistic_rows(design, outcome, among.w)
    covariance = fit.covariance
    if among.people is not None:
        errors = among.w * (outcome - fit.predict(design))
        covariance = covariance @ among.covariance(design * errors[:, None]) @ covariance
    errors_of = np.sqrt(np.diag(covariance))
    return [
        among.estimate(float(value), float(se), "logistic")
        for value, se in zip(fit.coefficients, errors_of, strict=True)
    ]


def _offset(outcome: FloatArray, bold: FloatArray, among: _Among) -> Estimate:
    """Return the constant that is added to logit p to make the mean right."""
    constant, known = 0.0, 1.0
    p = outcome
    for _ in range(50):
        p = special.expit(bold + constant)
        known = float(among.w @ (p * (1 - p)))
        step = float(among.w @ (outcome - p)) / known
        constant += step
        if abs(step) < 1e-12:
            break
    if among.people is None:
        return among.estimate(constant, 1 / math.sqrt(known), "logistic")
    pulls = among.w * (outcome - p) / known
    se = math.sqrt(float(among.covariance(pulls[:, None])[0, 0]))
    return among.estimate(constant, se, "logistic")


def places(forecast: ArrayLike, groups: int) -> IntArray:
    """Return in which of at most `groups` groups of equal size each forecast is, 0 the lowest."""
    values = np.asarray(forecast, np.float64)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, groups + 1)))
    place = np.searchsorted(edges, values, side="left") - 1
    at = np.clip(place, 0, max(len(edges) - 2, 0))
    # Forecasts that are often the same can leave a group between two of them empty.
    return np.unique(at, return_inverse=True)[1].astype(np.int64)


def _grouped(
    outcome: FloatArray, forecast: FloatArray, groups: int, spent: int, among: _Among
) -> tuple[Test, Estimate]:
    at, w, total = places(forecast, groups), among.w, len(outcome)
    n = np.bincount(at, weights=w)
    seen, told = np.bincount(at, weights=w * outcome), np.bincount(at, weights=w * forecast)
    effect = _gaps(outcome - forecast, at, among)
    if among.people is not None:
        return _corrected(outcome - forecast, forecast, at, spent, among, effect), effect
    spread = told * (1 - told / n)
    statistic = float(((seen - told) ** 2 / np.maximum(spread, 1e-300)).sum())
    df = float(max(len(n) - spent, 1))
    p = float(special.chdtrc(df, statistic))
    return Test(statistic, p, df, effect, "hosmer_lemeshow", total), effect


def _gaps(errors: FloatArray, at: IntArray, among: _Among) -> Estimate:
    """Return the mean absolute gap of groups. Sampling makes gaps where there are none, so its
    interval is that of the triangle inequality: |found - true| ≤ Σ|error of a group|, whose
    upper quantile is that of a sum of half-normals."""
    total = among.w.sum()
    each = errors[:, None] * (at[:, None] == np.arange(at.max() + 1))
    gaps = among.w @ each / total
    found = float(np.abs(gaps).sum())
    s = np.array([among.se(one) for one in (each - gaps).T])
    reach = math.sqrt(2 / math.pi) * float(s.sum())
    reach += normal_quantile(among.level) * math.sqrt((1 - 2 / math.pi) * float(s @ s))
    told = among.estimate(found, 0.0, "triangle")
    return replace(told, low=max(found - reach, 0.0), high=min(found + reach, 1.0))


def _corrected(
    errors: FloatArray,
    forecast: FloatArray,
    at: IntArray,
    spent: int,
    among: _Among,
    effect: Estimate,
) -> Test:
    """Return the test that the mean error of every group is 0, for customers who come again.

    Each group's squared error is set against the spread that the forecasts promise, and all are
    divided by how much more errors summed by customer spread than that (Rao & Scott 1984). The
    spread of each group by itself would be of too few leavers: at 1,000 rows Wald's test cries
    out four times too often, the score test three times.
    """
    marks = at[:, None] == np.arange(at.max() + 1)
    pulls = among.summed(marks * (among.w * errors)[:, None])
    promised = np.maximum((among.w**2 * forecast * (1 - forecast)) @ marks, 1e-300)
    inflation = float(((pulls**2).sum(axis=0) / promised).mean())
    statistic = float((pulls.sum(axis=0) ** 2 / promised).sum()) / inflation
    df = float(max(pulls.shape[1] - spent, 1))
    p = float(special.chdtrc(df, statistic))
    return Test(statistic, p, df, effect, "rao_scott", len(errors))


@dataclass(frozen=True)
class Bin:
    """Customers whose forecasts are much the same: the mean of what they were `told`, and the
    share whom it happened to (`seen`), both in per cent."""

    told: float
    seen: Estimate


def calibration_curve_rows(
    y: ArrayLike,
    p: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    groups: int = 10,
    level: float = 0.95,
) -> tuple[Bin, ...]:
    """Return what happened to groups of like forecasts, the lowest first: points on the diagonal
    are perfect. Shares have logit intervals over customers."""
    outcome, forecast = np.asarray(y, np.float64), np.asarray(p, np.float64)
    w = np.ones(len(outcome)) if weights is None else np.asarray(weights, np.float64)
    ids = np.arange(len(outcome)) if cluster is None else np.asarray(cluster)
    at = places(forecast, groups)
    found = []
    for one in range(int(at.max()) + 1):
        inside = at == one
        mean = float(w[inside] @ forecast[inside] / w[inside].sum())
        seen = share_rows(outcome[inside], design_rows(w[inside], psu=ids[inside]), level=level)
        found.append(Bin(100 * mean, seen))
    return tuple(found)
