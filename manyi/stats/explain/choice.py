"""Which analysis suits two variables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.explain.groups import Split, compared, shown
from manyi.stats.explain.lines import Line, odds, over_time, together
from manyi.stats.explain.rows import Rows, coded, complete
from manyi.stats.explain.shapes import Explained, Variable
from manyi.stats.explain.tables import Crossed, crossed
from manyi.stats.moments import FloatArray
from manyi.stats.result import Note, nothing

LEAST = 4
MOST_STEPS = 11


def explain(
    outcome: Variable,
    by: Variable,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Explained:
    """Return what `by` has to do with `outcome`, by the analysis that suits their kinds.

    Groups: shares (Newcombe, chi-square), means (Welch), ordinal answers (Brunner and Munzel,
    Kruskal and Wallis); labels: chi-square, Fisher or Monte Carlo; quantities: Pearson or
    Spearman; time: a robust slope; a binary outcome of a quantity: logistic odds. With
    unequal weights or customers (`cluster`) who answer again everything is design-based.
    Rows in which either is missing are left out and counted in `missing`.
    """
    y, x, rows = complete(outcome, by, weights, cluster)
    if rows.n < LEAST or len(set(y.tolist())) < 2 or len(set(x.tolist())) < 2:
        return _too_little(outcome, by, y, x, rows, level)
    if outcome.kind == "nominal" and by.kind in ("ordinal", "scale", "date"):
        return _turned(outcome, by, y, x, rows, level)
    if by.kind in ("nominal", "binary"):
        return _grouped(outcome, by, y, x, rows, level)
    line = Line(outcome, by, _numbers(outcome, y), np.asarray(x, np.float64), rows, level)
    return _lined(line)


def _numbers(variable: Variable, values: np.ndarray) -> FloatArray:
    if variable.kind == "binary":
        return coded(values)[1].astype(np.float64)
    return np.asarray(values, np.float64)


def _grouped(
    outcome: Variable, by: Variable, y: np.ndarray, x: np.ndarray, rows: Rows, level: float
) -> Explained:
    groups, at = coded(x)
    if outcome.kind == "nominal":
        answers, answer = coded(y)
        return crossed(Crossed(outcome, by, answer, at, answers, groups, rows, level))
    return compared(Split(outcome, by, _numbers(outcome, y), at, groups, rows, level))


def _turned(
    outcome: Variable, by: Variable, y: np.ndarray, x: np.ndarray, rows: Rows, level: float
) -> Explained:
    """Compare the quantity between the labels: the same question the other way round."""
    found = _grouped(by, outcome, x, y, rows, level)
    return replace(found, checks=(*found.checks, Note("explain_turned")))


def _lined(line: Line) -> Explained:
    if line.outcome.kind == "binary" and line.by.kind != "date":
        found = odds(line)
    elif line.by.kind == "date" and line.outcome.kind != "ordinal":
        found = over_time(line)
    else:
        found = together(line)
    if line.by.kind == "ordinal":
        return replace(found, groups=_steps(line))
    return found


def _steps(line: Line) -> tuple[Any, ...]:
    """Return the outcome at each step of an ordinal variable that has few."""
    values, at = coded(line.x)
    if len(values) > MOST_STEPS:
        return ()
    return shown(Split(line.outcome, line.by, line.y, at, values, line.rows, line.level))


def _too_little(
    outcome: Variable, by: Variable, y: np.ndarray, x: np.ndarray, rows: Rows, level: float
) -> Explained:
    code = "explain_too_few"
    if rows.n >= LEAST:
        code = "explain_all_alike" if len(set(y.tolist())) < 2 else "explain_one_group"
    note = Note(code, {"outcome": outcome.name, "by": by.name, "n": rows.n})
    return Explained(
        outcome.name,
        by.name,
        "none",
        note,
        real=False,
        measure="none",
        effect=nothing(level=level, n=rows.n, warnings=(note,)),
        test=None,
        n=rows.n,
        missing=rows.missing,
        level=level,
    )
