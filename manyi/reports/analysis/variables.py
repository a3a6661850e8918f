"""What a survey's answers can be analysed by: its questions, and what is known of each answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from manyi.accounts.models import Agent, Touchpoint, Unit
from manyi.kit.localtext import LocalText
from manyi.kit.selection import ATTRIBUTE, Scope, Selection
from manyi.lake import queries as lake
from manyi.lake.variables import (
    MOST_LINES,
    Asked,
    CodeOf,
    DimensionOf,
    HasCode,
    Lines,
    NumberOf,
    ScoreOf,
)
from manyi.metrics import guard
from manyi.metrics.differencing import Watch
from manyi.metrics.rows import Row
from manyi.metrics.weighted import measure
from manyi.questionnaire.model import NUMBER_KINDS, Choice, Question
from manyi.reports.results import current
from manyi.reports.standings import levels
from manyi.stats.result import Note
from manyi.surveys import queries as surveys
from manyi.surveys.models import Survey

Kind = Literal["scale", "number", "nominal", "binary", "dimension", "date"]
PLAIN = ("channel", "touchpoint", "language", "agent")


@dataclass(frozen=True)
class Variable:
    """Something to analyse: `code` names it in an address, `labels` its codes.

    `title` is empty where the page knows the words for it (a dimension).
    """

    code: str
    kind: Kind
    asked: Asked
    title: LocalText = field(default_factory=dict)
    labels: Mapping[str, LocalText] = field(default_factory=dict)
    question: Question | None = None

    @property
    def is_scored(self) -> bool:
        return isinstance(self.asked, ScoreOf)


def asked_surveys(scope: Scope) -> list[Survey]:
    """Return the surveys that have been published, the newest first."""
    return [one for one in surveys.surveys(scope) if one.current is not None]


def of_survey(selection: Selection, survey: Survey) -> Selection:
    return selection.split().narrowed(survey=survey.code)


def variables(survey: Survey) -> list[Variable]:
    """Return the questions of the current version that have something to count, in order."""
    q = current(survey)
    if q is None:
        return []
    return [one for x in q.questions() for one in _of_question(x)]


def scored(survey: Survey) -> list[Variable]:
    """Return what was asked on a scale: ratings and the rows of matrices."""
    return [one for one in variables(survey) if one.is_scored]


def _of_question(x: Question) -> Iterable[Variable]:
    if x.kind == "matrix":
        return [_row(x, row) for row in x.rows]
    if x.metric is not None and x.scale is not None:
        return [Variable(x.code, "scale", ScoreOf(x.item, x.metric), x.title, question=x)]
    if x.kind == "single":
        labels = {one.code: one.label for one in x.choices}
        return [Variable(x.code, "nominal", CodeOf(x.code), x.title, labels, x)]
    if x.kind == "multiple":
        return [_choice(x, one) for one in x.choices]
    if x.kind in NUMBER_KINDS:
        return [Variable(x.code, "number", NumberOf(x.code), x.title, question=x)]
    return []


def _row(x: Question, row: Choice) -> Variable:
    code = f"{x.code}.{row.code}"
    if x.metric is not None:
        asked = ScoreOf(f"{x.item}.{row.code}", x.metric)
        return Variable(code, "scale", asked, row.label, question=x)
    labels = {one.code: one.label for one in x.choices}
    return Variable(code, "nominal", CodeOf(x.code, row.code), row.label, labels, x)


def _choice(x: Question, one: Choice) -> Variable:
    asked = HasCode(x.code, one.code)
    return Variable(f"{x.code}={one.code}", "binary", asked, one.label, question=x)


def dimensions(survey: Survey, scope: Scope, unit: Unit | None = None) -> list[Variable]:
    """Return what else is known of each answer: where, how, by whom it was given, and when."""
    q = current(survey)
    found = []
    _, depth = levels(scope, unit)
    if depth is not None:
        found.append(Variable("unit", "dimension", DimensionOf("unit", depth)))
    plain = [name for name in PLAIN if name != "agent" or scope.sees_personal]
    own = [f"{ATTRIBUTE}{one.code}" for one in q.hidden] if q is not None else []
    found += [Variable(name, "dimension", DimensionOf(name)) for name in (*plain, *own)]
    return [*found, Variable("day", "date", DimensionOf("day"))]


def chosen(known: Sequence[Variable], code: str) -> Variable | None:
    return next((one for one in known if one.code == code), None)


def performance(selection: Selection, one: Variable, *, level: float = 0.95) -> Row:
    """Return the index of a scored variable as every other page shows it."""
    assert isinstance(one.asked, ScoreOf)
    found = measure(selection, "index", one.asked.item, level=level, family=one.asked.family)
    return found.row((None,))


def told(selection: Selection) -> tuple[Selection | None, tuple[Note, ...]]:
    """Return the part of a selection whose single lines may be worked with, and what to say of
    it; None where it would tell of a few anonymous people."""
    if not any(one.n_anonymous for one in lake.counts(selection)):
        return selection, ()
    watch = Watch(selection, None, None, limits(selection))
    kept = selection
    notes: tuple[Note, ...] = ()
    if selection.when is not None:
        part = watch.kept(selection.when, {(None,)})
        if part is not None and part != selection.when:
            kept = selection.during(part)
            ends = {"first": part.first.isoformat(), "last": part.last.isoformat()}
            notes = (Note("period_kept", ends),)
    return (None, ()) if watch.refuses((None,), kept.when) else (kept, notes)


def sampled(lines: Lines) -> tuple[Note, ...]:
    """Return what to say where the lines are a sample of more."""
    return (Note("analysis.sampled", {"n": MOST_LINES}),) if len(lines) >= MOST_LINES else ()


def again(customer: np.ndarray) -> int:
    """Return how many known customers gave more than one of these lines."""
    _, times = np.unique(customer[customer > 0], return_counts=True)
    return int((times > 1).sum())


def people(customer: np.ndarray) -> np.ndarray | None:
    """Return whose each line is; None where nobody gave two, so that exact methods hold."""
    return customer if again(customer) else None


def hidden_note(selection: Selection) -> Note:
    return Note("analysis.hidden", {"few": limits(selection).privacy_n})


def names_of(scope: Scope, dimension: str, codes: Iterable[str]) -> dict[str, LocalText]:
    """Return the names of units and touchpoints, and of people to those who may know them."""
    wanted = list(codes)
    if dimension == "unit":
        rows = Unit.objects.visible_to(scope).filter(code__in=wanted)
        return {one.code: one.name for one in rows}
    if dimension == "touchpoint":
        points = Touchpoint.objects.visible_to(scope).filter(code__in=wanted)
        return {one.code: one.name for one in points}
    if dimension == "agent" and scope.sees_personal:
        agents = Agent.objects.visible_to(scope).filter(code__in=wanted)
        return {one.code: {"en": one.name, "zh-Hans": one.name} for one in agents if one.name}
    return {}


def limits(selection: Selection) -> guard.Limits:
    return guard.limits(selection.scope)
