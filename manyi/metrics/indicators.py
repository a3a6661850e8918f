"""Indicators 指标体系: one metric, or the weighted composite of others, against its target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from manyi.kit.problems import Problem
from manyi.kit.selection import Scope, Selection, parse
from manyi.lake.codes import Codes
from manyi.metrics import guard
from manyi.metrics.measured import Measured, measure
from manyi.metrics.models import Indicator, Target
from manyi.metrics.rows import FAILED, OK, SUPPRESSED, TOO_FEW, Row, shown
from manyi.metrics.settled import Key
from manyi.stats import composite
from manyi.stats.result import Note, nothing

LEVEL = 0.95
REACHED, MISSED, OPEN = "reached", "missed", "open"


@dataclass(frozen=True)
class IndicatorResult:
    """An indicator's number, its target where it has one, and its children in order.

    `standing` is "reached" or "missed" where the whole interval lies on that side of the
    target, "open" where it holds the target, None without target or number.
    """

    indicator: Indicator
    row: Row
    target: Target | None
    standing: str | None
    children: Sequence[IndicatorResult]


@dataclass(frozen=True)
class _Tree:
    indicator: Indicator
    measured: Measured | None
    children: Sequence[_Tree]

    def leaves(self) -> Iterator[Measured]:
        if self.measured is not None:
            yield self.measured
        for child in self.children:
            yield from child.leaves()


def roots(scope: Scope) -> list[Indicator]:
    """Return the indicators at the top, in order."""
    return list(Indicator.objects.filter(organisation_id=scope.organisation_id, parent=None))


def headline(scope: Scope) -> list[Indicator]:
    """Return the indicators that head the Overview, in order."""
    mine = Indicator.objects.filter(organisation_id=scope.organisation_id, is_headline=True)
    return list(mine)


def indicator(found: Indicator, selection: Selection, *, level: float = LEVEL) -> IndicatorResult:
    """Return an indicator over `selection` (its groups play no part) with all below it."""
    whole = selection.split()
    tree = _tree(found, whole, level)
    return _result(tree, whole, _targets(found.organisation_id, selection), level)


def indicator_rows(found: Indicator, selection: Selection, *, level: float = LEVEL) -> list[Row]:
    """Return an indicator for each group and period of `selection`."""
    tree = _tree(found, selection, level)
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
    scope = selection.scope
    for name, codes in own.where.items():
        if name == "unit" and name in where:
            units = Codes(scope.organisation_id).visible(scope, codes)
            scope = replace(scope, unit_ids=frozenset(units or ()))
        else:
            where[name] = _both(where.get(name), codes)
    answers = dict(selection.answers)
    for asked, codes in own.answers.items():
        answers[asked] = _both(answers.get(asked), codes)
    return replace(selection, scope=scope, where=where, answers=answers)


def _both(one: tuple[str, ...] | None, other: tuple[str, ...]) -> tuple[str, ...]:
    return other if one is None else tuple(code for code in one if code in other)


def _tree(top: Indicator, selection: Selection, level: float) -> _Tree:
    below: dict[int | None, list[Indicator]] = defaultdict(list)
    for one in Indicator.objects.filter(organisation_id=top.organisation_id):
        below[one.parent_id].append(one)
    return _branch(top, below, selection, level)


def _branch(
    top: Indicator,
    below: Mapping[int | None, list[Indicator]],
    selection: Selection,
    level: float,
) -> _Tree:
    measured = _measured(top, selection, level) if top.metric else None
    children = () if top.metric else below.get(top.pk, ())
    return _Tree(top, measured, [_branch(one, below, selection, level) for one in children])


def _measured(leaf: Indicator, selection: Selection, level: float) -> Measured:
    own = parse(selection.scope, parse_qs(leaf.query))
    return measure(narrowed(selection, own), leaf.metric, leaf.item or None, level=level)


def _result(
    tree: _Tree, selection: Selection, targets: Mapping[int, Target], level: float
) -> IndicatorResult:
    row = _row(tree, selection, (None,), level)
    target = targets.get(tree.indicator.pk)
    children = [_result(one, selection, targets, level) for one in tree.children]
    return IndicatorResult(tree.indicator, row, target, standing(row, target), children)


def standing(row: Row, target: Target | None) -> str | None:
    """Return whether a target is surely reached, surely missed, or open."""
    low, high = row.estimate.low, row.estimate.high
    if target is None or low is None or high is None:
        return None
    if low >= target.value:
        return REACHED
    return MISSED if high < target.value else OPEN


def _row(tree: _Tree, selection: Selection, key: Key, level: float) -> Row:
    if tree.measured is not None:
        return tree.measured.row(key)
    *codes, starts = key
    group = dict(zip(selection.by, codes, strict=True))
    status, found = _composite(tree, key, level, selection.scope)
    return Row(group, starts, selection.interval, status, found)  # type: ignore[arg-type]


def _composite(tree: _Tree, key: Key, level: float, scope: Scope) -> tuple[str, object]:
    leaves = list(tree.leaves())
    if any(leaf.failed for leaf in leaves):
        return FAILED, nothing(level=level)
    # With its siblings known, a hidden child could be worked out of the whole.
    if any(key in leaf.hidden for leaf in leaves):
        return SUPPRESSED, nothing(level=level)
    try:
        found = composite.combine([_node(one, key) for one in tree.children], level=level)
    except Problem as problem:
        return FAILED, nothing(level=level, warnings=(Note(problem.code, problem.params),))
    few = found.value is None or found.n < guard.limits(scope).precision_n
    status = TOO_FEW if few else OK
    return status, shown(found, status)


def _node(tree: _Tree, key: Key) -> composite.Node:
    weight = tree.indicator.weight
    if tree.measured is None:
        return composite.Branch(weight, [_node(one, key) for one in tree.children])
    one = tree.measured.settled
    return composite.Leaf(weight, one.moments(key), one.metric, one.scale)  # type: ignore[arg-type]


def _targets(organisation: int, selection: Selection) -> dict[int, Target]:
    """Return each indicator's target for the one unit selected, else for the whole."""
    units = selection.where.get("unit", ())
    mine = Target.objects.filter(indicator__organisation_id=organisation)
    if len(units) == 1:
        own = {t.indicator_id: t for t in mine.filter(unit__code=units[0]).order_by("pk")}
        return own
    return {t.indicator_id: t for t in mine.filter(unit=None).order_by("pk")}
