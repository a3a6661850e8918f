"""The one path from a selection to numbers: lake, one scale, estimates, guard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from manyi.base.log import logger
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.metrics import guard, registry
from manyi.metrics.rows import FAILED, OK, SUPPRESSED, TOO_FEW, Row, shown
from manyi.metrics.settled import Key, Settled, settle
from manyi.stats.metrics import estimate as estimated
from manyi.stats.moments import Moments
from manyi.stats.result import Estimate, Note, nothing
from manyi.stats.scoring import Metric

log = logger(__name__)
Found = Sequence[list[lake.GroupMoments]]
Shared = Mapping[tuple[str | None, ...], Mapping[tuple[int, int], int]]


@dataclass(frozen=True)
class Measured:
    """Settled scores of a selection, and which groups are hidden for privacy."""

    selection: Selection
    settled: Settled
    limits: guard.Limits
    hidden: frozenset[Key]
    level: float
    failed: bool = False

    @property
    def keys(self) -> list[Key]:
        return list(self.settled.groups)

    def row(self, key: Key) -> Row:
        """Return the row of a group, an empty one where nobody answered."""
        if self.failed:
            return self._row(key, FAILED, nothing(level=self.level))
        try:
            found = self.estimate(key)
        except Problem as problem:
            note = Note(problem.code, problem.params)
            return self._row(key, FAILED, nothing(level=self.level, warnings=(note,)))
        return self._row(key, self.status(key, found), found)

    def estimate(self, key: Key) -> Estimate:
        """Return a group's estimate as it is; only what `row` gives may be shown."""
        one = self.settled
        found = estimated(one.metric, one.moments(key), one.scale, level=self.level)
        return found.noted(*one.notes(key))

    def moments(self, key: Key) -> Moments:
        return self.settled.moments(key)

    def status(self, key: Key, found: Estimate) -> str:
        """Return whether a group's number is shown."""
        if key in self.hidden:
            return SUPPRESSED
        too_few = found.value is None or found.n < self.limits.precision_n
        return TOO_FEW if too_few else OK

    def _row(self, key: Key, status: str, found: Estimate) -> Row:
        *codes, starts = key
        group = dict(zip(self.selection.by, codes, strict=True))
        estimate = found if status == FAILED else shown(found, status)
        return Row(group, starts, self.selection.interval, status, estimate)  # type: ignore[arg-type]


def measure(
    selection: Selection,
    metric: str,
    item: str | None,
    *,
    level: float,
    depth: int | None = None,
    family: str | None = None,
) -> Measured:
    """Return a selection measured, from scores of `family` where the metric takes any.

    Raises Problem for a metric that cannot be asked for.
    """
    chosen, item = registry.asked(metric, item)
    family = registry.family(metric) or family

    def ask() -> tuple[Found, Shared]:
        return [lake.moments(selection, family, item, depth=depth)], {}

    return _measure([selection], chosen, item, ask, level)[0][0]


def measure_sides(
    selection: Selection,
    sides: Sequence[Period],
    metric: str,
    item: str | None,
    *,
    level: float,
    depth: int | None = None,
) -> tuple[list[Measured], Shared]:
    """Return a selection measured in several periods on one scale, and whom they share."""
    chosen, item = registry.asked(metric, item)
    family = registry.family(metric)

    def ask() -> tuple[Found, Shared]:
        found = lake.moments_of_sides(selection, sides, family, item, depth=depth)
        return found.each, found.shared

    return _measure([selection.during(one) for one in sides], chosen, item, ask, level)


def _measure(
    selections: list[Selection],
    metric: Metric,
    item: str,
    ask: Callable[[], tuple[Found, Shared]],
    level: float,
) -> tuple[list[Measured], Shared]:
    rule = guard.limits(selections[0].scope)
    try:
        found, shared = ask()
        return _measured(selections, metric, item, found, rule, level), shared
    except Problem:
        raise
    except Exception:  # a page says "failed" and never "no data"
        organisation = selections[0].scope.organisation_id
        log.exception("metric_failed", metric=metric.code, organisation=organisation)
        return [_failed(one, metric, rule, level) for one in selections], {}


def _failed(one: Selection, metric: Metric, rule: guard.Limits, level: float) -> Measured:
    return Measured(one, settle(metric, ()), rule, frozenset(), level, failed=True)


def _measured(
    selections: list[Selection],
    metric: Metric,
    item: str,
    found: Found,
    rule: guard.Limits,
    level: float,
) -> list[Measured]:
    tagged = [((at, *_key(one)), one) for at, part in enumerate(found) for one in part]
    whole = settle(metric, tagged)
    return [
        Measured(one, own := _part(whole, at), rule, _hidden(one, own, item, rule), level)
        for at, one in enumerate(selections)
    ]


def _key(one: lake.GroupMoments) -> Key:
    return (*one.group.values(), one.period)


def _part(whole: Settled, at: int) -> Settled:
    def mine(of: Mapping[Key, Any]) -> dict[Key, Any]:
        return {key[1:]: value for key, value in of.items() if key[0] == at}

    return replace(
        whole,
        groups=mine(whole.groups),
        anonymous=mine(whole.anonymous),
        left_out=mine(whole.left_out),
    )


def _hidden(selection: Selection, own: Settled, item: str, rule: guard.Limits) -> frozenset[Key]:
    if not any(own.anonymous.values()):
        return frozenset()
    if "unit" in selection.where and _small_sibling(selection, own.metric, item, rule):
        return frozenset(own.groups)
    people = {key: min(one.people, one.count) for key, one in own.groups.items()}
    by_unit = selection.by.index("unit") if "unit" in selection.by else None
    above = guard.parents(selection.scope) if by_unit is not None else None
    return frozenset(guard.hidden(people, rule.privacy_n, unit_at=by_unit, above=above))


def _small_sibling(selection: Selection, metric: Metric, item: str, rule: guard.Limits) -> bool:
    """Whether the unit asked for would, taken from the units above it, give away a small one."""
    where = {name: codes for name, codes in selection.where.items() if name != "unit"}
    whole = Selection(selection.scope, where, selection.answers, selection.when, ("unit",))
    counts: Counter[str] = Counter()
    for one in lake.moments(whole, registry.family(metric.code), item):
        counts[one.group["unit"] or ""] += min(one.moments.people, one.moments.count)
    above = guard.parents(selection.scope)
    return guard.gives_away(counts, above, selection.where["unit"], rule.privacy_n)
