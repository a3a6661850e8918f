"""Answers given without care: how many there are, which ones, and what they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from manyi.feedback import queries as feedback
from manyi.feedback.models import Score
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.lake.leaving import left_out
from manyi.lake.variables import remembered, side_by_side
from manyi.reports.analysis.flagging import FLAGS, SPEED, STRAIGHT, TWICE, Flags, flags_of, parts
from manyi.reports.analysis.segments import Figure, figures
from manyi.reports.analysis.variables import (
    hidden_note,
    limits,
    of_survey,
    people,
    scored,
    told,
)
from manyi.stats.metrics import mean_of, share_of
from manyi.stats.moments import from_values
from manyi.stats.result import Estimate, Note
from manyi.surveys.models import Survey

MOST_LOOKED_AT = 5_000
MOST_LISTED = 100


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
    them; `median` is the seconds that half took, `left_out` how many of these answers count on
    no other page."""

    flags: Sequence[Flag]
    any_flag: Estimate | None
    median: float | None
    flagged: Sequence[Flagged]
    figure: Figure | None
    whole: Estimate | None
    careful: Estimate | None
    sampled: bool = False
    left_out: int = 0
    problem: Note | None = None
    notes: Sequence[Note] = ()


@dataclass(frozen=True, eq=False)
class _Sheet:
    """Answers side by side, those that count on other pages and those that do not."""

    record: np.ndarray
    customer: np.ndarray
    anonymous: np.ndarray
    y: np.ndarray
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.record)


def offered(survey: Survey) -> bool:
    return bool(scored(survey))


def care(survey: Survey, selection: Selection, *, level: float = 0.95) -> Care:
    """Return the flags of speed (under a third of the survey's median), straight lines through a
    matrix of four rows or more, and the same known customer twice on a day; of answers that are
    left out of the other pages too."""
    mine = of_survey(selection, survey)
    return remembered(mine, ("care", level), lambda: _care(survey, mine, level))


def _care(survey: Survey, mine: Selection, level: float) -> Care:
    seen, notes = told(mine)
    if seen is None:
        return _nothing(hidden_note(mine))
    figure = next(iter(figures(survey)), None)
    sheet = _sheet(survey, seen, figure)
    least = limits(mine).precision_n
    if len(sheet) < least:
        return _nothing(Note("analysis.few_answers", {"n": len(sheet), "least": least}))
    ids = sheet.record.tolist()
    flags = flags_of(survey, ids)
    either = np.array([pk in flags.of for pk in ids], bool)
    whole, careful = _both(sheet, figure, either, level, limits(mine).privacy_n)
    bases = {
        SPEED: np.array([pk in flags.seconds for pk in ids], bool),
        STRAIGHT: np.ones(len(sheet), bool),
        TWICE: sheet.customer > 0,
    }
    return Care(
        [Flag(code, _flagged(sheet, flags, code, bases[code], level)) for code in FLAGS],
        _share(either, sheet.customer, level),
        flags.median,
        _listed(sheet, flags),
        figure,
        whole,
        careful,
        len(sheet) >= MOST_LOOKED_AT,
        sheet.left_out,
        notes=notes,
    )


def _nothing(problem: Note) -> Care:
    return Care((), None, None, (), None, None, None, problem=problem)


def _flagged(
    sheet: _Sheet, flags: Flags, code: str, base: np.ndarray, level: float
) -> Estimate | None:
    if code not in flags.told or not base.any():
        return None
    marked = np.array([code in flags.of.get(pk, ()) for pk in sheet.record.tolist()], bool)
    return _share(marked[base], sheet.customer[base], level)


def _share(marked: np.ndarray, customer: np.ndarray, level: float) -> Estimate:
    """Return the share of the answers marked, with the errors of whole customers."""
    return share_of(from_values(marked, None, people(customer)), level=level)


def _sheet(survey: Survey, seen: Selection, figure: Figure | None) -> _Sheet:
    """Return the answers that count, a sample of very many, and as large a part of those that
    are left out."""
    asked = [figure.asked] if figure is not None else []
    lines = side_by_side(seen, asked, at_most=MOST_LOOKED_AT)
    y = lines.columns[figure.asked] if figure is not None else np.full(len(lines), np.nan)
    gone = _left_out(survey, seen, figure, _part(seen, len(lines)))
    return _Sheet(
        np.concatenate([lines.record, gone.record]),
        np.concatenate([lines.customer, gone.customer]),
        np.concatenate([lines.anonymous, gone.anonymous]),
        np.concatenate([y, gone.y]),
        gone.left_out,
    )


def _part(seen: Selection, n: int) -> float:
    if n < MOST_LOOKED_AT:
        return 1.0
    return n / max(sum(one.records for one in lake.counts(seen)), n)


def _left_out(survey: Survey, seen: Selection, figure: Figure | None, part: float) -> _Sheet:
    ids = list(left_out([survey.pk]).order_by("pk").values_list("pk", flat=True))
    fields = ("pk", "customer_id", "is_anonymous")
    each = (feedback.among(seen, some).order_by("pk").values_list(*fields) for some in parts(ids))
    rows = list(chain.from_iterable(each))
    kept = [row for at, row in enumerate(rows) if int(at * part) < int((at + 1) * part)]
    ids = [pk for pk, *_ in kept]
    y = _indices(ids, figure) if figure is not None else {}
    return _Sheet(
        np.array(ids, np.int64),
        np.array([customer or -pk for pk, customer, _ in kept], np.int64),
        np.array([secret for *_, secret in kept], bool),
        np.array([y.get(pk, np.nan) for pk in ids], float),
        len(rows),
    )


def _indices(record_ids: Sequence[int], figure: Figure) -> dict[int, float]:
    """Return the figure's scores of these records as indices from 0 (worst) to 100 (best)."""
    asked = figure.asked
    given = Score.objects.filter(item=asked.item, metric=asked.family)
    found: dict[int, float] = {}
    for part in parts(record_ids):
        rows = given.filter(record__in=part).values_list("record_id", "value", "worst", "best")
        found |= {pk: (x - worst) / (best - worst) * 100 for pk, x, worst, best in rows}
    return found


def _both(
    sheet: _Sheet, figure: Figure | None, either: np.ndarray, level: float, least: int
) -> tuple[Estimate | None, Estimate | None]:
    """Return the index of the main question over all answers, and over those without a flag.

    Neither, where the one taken from the other would tell what a few anonymous people said.
    """
    if figure is None:
        return None, None
    there = ~np.isnan(sheet.y)
    if any(0 < int((side & there & sheet.anonymous).sum()) < least for side in (either, ~either)):
        return None, None
    found = []
    for kept in (there, there & ~either):
        if not kept.any():
            return None, None
        moments = from_values(sheet.y[kept], None, sheet.customer[kept])
        found.append(mean_of(moments, level=level, low=0.0, high=100.0))
    return found[0], found[1]


def _listed(sheet: _Sheet, flags: Flags) -> list[Flagged]:
    """Return the flagged answers, those with most flags first; none from anonymous surveys."""
    named = sheet.record[~sheet.anonymous].tolist()
    found = [Flagged(pk, flags.of[pk], flags.seconds.get(pk)) for pk in named if pk in flags.of]
    return sorted(found, key=lambda one: (-len(one.flags), one.record))[:MOST_LISTED]
