"""Who leaves after answering: a customer's attribute as the outcome, told from their answers."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np

from manyi.base.planning import beside_index
from manyi.customers.models import Customer
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Selection
from manyi.lake.variables import DimensionOf, Lines, remembered, side_by_side
from manyi.reports.analysis.by_trees import SEED, TreeMover, scale_of, shape_of
from manyi.reports.analysis.drivers import named
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
LEAST_PEOPLE = 20
LEAST_KNOWN = 200
MOST_WORDS = 12
MOST_ITEMS = 30
_AT_ONCE = 5000
_DAY = DimensionOf("day")
_LEAVING = re.compile(
    r"churn|left|leav|lost|cancel|terminat|clos|quit|gone|lapse|attrit|inactive|流失|离|退|销户|注销|解约|终止"
)
_YES = re.compile(
    r"^(1|true|yes|y|是|churn(ed)?|left|lost|gone|cancel(l?ed)?|closed|inactive|已?流失|已?离开|已?退.*|已?注销)$"
)
Kind = Literal["date", "word"]


@dataclass(frozen=True)
class Outcome:
    """An attribute of customers that may tell who left: a date of leaving (blank: still there),
    or one of `values` that means leaving."""

    name: str
    kind: Kind
    values: tuple[str, ...] = ()


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
    attributes = _attributes(selection.scope.organisation_id, lines)
    outcomes = _outcomes(attributes.values())
    outcome, value = _chosen(outcomes, wanted)
    blank = Churn(outcomes, outcome, value, _days(wanted), wanted.worth, items, first)
    if outcome is None:
        return _without(blank, Note("churn.choose" if outcomes else "churn.no_outcome"))
    told_of = {pk: _written(own.get(outcome.name)) for pk, own in attributes.items()}
    case = _Case(mine, lines, told_of, blank, (*notes, *sampled(lines)), wanted, today, level)
    mark = hashlib.sha256(repr(sorted(told_of.items())).encode()).hexdigest()
    key = ("churn", wanted, outcome, value, today, level, mark)
    return remembered(mine, key, case.of_usual_days if wanted.days is None else case.found)


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


def _attributes(organisation_id: int, lines: Lines) -> dict[int, Mapping[str, Any]]:
    """Return the attributes of the customers who are known among the lines."""
    open_ = (lines.customer > 0) & ~lines.anonymous
    ids = np.unique(lines.customer[open_]).tolist()
    found: dict[int, Mapping[str, Any]] = {}
    for at in range(0, len(ids), _AT_ONCE):
        # SQLite takes an organisation's customers for fewer than these.
        mine = Customer.objects.alias(_whose=beside_index("organisation_id"))
        rows = mine.filter(_whose=organisation_id, pk__in=ids[at : at + _AT_ONCE])
        found.update(rows.values_list("pk", "attributes"))
    return found


def _written(value: Any) -> str:
    """Return an attribute's value as text: blank for none, true and false as words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def day_of(value: str) -> date | None:
    """Return the day that a text begins with, written as 2026-11-22, 2026/11/22 or 20261122."""
    found = re.match(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?!\d)", value)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None


def _outcomes(all_: Iterable[Mapping[str, Any]]) -> tuple[Outcome, ...]:
    """Return the attributes that may tell who left, those that sound like it first.

    Of words only those that twenty customers share are ever shown.
    """
    counts: dict[str, Counter[str]] = {}
    for own in all_:
        for name, value in own.items():
            text = _written(value)
            if text:
                counts.setdefault(name, Counter())[text] += 1
    found = [one for name, told_ in counts.items() if (one := _outcome(name, told_)) is not None]
    return tuple(sorted(found, key=lambda one: (not _sounds(one), one.kind, one.name)))


def _outcome(name: str, counts: Counter[str]) -> Outcome | None:
    whole = counts.total()
    days = sum(n for text, n in counts.items() if day_of(text) is not None)
    if whole >= LEAST_PEOPLE and days >= 0.9 * whole:
        return Outcome(name, "date")
    if not 2 <= len(counts) <= MOST_WORDS:
        return None
    values = tuple(sorted(text for text, n in counts.items() if n >= LEAST_PEOPLE))
    return Outcome(name, "word", values) if len(values) > 1 else None


def _sounds(one: Outcome) -> bool:
    return any(_LEAVING.search(words.lower()) for words in (one.name, *one.values))


def _chosen(outcomes: Sequence[Outcome], wanted: Wanted) -> tuple[Outcome | None, str]:
    if not wanted.outcome:
        first = next((one for one in outcomes if _sounds(one)), None)
        return first, _value(first, wanted) if first else ""
    found = next((one for one in outcomes if one.name == wanted.outcome), None)
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
    sounding = [one for one in outcome.values if _YES.match(one.lower())]
    return wanted.value or next(iter(sounding), outcome.values[0])


@dataclass(frozen=True, eq=False)
class _Case:
    selection: Selection
    lines: Lines
    told_of: Mapping[int, str]
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
        left, open_ = self._left(outcome.kind)
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

    def _left(self, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
        """Return for each line whether its customer left, and whether that is known."""
        texts = [self.told_of.get(int(one)) for one in self.lines.customer]
        known = np.array([one is not None for one in texts]) & ~self.lines.anonymous
        if kind == "word":
            given = np.array([bool(one) for one in texts])
            return np.array([one == self.blank.value for one in texts], float), known & given
        gone = np.array([_ordinal(one) for one in texts])
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


def _ordinal(text: str | None) -> float:
    day = day_of(text) if text else None
    return float(day.toordinal()) if day is not None else np.nan


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
