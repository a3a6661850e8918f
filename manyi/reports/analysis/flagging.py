"""The flags of single answers: too fast, a straight line, twice on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

import numpy as np

from manyi.base.planning import beside_index
from manyi.feedback.models import FeedbackRecord, Score
from manyi.lake.hot import COUNTS
from manyi.lake.variables import ScoreOf
from manyi.reports.analysis.variables import Variable, scored
from manyi.stats.quality import straightliners_rows
from manyi.surveys.models import Survey

LEAST_ROWS = 4
LEAST_TIMED = 10
SPEED, STRAIGHT, TWICE = FLAGS = ("speed", "straight", "twice")
_TIMED = 5_000
_FAST = 1 / 3
_AT_ONCE = 500
_Day = tuple[int, date]  # a customer, and a day


@dataclass(frozen=True)
class Flags:
    """The flags of the answers looked at, by record; the seconds of those that were timed; which
    flags could be told at all, and the median time of the survey."""

    of: Mapping[int, Sequence[str]]
    seconds: Mapping[int, float]
    told: frozenset[str]
    median: float | None


def flags_of(survey: Survey, record_ids: Sequence[int]) -> Flags:
    """Return the flags of these answers to a survey.

    Too fast is under a third of the median of its latest answers; a straight line runs through
    a matrix of four rows or more; twice is the same known customer on the same day.
    """
    median, matrices = pace(survey), wide_matrices(survey)
    seconds: dict[int, float] = {}
    found: dict[int, list[str]] = {}
    n_known = 0
    for part in parts(record_ids):
        took, known = _looked_at(part)
        twice = _twice(survey, known)
        n_known += len(known)
        seconds |= took
        fast = [pk for pk, s in took.items() if median is not None and s < _FAST * median]
        marks = ((SPEED, fast), (STRAIGHT, _straight(matrices, part)), (TWICE, twice))
        for flag, ids in marks:
            for pk in ids:
                found.setdefault(pk, []).append(flag)
    told = {SPEED: median is not None, STRAIGHT: bool(matrices), TWICE: n_known > 0}
    return Flags(found, seconds, frozenset(f for f, known in told.items() if known), median)


def parts(record_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Return the records in parts that a database takes at once."""
    return (record_ids[at : at + _AT_ONCE] for at in range(0, len(record_ids), _AT_ONCE))


def pace(survey: Survey) -> float | None:
    """Return the median seconds of a survey's latest answers; None where few were timed."""
    mine = FeedbackRecord.objects.filter(survey_id=survey.pk).exclude(completed_at=None)
    latest = mine.order_by("-occurred_at").values_list("meta__seconds", flat=True)[:_TIMED]
    timed = [float(s) for s in latest if _is_time(s)]
    return float(np.median(timed)) if len(timed) >= LEAST_TIMED else None


def _is_time(given: object) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and given > 0


def _looked_at(record_ids: Sequence[int]) -> tuple[dict[int, float], dict[int, _Day]]:
    """Return the seconds of answers that were timed, and who of the known customers gave them on
    which day."""
    fields = ("pk", "completed_at", "meta__seconds", "customer_id", "day")
    rows = list(FeedbackRecord.objects.filter(pk__in=record_ids).values_list(*fields))
    took = {pk: float(s) for pk, end, s, *_ in rows if end is not None and _is_time(s)}
    return took, {pk: (who, day) for pk, _, _, who, day in rows if who is not None}


def wide_matrices(survey: Survey) -> list[list[Variable]]:
    """Return the rows of each rated matrix that is long enough for a line to show."""
    found: dict[str, list[Variable]] = {}
    for one in scored(survey):
        if one.question is not None and one.question.kind == "matrix":
            found.setdefault(one.question.code, []).append(one)
    return [rows for rows in found.values() if len(rows) >= LEAST_ROWS]


def _straight(matrices: Sequence[Sequence[Variable]], record_ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for rows in matrices:
        places = straightliners_rows(_table(record_ids, rows))
        found.update(record_ids[at] for at in places.tolist())
    return found


def _table(record_ids: Sequence[int], rows: Sequence[Variable]) -> np.ndarray:
    """Return the scores of a matrix's rows, one line a record, NaN where there is none."""
    line = {pk: at for at, pk in enumerate(record_ids)}
    column = {one.asked.item: at for at, one in enumerate(rows) if isinstance(one.asked, ScoreOf)}
    table = np.full((len(line), len(column)), np.nan)
    given = Score.objects.filter(record__in=record_ids, item__in=list(column))
    for pk, item, value in given.values_list("record_id", "item", "value"):
        table[line[pk], column[item]] = value
    return table


def _twice(survey: Survey, known: Mapping[int, _Day]) -> Iterable[int]:
    """Return the answers of known customers who answered more than once on that day."""
    times = Counter((one, day) for _, one, day in _of_days(survey, set(known.values())))
    return [pk for pk, key in known.items() if times[key] > 1]


def same_days(survey: Survey, record_ids: Sequence[int]) -> list[int]:
    """Return the answers of the same known customers on the same days, these left out."""
    found: set[int] = set()
    for part in parts(record_ids):
        these = FeedbackRecord.objects.filter(pk__in=part, customer__isnull=False)
        keys = set(these.values_list("customer_id", "day"))
        found.update(pk for pk, one, day in _of_days(survey, keys) if (one, day) in keys)
    return sorted(found.difference(record_ids))


def _of_days(survey: Survey, keys: Set[_Day]) -> Iterable[tuple[int, int, date]]:
    """Return id, customer and day of the answers of these customers on any of these days.

    They are found by customer: a survey may have most of all records.
    """
    near = FeedbackRecord.objects.alias(_survey=beside_index("survey_id")).filter(
        COUNTS,
        _survey=survey.pk,
        customer_id__in={one for one, _ in keys},
        day__in={day for _, day in keys},
    )
    return near.values_list("pk", "customer_id", "day")
