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
from manyi.questionnaire.marks import in_order
from manyi.questionnaire.model import OWN, Choice, Mark, Question
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
from manyi.stats.errors import Bootstrap
from manyi.stats.kano import Kano, cross_table, kano_rows
from manyi.stats.latent.index import (
    ACSI_PATHS,
    CCSI_PATHS,
    ECSI_PATHS,
    index_rows,
    normalised_weights,
)
from manyi.stats.latent.measured import Measured, measured
from manyi.stats.latent.pls import Model, fit
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
    """What one part of a satisfaction model moves in another, in standard deviations, directly
    (`path`) and by all ways together (`total`), with the interval of bootstrap draws."""

    start: str
    end: str
    path: Estimate | None
    total: Estimate


@dataclass(frozen=True)
class Item:
    """An item of a part: how closely it goes with it (loading)."""

    variable: Variable
    part: str
    loading: Estimate


@dataclass(frozen=True)
class Measure:
    """How well its items measure a part: Dijkstra and Henseler's reliability, the average
    variance extracted, and of all other parts the one that is least apart from it by HTMT."""

    reliability: Estimate
    ave: Estimate
    nearest: str
    htmt: Estimate | None


@dataclass(frozen=True)
class Indices:
    """The index 0–100 of each part of a model, from `n` complete answers, and its paths.

    `outcome` is the part told first, `labels` what the organisation calls its parts."""

    structure: str
    outcome: str
    labels: Mapping[str, LocalText]
    indices: Mapping[str, Estimate]
    effects: Sequence[Effect]
    r2: Mapping[str, Estimate]
    items: Sequence[Item]
    measures: Mapping[str, Measure]
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
    errors = Bootstrap(
        table,
        rng=np.random.default_rng(_SEED),
        draws=_DRAWS,
        cluster=people(given_by),
        level=level,
    )
    try:
        found = measured(errors, model)
    except Problem as problem:
        return _no_index(one, len(table), Note(problem.code, problem.params))
    return Indices(
        one.structure,
        outcome_of(one),
        _labels(one),
        _means(table, model, errors.covariance, people(given_by), level),
        [
            Effect(a, b, found.paths.get((a, b)), total)
            for (a, b), total in sorted(found.effects.items(), key=lambda x: _place(model, x[0]))
        ],
        {name: part.r2 for name, part in found.latents.items() if part.r2 is not None},
        [Item(known[item], part, found.loadings[item]) for part, item in _items(model)],
        _measures(found),
        len(table),
        (*notes, *sampled(lines)),
        again=again(given_by),
    )


def _means(
    table: np.ndarray, model: Model, covariance: np.ndarray, cluster: Any, level: float
) -> dict[str, Estimate]:
    weights = normalised_weights(fit(covariance, model), np.sqrt(np.diag(covariance)))
    return index_rows(table, model, weights, Scale(0, 100), cluster=cluster, level=level)


def _place(model: Model, path: tuple[str, str]) -> tuple[int, int]:
    return model.latents.index(path[0]), model.latents.index(path[1])


def _items(model: Model) -> list[tuple[str, str]]:
    return [(part, item) for part, items in model.blocks.items() for item in items]


def _measures(found: Measured) -> dict[str, Measure]:
    told = {}
    for name, part in found.latents.items():
        near = {b if a == name else a: r for (a, b), r in found.htmt.items() if name in (a, b)}
        nearest = max(near, key=lambda other: near[other].value or 0.0, default="")
        if part.rho_a is not None and part.ave is not None:
            told[name] = Measure(part.rho_a, part.ave, nearest, near.get(nearest))
    return told


def outcome_of(one: Mark) -> str:
    """Return the part of a satisfaction model that is told first."""
    return one.outcome or "satisfaction"


def _labels(one: Mark) -> dict[str, LocalText]:
    return {group.code: group.label for group in one.groups if group.label}


def model_of(one: Mark) -> Model:
    """Return the model in the order of its structure, with the paths between its own blocks."""
    given = {group.code: group.items for group in one.groups}
    if one.structure == OWN:
        return Model({name: given[name] for name in in_order(one)[0]}, one.paths)
    order = list(dict.fromkeys(name for path in _PATHS[one.structure] for name in path))
    blocks = {name: given[name] for name in order if name in given}
    paths = [(a, b) for a, b in _PATHS[one.structure] if a in blocks and b in blocks]
    return Model(blocks, paths)


def _complete(lines: Lines, items: Sequence[Variable]) -> tuple[np.ndarray, np.ndarray]:
    """Return the lines with every item, and whose each is."""
    table = np.column_stack([lines.columns[one.asked] for one in items])
    there = ~np.isnan(table).any(axis=1)
    return np.asarray(table[there]), lines.customer[there]


def _no_index(one: Mark, n: int, problem: Note) -> Indices:
    return Indices(
        one.structure, outcome_of(one), _labels(one), {}, (), {}, (), {}, n, problem=problem
    )
