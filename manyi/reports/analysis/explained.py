"""What one variable has to do with another: the analysis that suits them, and one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.lake.variables import DimensionOf, Lines, remembered, side_by_side
from manyi.metrics import guard
from manyi.metrics.differencing import Watch
from manyi.reports.analysis.variables import (
    Variable,
    again,
    chosen,
    dimensions,
    hidden_note,
    limits,
    of_survey,
    people,
    sampled,
    told,
    variables,
)
from manyi.stats import explain as stats
from manyi.stats.explain import Explained
from manyi.stats.metrics import mean_of
from manyi.stats.moments import from_values
from manyi.stats.rates import share_counts
from manyi.stats.result import Estimate, Note
from manyi.stats.survey.design import design_rows, share_rows
from manyi.surveys.models import Survey

MOST_GROUPS = 30
_KINDS: dict[str, Any] = {
    "scale": "scale",
    "number": "scale",
    "nominal": "nominal",
    "binary": "binary",
    "dimension": "nominal",
    "date": "date",
}
Words = Callable[[Variable, Sequence[str]], dict[str, str]]
Title = Callable[[Variable], str]


@dataclass(frozen=True)
class Found:
    """What was found of `outcome` by `by`; where `problem` is set, why nothing can be said.

    `whole` is the outcome over all groups; `table` holds the share of each answer by group where
    the outcome has labels. `few` groups had too few answers to judge, `rest` came after the
    largest that are compared.
    """

    outcome: Variable
    by: Variable
    explained: Explained | None
    scale: Scale | None = None
    whole: Estimate | None = None
    table: Sequence[tuple[str, Sequence[Estimate]]] = ()
    few: int = 0
    rest: int = 0
    notes: tuple[Note, ...] = ()
    problem: Note | None = None
    again: int = 0


def outcomes(survey: Survey) -> list[Variable]:
    return variables(survey)


def explainers(survey: Survey, selection: Selection) -> list[Variable]:
    """Return what may explain: what is known of each answer, then the questions."""
    return [*dimensions(survey, selection.scope), *variables(survey)]


def offered(survey: Survey) -> bool:
    return bool(variables(survey))


def explained(
    survey: Survey,
    selection: Selection,
    *,
    outcome: str = "",
    by: str = "",
    title: Title,
    words: Words,
    level: float = 0.95,
) -> Found:
    """Return what `by` has to do with `outcome` (by default the first of each).

    `title` and `words` name variables and codes in the sentence that is found.
    """
    known = outcomes(survey)
    if not known:
        raise Problem("analysis.nothing_counted")
    whole = _named(known, outcome, "outcome")
    other = _named([one for one in explainers(survey, selection) if one != whole], by, "by")
    mine = of_survey(selection, survey)
    key = ("explained", whole.code, other.code, title(whole), title(other), level)
    return remembered(mine, key, lambda: _explained(mine, whole, other, title, words, level))


def _named(known: Sequence[Variable], code: str, pointer: str) -> Variable:
    found = chosen(known, code) if code else known[0]
    if found is None:
        wrong = FieldProblem(pointer, "analysis.variable_unknown", {"value": code[:60]})
        raise Problem("parameters.invalid", errors=(wrong,))
    return found


def _explained(
    selection: Selection,
    outcome: Variable,
    by: Variable,
    title: Title,
    words: Words,
    level: float,
) -> Found:
    seen, kept_notes = told(selection)
    if seen is None:
        return Found(outcome, by, None, problem=hidden_note(selection))
    lines = side_by_side(seen, [outcome.asked, by.asked])
    values = {one.code: _values(lines, one) for one in (outcome, by)}
    there = _given(values[outcome.code]) & _given(values[by.code])
    groups = _Groups(seen, lines, there)
    few = rest = 0
    for one in (by, outcome):
        if _KINDS[one.kind] in ("nominal", "binary"):
            refused = _refused(seen, one) if one is by else set()
            values[one.code], lost, more = groups.kept(
                values[one.code], refused, is_outcome=one is outcome
            )
            few, rest = few + lost, rest + more
    there = _given(values[outcome.code]) & _given(values[by.code])
    n = int(there.sum())
    least = limits(selection).precision_n
    if n < least:
        return Found(
            outcome, by, None, problem=Note("analysis.few_answers", {"n": n, "least": least})
        )
    finding = stats.explain(
        _variable(lines, outcome, values[outcome.code], title, words, explains=False),
        _variable(lines, by, values[by.code], title, words, explains=True),
        cluster=lines.customer,
        level=level,
    )
    notes = sampled(lines)
    return Found(
        outcome,
        by,
        finding,
        _scale(lines, outcome),
        _whole(outcome, values[outcome.code][there], lines.customer[there], level),
        _table(
            _Sides(outcome, by, values[outcome.code][there], values[by.code][there]),
            people(lines.customer[there]),
            words,
            level,
        ),
        few,
        rest,
        (*kept_notes, *notes),
        again=again(lines.customer[there]),
    )


def _whole(
    outcome: Variable, values: np.ndarray, cluster: np.ndarray, level: float
) -> Estimate | None:
    """Return the mean of the outcome, or its share in per cent, over all that are compared."""
    if _KINDS[outcome.kind] == "nominal":
        return None
    numbers = values.astype(np.float64) * (100.0 if outcome.kind == "binary" else 1.0)
    bounds = (float(numbers.min()), float(numbers.max()))
    if outcome.kind == "binary":
        bounds = (0.0, 100.0)
    found = from_values(numbers, None, cluster)
    return mean_of(found, level=level, low=bounds[0], high=bounds[1])


@dataclass(frozen=True, eq=False)
class _Sides:
    """What is explained and what explains it, with the lines of both."""

    outcome: Variable
    by: Variable
    y: np.ndarray
    x: np.ndarray


def _table(
    sides: _Sides, customers: np.ndarray | None, words: Words, level: float
) -> list[tuple[str, list[Estimate]]]:
    """Return the share of each answer for each group, in the order of the finding's answers."""
    by, y, x = sides.by, sides.y, sides.x
    if _KINDS[sides.outcome.kind] != "nominal" or _KINDS[by.kind] not in ("nominal", "binary"):
        return []
    answers = sorted(set(y.tolist()))
    groups = sorted(set(x.tolist()))
    named = _yes_no(by, words) if by.kind == "binary" else words(by, groups)
    found = []
    for group in groups:
        inside = x == group
        whose = None if customers is None else people(customers[inside])
        cells = [_cell(y[inside] == answer, whose, level) for answer in answers]
        found.append((named.get(group, str(group)), cells))
    return found


