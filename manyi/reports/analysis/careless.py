"""Answers given without care: how many there are, which ones, and what they change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manyi.feedback import queries as feedback
from manyi.kit.selection import Selection
from manyi.lake.variables import DimensionOf, Lines, remembered, side_by_side
from manyi.reports.analysis.segments import Figure, figures
from manyi.reports.analysis.variables import (
    Variable,
    hidden_note,
    limits,
    of_survey,
    scored,
    told,
)
from manyi.stats.metrics import mean_of
from manyi.stats.moments import from_values
from manyi.stats.quality import speeders_rows, straightliners_rows
from manyi.stats.rates import share
from manyi.stats.result import Estimate, Note
from manyi.surveys.models import Survey

MOST_LOOKED_AT = 5_000
LEAST_ROWS = 4
LEAST_TIMED = 10
MOST_LISTED = 100
SPEED, STRAIGHT, TWICE = FLAGS = ("speed", "straight", "twice")
_AT_ONCE = 900


@dataclass(frozen=True)
class Flag:
    """How many of those looked at carry a flag; `found` None where it cannot be known here."""

    code: str
    found: Estimate | None


@dataclass(frozen=True)
class Flagged:
    """One answer with its flags, to be looked at and never deleted in silence."""

    record: int
    flags: Sequence[str]
    seconds: float | None


@dataclass(frozen=True)
class Care:
    """The flags of a survey's answers, the flagged ones, and the main figure with and without
    them; `median` is the seconds that half took."""

    flags: Sequence[Flag]
    any_flag: Estimate | None
    median: float | None
    flagged: Sequence[Flagged]
    figure: Figure | None
    whole: Estimate | None
    careful: Estimate | None
    sampled: bool = False
    problem: Note | None = None
    notes: Sequence[Note] = ()


def offered(survey: Survey) -> bool:
    return bool(scored(survey))


def care(survey: Survey, selection: Selection, *, level: float = 0.95) -> Care:
    """Return the flags of speed (under a third of the median), straight lines through a matrix
    of four rows or more, and the same known customer twice on a day."""
    mine = of_survey(selection, survey)
    return remembered(mine, ("care", level), lambda: _care(survey, mine, level))


def _care(survey: Survey, mine: Selection, level: float) -> Care:
    items = scored(survey)
    asked = [one.asked for one in items]
    seen, notes = told(mine)
    if seen is None:
        return _nothing(hidden_note(mine))
    lines = side_by_side(seen, [*asked, DimensionOf("day")], at_most=MOST_LOOKED_AT)
    least = limits(mine).precision_n
    if len(lines) < least:
        return _nothing(Note("analysis.few_answers", {"n": len(lines), "least": least}))
    seconds = _seconds(mine, lines)
    timed = int((~np.isnan(seconds)).sum())
    marks = {
        SPEED: _mask(lines, speeders_rows(seconds)) if timed >= LEAST_TIMED else None,
        STRAIGHT: _straight(lines, items),
        TWICE: _twice(lines),
    }
    known = {code: mask for code, mask in marks.items() if mask is not None}
    either = np.any(list(known.values()), axis=0) if known else np.zeros(len(lines), bool)
    bases = {SPEED: timed, STRAIGHT: len(lines), TWICE: int((lines.customer > 0).sum())}
    figure = next(iter(figures(survey)), None)
    whole, careful = _both(lines, figure, either, level, limits(mine).privacy_n)
    return Care(
        [Flag(code, _share(marks[code], bases[code], level)) for code in FLAGS],
        share(int(either.sum()), len(lines), level=level),
        float(np.nanmedian(seconds)) if timed >= LEAST_TIMED else None,
        _listed(lines, known, either, seconds),
        figure,
        whole,
        careful,
        len(lines) >= MOST_LOOKED_AT,
        notes=notes,
    )


def _nothing(problem: Note) -> Care:
    return Care((), None, None, (), None, None, None, problem=problem)


def _share(mask: np.ndarray | None, base: int, level: float) -> Estimate | None:
    return None if mask is None or not base else share(int(mask.sum()), base, level=level)


def _mask(lines: Lines, places: np.ndarray) -> np.ndarray:
    found = np.zeros(len(lines), bool)
    found[places] = True
    return found


def _seconds(mine: Selection, lines: Lines) -> np.ndarray:
    """Return the seconds that each answer took, NaN where they were not measured."""
    took: dict[int, float] = {}
    records = lines.record.tolist()
    for at in range(0, len(records), _AT_ONCE):
        part = feedback.records(mine).filter(pk__in=records[at : at + _AT_ONCE]).order_by()
        rows = part.exclude(completed_at=None).values_list("pk", "meta__seconds")
        took.update((pk, float(s)) for pk, s in rows if isinstance(s, int | float) and s > 0)
    return np.array([took.get(pk, np.nan) for pk in records])


def _straight(lines: Lines, items: Sequence[Variable]) -> np.ndarray | None:
    matrices: dict[str, list[Variable]] = {}
    for one in items:
        if one.question is not None and one.question.kind == "matrix":
            matrices.setdefault(one.question.code, []).append(one)
    wide = [rows for rows in matrices.values() if len(rows) >= LEAST_ROWS]
    if not wide:
        return None
    masks = []
    for rows in wide:
        table = np.column_stack([lines.columns[one.asked] for one in rows])
        masks.append(_mask(lines, straightliners_rows(table)))
    return np.asarray(np.any(masks, axis=0))


def _twice(lines: Lines) -> np.ndarray | None:
    """Return the lines of known customers who answered more than once on a day."""
    if not (lines.customer > 0).any():
        return None
    days = lines.columns[DimensionOf("day")].tolist()
    keys = list(zip(lines.customer.tolist(), days, strict=True))
    times = Counter(key for key in keys if key[0] > 0)
    return np.array([times[key] > 1 for key in keys], bool)


def _both(
    lines: Lines, figure: Figure | None, either: np.ndarray, level: float, least: int
) -> tuple[Estimate | None, Estimate | None]:
    """Return the index of the main question over all lines, and over those without a flag.

    Neither, where the one taken from the other would tell what a few anonymous people said.
    """
    if figure is None:
        return None, None
    y = lines.columns[figure.asked]
    there = ~np.isnan(y)
    if any(0 < int((side & there & lines.anonymous).sum()) < least for side in (either, ~either)):
        return None, None
    found = []
    for kept in (there, there & ~either):
        if not kept.any():
            return None, None
        moments = from_values(y[kept], None, lines.customer[kept])
        found.append(mean_of(moments, level=level, low=0.0, high=100.0))
    return found[0], found[1]


def _listed(
    lines: Lines, known: dict[str, np.ndarray], either: np.ndarray, seconds: np.ndarray
) -> list[Flagged]:
    """Return the flagged answers, those with most flags first; none from anonymous surveys."""
    places = [int(at) for at in np.flatnonzero(either & ~lines.anonymous)]
    found = [
        Flagged(
            int(lines.record[at]),
            [code for code, mask in known.items() if mask[at]],
            None if np.isnan(seconds[at]) else float(seconds[at]),
        )
        for at in places
    ]
    return sorted(found, key=lambda one: (-len(one.flags), one.record))[:MOST_LISTED]
