"""What moves an outcome, and what to improve first: drivers with their intervals and fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Selection
from manyi.lake.variables import Lines, remembered, side_by_side
from manyi.metrics.rows import Row
from manyi.metrics.weighted import counting_of
from manyi.reports.analysis.variables import (
    Variable,
    again,
    chosen,
    hidden_note,
    limits,
    of_survey,
    performance,
    sampled,
    scored,
    told,
)
from manyi.stats.cross import CrossMoments, cross_rows
from manyi.stats.drivers.importance import MOST_EXACT
from manyi.stats.drivers.linear import Driver, Drivers, Measure, key_drivers
from manyi.stats.drivers.priorities import Priorities, Quadrant, importance_performance
from manyi.stats.result import Note
from manyi.surveys.models import Survey

LEAST_ITEMS = 2
MEASURES: tuple[Measure, ...] = ("lmg", "pmvd")
LEAST_LINES = 30
LINES_AN_ITEM = 5
LEAST_SHARE = 0.5
"""An item that fewer of those with the outcome answered would leave too few complete lines."""


@dataclass(frozen=True)
class Mover:
    """One driver: how much it matters, how it does, and the field it falls in."""

    variable: Variable
    driver: Driver
    performance: Row
    quadrant: Quadrant


@dataclass(frozen=True)
class Moved:
    """The drivers of an outcome, the most important first.

    `n` lines are complete, `incomplete` lack an answer and are left out; `skipped` are items
    that too few answered. Where `problem` is set, it says why there is no analysis.
    """

    outcome: Variable
    items: Sequence[Variable]
    movers: Sequence[Mover]
    found: Drivers | None
    fields: Priorities | None
    n: int
    incomplete: int
    skipped: Sequence[Variable]
    notes: Sequence[Note]
    problem: Note | None = None
    again: int = 0
    measure: Measure = "lmg"


def offered(survey: Survey) -> bool:
    """Whether a survey asks enough on a scale."""
    return len(scored(survey)) > LEAST_ITEMS


def drivers(
    survey: Survey,
    selection: Selection,
    *,
    outcome: str = "",
    items: Sequence[str] = (),
    measure: str = "lmg",
    level: float = 0.95,
) -> Moved:
    """Return what moves `outcome` (the survey's first rating where it is not named), shared out
    by `measure`: "lmg" or "pmvd".

    Lines with all answers count (complete cases). Raises Problem for a name that the survey
    does not have, and for another measure.
    """
    by = _measure(measure)
    known = scored(survey)
    if len(known) <= LEAST_ITEMS:
        raise Problem("analysis.drivers_items", least=LEAST_ITEMS + 1)
    whole = named(known, outcome, "outcome") if outcome else known[0]
    wanted = [named(known, code, "item") for code in items] or usual_items(known, whole)
    others = [one for one in wanted if one.code != whole.code]
    mine = of_survey(selection, survey)
    codes = tuple(one.code for one in others)
    key = ("drivers", whole.code, codes, by, level, counting_of(mine))
    return remembered(mine, key, lambda: _drivers(mine, whole, others, by, level))


def _measure(wanted: str) -> Measure:
    for one in MEASURES:
        if wanted == one:
            return one
    params = {"value": wanted[:60], "known": ", ".join(MEASURES)}
    wrong = FieldProblem("measure", "analysis.measure_unknown", params)
    raise Problem("parameters.invalid", errors=(wrong,))


def usual_items(known: Sequence[Variable], outcome: Variable) -> Sequence[Variable]:
    """Return the ratings of single things; whether people recommend is rather a consequence."""
    ratings = [one for one in known if one.question is not None and one.question.kind != "nps"]
    usual = [one for one in ratings if one.code != outcome.code]
    return usual if len(usual) >= LEAST_ITEMS else known


def named(known: Sequence[Variable], code: str, pointer: str) -> Variable:
    """Return the variable of this code, or say that the survey has none."""
    found = chosen(known, code)
    if found is None:
        wrong = FieldProblem(pointer, "analysis.variable_unknown", {"value": code[:60]})
        raise Problem("parameters.invalid", errors=(wrong,))
    return found


def _drivers(
    selection: Selection,
    outcome: Variable,
    items: Sequence[Variable],
    measure: Measure,
    level: float,
) -> Moved:
    seen, kept_notes = told(selection)
    if seen is None:
        nothing = hidden_note(selection)
        return Moved(outcome, items, (), None, None, 0, 0, (), (), nothing, measure=measure)
    lines = side_by_side(seen, [outcome.asked, *(one.asked for one in items)])
    kept, skipped = _answered(lines, outcome, items)
    columns = [lines.columns[one.asked] for one in (*kept, outcome)]
    cross = _cross([one.code for one in (*kept, outcome)], columns, lines)
    given = int((~np.isnan(columns[-1])).sum())
    blank = Moved(
        outcome,
        items,
        (),
        None,
        None,
        cross.n,
        given - cross.n,
        skipped,
        (*kept_notes, *sampled(lines)),
        measure=measure,
    )
    shown = {one.code: performance(selection, one, level=level) for one in (*kept, outcome)}
    problem = _problem(selection, cross, kept, list(shown.values()))
    if problem is not None:
        return _refused(blank, problem)
    found = key_drivers(cross, outcome.code, measure=measure, level=level)
    fields = importance_performance(
        {one.name: one.importance.value or 0.0 for one in found.drivers},
        {one.code: shown[one.code].estimate.value or 0.0 for one in kept},
    )
    by_code = {one.code: one for one in kept}
    movers = [
        Mover(by_code[one.name], one, shown[one.name], fields.quadrants[one.name])
        for one in found.drivers
    ]
    return Moved(
        outcome,
        items,
        movers,
        found,
        fields,
        cross.n,
        blank.incomplete,
        skipped,
        (*blank.notes, *found.warnings),
        again=again(lines.customer[~np.isnan(np.column_stack(columns)).any(axis=1)]),
        measure=measure,
    )


def _refused(blank: Moved, problem: Note) -> Moved:
    hidden = problem.code == "analysis.hidden"
    n, incomplete = (0, 0) if hidden else (blank.n, blank.incomplete)
    return replace(blank, n=n, incomplete=incomplete, notes=(), problem=problem)


def _answered(
    lines: Lines, outcome: Variable, items: Sequence[Variable]
) -> tuple[list[Variable], list[Variable]]:
    """Return the items that at least half of those with the outcome answered, and the others.

    Of more than can be told apart exactly, the first are taken.
    """
    there = ~np.isnan(lines.columns[outcome.asked])
    least = max(LEAST_SHARE * int(there.sum()), 1)
    enough = [
        one for one in items if int((~np.isnan(lines.columns[one.asked]) & there).sum()) >= least
    ]
    kept = enough[:MOST_EXACT]
    return kept, [one for one in items if one not in kept]


def _cross(names: Sequence[str], columns: Sequence[np.ndarray], lines: Lines) -> CrossMoments:
    return cross_rows(names, np.column_stack(columns), cluster=lines.customer)


def _problem(
    selection: Selection, cross: CrossMoments, kept: Sequence[Variable], shown: Sequence[Row]
) -> Note | None:
    if any(row.status == "suppressed" for row in shown):
        return Note("analysis.hidden", {"few": limits(selection).privacy_n})
    if len(kept) < LEAST_ITEMS:
        return Note("analysis.drivers_answered", {"least": LEAST_ITEMS})
    least = max(LEAST_LINES, LINES_AN_ITEM * (len(kept) + 1), limits(selection).precision_n)
    if cross.n < least:
        return Note("analysis.few_lines", {"n": cross.n, "least": least})
    if any(not row.ok for row in shown):
        return Note("analysis.few_lines", {"n": cross.n, "least": least})
    spread = np.diag(_variances(cross))
    if spread[-1] < 1e-9:
        return Note("analysis.no_spread")
    return None


def _variances(cross: CrossMoments) -> np.ndarray:
    from manyi.stats.cross import covariances

    return covariances(cross.products)
