"""What a questionnaire's models say: Kano's categories, SERVQUAL's gaps, a satisfaction index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from manyi.kit.localtext import LocalText
from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake.variables import Lines, NumberOf, remembered, side_by_side
from manyi.questionnaire.model import Choice, Mark, Question
from manyi.reports.analysis.variables import (
    Variable,
    again,
    hidden_note,
    limits,
    of_survey,
    people,
    sampled,
    scored,
    told,
)
from manyi.reports.results import current
from manyi.stats.kano import Kano, cross_table, kano_rows
from manyi.stats.latent.index import (
    ACSI_PATHS,
    CCSI_PATHS,
    ECSI_PATHS,
    index_rows,
    normalised_weights,
)
from manyi.stats.latent.pls import Model, bootstrap_rows, covariance_rows, fit
from manyi.stats.result import Estimate, Note
from manyi.stats.servqual import Servqual, servqual_rows
from manyi.surveys.models import Survey

LEAST_LINES = 30
LEAST_INDEX = 50
_DRAWS = 400
_SEED = 20261101
_PATHS = {"acsi": ACSI_PATHS, "ecsi": ECSI_PATHS, "ccsi": CCSI_PATHS}


@dataclass(frozen=True)
class Feature:
    """A feature with what Kano's model says of it; None where too few answered both sides."""

    code: str
    label: LocalText
    n: int
    found: Kano | None


@dataclass(frozen=True)
class Features:
    features: Sequence[Feature]
    notes: Sequence[Note] = ()
    problem: Note | None = None
    again: int = 0


@dataclass(frozen=True)
class Gap:
    """An item, or a dimension: perception less expectation in points of the scale."""

    code: str
    label: LocalText
    gap: Estimate


@dataclass(frozen=True)
class Gaps:
    """SERVQUAL from `n` answers to every item of both matrices."""

    dimensions: Sequence[Gap]
    items: Sequence[Gap]
    overall: Estimate | None
    n: int
    notes: Sequence[Note] = ()
    problem: Note | None = None
    again: int = 0


@dataclass(frozen=True)
class Effect:
    """What one part of a satisfaction model moves in another, in standard deviations, with the
    interval of bootstrap draws."""

    start: str
    end: str
    path: Estimate


@dataclass(frozen=True)
class Indices:
    """The index 0–100 of each part of a model, from `n` complete answers, and its paths."""

    structure: str
    indices: Mapping[str, Estimate]
    effects: Sequence[Effect]
    r2: Mapping[str, Estimate]
    n: int
    notes: Sequence[Note] = ()
    problem: Note | None = None
    again: int = 0


def marks(survey: Survey, kind: str) -> list[Mark]:
    """Return the models of a kind that the published questionnaire has."""
    q = current(survey)
    return [one for one in q.models if one.kind == kind] if q is not None else []


def _first(survey: Survey, kind: str) -> Mark:
    found = marks(survey, kind)
    if not found:
        raise Problem("analysis.no_model", kind=kind)
    return found[0]


def features(survey: Survey, selection: Selection, *, level: float = 0.95) -> Features:
    """Return the category of each feature, from those who answered both of its questions."""
    one, mine = _first(survey, "kano"), of_survey(selection, survey)
    rows = _rows(survey, one.first)
    return remembered(mine, ("kano", level), lambda: _features(mine, one, rows, level))


def _rows(survey: Survey, code: str) -> Sequence[Choice]:
    return _question(survey, code).rows


def _question(survey: Survey, code: str) -> Question:
    q = current(survey)
    assert q is not None
    return next(x for x in q.questions() if x.code == code)


def _features(mine: Selection, one: Mark, rows: Sequence[Choice], level: float) -> Features:
    seen, notes = told(mine)
    if seen is None:
        return Features((), problem=hidden_note(mine))
    present, absent = ([NumberOf(code, r.code) for r in rows] for code in (one.first, one.second))
    lines = side_by_side(seen, [*present, *absent])
    least, customers = limits(mine).precision_n, people(lines.customer)
    found = []
    for row, a, b in zip(rows, present, absent, strict=True):
        sides = lines.columns[a], lines.columns[b]
        n = int(cross_table(*sides).sum())
        one_found = kano_rows(*sides, cluster=customers, level=level) if n >= least else None
        found.append(Feature(row.code, row.label, n, one_found))
    return Features(found, (*notes, *sampled(lines)), again=again(lines.customer))


def gaps(survey: Survey, selection: Selection, *, level: float = 0.95) -> Gaps:
    """Return the gaps of each dimension and item, from complete answers."""
    one, mine = _first(survey, "servqual"), of_survey(selection, survey)
    labels = {row.code: row.label for row in _rows(survey, one.first)}
    return remembered(mine, ("servqual", level), lambda: _gaps(mine, one, labels, level))


