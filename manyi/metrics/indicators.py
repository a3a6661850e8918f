"""Indicators 指标体系: one metric, or the weighted composite of others, against its target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.kit.selection import Scope, Selection, parse
from manyi.metrics import guard
from manyi.metrics.measured import Measured, Shared, count_ahead
from manyi.metrics.models import Indicator, Target
from manyi.metrics.rows import FAILED, OK, SUPPRESSED, TOO_FEW, Row, shown
from manyi.metrics.settled import Key
from manyi.metrics.weighted import measure, measure_sides
from manyi.stats import compare as differences
from manyi.stats import composite
from manyi.stats.result import Estimate, Note, nothing

LEVEL = 0.95
REACHED, MISSED, OPEN = "reached", "missed", "open"


@dataclass(frozen=True)
class IndicatorResult:
    """An indicator's number, its target where it has one, and its children in order.

    `standing` is "reached" or "missed" where the whole interval lies on that side of the
    target, "open" where it holds the target, None without target or number. `delta` is the
    change from the previous period 环比, `delta_year` that from a year before 同比; None unless
    both sides are shown.
    """

    indicator: Indicator
    row: Row
    target: Target | None
    standing: str | None
    children: Sequence[IndicatorResult]
    delta: Estimate | None = None
    delta_year: Estimate | None = None


@dataclass(frozen=True)
class _Tree:
    """An indicator with what it measures: now and, where asked for, in periods before."""

    indicator: Indicator
    sides: Sequence[Measured]
    shared: Shared
    children: Sequence[_Tree]

    def leaves(self, side: int = 0) -> Iterator[Measured]:
        if self.sides:
            yield self.sides[side]
        for child in self.children:
            yield from child.leaves(side)


def roots(scope: Scope) -> list[Indicator]:
    """Return the indicators at the top, in order."""
    return list(Indicator.objects.filter(organisation_id=scope.organisation_id, parent=None))


def headline(scope: Scope) -> list[Indicator]:
    """Return the indicators that head the Overview, in order."""
    mine = Indicator.objects.filter(organisation_id=scope.organisation_id, is_headline=True)
    return list(mine)


def indicator(found: Indicator, selection: Selection, *, level: float = LEVEL) -> IndicatorResult:
    """Return an indicator over `selection` (its groups play no part) with all below it."""
    return _of(found, selection.split(), (), level)


def indicator_compared(
    found: Indicator, selection: Selection, *, level: float = LEVEL
) -> IndicatorResult:
    """Return the same with the changes from the previous period and from the year before."""
    sides = () if selection.when is None else _sides(selection.when)
    return _of(found, selection.split(), sides, level)


def _sides(when: Period) -> tuple[Period, ...]:
    try:
        return when, when.previous(), when.year_before()
    except OverflowError:  # before the first of all days there is nothing
        return (when,)


def _of(
    found: Indicator, whole: Selection, sides: Sequence[Period], level: float
) -> IndicatorResult:
    tree = _tree(found, whole, level, sides)
    return _result(tree, whole, _targets(found.organisation_id, whole), level, len(sides))


def indicator_rows(
    found: Indicator, selection: Selection, *, level: float = LEVEL, depth: int | None = None
) -> list[Row]:
    """Return an indicator for each group and period of `selection`.

    `depth` rolls `by=unit` up to a level of the tree.
    """
    tree = _tree(found, selection, level, depth=depth)
    keys: dict[Key, None] = {}
    for leaf in tree.leaves():
        keys |= dict.fromkeys(leaf.keys)
    if not selection.by and not selection.interval:
        keys = {(None,): None}
    ordered = sorted(keys, key=lambda key: [(part is not None, str(part)) for part in key])
    return [_row(tree, selection, key, level) for key in ordered]


def narrowed(selection: Selection, own: Selection) -> Selection:
    """Return what both admit; periods and groups are those of `selection`."""
    where = dict(selection.where)
    for name, codes in own.where.items():
        if name == "unit" and name in where:
            where[name] = _both_units(selection.scope, where[name], codes)
        else:
            where[name] = _both(where.get(name), codes)
    answers = dict(selection.answers)
    for asked, codes in own.answers.items():
        answers[asked] = _both(answers.get(asked), codes)
    return replace(selection, where=where, answers=answers)


def _both_units(scope: Scope, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tops of the subtrees that lie in both: of two units one is below the other."""
    above = guard.parents(scope)
    kept = [code for code in one if set(other) & set(guard.line(code, above))]
    kept += [code for code in other if set(one) & set(guard.line(code, above))]
    return tuple(dict.fromkeys(kept))


def _both(one: tuple[str, ...] | None, other: tuple[str, ...]) -> tuple[str, ...]:
    return other if one is None else tuple(code for code in one if code in other)


def _tree(
    top: Indicator,
    selection: Selection,
    level: float,
    sides: Sequence[Period] = (),
    depth: int | None = None,
) -> _Tree:
    below: dict[int | None, list[Indicator]] = defaultdict(list)
    for one in Indicator.objects.filter(organisation_id=top.organisation_id):
        below[one.parent_id].append(one)

    def branch(one: Indicator) -> _Tree:
        if one.metric:
            return _Tree(one, *_measured(one, selection, level, sides, depth), ())
        return _Tree(one, (), {}, [branch(child) for child in below.get(one.pk, ())])

    if sides:
        _count_ahead(_leaves(top, below), selection, sides)
    return branch(top)


def _leaves(one: Indicator, below: Mapping[int | None, Sequence[Indicator]]) -> Iterator[Indicator]:
    if one.metric:
        yield one
        return
    for child in below.get(one.pk, ()):
        yield from _leaves(child, below)


