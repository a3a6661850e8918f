"""Shares of chosen answers weighted to the population of the survey asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.lake.queries import AnswerCount
from manyi.metrics import guard
from manyi.metrics.margins import Frame, Label, frame, levels
from manyi.metrics.weighted import CAP, LEAST, RAKED, population_of, weighting_of
from manyi.programmes.queries import known
from manyi.stats import intervals
from manyi.stats.result import Estimate
from manyi.stats.survey.weighting import rake_cells

Given = tuple[str, float | None]


def shares(
    selection: Selection, question: str, *, without: str, level: float = 0.95
) -> dict[Given, Estimate]:
    """Return the weighted share in per cent of each (code, number) among those who answered,
    but for those who gave `without`; nothing where the survey's pages are not weighted, or
    too few answered for that.

    Wilson's interval at Kish's effective n. Only a selection that may be told may be asked.
    """
    if weighting_of(selection) != RAKED:
        return {}
    population = frame(selection, known(population_of(selection)))
    found = lake.answer_counts(selection.split(*population.dimensions), question)
    asked, given = _by_label(population, found, without)
    if sum(asked.values()) < LEAST or _gives_away(selection, found, asked):
        return {}
    made = levels(population, asked)
    factors = rake_cells({made.cell(at): n for at, n in asked.items()}, made.totals, cap=CAP)
    return _shares(asked, given, {at: factors.factors[made.cell(at)] for at in asked}, level)


def _gives_away(
    selection: Selection, found: Iterable[AnswerCount], asked: Mapping[Label, int]
) -> bool:
    """Whether few anonymous people answered in one cell, of whom the weighted shares would tell."""
    least = guard.limits(selection.scope).privacy_n
    return any(one.n_anonymous for one in found) and guard.hides_any(
        {at: n for at, n in asked.items()}, least
    )


def _by_label(
    population: Frame, found: Iterable[AnswerCount], without: str
) -> tuple[Counter[Label], dict[Given, Counter[Label]]]:
    """Return how many answered in each cell, and how many gave each answer there."""
    parts: dict[tuple[str | None, ...], list[AnswerCount]] = defaultdict(list)
    for one in found:
        parts[tuple(one.group[name] for name in population.dimensions)].append(one)
    asked: Counter[Label] = Counter()
    given: dict[Given, Counter[Label]] = defaultdict(Counter)
    for codes, part in parts.items():
        label = population.label(codes)
        left = sum(one.n for one in part if one.code == without)
        asked[label] += max(one.asked for one in part) - left
        for one in part:
            given[one.code, one.number][label] += one.n
    return +asked, given


def _shares(
    asked: Mapping[Label, int],
    given: Mapping[Given, Mapping[Label, int]],
    factors: Mapping[Label, float],
    level: float,
) -> dict[Given, Estimate]:
    total = sum(factors[at] * n for at, n in asked.items())
    effective = total**2 / sum(factors[at] ** 2 * n for at, n in asked.items())
    return {
        code: _share(
            sum(factors.get(at, 0.0) * n for at, n in cells.items()) / total,
            sum(asked.values()),
            effective,
            level,
        )
        for code, cells in given.items()
    }


def _share(p: float, n: int, effective: float, level: float) -> Estimate:
    ends = intervals.wilson(p * effective, effective, level)
    return Estimate(100 * p, 100 * ends.low, 100 * ends.high, level, n, effective, None, "wilson")
