"""What a number's change since the period before goes with: themes, and themes of a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from manyi.base.log import logger
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.lake import variables
from manyi.lake.variables import DimensionOf, ScoreOf
from manyi.metrics import guard, measured
from manyi.metrics.registry import OVERALL
from manyi.metrics.rows import FAILED, OK, TOO_FEW
from manyi.stats.attribution import Attribution, attribute
from manyi.stats.moments import FloatArray

log = logger(__name__)
LEVEL = 0.95
NO_PERIOD: Final = "no_period"
# So many kinds are looked at, the most spoken of first: more would only make each less sure.
_MOST = 400
_UNIT = DimensionOf("unit")
# Codes of aspect and polarity, and the unit's where a kind is one unit's.
Key = tuple[str, int, str | None]


@dataclass(frozen=True)
class Changes:
    """What a change goes with; `n_anonymous` answers were left out, since a part of the
    anonymous ones could tell who said what; None where that number could as well."""

    metric: str
    status: str
    period: Period | None
    before: Period | None
    themes: Attribution[Key] | None = None
    places: Attribution[Key] | None = None
    n: int = 0
    n_before: int = 0
    n_anonymous: int | None = 0


def _promoting(index: FloatArray) -> FloatArray:
    """Return 100 for a promoter, -100 for a detractor, of answers as 0 to 100."""
    above, below = index > 85.0, index < 65.0  # 9–10 and 0–6 of 10
    return 100.0 * above - 100.0 * below


_VALUES: dict[str, tuple[str, Callable[[FloatArray], FloatArray]]] = {
    "csat_index": ("csat", lambda index: index),
    "nps": ("nps", _promoting),
}
METRICS = tuple(_VALUES)


def changes(selection: Selection, metric: str, *, level: float = LEVEL) -> Changes:
    """Return what the change of a metric since the period before goes with; raises Problem.

    `metric` is one of METRICS, of the overall score.
    """
    if metric not in _VALUES:
        raise Problem("metric_unknown", metric=metric)
    previous = before(selection.when)
    if selection.when is None or previous is None:
        return Changes(metric, NO_PERIOD, selection.when, None)
    try:
        return _changes(selection, selection.when, previous, metric, level)
    except Problem:
        raise
    except Exception:  # a page says "failed" and never "no data"
        log.exception("changes_failed", organisation=selection.scope.organisation_id)
        return Changes(metric, FAILED, selection.when, previous)


def before(when: Period | None) -> Period | None:
    """Return the period before; None where the calendar has none, as for one without an end."""
    try:
        return when.previous() if when else None
    except OverflowError:
        return None


@dataclass(frozen=True, eq=False)
class _Side:
    record: np.ndarray
    value: FloatArray
    customer: np.ndarray
    unit: np.ndarray
    said: tuple[np.ndarray, list[str], np.ndarray]
    n_anonymous: int


def _changes(
    selection: Selection, now: Period, previous: Period, metric: str, level: float
) -> Changes:
    sides = [_side(selection.during(when), metric) for when in (now, previous)]
    least = guard.limits(selection.scope).precision_n
    sizes = [len(one.record) for one in sides]
    is_secret = any(one.n_anonymous for one in sides)
    anonymous = _told(selection, [now, previous], metric, level) if is_secret else 0
    if min(sizes) < least:
        return Changes(metric, TOO_FEW, now, previous, None, None, sizes[0], sizes[1], anonymous)

    def asked(*, by_unit: bool) -> Attribution[Key]:
        return attribute(
            np.concatenate([one.value for one in sides]),
            np.repeat([True, False], sizes),
            _kinds(sides, by_unit=by_unit),
            people=np.concatenate([one.customer for one in sides]),
            level=level,
            least=least,
        )

    everywhere, by_unit = asked(by_unit=False), asked(by_unit=True)
    return Changes(metric, OK, now, previous, everywhere, by_unit, sizes[0], sizes[1], anonymous)


def _told(selection: Selection, sides: list[Period], metric: str, level: float) -> int | None:
    """Return how many anonymous answers there are; None where some may not be told of."""
    found, _ = measured.measure_sides(selection.split(), sides, metric, OVERALL, level=level)
    key = (None,)
    if any(one.failed or key in one.hidden | one.partly for one in found):
        return None
    return sum(one.settled.anonymous.get(key, 0) for one in found)


def _side(selection: Selection, metric: str) -> _Side:
    return variables.remembered(selection, ("changes", metric), lambda: _read(selection, metric))


def _read(selection: Selection, metric: str) -> _Side:
    family, values = _VALUES[metric]
    score = ScoreOf(OVERALL, family)
    lines = variables.side_by_side(selection, [score, _UNIT])
    there = ~np.isnan(lines.columns[score])
    open_ones = there & ~lines.anonymous
    return _Side(
        lines.record[open_ones],
        values(lines.columns[score][open_ones]),
        lines.customer[open_ones],
        lines.columns[_UNIT][open_ones],
        variables.said_by_record(selection),
        int((there & lines.anonymous).sum()),
    )


def _kinds(sides: list[_Side], *, by_unit: bool) -> Mapping[Key, list[int]]:
    """Return the rows of each theme that is spoken well or badly of, of each unit if asked."""
    found: dict[Key, list[int]] = defaultdict(list)
    start = 0
    for side in sides:
        row = {record: start + i for i, record in enumerate(side.record.tolist())}
        for record, aspect, sense in zip(*side.said, strict=True):
            at = row.get(int(record))
            unit = side.unit[at - start] if by_unit and at is not None else None
            if at is not None and sense and (unit is not None or not by_unit):
                found[aspect, int(sense), unit].append(at)
        start += len(side.record)
    most = sorted(found, key=lambda key: (-len(found[key]), str(key)))[:_MOST]
    return {key: found[key] for key in most}
