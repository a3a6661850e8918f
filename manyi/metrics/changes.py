"""What a number's change since the period before goes with: themes, and themes of a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from manyi.base.log import logger
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.lake import variables
from manyi.lake.tables import MENTIONS, RECORDS, SCORES
from manyi.lake.variables import DimensionOf, Said, ScoreOf, places
from manyi.metrics import guard, measured
from manyi.metrics.registry import OVERALL
from manyi.metrics.rows import FAILED, OK, TOO_FEW
from manyi.stats.attribution import Attribution, attribute
from manyi.stats.moments import FloatArray, IntArray

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
    said: Said
    n_anonymous: int


@dataclass(frozen=True)
class _Found:
    """What was counted of both sides, and what the change goes with where there are enough."""

    sizes: tuple[int, int]
    is_secret: bool
    each: tuple[Attribution[Key], Attribution[Key]] | None = None


def _changes(
    selection: Selection, now: Period, previous: Period, metric: str, level: float
) -> Changes:
    sides = [selection.during(when) for when in (now, previous)]
    least = guard.limits(selection.scope).precision_n
    key = ("changes", metric, level, least, previous)
    found = variables.remembered_of(
        selection, (RECORDS, SCORES, MENTIONS), key, lambda: _found(sides, metric, level, least)
    )
    anonymous = _told(selection, [now, previous], metric, level) if found.is_secret else 0
    status = OK if found.each else TOO_FEW
    everywhere, by_unit = found.each or (None, None)
    return Changes(metric, status, now, previous, everywhere, by_unit, *found.sizes, anonymous)


def _found(selections: list[Selection], metric: str, level: float, least: int) -> _Found:
    sides = [_read(one, metric) for one in selections]
    sizes = len(sides[0].record), len(sides[1].record)
    is_secret = any(one.n_anonymous for one in sides)
    if min(sizes) < least:
        return _Found(sizes, is_secret)
    everywhere, by_unit = attribute(
        np.concatenate([one.value for one in sides]),
        np.repeat([True, False], sizes),
        _kinds(sides, by_unit=False),
        _kinds(sides, by_unit=True),
        people=np.concatenate([one.customer for one in sides]),
        level=level,
        least=least,
    )
    return _Found(sizes, is_secret, (everywhere, by_unit))


def _told(selection: Selection, sides: list[Period], metric: str, level: float) -> int | None:
    """Return how many anonymous answers there are; None where some may not be told of."""
    found, _ = measured.measure_sides(selection.split(), sides, metric, OVERALL, level=level)
    key = (None,)
    if any(one.failed or key in one.hidden | one.partly for one in found):
        return None
    return sum(one.settled.anonymous.get(key, 0) for one in found)


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
        variables.said_by_record(selection, lines.cut),
        int((there & lines.anonymous).sum()),
    )


def _kinds(sides: list[_Side], *, by_unit: bool) -> Mapping[Key, IntArray]:
    """Return the rows of each theme that is spoken well or badly of, of each unit if asked."""
    rows, theme, themes = _spoken(sides)
    unit, units = np.zeros(len(rows), np.int64), list[str | None]([None])
    if by_unit:
        unit, units = _in_units(sides, rows)
        known = np.array([code is not None for code in units], bool)[unit]
        rows, theme, unit = rows[known], theme[known], unit[known]

    def key(kind: int) -> Key:
        return *themes[kind // len(units)], units[kind % len(units)]

    return {key(kind): found for kind, found in _most(theme * len(units) + unit, rows, key)}


def _spoken(sides: list[_Side]) -> tuple[IntArray, IntArray, list[tuple[str, int]]]:
    """Return the row of each good or bad word, and the place of its theme among all."""
    themes: dict[tuple[str, int], int] = {}
    rows, found, start = [], [], 0
    for side in sides:
        there, at = places(side.record, side.said.record)
        aspect, sense = side.said.aspect[there], side.said.polarity[there]
        own = [
            [themes.setdefault((name, sign), len(themes)) for sign in (-1, 1)]
            for name in side.said.aspects
        ]
        told = np.flatnonzero(sense)
        good = (sense[told] > 0).astype(np.int64)
        rows.append(start + at[told])
        found.append(np.array(own, np.int64).reshape(-1, 2)[aspect[told], good])
        start += len(side.record)
    return np.concatenate(rows), np.concatenate(found), list(themes)


def _in_units(sides: list[_Side], rows: IntArray) -> tuple[IntArray, list[str | None]]:
    """Return the place of each row's unit among all."""
    units: dict[str | None, int] = {}
    all_ = [units.setdefault(code, len(units)) for side in sides for code in side.unit.tolist()]
    return np.array(all_, np.int64)[rows], list(units)


def _most(
    kind: IntArray, rows: IntArray, key: Callable[[int], Key]
) -> Iterator[tuple[int, IntArray]]:
    """Yield the rows of the most frequent kinds."""
    counts = np.bincount(kind)
    often = np.flatnonzero(counts)
    if len(often) > _MOST:
        often = often[counts[often] >= np.partition(counts[often], -_MOST)[-_MOST]]
    order, ends = np.argsort(kind, kind="stable"), np.cumsum(counts)
    named = sorted((-int(counts[one]), str(key(one)), one) for one in often.tolist())
    for many, _, one in named[:_MOST]:
        yield one, rows[order[ends[one] + many : ends[one]]]
