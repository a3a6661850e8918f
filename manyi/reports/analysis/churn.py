"""Who leaves after answering: a customer's attribute as the outcome, told from their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np

from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Selection
from manyi.lake.variables import DimensionOf, Lines, remembered, side_by_side
from manyi.reports.analysis.by_trees import SEED, TreeMover, scale_of, shape_of
from manyi.reports.analysis.drivers import named
from manyi.reports.analysis.outcomes import Customers, Outcome, customers, ordinals, outcomes
from manyi.reports.analysis.taught import taught
from manyi.reports.analysis.variables import (
    Variable,
    again,
    hidden_note,
    limits,
    of_survey,
    sampled,
    scored,
    told,
    variables,
)
from manyi.stats.churn.model import ChurnModel, churn_model_rows
from manyi.stats.metrics import mean_of
from manyi.stats.moments import from_values
from manyi.stats.result import Estimate, Note
from manyi.surveys.models import Survey

HORIZONS = (30, 60, 90, 180, 365)
USUAL = (90, 60, 30)
"""Of these the first that enough is known of, where no days are asked for."""
MOST_WORTH = 1000
LEAST_KNOWN = 200
MOST_ITEMS = 30
_DAY = DimensionOf("day")


@dataclass(frozen=True)
class Wanted:
    """What a page asks: the attribute, the value that means leaving, the days after an answer
    that count (None: the most of the usual ones of which enough is known), the items, the
    rating to try alone, whether better ratings may only lower the chance of leaving, and how
    many contacts reaching a leaver is worth."""

    outcome: str = ""
    value: str = ""
    days: int | None = None
    items: tuple[str, ...] = ()
    satisfaction: str = ""
    falling: bool = True
    worth: int = 10


@dataclass(frozen=True)
class Churn:
    """Who leaves: the model with its verdicts, the share that left, and what was left out."""

    outcomes: Sequence[Outcome]
    outcome: Outcome | None
    value: str
    days: int
    worth: int
    items: Sequence[Variable]
    satisfaction: Variable
    movers: Sequence[TreeMover] = ()
    found: ChurnModel | None = None
    left: Estimate | None = None
    n: int = 0
    notes: Sequence[Note] = ()
    problem: Note | None = None
    again: int = 0


def offered(survey: Survey) -> bool:
    """Whether a survey asks for a rating."""
    return bool(scored(survey))


def usable(survey: Survey) -> list[Variable]:
    """Return what a forecast may be made from."""
    return [
        one for one in variables(survey) if one.kind in ("scale", "number", "nominal", "binary")
    ]


def churn(
    survey: Survey, selection: Selection, wanted: Wanted, *, today: date, level: float = 0.95
) -> Churn:
    """Return how well leaving within some days after an answer is told from the answer.

    Raises Problem for names that do not exist and numbers out of range.
    """
    key = ("churn", survey.pk, wanted, today, level, selection.scope.sees_personal)
    asked = partial(_churn, survey, selection, wanted, today=today, level=level)
    return remembered(of_survey(selection, survey), key, asked)


def _churn(
    survey: Survey, selection: Selection, wanted: Wanted, *, today: date, level: float
) -> Churn:
    known = usable(survey)
    ratings = scored(survey)
    if not ratings:
        raise Problem("analysis.nothing_scored")
    _check(wanted)
    alone = named(ratings, wanted.satisfaction, "satisfaction") if wanted.satisfaction else None
    items = [named(known, code, "item") for code in wanted.items] or ratings
    items = items[:MOST_ITEMS]
    first = alone or ratings[0]
    mine = of_survey(selection, survey)
    seen, notes = told(mine)
    blank = Churn((), None, "", _days(wanted), wanted.worth, items, first)
    if not selection.scope.sees_personal:
        return _without(blank, Note("churn.personal"))
    if seen is None:
        return _without(blank, hidden_note(mine))
    asked = [_DAY, *dict.fromkeys(one.asked for one in (*items, first))]
    lines = side_by_side(seen, asked)
    open_ = (lines.customer > 0) & ~lines.anonymous
    people = customers(selection.scope.organisation_id, np.unique(lines.customer[open_]).tolist())
    offers = outcomes(people.attributes)
    outcome, value = _chosen(offers, wanted)
    blank = Churn(offers, outcome, value, _days(wanted), wanted.worth, items, first)
    if outcome is None:
        return _without(blank, Note("churn.choose" if offers else "churn.no_outcome"))
    case = _Case(mine, lines, people, blank, (*notes, *sampled(lines)), wanted, today, level)
    return case.of_usual_days() if wanted.days is None else case.found()


def _without(blank: Churn, problem: Note, n: int = 0) -> Churn:
    return Churn(
        blank.outcomes,
        blank.outcome,
        blank.value,
        blank.days,
        blank.worth,
        blank.items,
        blank.satisfaction,
        n=n,
        problem=problem,
    )


def _days(wanted: Wanted) -> int:
    return USUAL[0] if wanted.days is None else wanted.days


def _check(wanted: Wanted) -> None:
    for pointer, value, low, high in (
        ("days", _days(wanted), 1, 1095),
        ("worth", wanted.worth, 2, MOST_WORTH),
    ):
        if not low <= value <= high:
            params = {"value": value, "low": low, "high": high}
            wrong = FieldProblem(pointer, "churn.number", params)
            raise Problem("parameters.invalid", errors=(wrong,))


def _chosen(offers: Sequence[Outcome], wanted: Wanted) -> tuple[Outcome | None, str]:
    if not wanted.outcome:
        first = next((one for one in offers if one.sounds), None)
        return first, _value(first, wanted) if first else ""
    found = next((one for one in offers if one.name == wanted.outcome), None)
    if found is None:
        wrong = FieldProblem("outcome", "churn.outcome_unknown", {"value": wanted.outcome[:60]})
        raise Problem("parameters.invalid", errors=(wrong,))
    return found, _value(found, wanted)


def _value(outcome: Outcome, wanted: Wanted) -> str:
    """Return the word that means leaving: the one asked for, or the one that sounds like it."""
    if outcome.kind == "date":
        return ""
    if wanted.value and wanted.value not in outcome.values:
        params = {"value": wanted.value[:60], "known": ", ".join(outcome.values)}
        wrong = FieldProblem("value", "churn.value_unknown", params)
        raise Problem("parameters.invalid", errors=(wrong,))
    return wanted.value or outcome.word


@dataclass(frozen=True, eq=False)
class _Case:
    selection: Selection
    lines: Lines
    people: Customers
    blank: Churn
    notes: tuple[Note, ...]
    wanted: Wanted
    today: date
    level: float

    def of_usual_days(self) -> Churn:
        """Return what is found with the most days of which enough is known."""
        tried = []
        for days in USUAL:
            found = self.within(days).found()
            if found.problem is None:
                return found
            tried.append(found)
        return tried[0]

    def within(self, days: int) -> _Case:
        """Return the case with leaving counted within so many days of an answer."""
        return replace(self, blank=replace(self.blank, days=days))

    def found(self) -> Churn:
        outcome = self.blank.outcome
        assert outcome is not None
        left, open_ = self._left(outcome)
        n = int(open_.sum())
        least = max(LEAST_KNOWN, limits(self.selection).precision_n)
        if n < least:
            return _without(self.blank, Note("churn.few_known", {"n": n, "least": least}), n)
        try:
            return self._told(left[open_], open_)
        except Problem as problem:
            if problem.code != "churn_few":
                raise
            return _without(self.blank, Note(problem.code, problem.params), n)

    def _left(self, outcome: Outcome) -> tuple[np.ndarray, np.ndarray]:
        """Return for each line whether its customer left, and whether that is known."""
        texts = [*self.people.told(outcome.name), ""]  # the last for one who is unknown
        place = self.people.places(self.lines.customer)
        known = (place >= 0) & ~self.lines.anonymous
        if outcome.kind == "word":
            given = np.array([bool(one) for one in texts])
            same = np.array([one == self.blank.value for one in texts], float)
            return same[place], known & given[place]
        gone = ordinals(texts)[place]
        days = self.lines.columns[_DAY]
        over = days + self.blank.days <= self.today.toordinal()
        with np.errstate(invalid="ignore"):
            before = gone <= days
            left = (gone > days) & (gone <= days + self.blank.days)
        return left.astype(float), known & over & ~before

    def _told(self, left: np.ndarray, open_: np.ndarray) -> Churn:
        blank, lines = self.blank, self.lines
        items = [one for one in blank.items if _some(lines.columns[one.asked][open_])]
        if blank.satisfaction not in items:
            items = [blank.satisfaction, *items]
        columns = [_numbers(lines.columns[one.asked][open_]) for one in items]
        who, days = lines.customer[open_], lines.columns[_DAY][open_]
        assert blank.outcome is not None
        in_time = blank.outcome.kind == "date"
        found = taught(
            churn_model_rows,
            np.column_stack(columns),
            left,
            seed=SEED,
            satisfaction=items.index(blank.satisfaction),
            cluster=who,
            when=days if in_time else None,
            known=days + self.blank.days if in_time else None,
            codes=[at for at, one in enumerate(items) if one.kind == "nominal"],
            falling=[at for at, one in enumerate(items) if one.is_scored and self.wanted.falling],
            worth=float(self.wanted.worth),
            level=self.level,
        )
        least = limits(self.selection).precision_n
        movers = [
            TreeMover(
                items[one.at],
                one.importance,
                one.rank,
                []
                if items[one.at].kind == "nominal"
                else shape_of(one, scale_of(lines, items[one.at]), least),
            )
            for one in found.drivers
        ]
        shut = len(lines) - int(open_.sum())
        dated = [] if in_time else [Note("churn.undated")]
        late = [Note("churn.settled", {"n": shut})] if shut and in_time else []
        moments = from_values(100 * left, None, who)
        return Churn(
            blank.outcomes,
            blank.outcome,
            blank.value,
            blank.days,
            blank.worth,
            items,
            blank.satisfaction,
            movers,
            found,
            mean_of(moments, level=self.level, low=0.0, high=100.0),
            int(open_.sum()),
            (*self.notes, *dated, *late, *found.warnings),
            again=again(who),
        )


def _some(column: np.ndarray) -> bool:
    if column.dtype == object:
        return any(value is not None for value in column)
    return not np.isnan(column).all()


def _numbers(column: np.ndarray) -> np.ndarray:
    """Return codes as numbers, in the order of their names; blanks as NaN."""
    if column.dtype != object:
        return column
    names = {name: at for at, name in enumerate(sorted({one for one in column if one is not None}))}
    return np.array([names.get(one, np.nan) for one in column], float)