def _cell(marked: np.ndarray, whose: np.ndarray | None, level: float) -> Estimate:
    """Return the share of the lines marked; those of one customer count together."""
    if whose is None or len(np.unique(whose)) < 2:
        return share_counts(int(marked.sum()), len(marked), level=level)
    return share_rows(marked, design_rows(np.ones(len(marked)), psu=whose), level=level)


def _scale(lines: Lines, one: Variable) -> Scale | None:
    """Return the scale that raw scores can be told on: one for all, the best above."""
    scale = lines.scales[one.asked]
    return scale if scale is not None and scale.worst < scale.best else None


def _values(lines: Lines, one: Variable) -> np.ndarray:
    found, scale = lines.columns[one.asked], _scale(lines, one)
    if scale is None:
        return found
    return np.round(scale.worst + found / 100 * (scale.best - scale.worst), 9)


def _given(values: np.ndarray) -> np.ndarray:
    if values.dtype == object:
        return np.array([value is not None for value in values], bool)
    return np.asarray(~np.isnan(values))


def _refused(selection: Selection, by: Variable) -> set[Any]:
    """Return the groups of a dimension that another question could be taken apart by."""
    if not isinstance(by.asked, DimensionOf) or by.kind == "date":
        return set()
    split = selection.split(by.asked.name)
    counts = lake.counts(split, depth=by.asked.depth)
    if not any(one.n_anonymous for one in counts):
        return set()
    watch = Watch(split, None, None, limits(selection), by.asked.depth)
    codes = [one.group[by.asked.name] for one in counts]
    return {code for code in codes if watch.refuses((code, None), selection.when)}


@dataclass(frozen=True)
class _Groups:
    """Leaves out the groups that may not be told, or are too small, or too many."""

    selection: Selection
    lines: Lines
    there: np.ndarray

    def kept(
        self, values: np.ndarray, refused: set[Any], *, is_outcome: bool
    ) -> tuple[np.ndarray, int, int]:
        rule = limits(self.selection)
        sizes = Counter(values[self.there].tolist())
        secret = bool(self.lines.anonymous[self.there].any())
        hidden = self._hidden(values, rule, refused) if secret else set()
        least = 1 if is_outcome else rule.precision_n
        enough = [code for code, n in sizes.items() if n >= least and code not in hidden]
        largest = sorted(enough, key=lambda code: (-sizes[code], code))[:MOST_GROUPS]
        admitted = set(largest)
        found = np.array([v if v in admitted else None for v in values.tolist()], object)
        return found, len(sizes) - len(enough), len(enough) - len(largest)

    def _hidden(self, values: np.ndarray, rule: guard.Limits, refused: set[Any]) -> set[Any]:
        pairs = set(zip(values[self.there].tolist(), self.lines.customer[self.there], strict=True))
        people: Counter[guard.Key] = Counter((code,) for code, _ in pairs)
        also = {(code,) for code in refused if (code,) in people}
        return {code for (code,) in guard.hidden(people, rule.privacy_n, also=also)}


def _variable(
    lines: Lines,
    one: Variable,
    values: np.ndarray,
    title: Title,
    words: Words,
    *,
    explains: bool,
) -> stats.Variable:
    kind = _KINDS[one.kind]
    if kind == "date":
        days = [np.datetime64(date.fromordinal(int(day))) for day in values]
        return stats.Variable(title(one), "date", np.array(days))
    if kind == "nominal":
        codes = sorted({code for code in values.tolist() if code is not None})
        return stats.Variable(title(one), "nominal", values, words(one, codes))
    if kind == "binary":
        return stats.Variable(title(one), kind, values, _yes_no(one, words))
    return stats.Variable(title(one), _steps(one) if explains else kind, values)


def _steps(one: Variable) -> Any:
    """Return what a quantity that explains is: the answers of a rating are steps in order."""
    return "ordinal" if one.is_scored else _KINDS[one.kind]


def _yes_no(one: Variable, words: Words) -> dict[Any, str]:
    if one.kind != "binary":
        return {}
    said = words(one, ("1", "0"))
    return {1.0: said.get("1", "1"), 0.0: said.get("0", "0")}
