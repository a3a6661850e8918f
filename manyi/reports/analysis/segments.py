"""Segments compared: a number by group, every difference tested, corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Literal, get_args

from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Selection
from manyi.lake.variables import DimensionOf, ScoreOf
from manyi.metrics.measured import Measured
from manyi.metrics.rows import FAILED, Row
from manyi.metrics.settled import Key
from manyi.metrics.weighted import measure
from manyi.reports.analysis.variables import Variable, chosen, dimensions, of_survey, scored
from manyi.reports.results import FAMILIES
from manyi.stats.adjust import adjust
from manyi.stats.compare import change_test
from manyi.stats.effect.waves import cohen_d
from manyi.stats.moments import Moments, merge_all, without
from manyi.stats.result import Estimate, Note
from manyi.surveys.models import Survey

MOST_GROUPS = 30
MOST_PAIRS = 12
Against = Literal["rest", "pairs"]
Correction = Literal["holm", "bh"]
AGAINST: tuple[Against, ...] = get_args(Against)
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)


@dataclass(frozen=True)
class Figure:
    """A number to compare segments by: a metric of a question or matrix row."""

    metric: str
    variable: Variable

    @property
    def code(self) -> str:
        return f"{self.metric}:{self.variable.code}"

    @property
    def asked(self) -> ScoreOf:
        assert isinstance(self.variable.asked, ScoreOf)
        return self.variable.asked


@dataclass(frozen=True)
class Difference:
    """One group against another (None: all the others): how far apart, in points and in
    standard deviations (`size`), and p corrected for all comparisons."""

    one: str | None
    other: str | None
    gap: Estimate
    size: Estimate
    p: float | None
    is_real: bool


@dataclass(frozen=True)
class Compared:
    """The groups from the highest, those too small last, and the differences between them."""

    figure: Figure
    by: Variable
    against: Against
    correction: Correction
    groups: Sequence[tuple[str | None, Row]]
    whole: Row
    differences: Sequence[Difference]
    left_out: int = 0
    failed: bool = False
    problem: Note | None = None

    @property
    def real(self) -> list[Difference]:
        return [one for one in self.differences if one.is_real]


def figures(survey: Survey) -> list[Figure]:
    """Return the numbers that the survey's questions make."""
    return [Figure(metric, one) for one in scored(survey) for metric in _metrics(one)]


def _metrics(one: Variable) -> Sequence[str]:
    assert isinstance(one.asked, ScoreOf)
    return FAMILIES.get(one.asked.family, ("index",))


def groupings(survey: Survey, selection: Selection) -> list[Variable]:
    return [one for one in dimensions(survey, selection.scope) if one.kind == "dimension"]


def offered(survey: Survey) -> bool:
    return bool(figures(survey))


def compared(
    survey: Survey,
    selection: Selection,
    *,
    figure: str = "",
    by: str = "",
    against: Against = "rest",
    correction: Correction = "holm",
    level: float = 0.95,
) -> Compared:
    """Return a number by group with each group against the rest, or every pair.

    Of more than a dozen groups each is compared with the rest, of more than thirty the
    largest are shown. Raises Problem for what the survey does not have.
    """
    known = figures(survey)
    if not known:
        raise Problem("analysis.nothing_scored")
    one = next((f for f in known if f.code == figure), None) if figure else known[0]
    grouping = chosen(groupings(survey, selection), by or "channel")
    if one is None or grouping is None:
        pointer, value = ("figure", figure) if one is None else ("by_what", by)
        wrong = FieldProblem(pointer, "analysis.variable_unknown", {"value": value[:60]})
        raise Problem("parameters.invalid", errors=(wrong,))
    return _compared(of_survey(selection, survey), one, grouping, against, correction, level)


def _compared(
    selection: Selection,
    figure: Figure,
    by: Variable,
    against: Against,
    correction: Correction,
    level: float,
) -> Compared:
    assert isinstance(by.asked, DimensionOf)
    asked = figure.asked
    found = measure(
        selection.split(by.asked.name),
        figure.metric,
        asked.item,
        level=level,
        depth=by.asked.depth,
        family=asked.family,
    )
    whole = measure(selection, figure.metric, asked.item, level=level, family=asked.family)
    rows = {key: found.row(key) for key in found.keys}
    shown = sorted((k for k, row in rows.items() if row.ok), key=lambda k: -(rows[k].n or 0))
    kept = shown[:MOST_GROUPS]
    chosen_way: Against = "rest" if len(kept) > MOST_PAIRS else against
    tested = _differences(found, kept, chosen_way, correction)
    lasting = [key for key in rows if key not in shown]
    order = sorted(kept, key=lambda k: -(rows[k].estimate.value or 0.0))
    problem = None if len(kept) > 1 or found.failed else Note("analysis.one_group")
    return Compared(
        figure,
        by,
        chosen_way,
        correction,
        [(_code(key), rows[key]) for key in (*order, *lasting[:MOST_GROUPS])],
        whole.row((None,)),
        tested,
        len(shown) - len(kept),
        found.failed or any(row.status == FAILED for row in rows.values()),
        problem,
    )


def _code(key: Key) -> str | None:
    return None if key[0] is None else str(key[0])


def _differences(
    found: Measured, kept: Sequence[Key], against: Against, correction: Correction
) -> list[Difference]:
    if len(kept) < 2:
        return []
    parts = {key: found.moments(key) for key in kept}
    pairs = _pairs(parts, against)
    one = found.settled
    tests = [
        change_test(mine, other, one.metric, one.scale, level=found.level)
        for _, _, mine, other in pairs
    ]
    corrected = adjust([1.0 if t.p is None else t.p for t in tests], correction)
    told = [
        Difference(
            _code(key),
            None if other_key is None else _code(other_key),
            test.effect,
            _size(found, mine, other),
            None if test.p is None else float(p),
            test.p is not None and bool(p < 1 - found.level),
        )
        for (key, other_key, mine, other), test, p in zip(pairs, tests, corrected, strict=True)
    ]
    return sorted(told, key=lambda d: (not d.is_real, 1.0 if d.p is None else d.p))


def _pairs(
    parts: dict[Key, Moments], against: Against
) -> list[tuple[Key, Key | None, Moments, Moments]]:
    if against == "pairs":
        return [(a, b, parts[a], parts[b]) for a, b in combinations(parts, 2)]
    whole = merge_all(parts.values())
    return [(key, None, part, without(whole, part)) for key, part in parts.items()]


def _size(found: Measured, mine: Moments, other: Moments) -> Estimate:
    """Return the difference in standard deviations of one answer."""
    one = found.settled
    scores = partial(one.metric.scores, scale=one.scale)
    return cohen_d(mine, other, score=scores, level=found.level)
