"""Whether several ratings measure one thing: alpha, omega, and each item against the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manyi.kit.localtext import LocalText
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Selection
from manyi.lake.variables import remembered, side_by_side
from manyi.reports.analysis.variables import (
    Variable,
    again,
    hidden_note,
    limits,
    of_survey,
    sampled,
    scored,
    told,
)
from manyi.stats.cross import covariances, cross_rows
from manyi.stats.one_factor import loading_estimates, omega
from manyi.stats.reliability import Reliability, clustered_reliability, reliability_of_covariance
from manyi.stats.result import Estimate, Note
from manyi.surveys.models import Survey

LEAST_ITEMS = 3
LEAST_LINES = 30
RATINGS = "ratings"


@dataclass(frozen=True)
class Set:
    """Items that may make one scale: the rows of a matrix, or all single ratings."""

    code: str
    title: LocalText
    items: Sequence[Variable]


@dataclass(frozen=True)
class Item:
    """An item: its correlation with the sum of the others, alpha without it, its loading."""

    variable: Variable
    item_rest: Estimate
    alpha_without: Estimate
    loading: Estimate


@dataclass(frozen=True)
class Reliable:
    """The reliability of a set, from `n` complete answers; `incomplete` lack one."""

    of: Set
    n: int
    incomplete: int
    items: Sequence[Item] = ()
    found: Reliability | None = None
    omega: Estimate | None = None
    problem: Note | None = None
    notes: Sequence[Note] = ()
    again: int = 0

    @property
    def verdict(self) -> str:
        """Return high, good, fair or poor by the lower end of alpha's interval (Nunnally)."""
        low = self.found.alpha.low if self.found else None
        if low is None:
            return ""
        return "high" if low >= 0.9 else "good" if low >= 0.8 else "fair" if low >= 0.7 else "poor"


def sets(survey: Survey) -> list[Set]:
    """Return the sets of at least three ratings on which reliability can be asked for."""
    known = scored(survey)
    found: dict[str, list[Variable]] = {}
    titles: dict[str, LocalText] = {}
    for one in known:
        if one.question is not None and one.question.kind == "matrix":
            found.setdefault(one.question.code, []).append(one)
            titles[one.question.code] = one.question.title
    single = [one for one in known if one.question is not None and one.question.kind == "rating"]
    found[RATINGS], titles[RATINGS] = single, {}
    return [
        Set(code, titles[code], items) for code, items in found.items() if len(items) >= LEAST_ITEMS
    ]


def reliable(
    survey: Survey, selection: Selection, *, scale: str = "", level: float = 0.95
) -> Reliable:
    """Return the reliability of a set of items, the first one where none is named."""
    known = sets(survey)
    if not known:
        raise Problem("analysis.scale_items", least=LEAST_ITEMS)
    one = next((s for s in known if s.code == scale), None) if scale else known[0]
    if one is None:
        wrong = FieldProblem("scale", "analysis.variable_unknown", {"value": scale[:60]})
        raise Problem("parameters.invalid", errors=(wrong,))
    mine = of_survey(selection, survey)
    return remembered(mine, ("reliable", one.code, level), lambda: _reliable(mine, one, level))


def _reliable(mine: Selection, one: Set, level: float) -> Reliable:
    seen, notes = told(mine)
    if seen is None:
        return Reliable(one, 0, 0, problem=hidden_note(mine))
    lines = side_by_side(seen, [item.asked for item in one.items])
    columns = np.column_stack([lines.columns[item.asked] for item in one.items])
    cross = cross_rows([item.code for item in one.items], columns, cluster=lines.customer)
    given = int((~np.isnan(columns)).any(axis=1).sum())
    least = max(LEAST_LINES, limits(mine).precision_n)
    if cross.n < least:
        few = Note("analysis.few_lines", {"n": cross.n, "least": least})
        return Reliable(one, cross.n, given - cross.n, problem=few)
    covariance = covariances(cross.products)
    if float(np.diag(covariance).min()) < 1e-9:
        return Reliable(one, cross.n, given - cross.n, problem=Note("analysis.item_alike"))
    found = reliability_of_covariance(covariance, cross.n, level=level)
    whose = lines.customer[~np.isnan(columns).any(axis=1)]
    if again(whose):
        found = clustered_reliability(cross, level=level)
    loaded = loading_estimates(cross, level=level)
    items = [
        Item(item, found.item_rest[at], found.without[at], loaded[at])
        for at, item in enumerate(one.items)
    ]
    whole = omega(cross, level=level)
    return Reliable(
        one,
        cross.n,
        given - cross.n,
        items,
        found,
        whole,
        notes=(*notes, *sampled(lines)),
        again=again(whose),
    )
