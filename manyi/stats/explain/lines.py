"""Two quantities: do they rise together, does an outcome move with time, do odds grow?"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from manyi.kit.problems import Problem
from manyi.stats import intervals
from manyi.stats.cross import correlations, cross_rows
from manyi.stats.explain import words
from manyi.stats.explain.groups import superiority
from manyi.stats.explain.rows import Rows, midranks
from manyi.stats.explain.shapes import Explained, Variable
from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Note, Test
from manyi.stats.survey.models import linear_rows, logit_rows

MONTH = 30.0


@dataclass(frozen=True, eq=False)
class Line:
    """The outcome and the explaining quantity as numbers."""

    outcome: Variable
    by: Variable
    y: FloatArray
    x: FloatArray
    rows: Rows
    level: float

    def told(
        self,
        analysis: str,
        measure: str,
        test: Test,
        sentence: Callable[[bool], Note],
        strength: Note,
        checks: tuple[Note, ...],
    ) -> Explained:
        real = test.p is not None and test.p < 1 - self.level
        if not self.rows.plain:
            checks = (*checks, Note("explain_by_customers"))
        return Explained(
            self.outcome.name,
            self.by.name,
            analysis,
            sentence(real),
            real,
            measure,
            test.effect,
            test,
            self.rows.n,
            self.rows.missing,
            self.level,
            strength=strength if real else None,
            checks=checks,
        )

    def named(self, test: Test) -> dict[str, object]:
        return {
            "outcome": self.outcome.name,
            "by": self.by.name,
            "size": words.number(test.effect.value),
            "n": self.rows.n,
            "chance": words.chance(test.p),
            **words.ends(test.effect),
        }


def together(line: Line) -> Explained:
    """Return whether two quantities rise together: Pearson's correlation, or Spearman's where
    one is ordinal or has outliers."""
    ordinal = "ordinal" in (line.outcome.kind, line.by.kind)
    wild = not ordinal and (_wild(line.x) or _wild(line.y))
    by_rank = ordinal or wild
    x, y = line.x, line.y
    if by_rank:
        x, y = midranks(x, line.rows.weights), midranks(y, line.rows.weights)
    method = "spearman" if by_rank else "pearson"
    test = correlation_test(x, y, line.rows, method=method, level=line.level)
    checks = [Note("explain_outliers")] if wild else []
    if not by_rank and _bent(line):
        checks.append(Note("explain_bent"))

    def sentence(real: bool) -> Note:  # noqa: FBT001
        if not real:
            return Note("explain_unrelated", line.named(test))
        up = (test.effect.value or 0.0) > 0
        return Note("explain_rises" if up else "explain_falls", line.named(test))

    strength = words.strength(test.effect.value or 0.0, "r")
    return line.told("correlation", method, test, sentence, strength, tuple(checks))


def correlation_test(
    x: FloatArray, y: FloatArray, rows: Rows, *, method: str = "pearson", level: float = 0.95
) -> Test:
    """Return the correlation with an interval on Fisher's z scale (for ranks with Bonett and
    Wright's variance); by the grouped jackknife where weights differ or customers repeat."""
    pair = np.column_stack([x, y])
    cross = cross_rows(("x", "y"), pair, rows.weights, rows.cluster)
    r = float(np.clip(correlations(cross.products)[0, 1], -1, 1))
    z = math.atanh(max(min(r, 1 - 1e-12), -1 + 1e-12))
    if rows.plain:
        se = math.sqrt((1 + (r**2 / 2 if method == "spearman" else 0.0)) / max(rows.n - 3, 1))
        df, quantile = float(max(rows.n - 2, 1)), intervals.normal_quantile(level)
        t = r * math.sqrt(df / max(1 - r * r, 1e-15))
    else:
        away = np.arctanh(np.clip(correlations(cross.deleted())[:, 0, 1], -1 + 1e-9, 1 - 1e-9))
        groups = len(away)
        se = math.sqrt((groups - 1) / groups * float(((away - away.mean()) ** 2).sum()))
        df = float(max(groups - 1, 1))
        quantile = intervals.t_quantile(level, df)
        t = z / se if se > 0 else 0.0
    low, high = (math.tanh(one) for one in intervals.around(z, se, quantile))
    ends = (min(low, r), max(high, r))
    n, n_effective = rows.n, float(cross.n_effective)
    effect = Estimate(r, ends[0], ends[1], level, n, n_effective, df, method)
    return Test(t, 2 * float(special.stdtr(df, -abs(t))), df, effect, method, n)


