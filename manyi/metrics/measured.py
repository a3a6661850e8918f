"""The one path from a selection to numbers: lake, one scale, estimates, guard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from manyi.base.log import logger
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.metrics import guard, registry
from manyi.metrics.differencing import Watch, hidden, kept_part
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
    """Settled scores of a selection, and which groups are hidden for privacy.

    `told` is what to say of a group's number where it is shown.
    """

    selection: Selection
    settled: Settled
    limits: guard.Limits
    hidden: frozenset[Key]
    level: float
    failed: bool = False
    notes: tuple[Note, ...] = ()
    told: Mapping[Key, tuple[Note, ...]] = field(default_factory=dict)

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
        status = self.status(key, found)
        return self._row(
            key, status, found.noted(*self.told.get(key, ())) if status == OK else found
        )

    def estimate(self, key: Key) -> Estimate:
        """Return a group's estimate as it is; only what `row` gives may be shown."""
        one = self.settled
        found = estimated(one.metric, one.moments(key), one.scale, level=self.level)
        return found.noted(*one.notes(key), *self.notes)

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

    def ask(of: Sequence[Selection]) -> tuple[Found, Shared]:
        return [lake.moments(one, family, item, depth=depth) for one in of], {}

    watch = _watch(selection, family, item, depth)
    return _measure([selection], registry.meant(chosen, selection, item), watch, ask, level)[0][0]


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

    def ask(of: Sequence[Selection]) -> tuple[Found, Shared]:
        periods = [one.when for one in of if one.when is not None]
        found = lake.moments_of_sides(selection, periods, family, item, depth=depth)
        return found.each, found.shared

    watch = _watch(selection, family, item, depth)
    each = [selection.during(one) for one in sides]
    return _measure(each, registry.meant(chosen, selection, item), watch, ask, level)


def _watch(selection: Selection, family: str | None, item: str, depth: int | None) -> Watch:
    least = guard.limits(selection.scope)
    return Watch(selection, family, item, least, depth)


def _measure(
    selections: list[Selection],
    metric: Metric,
    watch: Watch,
    ask: Callable[[Sequence[Selection]], tuple[Found, Shared]],
    level: float,
) -> tuple[list[Measured], Shared]:
    rule = watch.limits
    try:
        found, shared = ask(selections)
        kept = [_kept(one, part, watch) for one, part in zip(selections, found, strict=True)]
        if kept != selections:
            found, shared = ask(kept)
        return _measured(selections, kept, metric, watch, found, level), shared
    except Problem:
        raise
    except Exception:  # a page says "failed" and never "no data"
        organisation = selections[0].scope.organisation_id
        log.exception("metric_failed", metric=metric.code, organisation=organisation)
        return [_failed(one, metric, rule, level) for one in selections], {}


def _failed(one: Selection, metric: Metric, rule: guard.Limits, level: float) -> Measured:
    return Measured(one, settle(metric, ()), rule, frozenset(), level, failed=True)


def _kept(selection: Selection, found: list[lake.GroupMoments], watch: Watch) -> Selection:
    """Return the selection in the part of its period that may be told, the whole if none may."""
    return kept_part(selection, {_key(one) for one in found if one.n_anonymous}, watch)


def _measured(
    selections: list[Selection],
    kept: list[Selection],
    metric: Metric,
    watch: Watch,
    found: Found,
    level: float,
) -> list[Measured]:
    tagged = [((at, *_key(one)), one) for at, part in enumerate(found) for one in part]
    whole = settle(metric, tagged)
    return [
        Measured(
            one,
            own := _part(whole, at),
            watch.limits,
            _hidden(one, own, watch),
            level,
            notes=() if one == selections[at] else (shortened(one),),
        )
        for at, one in enumerate(kept)
    ]


def shortened(kept: Selection) -> Note:
    """Return the note that says which part of the period was counted."""
    assert kept.when is not None
    ends = {"first": kept.when.first.isoformat(), "last": kept.when.last.isoformat()}
    return Note("period_kept", ends)


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


def _hidden(selection: Selection, own: Settled, watch: Watch) -> frozenset[Key]:
    people = {
        key: min(one.people, own.anonymous[key])
        for key, one in own.groups.items()
        if own.anonymous[key]
    }
    return hidden(selection, people, watch)
