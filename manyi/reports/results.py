"""What a survey was answered: its header, and each question as suits its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median
from typing import TypeVar

from manyi.feedback import queries as feedback
from manyi.kit.localtext import LocalText
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.lake.choices import Choice, choice_moments
from manyi.lake.queries import AnswerCount
from manyi.metrics import guard, queries, weighted_choices
from manyi.metrics.counted import counted
from manyi.metrics.queries import Distribution
from manyi.metrics.rows import OK, SUPPRESSED, TOO_FEW, Row, shown
from manyi.metrics.telling import records_told
from manyi.questionnaire.model import NA, Question, Questionnaire
from manyi.reports.dashboards import Completion
from manyi.stats.metrics import share_of
from manyi.stats.rates import share_counts
from manyi.stats.result import Estimate, nothing
from manyi.surveys.models import Survey
from manyi.surveys.queries import questionnaire

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "csat": ("csat", "csat_mean", "csat_index"),
    "nps": ("nps", "promoters", "detractors"),
    "ces": ("ces", "ces_share"),
}
_T = TypeVar("_T")
_TIMED = 500
_ENOUGH_TIMES = 10


@dataclass(frozen=True)
class Asked:
    """A question, and the first version that no longer asks it (None: still asked)."""

    question: Question
    gone_since: int | None = None


@dataclass(frozen=True)
class Received:
    """What the head of a survey's results tells.

    `total` counts everything ever received, whatever is selected; it is no secret.
    """

    total: int
    completion: Completion | None
    seconds: float | None
    languages: Sequence[tuple[str, int]]
    versions: Sequence[int]


@dataclass(frozen=True)
class Bar:
    """One answer: `code` is what `answer:QUESTION=CODE` takes."""

    code: str
    label: LocalText
    n: int
    share: Estimate


@dataclass(frozen=True)
class Scaled:
    """Answers on a scale: how they spread, and the numbers made of them."""

    spread: Distribution
    numbers: Sequence[tuple[str, Row]]

    @property
    def row(self) -> Row:
        return self.spread.row


@dataclass(frozen=True)
class Counted:
    """Answers to choose from, or to type as numbers: each with its share of those who answered."""

    row: Row
    bars: Sequence[Bar]


@dataclass(frozen=True)
class GridRow:
    """One row of a matrix: its index, and how often each answer was given, worst first."""

    code: str
    label: LocalText
    index: Row
    counts: Sequence[int]


@dataclass(frozen=True)
class Grid:
    """A matrix: its rows from the highest index to the lowest, then those with too few."""

    rows: Sequence[GridRow]


@dataclass(frozen=True)
class Said:
    """Free texts: how many there are, and the latest as (words, day, record)."""

    row: Row
    latest: Sequence[tuple[str, str, str]]


Found = Scaled | Counted | Grid | Said


def asked(survey: Survey) -> list[Asked]:
    """Return the questions of the current version, then those that older ones asked."""
    versions = list(survey.versions.all())
    if not versions:
        return []
    *older, newest = [(v.number, questionnaire(v)) for v in versions]
    found = [Asked(x) for x in newest[1].questions() if x.asks]
    known = {one.question.code for one in found}
    for (_, old), (number, _) in zip(reversed(older), reversed([*older, newest][1:]), strict=True):
        gone = [x for x in old.questions() if x.asks and x.code not in known]
        found += [Asked(x, number) for x in gone]
        known |= {x.code for x in gone}
    return found


def current(survey: Survey) -> Questionnaire | None:
    """Return the published questionnaire; None where the survey is a draft."""
    return questionnaire(survey.current) if survey.current is not None else None


def received(survey: Survey, selection: Selection) -> Received:
    """Return how many answered, how long it took them and in which languages."""
    mine = _of(survey, selection)
    whole = lake.counts(_of(survey, Selection(selection.scope)))
    rows = queries.completion(mine.split())
    return Received(
        total=sum(one.records for one in whole),
        completion=Completion(rows[0]) if rows else None,
        seconds=_seconds(mine),
        languages=_languages(mine),
        versions=[v.number for v in survey.versions.all()],
    )


def _of(survey: Survey, selection: Selection) -> Selection:
    return selection.split().narrowed(survey=survey.code)


def _languages(selection: Selection) -> list[tuple[str, int]]:
    found = counted(selection, "language")
    told = [(code, n) for code, n in found.items() if code is not None and n is not None]
    return sorted(told, key=lambda pair: -pair[1])


def _seconds(selection: Selection) -> float | None:
    """Return the median time of the latest answers; None where too few were timed."""
    kept = records_told(selection)
    if kept is None:
        return None
    done = feedback.records(kept).filter(completed_at__isnull=False)
    timed = done.values_list("meta__seconds", flat=True)[:_TIMED]
    known = [float(s) for s in timed if isinstance(s, int | float) and s > 0]
    return median(known) if len(known) >= _ENOUGH_TIMES else None


@dataclass(frozen=True)
class Results:
    """The answers to a survey within a selection."""

    survey: Survey
    selection: Selection

    @cached_property
    def mine(self) -> Selection:
        return _of(self.survey, self.selection)

    @cached_property
    def limits(self) -> guard.Limits:
        return guard.limits(self.selection.scope)

    @cached_property
    def _told(self) -> Selection | None:
        """Return the part of the period whose answers may be counted; None for none of it."""
        return records_told(self.mine)

    @property
    def kept(self) -> Selection:
        """Return the selection in the part of its period whose answers may be counted."""
        return self._told or self.mine

    def of(self, x: Question) -> Found:
        """Return what was answered to a question."""
        if x.kind == "matrix":
            return self._grid(x)
        if x.metric is not None and x.scale is not None:
            return self._scaled(x)
        if x.kind in ("short_text", "long_text", "date"):
            return self._said(x)
        return self._counted(x)

    def _scaled(self, x: Question) -> Scaled:
        codes = FAMILIES[x.metric or "csat"]
        spread = queries.distribution(self.mine, x.item, metric=codes[0])[0]
        found = [(code, queries.estimate(self.mine, code, x.item)[0]) for code in codes]
        numbers = [(code, self._veiled(row)) for code, row in found]
        return Scaled(spread, numbers)

    def _grid(self, x: Question) -> Grid:
        rows = [self._grid_row(x, row.code, row.label) for row in x.rows]
        return Grid(sorted(rows, key=lambda one: -_or_least(one.index)))

    def _grid_row(self, x: Question, code: str, label: LocalText) -> GridRow:
        item, metric = f"{x.item}.{code}", f"{x.metric}_index"
        if x.metric != "csat":
            return self._plain_row(x, code, label)
        spread = queries.distribution(self.mine, item, metric=x.metric)[0]
        index = self._veiled(queries.estimate(self.mine, metric, item)[0])
        return GridRow(code, label, index, spread.heights)

    def _plain_row(self, x: Question, code: str, label: LocalText) -> GridRow:
        """Return a row whose answers make no score: its counts, without an index."""
        found = [one for one in self._answers(x) if one.row == code and one.number is not None]
        row = self._row(found)
        by_number = {one.number: one.n for one in found}
        counts = [by_number.get(float(p), 0) for p in x.points()] if row.ok else []
        return GridRow(code, label, row, tuple(counts))

    def _counted(self, x: Question) -> Counted:
        found = [one for one in self._answers(x) if one.code != NA]
        row = self._row(found, not_applicable=_n_of(self._answers(x), NA))
        bars = self._bars(x, found, row.estimate.n) if row.ok else []
        return Counted(row, self._weighted(x, self._clustered(x, bars)) if bars else ())

    def _clustered(self, x: Question, bars: list[Bar]) -> list[Bar]:
        """Return the bars with the errors of whole customers, where some answered again."""
        given = _by_code(choice_moments(self.kept, x.code, without=NA))
        return [
            replace(one, share=share_of(given[one.code])) if one.code in given else one
            for one in bars
        ]

    def _weighted(self, x: Question, bars: list[Bar]) -> list[Bar]:
        """Return the bars with weighted shares where the survey's pages are weighted."""
        of = _by_code(weighted_choices.shares(self.kept, x.code, without=NA))
        return [replace(one, share=of.get(one.code, one.share)) for one in bars]

    def _said(self, x: Question) -> Said:
        row = self._row([one for one in self._answers(x) if one.code != NA])
        few = row.status == SUPPRESSED or row.estimate.n == 0
        return Said(row, () if few else _latest(self.mine, x.code))

    def _answers(self, x: Question) -> list[AnswerCount]:
        kept: dict[str, list[AnswerCount]] = self.__dict__.setdefault("_kept", {})
        if x.code not in kept:
            kept[x.code] = lake.answer_counts(self.kept, x.code)
        return kept[x.code]

    def _row(self, found: Sequence[AnswerCount], *, not_applicable: int = 0) -> Row:
        """Return how many answered, hidden where that would show somebody."""
        n = max((one.asked for one in found), default=0) - (not_applicable if found else 0)
        anonymous = sum(one.n_anonymous for one in found) > 0
        status = OK if n >= self.limits.precision_n else TOO_FEW
        if anonymous and (n < self.limits.privacy_n or self._told is None):
            status = SUPPRESSED
        return self._veiled(Row({}, None, None, status, shown(nothing(n=n), status)))

    def _veiled(self, row: Row) -> Row:
        """Return a number of nobody hidden where so few answered that it tells of each of them
        that they left the question out."""
        if row.status != TOO_FEW or row.estimate.n or self._told is not None:
            return row
        return replace(row, status=SUPPRESSED, estimate=shown(row.estimate, SUPPRESSED))

    def _bars(self, x: Question, found: Sequence[AnswerCount], n: int) -> list[Bar]:
        if x.kind in ("single", "multiple"):
            given = {one.code: one.n for one in found}
            labels = {choice.code: choice.label for choice in x.choices}
            labels |= {code: {} for code in given if code not in labels}
            return [
                Bar(c, label, k := given.get(c, 0), share_counts(k, n))
                for c, label in labels.items()
            ]
        if x.kind == "consent":
            given = {one.code: one.n for one in found}
            return [Bar(c, {}, k := given.get(c, 0), share_counts(k, n)) for c in ("yes", "no")]
        numbers = sorted((one.number, one.n) for one in found if one.number is not None)
        return [Bar(f"{value:g}", x.label_of(value), k, share_counts(k, n)) for value, k in numbers]


def _by_code(given: Mapping[Choice, _T]) -> dict[str, _T]:
    """Return what was found of each answer by the code of its bar."""
    return {code if number is None else f"{number:g}": one for (code, number), one in given.items()}


def _n_of(found: Sequence[AnswerCount], code: str) -> int:
    return sum(one.n for one in found if one.code == code)


def _or_least(row: Row) -> float:
    value = row.estimate.value
    return value if row.ok and value is not None else -1.0


def _latest(selection: Selection, question: str, at_most: int = 5) -> list[tuple[str, str, str]]:
    """Return the newest texts given to a question; none to those who may not read them."""
    said = feedback.records(selection).filter(answers__question=question, answers__text__gt="")
    found = said.values_list("answers__text", "day", "pk")[:at_most]
    return [(text, day.isoformat(), str(pk)) for text, day, pk in found]


def main_metric(x: Question) -> str | None:
    """Return the metric to compare groups by; None where the question makes no score."""
    families = FAMILIES.get(x.metric or "", ())
    return families[0] if families and x.kind != "matrix" else None