def _count_ahead(each: Iterable[Indicator], selection: Selection, sides: Sequence[Period]) -> None:
    """Count the indicators of the same rows in one go."""
    together: dict[Hashable, list[Indicator]] = defaultdict(list)
    for one in each:
        together[one.query].append(one)
    for leaves in together.values():
        own = _own(leaves[0], selection)
        count_ahead(own, sides, [(one.metric, one.item or None) for one in leaves])


def _own(leaf: Indicator, selection: Selection) -> Selection:
    return narrowed(selection, parse(selection.scope, parse_qs(leaf.query)))


def _measured(
    leaf: Indicator,
    selection: Selection,
    level: float,
    sides: Sequence[Period],
    depth: int | None,
) -> tuple[list[Measured], Shared]:
    own, item = _own(leaf, selection), leaf.item or None
    if not sides:
        return [measure(own, leaf.metric, item, level=level, depth=depth)], {}
    return measure_sides(own, sides, leaf.metric, item, level=level)


def _result(
    tree: _Tree, selection: Selection, targets: Mapping[int, Target], level: float, sides: int
) -> IndicatorResult:
    rows = [_row(tree, selection, (None,), level, side) for side in range(max(sides, 1))]
    target = targets.get(tree.indicator.pk)
    children = [_result(one, selection, targets, level, sides) for one in tree.children]
    deltas = [_change(tree, rows, side, level) for side in range(1, len(rows))] or [None, None]
    reached = standing(rows[0], target)
    return IndicatorResult(tree.indicator, rows[0], target, reached, children, *deltas)


def _change(tree: _Tree, rows: Sequence[Row], side: int, level: float) -> Estimate | None:
    """Return the change since another side; None unless both are shown."""
    if not rows[0].is_like(rows[side]) or _weighting(tree, 0) != _weighting(tree, side):
        return None
    if not tree.sides:
        now, before = ([_node(one, (None,), at) for one in tree.children] for at in (0, side))
        found = composite.change(now, before, level=level)
        return found if found.value is not None else None
    own = tree.sides[0].settled
    return differences.difference(
        own.moments((None,)),
        tree.sides[side].moments((None,)),
        own.metric,
        own.scale,
        n_shared=tree.shared.get((), {}).get((0, side), 0),
        level=level,
    )


def standing(row: Row, target: Target | None) -> str | None:
    """Return whether a target is surely reached, surely missed, or open."""
    low, high = row.estimate.low, row.estimate.high
    if target is None or low is None or high is None:
        return None
    if low >= target.value:
        return REACHED
    return MISSED if high < target.value else OPEN


def _row(tree: _Tree, selection: Selection, key: Key, level: float, side: int = 0) -> Row:
    if tree.sides:
        return tree.sides[side].row(key)
    *codes, starts = key
    group = dict(zip(selection.by, codes, strict=True))
    status, found = _composite(tree, key, level, selection.scope, side)
    return Row(group, starts, selection.interval, status, found)  # type: ignore[arg-type]


def _composite(tree: _Tree, key: Key, level: float, scope: Scope, side: int) -> tuple[str, object]:
    leaves = list(tree.leaves(side))
    if any(leaf.failed for leaf in leaves):
        return FAILED, nothing(level=level)
    # With its siblings known, a hidden child could be worked out of the whole.
    if any(key in leaf.hidden for leaf in leaves):
        return SUPPRESSED, nothing(level=level)
    try:
        found = composite.combine([_node(one, key, side) for one in tree.children], level=level)
    except Problem as problem:
        return FAILED, nothing(level=level, warnings=(Note(problem.code, problem.params),))
    few = found.value is None or found.n < guard.limits(scope).precision_n
    status = TOO_FEW if few else OK
    return status, shown(found.noted(*_told(leaves, key)), status)


def _told(leaves: Sequence[Measured], key: Key) -> tuple[Note, ...]:
    """Return how the parts were weighted: as one population where all were to the same, else
    which of them were."""
    notes = [note for leaf in leaves for note in leaf.told.get(key, ())]
    raked = [note for note in notes if note.code == "raked"]
    others = [note for note in notes if note.code != "raked"]
    if not raked:
        return tuple(_once(others))
    if len(raked) == len(leaves) and len({note.params["population"] for note in raked}) == 1:
        worst = max(raked, key=lambda note: float(note.params["deff"]))
        return (worst, *_once(others))
    return (Note("raked_parts", {"n": len(raked), "of": len(leaves)}), *_once(others))


def _once(notes: Sequence[Note]) -> list[Note]:
    return list({repr(note): note for note in notes}.values())


def _weighting(tree: _Tree, side: int) -> list[list[str]]:
    """Return which population each leaf's answers stand for on a side."""
    told = [leaf.told.get((None,), ()) for leaf in tree.leaves(side)]
    return [[str(n.params["population"]) for n in one if n.code == "raked"] for one in told]


def _node(tree: _Tree, key: Key, side: int) -> composite.Node:
    weight = tree.indicator.weight
    if not tree.sides:
        return composite.Branch(weight, [_node(one, key, side) for one in tree.children])
    one = tree.sides[side].settled
    return composite.Leaf(weight, one.moments(key), one.metric, one.scale)  # type: ignore[arg-type]


def _targets(organisation: int, selection: Selection) -> dict[int, Target]:
    """Return each indicator's target for the one unit selected, else for the whole."""
    units = selection.where.get("unit", ())
    mine = Target.objects.filter(indicator__organisation_id=organisation)
    if len(units) == 1:
        own = {t.indicator_id: t for t in mine.filter(unit__code=units[0]).order_by("pk")}
        return own
    return {t.indicator_id: t for t in mine.filter(unit=None).order_by("pk")}
