"""A survey weighted to its population: who answered against who there is, and what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from manyi.kit.problems import Problem
from manyi.kit.selection import ATTRIBUTE, Selection
from manyi.lake import queries as lake
from manyi.lake.variables import ScoreOf
from manyi.metrics import guard, queries
from manyi.metrics.counted import counted
from manyi.metrics.margins import Frame, frame
from manyi.metrics.rows import Row
from manyi.metrics.weighted import NONE, Weights, raked
from manyi.programmes.models import Population
from manyi.programmes.queries import Known, known
from manyi.questionnaire.model import Questionnaire
from manyi.reports.analysis.segments import Figure
from manyi.reports.analysis.variables import limits, of_survey, scored, told
from manyi.reports.results import FAMILIES, current
from manyi.stats.rates import share_counts
from manyi.stats.result import Estimate
from manyi.surveys.models import Survey

MOST_FIGURES = 4
_PLAIN = ("unit", "channel", "touchpoint", "language")


@dataclass(frozen=True)
class Category:
    """A category of the population: its share there, and its share of those who answered
    (None where too few people stand behind it to be told)."""

    dimension: str
    code: str
    population: float | None
    answered: Estimate | None


@dataclass(frozen=True)
class Change:
    """A figure as the answers are, and as they stand for the population."""

    figure: Figure
    plain: Row
    weighted: Row


@dataclass(frozen=True)
class Weighed:
    """The categories and figures of a survey; `weights` None where nothing can be told."""

    population: Population | None
    categories: Sequence[Category]
    changes: Sequence[Change]
    weights: Weights | None = None

    @property
    def sums(self) -> dict[str, float]:
        """Return what the known shares of each dimension sum to, in per cent."""
        found: Counter[str] = Counter()
        for one in self.categories:
            found[one.dimension] += one.population or 0.0  # type: ignore[assignment]
        return dict(found)


def figures(survey: Survey) -> list[Figure]:
    """Return the first number of each question that is a rating by itself."""
    alone = [one for one in scored(survey) if one.question and one.question.kind != "matrix"]
    found = [
        Figure(FAMILIES[one.asked.family][0], one)
        for one in alone
        if isinstance(one.asked, ScoreOf) and one.asked.family in FAMILIES
    ]
    return found[:MOST_FIGURES]


def weighed(survey: Survey, selection: Selection, *, level: float = 0.95) -> Weighed:
    """Return the survey's answers before and after they are weighted to its population.

    Without one, the categories that answered are told, to be given their sizes.
    """
    mine = of_survey(selection, survey)
    population = survey.population
    dimensions = known(population) if population is not None else ()
    if population is None or not dimensions:
        return Weighed(population, _answered(mine, survey), ())
    whole = frame(mine, dimensions)
    categories = [c for one in dimensions for c in _categories(mine, whole, one)]
    changes, weights = [], None
    for one in figures(survey):
        try:
            found = raked(mine, one.metric, one.asked.item, level=level)
        except Problem:
            continue
        plain = queries.estimate(mine, one.metric, one.asked.item, level=level, weighting=NONE)
        changes.append(Change(one, plain[0], found.rows[0]))
        weights = weights or next(iter(found.weights), None)
    return Weighed(population, categories, changes, weights)


def _categories(mine: Selection, whole: Frame, one: Known) -> list[Category]:
    """Return a dimension's categories with those who answered, by the nearest known unit."""
    mine_of = Frame((one,), frozenset(), whole.above)
    counts: Counter[str | None] = Counter()
    secret = False
    for row in lake.counts((told(mine)[0] or mine).split(one.dimension)):
        (label,) = mine_of.label([row.group[one.dimension]])
        counts[label] += row.records
        secret = secret or row.n_anonymous > 0
    shown = _told(mine, counts, secret=secret)
    total, size = sum(counts.values()), sum(one.sizes.values())
    return [
        Category(one.dimension, code, 100 * people / size, _share(shown.get(code), total))
        for code, people in one.sizes.items()
    ]


def _told(
    mine: Selection, counts: Counter[str | None], *, secret: bool
) -> dict[str | None, int | None]:
    """Return the counts that may be told; a small one of an anonymous survey hides another."""
    if not secret:
        return dict(counts)
    if told(mine)[0] is None:
        return dict.fromkeys(counts)
    people: dict[guard.Key, int] = {(code,): n for code, n in counts.items()}
    hidden = guard.hidden(people, limits(mine).privacy_n)
    return {code: None if (code,) in hidden else n for code, n in counts.items()}


def _share(n: int | None, total: int) -> Estimate | None:
    return share_counts(n or 0, total) if n is not None and total else None


def _answered(mine: Selection, survey: Survey) -> list[Category]:
    """Return the categories that occur, for somebody to give their sizes."""
    q = current(survey)
    names = [*_PLAIN, *(_own(q) if q is not None else [])]
    found = []
    for name in names:
        codes = [(c, n) for c, n in counted(mine, name).items() if c is not None and n]
        total = sum(n for _, n in codes)
        if len(codes) > 1:
            found += [Category(name, code, None, _share(n, total)) for code, n in codes]
    return found


def _own(q: Questionnaire) -> list[str]:
    return [f"{ATTRIBUTE}{one.code}" for one in q.hidden]
