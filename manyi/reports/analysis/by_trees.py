"""What moves an outcome when lines may bend: drivers by boosted trees, with their shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake.variables import Lines, remembered, side_by_side
from manyi.metrics.weighted import counting_of
from manyi.reports.analysis.drivers import LEAST_ITEMS, named, usual_items
from manyi.reports.analysis.taught import taught
from manyi.reports.analysis.variables import (
    Variable,
    again,
    hidden_note,
    limits,
    of_survey,
    performance,
    sampled,
    scored,
    told,
)
from manyi.stats.drivers.trees import TreeDrivers, tree_drivers_rows
from manyi.stats.result import Estimate, Note
from manyi.stats.trees.shapes import Moving
from manyi.surveys.models import Survey

LEAST_LINES = 100
LINES_AN_ITEM = 20
MOST_ITEMS = 20
SEED = 20_001
"""Whose customers stand in which group is drawn from this seed, so that a page keeps its word."""


@dataclass(frozen=True)
class Shape:
    """What the answers from `low` to `high` (both None: no answer) add to the forecast."""

    low: float | None
    high: float | None
    effect: Estimate


@dataclass(frozen=True)
class TreeMover:
    """An item: how much it moves forecasts (points of the outcome's index), its ranks, and what
    each of its answers adds; answers that too few gave are left out."""

    variable: Variable
    importance: Estimate
    rank: tuple[int, int]
    shape: Sequence[Shape]


@dataclass(frozen=True)
class ByTrees:
    """The items by importance; where `problem` is set, it says why there is none."""

    outcome: Variable
    items: Sequence[Variable]
    movers: Sequence[TreeMover]
    found: TreeDrivers | None
    n: int
    notes: Sequence[Note]
    problem: Note | None = None
    again: int = 0


def by_trees(
    survey: Survey,
    selection: Selection,
    *,
    outcome: str = "",
    items: Sequence[str] = (),
    level: float = 0.95,
) -> ByTrees:
    """Return what moves `outcome` (the first rating where it is not named), by boosted trees.

    Answers that leave an item out count too: a blank is an answer of its own. Raises Problem
    for a name that the survey does not have.
    """
    known = scored(survey)
    if len(known) <= LEAST_ITEMS:
        raise Problem("analysis.drivers_items", least=LEAST_ITEMS + 1)
    whole = named(known, outcome, "outcome") if outcome else known[0]
    wanted = [named(known, code, "item") for code in items] or usual_items(known, whole)
    others = [one for one in wanted if one.code != whole.code][:MOST_ITEMS]
    mine = of_survey(selection, survey)
    key = ("trees", whole.code, tuple(one.code for one in others), level, counting_of(mine))
    return remembered(mine, key, lambda: _by_trees(mine, whole, others, level))


def _by_trees(
    selection: Selection, outcome: Variable, items: Sequence[Variable], level: float
) -> ByTrees:
    seen, notes = told(selection)
    if seen is None:
        return ByTrees(outcome, items, (), None, 0, (), hidden_note(selection))
    lines = side_by_side(seen, [outcome.asked, *(one.asked for one in items)])
    y = lines.columns[outcome.asked]
    there = ~np.isnan(y)
    kept = [one for one in items if not np.isnan(lines.columns[one.asked][there]).all()]
    n = int(there.sum())
    notes = (*notes, *sampled(lines))
    problem = _problem(selection, outcome, kept, y[there], level)
    if problem is not None:
        shown = 0 if problem.code == "analysis.hidden" else n
        return ByTrees(outcome, items, (), None, shown, (), problem)
    x = np.column_stack([lines.columns[one.asked][there] for one in kept])
    who = lines.customer[there]
    found = taught(tree_drivers_rows, x, y[there], seed=SEED, cluster=who, level=level)
    least = limits(selection).precision_n
    movers = [
        TreeMover(
            kept[one.at],
            one.importance,
            one.rank,
            shape_of(one, scale_of(lines, kept[one.at]), least),
        )
        for one in found.drivers
    ]
    told_of = (*notes, *found.warnings)
    return ByTrees(outcome, kept, movers, found, n, told_of, again=again(who))


def scale_of(lines: Lines, one: Variable) -> Scale | None:
    """Return the scale that scores can be told on as they were given: one for all lines."""
    return lines.scales[one.asked]


def shape_of(one: Moving, scale: Scale | None, least: int) -> list[Shape]:
    """Return the steps of a variable as its answers were given, those of enough answers."""
    return [
        Shape(_given(step.low, scale), _given(step.high, scale), step.effect)
        for step in one.steps
        if step.effect.n >= least
    ]


def _given(value: float | None, scale: Scale | None) -> float | None:
    if value is None or scale is None:
        return value
    return round(scale.worst + value / 100 * (scale.best - scale.worst), 6)


def _problem(
    selection: Selection,
    outcome: Variable,
    kept: Sequence[Variable],
    y: np.ndarray,
    level: float,
) -> Note | None:
    rows = [performance(selection, one, level=level) for one in (*kept, outcome)]
    if any(row.status == "suppressed" for row in rows):
        return Note("analysis.hidden", {"few": limits(selection).privacy_n})
    if len(kept) < LEAST_ITEMS:
        return Note("analysis.drivers_answered", {"least": LEAST_ITEMS})
    least = max(LEAST_LINES, LINES_AN_ITEM * len(kept))
    if len(y) < least:
        return Note("analysis.trees_few", {"n": len(y), "least": least})
    return Note("analysis.no_spread") if float(np.ptp(y)) < 1e-9 else None
