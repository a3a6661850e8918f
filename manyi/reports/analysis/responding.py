"""Response rates by AAPOR: of those who were to be asked, how many answered, refused, were met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from manyi.feedback import queries as feedback
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Scope
from manyi.reports.results import current
from manyi.stats.result import Estimate, Note
from manyi.stats.survey.outcomes import (
    CONTACT,
    COOPERATION,
    REFUSAL,
    RESPONSE,
    Outcomes,
    kind_of,
    outcomes_of_counts,
)
from manyi.surveys.dispositions import dispositions
from manyi.surveys.models import Survey

FAMILIES = {
    "response": RESPONSE,
    "cooperation": COOPERATION,
    "refusal": REFUSAL,
    "contact": CONTACT,
}
MAIN = "RR3"
COMPLETE, PARTIAL, BROKEN_OFF = HOUSE = ("1.1", "1.2", "2.12")
"""The ends that are known of answers that came in: all, at least half, or less of the questions."""


@dataclass(frozen=True)
class Ended:
    """Cases of one end: as entered, and as answers that came in tell."""

    code: str
    entered: int | None
    counted: int | None

    @property
    def n(self) -> int:
        return self.entered if self.entered is not None else self.counted or 0


@dataclass(frozen=True)
class Responded:
    """The ends of a survey's cases and the rates that follow; `e` is the share of cases of
    unknown eligibility that is taken as eligible, `e_given` whether somebody chose it, now or
    for the survey."""

    ends: Sequence[Ended]
    outcomes: Outcomes
    e: float
    e_given: bool
    rates: Mapping[str, Estimate]
    notes: Sequence[Note] = ()
    problem: Note | None = None


def sees_whole(survey: Survey, scope: Scope) -> bool:
    """Whether a scope sees all answers of a survey: counts entered for it are of the whole."""
    return scope.unit_ids is None or survey.unit_id in scope.unit_ids


def responded(
    survey: Survey, scope: Scope, *, e: float | None = None, level: float = 0.95
) -> Responded:
    """Return the outcome rates of the whole survey, whatever the period.

    `e` replaces the share stored with the survey. What was entered stands; where an end of
    those that answers tell was not entered, it is as they tell.
    Raises Problem("analysis.whole_only") for who sees a part of the survey.
    """
    if not sees_whole(survey, scope):
        raise Problem("analysis.whole_only")
    ends = _ends(dispositions(survey), _counted(survey, scope))
    found = outcomes_of_counts({one.code: one.n for one in ends})
    e = survey.eligible_share if e is None else e
    part = found.e if e is None else e
    if not any(one.entered is not None and _is_asked(one.code) for one in ends):
        problem = Note("analysis.asked_unknown")
        return Responded(ends, found, part, e is not None, {}, problem=problem)
    rates = found.estimates(e, level=level)
    return Responded(ends, found, part, e is not None, rates, _notes(ends, found))


def eligibility(given: str) -> float | None:
    """Return the share of unknown cases to take as eligible, 0 to 1, or None for the estimate.

    Raises Problem for what is no share.
    """
    if given == "":
        return None
    try:
        found = float(given)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        params = {"value": given[:20], "low": 0, "high": 1}
        wrong = FieldProblem("e", "analysis.number_range", params)
        raise Problem("parameters.invalid", errors=(wrong,))
    return found


def _ends(entered: Mapping[str, int], counted: Mapping[str, int]) -> list[Ended]:
    told = {code: n for code, n in counted.items() if not _covers(entered, code)}
    codes = sorted({*entered, *told})
    return [Ended(code, entered.get(code), counted.get(code)) for code in codes]


def _is_asked(code: str) -> bool:
    """Whether an end tells of somebody who was asked and did not answer: who broke off here is
    no sign of how many never began."""
    return kind_of(code) not in ("complete", "partial", "not_eligible")


def _covers(entered: Mapping[str, int], code: str) -> bool:
    """Whether this end was entered under its own code or a finer one, such as 1.11 for 1.1."""
    return any(one.startswith(code) for one in entered)


def _counted(survey: Survey, scope: Scope) -> dict[str, int]:
    """Return how many answered all, at least half, or less than half of the questions."""
    mine = feedback.responses_of(scope, survey.pk).order_by()
    if scope.unit_ids is None:
        complete = feedback.completed_count(survey.pk)
    else:
        complete = mine.filter(completed_at__isnull=False).count()
    left = mine.filter(is_partial=True, completed_at=None)
    given = left.annotate(given=Count("answers__question", distinct=True))
    q = current(survey)
    half = len(list(q.questions())) / 2 if q is not None else 0
    more = given.aggregate(n=Count("pk"), half=Count("pk", filter=Q(given__gte=half)))
    found = {COMPLETE: complete, PARTIAL: more["half"], BROKEN_OFF: more["n"] - more["half"]}
    return {code: n for code, n in found.items() if n}


def _notes(ends: Sequence[Ended], found: Outcomes) -> list[Note]:
    notes = [
        Note(
            "analysis.counted_otherwise", {"code": e.code, "entered": e.entered, "here": e.counted}
        )
        for e in ends
        if e.entered is not None and e.counted is not None and e.entered != e.counted
    ]
    if not found.not_eligible and found.unknown:
        notes.append(Note("analysis.none_ineligible"))
    return notes
