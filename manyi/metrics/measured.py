"""The one path from a selection to numbers: lake, one scale, estimates, guard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from manyi.base.log import logger
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake import ahead, question
from manyi.lake import queries as lake
from manyi.lake.tables import SCORES
from manyi.metrics import apart, guard, registry
from manyi.metrics.differencing import Watch
from manyi.metrics.rows import FAILED, OK, SUPPRESSED, TOO_FEW, Row, shown
from manyi.metrics.settled import Key, Settled, settle
from manyi.metrics.telling import hidden, kept_part
from manyi.stats.metrics import estimate as estimated
from manyi.stats.moments import Moments, empty, merge_disjoint
from manyi.stats.result import Estimate, Note, nothing
from manyi.stats.scoring import Metric

log = logger(__name__)
Found = Sequence[list[lake.GroupMoments]]
Shared = Mapping[tuple[str | None, ...], Mapping[tuple[int, int], int]]
Cell = tuple[Key, str, Scale]


class Ask(Protocol):
    """What asks the lake for several sides, of everybody or only of those anonymous or not."""

    def __call__(
        self, of: Sequence[Selection], *, anonymous: bool | None = None
    ) -> tuple[Found, Shared]: ...


@dataclass(frozen=True)
class Measured:
    """Settled scores of a selection, and which groups are hidden for privacy.

    `told` is what to say of a group's number where it is shown. `is_apart` says that several
    anonymous surveys were looked at one by one: of the groups in `partly` some were left out.
    """

    selection: Selection
    settled: Settled
    limits: guard.Limits
    hidden: frozenset[Key]
    level: float
    failed: bool = False
    notes: tuple[Note, ...] = ()
    told: Mapping[Key, tuple[Note, ...]] = field(default_factory=dict)
    partly: frozenset[Key] = frozenset()
    is_apart: bool = False

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
        left_out = (apart.LEFT_OUT,) if key in self.partly else ()
        return found.noted(*one.notes(key), *self.notes, *left_out)

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

    def ask(of: Sequence[Selection], *, anonymous: bool | None = None) -> tuple[Found, Shared]:
        of, part = _part_of(of, selection, anonymous=anonymous)
        return [lake.moments(one, family, item, depth=depth, part=part) for one in of], {}

    asked = _Asked(
        (selection,), registry.meant(chosen, selection, item), family, item, depth, level
    )
    return _measure(asked, ask)[0][0]


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

    def ask(of: Sequence[Selection], *, anonymous: bool | None = None) -> tuple[Found, Shared]:
        of, part = _part_of(of, selection, anonymous=anonymous)
        periods = [one.when for one in of if one.when is not None]
        whole = of[0].during(selection.when)
        found = lake.moments_of_sides(whole, periods, family, item, depth=depth, part=part)
        return found.each, found.shared

    each = tuple(selection.during(one) for one in sides)
    asked = _Asked(each, registry.meant(chosen, selection, item), family, item, depth, level)
    found, shared = _measure(asked, ask)
    return list(found), shared


def count_ahead(
    selection: Selection, sides: Sequence[Period], each: Iterable[tuple[str, str | None]]
) -> None:
    """Count what `measure_sides` is about to be asked for, of several metrics and items."""
    asked = (registry.asked(*pair) for pair in each)
    pairs = [(registry.family(metric.code), item) for metric, item in asked]
    if len(pairs) > 1 and not selection.by and selection.interval is None:
        ahead.count_ahead(selection, sides, pairs)


def _part_of(
    of: Sequence[Selection], whole: Selection, *, anonymous: bool | None
) -> tuple[Sequence[Selection], lake.Part | None]:
    """Return which part of the answers to whole selections is asked for: those of people by name,
    or those to the anonymous survey that selections are narrowed to."""
    if anonymous is None:
        return of, None
    if not anonymous:
        return of, lake.Part(None)
    (survey,) = of[0].where["survey"]
    return [replace(one, where=whole.where) for one in of], lake.Part(survey)


@dataclass(frozen=True)
class _Asked:
    """Selections that differ in nothing but their periods, and what to measure of them."""

    selections: tuple[Selection, ...]
    metric: Metric
    family: str | None
    item: str
    depth: int | None
    level: float

    def key(self, limits: guard.Limits) -> Hashable:
        """Return all that the numbers depend on besides the lake."""
        each = tuple((one.scope, one.key) for one in self.selections)
        # A survey's own top box makes a metric of its own, with a function of its own.
        asked = self.metric.code, self.metric.score, self.family, self.item
        return "measured", each, asked, self.depth, self.level, limits

    def watch(self, limits: guard.Limits) -> Watch:
        return Watch(self.selections[0], self.family, self.item, limits, self.depth)


def _measure(asked: _Asked, ask: Ask) -> tuple[list[Measured], Shared]:
    selections = asked.selections
    rule = guard.limits(selections[0].scope)
    try:
        now = question.read(selections[0], SCORES)
        return now.remembered(asked.key(rule), lambda: _worked_out(asked, asked.watch(rule), ask))
    except Problem:
        raise
    except Exception:  # a page says "failed" and never "no data"
        metric, organisation = asked.metric, selections[0].scope.organisation_id
        log.exception("metric_failed", metric=metric.code, organisation=organisation)
        return [_failed(one, metric, rule, asked.level) for one in selections], {}


def _worked_out(asked: _Asked, watch: Watch, ask: Ask) -> tuple[list[Measured], Shared]:
    selections, metric, level = list(asked.selections), asked.metric, asked.level
    found, shared = ask(selections)
    several, watch = _surveys(selections, found, watch)
    if several:
        shared = ask(selections, anonymous=False)[1]
        return _apart(selections, found, several, metric, watch, ask, level), shared
    kept = [_kept(one, part, watch) for one, part in zip(selections, found, strict=True)]
    if kept != selections:
        found, shared = ask(kept)
    return _measured(selections, kept, metric, watch, found, level), shared


def _surveys(selections: list[Selection], found: Found, watch: Watch) -> tuple[list[str], Watch]:
    each = [one for part in found for one in part]
    if not any(one.n_anonymous for one in each):
        return [], watch
    is_mixed = any(one.moments.count > one.n_anonymous for one in each)
    return apart.surveys(watch, [one.when for one in selections], is_mixed=is_mixed)


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


def _apart(
    selections: list[Selection],
    found: Found,
    surveys: Sequence[str],
    metric: Metric,
    watch: Watch,
    ask: Ask,
    level: float,
) -> list[Measured]:
    asking = apart.Asking(
        lambda of, *, anonymous: ask(of, anonymous=anonymous)[0], _key, _people(metric)
    )
    told = apart.told(selections, found, surveys, watch, asking)
    tagged = [
        ((at, *_key(one)), one)
        for at, side in enumerate(told)
        for one in _together(side.found, found[at])
    ]
    whole = settle(metric, tagged)
    return [
        Measured(
            one,
            _with_hidden(_part(whole, at), told[at].hidden, found[at]),
            watch.limits,
            told[at].hidden,
            level,
            partly=told[at].partly,
            is_apart=True,
        )
        for at, one in enumerate(selections)
    ]


def _people(metric: Metric) -> Callable[[Sequence[lake.GroupMoments]], dict[Key, int]]:
    """Return how anonymous people are counted: as few as on the scale that is taken in the end,
    whichever that is."""

    def people(found: Sequence[lake.GroupMoments]) -> dict[Key, int]:
        counts: dict[Key, Counter[Hashable]] = {}
        for one in found:
            scale = one.scale if metric.form == "mean" else None
            counts.setdefault(_key(one), Counter())[one.family, scale] += one.n_anonymous
        return {key: min(each.values()) for key, each in counts.items()}

    return people


def _together(
    parts: Sequence[lake.GroupMoments], whole: Sequence[lake.GroupMoments]
) -> list[lake.GroupMoments]:
    """Return parts of the same group on the same scale as one, in the order of the whole."""
    found: dict[Cell, lake.GroupMoments] = {}
    for one in parts:
        at = _cell(one)
        found[at] = _sum(found[at], one) if at in found else one
    places = {_cell(one): at for at, one in enumerate(whole)}
    return [found[at] for at in sorted(found, key=lambda at: places.get(at, len(places)))]


def _cell(one: lake.GroupMoments) -> Cell:
    return _key(one), one.family, one.scale


def _sum(a: lake.GroupMoments, b: lake.GroupMoments) -> lake.GroupMoments:
    return replace(
        a,
        moments=merge_disjoint(a.moments, b.moments),
        n_anonymous=a.n_anonymous + b.n_anonymous,
        n_known=a.n_known + b.n_known,
    )


def _with_hidden(own: Settled, hidden: frozenset[Key], found: list[lake.GroupMoments]) -> Settled:
    """Return the groups with those of which nothing may be told, in their places."""
    order = dict.fromkeys(_key(one) for one in found)
    keys = [key for key in order if key in own.groups or key in hidden]
    groups = {key: own.groups.get(key) or empty() for key in keys}
    return replace(own, groups=groups, anonymous={key: own.anonymous.get(key, 0) for key in keys})


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
