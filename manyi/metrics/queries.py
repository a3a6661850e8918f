"""Numbers for pages, interfaces, reports and rules: each with its interval, its n, its status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from manyi.kit import period
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.metrics import guard, registry
from manyi.metrics.counted import records
from manyi.metrics.measured import Measured, Shared, count_ahead
from manyi.metrics.rows import OK, SUPPRESSED, TOO_FEW, Row, shown
from manyi.metrics.settled import Key
from manyi.metrics.units import UnitRow as UnitRow
from manyi.metrics.units import units_compared as units_compared
from manyi.metrics.weighted import measure, measure_sides
from manyi.stats import compare as differences
from manyi.stats import rates
from manyi.stats.distribution import Share
from manyi.stats.distribution import distribution as shares
from manyi.stats.result import Estimate

LEVEL = 0.95


@dataclass(frozen=True)
class Comparison:
    """A group's number now, in the previous period 环比 and a year before 同比.

    A delta is None unless both of its sides are shown, and weighted alike; `is_change` says
    whether it is real.
    """

    current: Row
    previous: Row | None
    year_before: Row | None
    delta: Estimate | None
    delta_year: Estimate | None

    @property
    def direction(self) -> int:
        """Return 1 or -1 where the change from the previous period is real, else 0."""
        return 0 if self.delta is None else differences.direction(self.delta)


@dataclass(frozen=True)
class Distribution:
    """How often each answer was given; no shares unless `row.status` is "ok"."""

    row: Row
    shares: tuple[Share, ...]

    @property
    def heights(self) -> tuple[int, ...]:
        """Return how many answers to draw for each: of a weighted row as many of its n as its
        share says."""
        if self.row.weighted_to is None:
            return tuple(one.count for one in self.shares)
        n = self.row.estimate.n
        return tuple(round((one.share.value or 0.0) * n / 100) for one in self.shares)


def estimate(
    selection: Selection,
    metric: str,
    item: str | None = None,
    *,
    level: float = LEVEL,
    depth: int | None = None,
    weighting: str | None = None,
) -> list[Row]:
    """Return the metric for each group and period of `selection`, in their order.

    Without groups there is always one row. `depth` rolls `by=unit` up to a level of the tree.
    `weighting` "raked" lets the answers stand for the population that their survey names,
    "none" counts each once; None is as the surveys asked for say, here and in all that follows.
    Raises Problem for a metric that does not exist or lacks its item.
    """
    found = measure(selection, metric, item, level=level, depth=depth, weighting=weighting)
    return [found.row(key) for key in _keys(found)]


def _no_group(selection: Selection) -> Key:
    return (None,) * (len(selection.by) + 1)


def trend(
    selection: Selection,
    metric: str,
    item: str | None = None,
    *,
    interval: str | None = None,
    level: float = LEVEL,
    weighting: str | None = None,
) -> list[Row]:
    """Return the metric for every period of `selection.when`, those without answers included."""
    when = selection.when
    step = interval or selection.interval or (period.fitting_interval(when) if when else "month")
    split = selection.split(interval=step)
    found = measure(split, metric, item, level=level, weighting=weighting)
    if found.failed:
        return [found.row((None,))]
    starts = {key[0] for key in found.keys}
    if when is not None and when.days < 4000:
        starts |= {one.first for one in period.buckets(when, step)}
    return [found.row((day,)) for day in sorted(starts)]  # type: ignore[type-var]


def compare(
    selection: Selection,
    metric: str,
    item: str | None = None,
    *,
    level: float = LEVEL,
    depth: int | None = None,
    weighting: str | None = None,
) -> list[Comparison]:
    """Return each group's number now with the previous period and the year before.

    Without groups there is always one. Without `selection.when` there is nothing before.
    """
    whole = selection.split(*selection.by)
    if (when := selection.when) is None:
        now = measure(whole, metric, item, level=level, depth=depth, weighting=weighting)
        return [Comparison(now.row(key), None, None, None, None) for key in _keys(now)]
    sides = _sides(when)
    found, shared = measure_sides(
        whole, sides, metric, item, level=level, depth=depth, weighting=weighting
    )
    return [_compared(found, shared, key) for key in _keys(found[0])]


def _sides(when: period.Period) -> list[period.Period]:
    return [when, when.previous(), when.year_before()]


def compare_ahead(selection: Selection, each: Iterable[tuple[str, str | None]]) -> None:
    """Count what `compare` is about to be asked for, of metrics with their items."""
    if selection.when is not None:
        count_ahead(selection, _sides(selection.when), each)


def _keys(found: Measured) -> list[Key]:
    """Return the keys of the groups; without groups, that of the whole."""
    grouped = found.selection.by or found.selection.interval
    return found.keys if grouped and not found.failed else [_no_group(found.selection)]


def _compared(found: list[Measured], shared: Shared, key: Key) -> Comparison:
    row, *before = [side.row(key) for side in found]
    both = shared.get(key[:-1], {})  # type: ignore[arg-type]
    deltas = [
        _difference(found, at, key, both.get((0, at), 0)) if row.is_like(one) else None
        for at, one in enumerate(before, start=1)
    ]
    return Comparison(row, before[0], before[1], deltas[0], deltas[1])


def _difference(found: list[Measured], at: int, key: Key, n_shared: int) -> Estimate:
    now, before = found[0], found[at]
    return differences.difference(
        now.moments(key),
        before.moments(key),
        now.settled.metric,
        now.settled.scale,
        n_shared=n_shared,
        level=now.level,
    )


def distribution(
    selection: Selection,
    item: str,
    *,
    metric: str | None = None,
    level: float = LEVEL,
    weighting: str | None = None,
) -> list[Distribution]:
    """Return how often each answer of `item` was given, for each group of `selection`.

    `metric` says which scores are meant where the item has several kinds (nps, csat, ces).
    Of several scales the commonest is shown; `row` is the mean on it.
    """
    family = registry.family(metric) if metric else None
    found = measure(selection, "mean", item, level=level, family=family, weighting=weighting)
    told = []
    for key in _keys(found):
        row = found.row(key)
        each = shares(found.moments(key), found.settled.scale, level=level) if row.ok else ()
        told.append(Distribution(row, each))
    return told


def completion(selection: Selection, *, level: float = LEVEL) -> list[Row]:
    """Return the share of started questionnaires that were finished 完成率, by group.

    Those still under way count neither way.
    """
    rule = guard.limits(selection.scope)
    found = records(selection)
    rows = []
    for one in found.rows:
        rate = rates.completion_rate_counts(one.complete, one.records, level=level)
        few = TOO_FEW if one.records < rule.precision_n else OK
        status = SUPPRESSED if found.is_hidden(one) else few
        told = rate.noted(*found.notes_of(one))
        rows.append(Row(one.group, one.period, selection.interval, status, shown(told, status)))
    return rows


def latest_day(selection: Selection) -> date | None:
    """Return the last local day of which there is a record, to choose a first period by."""
    days = [one.period for one in lake.counts(selection.split(interval="day")) if one.period]
    return max(days, default=None)