def _wild(x: FloatArray) -> bool:
    z = (x - x.mean()) / max(float(x.std()), 1e-300)
    return bool(np.abs(z).max() > 5 or abs(float((z**3).mean())) > 2)


def _bent(line: Line) -> bool:
    """Whether a parabola fits surely better than a straight line."""
    x = (line.x - line.x.mean()) / max(float(line.x.std()), 1e-300)
    if line.rows.n < 20 or len(np.unique(x)) < 3:
        return False
    fit = linear_rows(np.column_stack([np.ones(len(x)), x, x**2]), line.y, line.rows.design)
    return bool(fit.p[2] < 0.01)


def over_time(line: Line) -> Explained:
    """Return whether a quantity or a share has risen or fallen, a month of 30 days."""
    months = (line.x - line.x.mean()) / MONTH
    share = line.outcome.kind == "binary"
    y = 100 * line.y if share else line.y
    fit = linear_rows(np.column_stack([np.ones(len(months)), months]), y, line.rows.design)
    slope, se, df = float(fit.coefficients[1]), float(fit.se[1]), max(fit.df, 1.0)
    ends = intervals.around(slope, se, intervals.t_quantile(line.level, df))
    n = line.rows.n
    effect = Estimate(slope, *ends, line.level, n, float(n), df, "robust_slope")
    flat = se <= 1e-12
    p = (1.0 if slope == 0 else 0.0) if flat else float(fit.p[1])
    test = Test(None if flat else slope / se, p, df, effect, "robust_slope", n)
    spread = max(float(y.std()), 1e-300)
    size = slope * float(months.std()) / spread

    def sentence(real: bool) -> Note:  # noqa: FBT001
        if not real:
            return Note("explain_no_trend", line.named(test))
        return Note("explain_trend_up" if slope > 0 else "explain_trend_down", line.named(test))

    return line.told("trend", "slope", test, sentence, words.strength(size, "r"), ())


def odds(line: Line) -> Explained:
    """Return by how much each step of a quantity multiplies the odds of a binary outcome."""
    step = _step(line.x)
    x = np.column_stack([np.ones(line.rows.n), (line.x - line.x.mean()) / step])
    try:
        beta, se, df = _logit(x, line)
    except Problem:
        return _apart(line)
    ends = intervals.around(beta, se, intervals.t_quantile(line.level, df))
    n = line.rows.n
    ratio, low, high = (math.exp(min(one, 700.0)) for one in (beta, *ends))
    effect = Estimate(ratio, low, high, line.level, n, float(n), df, "logistic")
    p = 2 * float(special.stdtr(df, -abs(beta / se)))
    test = Test(beta / se, p, df, effect, "logistic", n)

    def sentence(real: bool) -> Note:  # noqa: FBT001
        code = "explain_odds_same"
        if real:
            code = "explain_odds_rise" if beta > 0 else "explain_odds_fall"
        return Note(code, {**line.named(test), "step": words.number(step)})

    size = beta / step * float(line.x.std())
    return line.told("odds", "odds_ratio", test, sentence, words.strength(size, "log_odds"), ())


def _logit(x: FloatArray, line: Line) -> tuple[float, float, float]:
    if line.rows.plain:
        fit = logistic_rows(x, line.y)
        return float(fit.coefficients[1]), float(fit.se[1]), math.inf
    drawn = logit_rows(x, line.y, line.rows.design)
    return float(drawn.coefficients[1]), float(drawn.se[1]), float(max(drawn.df, 1))


def _step(x: FloatArray) -> float:
    """Return 1 for a short scale, else the round number (1, 2, 5, 10 …) next to the spread."""
    if float(np.ptp(x)) <= 20:
        return 1.0
    size = 10.0 ** math.floor(math.log10(float(x.std())))
    return max((1.0, 2.0, 5.0), key=lambda one: (one * size <= float(x.std()), one)) * size


def _apart(line: Line) -> Explained:
    """Return the comparison by ranks where a threshold tells the outcome without error."""
    test = superiority(line.x, line.y > 0, line.rows, level=line.level)

    def sentence(real: bool) -> Note:  # noqa: FBT001
        return Note("explain_threshold" if real else "explain_unrelated_odds", line.named(test))

    size = ((test.effect.value or 50.0) - 50) / 100
    note = (Note("separated"),)
    strength = words.strength(size, "superiority")
    return line.told("odds", "superiority", test, sentence, strength, note)