def _gaps(mine: Selection, one: Mark, labels: Mapping[str, LocalText], level: float) -> Gaps:
    seen, notes = told(mine)
    if seen is None:
        return Gaps((), (), None, 0, problem=hidden_note(mine))
    items = list(dict.fromkeys(row for group in one.groups for row in group.items))
    asked = [[NumberOf(code, row) for row in items] for code in (one.first, one.second)]
    lines = side_by_side(seen, [*asked[0], *asked[1]])
    expected, perceived = (np.column_stack([lines.columns[a] for a in side]) for side in asked)
    n = int((~np.isnan(np.hstack([expected, perceived])).any(axis=1)).sum())
    least = max(LEAST_LINES, limits(mine).precision_n)
    if n < least:
        few = Note("analysis.few_lines", {"n": n, "least": least})
        return Gaps((), (), None, n, problem=few)
    groups = {group.code: [items.index(row) for row in group.items] for group in one.groups}
    found: Servqual = servqual_rows(
        expected, perceived, groups, cluster=people(lines.customer), level=level
    )
    named = {group.code: group.label for group in one.groups}
    return Gaps(
        [Gap(code, named[code], gap) for code, gap in found.dimensions.items()],
        [Gap(row, labels[row], gap) for row, gap in zip(items, found.items, strict=True)],
        found.overall,
        n,
        (*notes, *sampled(lines)),
        again=again(lines.customer),
    )


def indices(survey: Survey, selection: Selection, *, level: float = 0.95) -> Indices:
    """Return the indices of the survey's satisfaction model by partial least squares."""
    one, mine = _first(survey, "index"), of_survey(selection, survey)
    known = {variable.code: variable for variable in scored(survey)}
    return remembered(mine, ("index", level), lambda: _indices(mine, one, known, level))


def _indices(mine: Selection, one: Mark, known: Mapping[str, Variable], level: float) -> Indices:
    seen, notes = told(mine)
    if seen is None:
        return _no_index(one, 0, hidden_note(mine))
    model = model_of(one)
    lines = side_by_side(seen, [known[item].asked for item in model.items])
    table, given_by = _complete(lines, [known[item] for item in model.items])
    least = max(LEAST_INDEX, limits(mine).precision_n)
    if len(table) < least:
        return _no_index(
            one, len(table), Note("analysis.few_lines", {"n": len(table), "least": least})
        )
    if not model.paths or float(table.std(axis=0).min()) < 1e-9:
        return _no_index(one, len(table), Note("analysis.item_alike"))
    covariance = covariance_rows(table)
    try:
        solution = fit(covariance, model)
        drawn = bootstrap_rows(
            table,
            model,
            rng=np.random.default_rng(_SEED),
            draws=_DRAWS,
            cluster=people(given_by),
        )
    except Problem as problem:
        return _no_index(one, len(table), Note(problem.code, problem.params))
    weights = normalised_weights(solution, np.sqrt(np.diag(covariance)))
    found = index_rows(table, model, weights, Scale(0, 100), cluster=people(given_by), level=level)
    effects = [
        Effect(a, b, _percentiles(solution.path(a, b), drawn.path(a, b), len(table), level))
        for a, b in model.paths
    ]
    ends = {b for _, b in model.paths}
    r2 = {
        name: _percentiles(100 * solution.r2[at], 100 * drawn.r2[:, at], len(table), level)
        for at, name in enumerate(model.latents)
        if name in ends
    }
    told_of = (*notes, *sampled(lines))
    return Indices(one.structure, found, effects, r2, len(table), told_of, again=again(given_by))


def _percentiles(value: Any, drawn: np.ndarray, n: int, level: float) -> Estimate:
    low, high = np.percentile(drawn, [50 * (1 - level), 50 * (1 + level)])
    ends = float(value), float(low), float(high)
    return Estimate(*ends, level, n, float(n), None, "bootstrap")


def model_of(one: Mark) -> Model:
    """Return the model in the order of its structure, with the paths between its own blocks."""
    order = list(dict.fromkeys(name for path in _PATHS[one.structure] for name in path))
    given = {group.code: group.items for group in one.groups}
    blocks = {name: given[name] for name in order if name in given}
    paths = [(a, b) for a, b in _PATHS[one.structure] if a in blocks and b in blocks]
    return Model(blocks, paths)


def _complete(lines: Lines, items: Sequence[Variable]) -> tuple[np.ndarray, np.ndarray]:
    """Return the lines with every item, and whose each is."""
    table = np.column_stack([lines.columns[one.asked] for one in items])
    there = ~np.isnan(table).any(axis=1)
    return np.asarray(table[there]), lines.customer[there]


def _no_index(one: Mark, n: int, problem: Note) -> Indices:
    return Indices(one.structure, {}, (), {}, n, problem=problem)
