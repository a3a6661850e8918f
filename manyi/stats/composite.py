"""Composite indicators 指标体系: a weighted tree of metrics, from 0 to 100, with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.intervals import Interval
from manyi.stats.metrics import named, on_scale, remarks
from manyi.stats.moments import GROUPS, FloatArray, Moments
from manyi.stats.result import Estimate, Note, nothing
from manyi.stats.scoring import METRICS, Box, Metric
from manyi.stats.spread import Spread, influence, spread


@dataclass(frozen=True)
class Leaf:
    """One metric of one set of answers, and its weight among its siblings."""

    weight: float
    moments: Moments
    metric: str
    scale: Scale
    box: Box = None


@dataclass(frozen=True)
class Branch:
    """An indicator made of others; the weights of its children are taken relative."""

    weight: float
    children: Sequence[Leaf | Branch]


Node: TypeAlias = Leaf | Branch


@dataclass(frozen=True)
class _Part:
    weight: float
    moments: Moments
    y: FloatArray
    spread: Spread


def combine(children: Sequence[Node], *, level: float = 0.95) -> Estimate:
    """Return the weighted mean of the children on 0 to 100.

    Shares and indices enter as they are, means as their index, NPS as (NPS + 100)/2. A child
    that nobody answered leaves its siblings to share its weight, and is noted. The variance
    is that of the weighted sum by the delete-a-group linearisation over the 64 customer
    groups, which holds the covariance of answers of the same people; where any child lacks
    groups the children are taken as wholly correlated, which is never too narrow. `n` and
    `n_effective` are those of the smallest child.
    """
    missing: list[str] = []
    parts = _parts(Branch(1.0, children), 1.0, missing)
    notes = [Note("composite_child_missing", {"count": len(missing)})] if missing else []
    if not parts:
        return nothing(level=level, warnings=(*notes, Note("no_answers")))
    total = sum(part.weight for part in parts)
    value = sum(part.weight * part.spread.value for part in parts) / total
    interval, df, method = _interval(parts, total, value, level)
    if method == "correlation_bound":
        notes.append(Note("composite_correlation_unknown"))
    said = {repr(note): note for p in parts for note in remarks(p.moments, p.spread)}
    n = min(part.spread.n for part in parts)
    n_effective = min(part.spread.n_effective for part in parts)
    ends = intervals.clip(interval, 0.0, 100.0)
    return Estimate(value, *ends, level, n, n_effective, df, method, (*notes, *said.values()))


def change(now: Sequence[Node], before: Sequence[Node], *, level: float = 0.95) -> Estimate:
    """Return the composite now less the one before, both of the same children.

    The variance is that of the difference of each customer group's pulls, so people who are
    on both sides count with their covariance; where groups are unknown, or nobody differs,
    the two intervals are added, which is never too narrow. Where a child was answered on one
    side only, the two are not the same indicator, and there is no difference.
    """
    sides = [_parts(Branch(1.0, side), 1.0, []) for side in (now, before)]
    ends = [combine(side, level=level) for side in (now, before)]
    n = min(one.n for one in ends)
    if not all(sides) or [one.weight for one in sides[0]] != [one.weight for one in sides[1]]:
        apart = max(abs(len(sides[0]) - len(sides[1])), 1)
        note = Note("composite_child_missing", {"count": apart})
        return nothing(level=level, n=n, warnings=(note,))
    value = float(ends[0].value or 0.0) - float(ends[1].value or 0.0)
    interval, df, method = _difference(sides, ends, value, level)
    said = {repr(note): note for one in ends for note in one.warnings}
    n_effective = min(one.n_effective for one in ends)
    held = intervals.clip(interval, -100.0, 100.0)
    return Estimate(value, *held, level, n, n_effective, df, method, tuple(said.values()))


def _difference(
    sides: Sequence[list[_Part]], ends: Sequence[Estimate], value: float, level: float
) -> tuple[Interval, float | None, str]:
    parts = [part for side in sides for part in side]
    told = all(any(part.spread.told for part in side) for side in sides)
    if told and all(part.moments.by_group is not None for part in parts):
        pull = _pull(sides[0]) - _pull(sides[1])
        filled = min(_filled(side) for side in sides)
        if filled > 1:
            se = math.sqrt(filled / (filled - 1) * float(pull @ pull))
            df = float(filled - 1)
            return (
                intervals.around(value, se, intervals.t_quantile(level, df)),
                df,
                "joint_jackknife",
            )
    now, before = ends
    assert now.value is not None
    assert before.value is not None
    down = (now.value - (now.low or 0.0)) + ((before.high or 0.0) - before.value)
    up = ((now.high or 0.0) - now.value) + (before.value - (before.low or 0.0))
    return Interval(value - down, value + up), None, "correlation_bound"


def _pull(parts: list[_Part]) -> FloatArray:
    """Return how far each customer group pulls the composite."""
    total = sum(part.weight for part in parts)
    pull = np.zeros(GROUPS)
    for part in parts:
        pull += part.weight / total * influence(part.moments, part.y)
    return pull


def _parts(branch: Branch, weight: float, missing: list[str]) -> list[_Part]:
    """Return the answered leaves with their weights in the whole tree."""
    if any(child.weight < 0 for child in branch.children):
        raise ValueError("weights are not negative")
    found: list[tuple[float, list[_Part]]] = []
    for child in branch.children:
        inner = _leaf(child, missing) if isinstance(child, Leaf) else _parts(child, 1.0, missing)
        if inner and child.weight > 0:
            found.append((child.weight, inner))
    total = sum(share for share, _ in found)
    return [
        _Part(weight * share / total * part.weight, part.moments, part.y, part.spread)
        for share, inner in found
        for part in inner
    ]


def _leaf(leaf: Leaf, missing: list[str]) -> list[_Part]:
    used, _ = on_scale(leaf.moments, leaf.scale)
    y = hundred(named(leaf.metric), used.values, leaf.scale, leaf.box)
    if used.count == 0:
        missing.append(leaf.metric)
        return []
    return [_Part(1.0, used, y, spread(used, y))]


def hundred(metric: Metric, values: FloatArray, scale: Scale, box: Box = None) -> FloatArray:
    """Return what each answer scores on 0 to 100 when metrics are put together."""
    if metric.form == "mean":
        return METRICS["index"].scores(values, scale)
    scores = metric.scores(values, scale, box)
    return (scores + 100) / 2 if metric.form == "nps" else scores


def _interval(
    parts: list[_Part], total: float, value: float, level: float
) -> tuple[Interval, float | None, str]:
    if not any(part.spread.told for part in parts):
        people = max(min(part.spread.people for part in parts), 1)
        return intervals.unanimous(value, people, 0, 100, level), None, "unanimous"
    if all(part.moments.by_group is not None for part in parts):
        pull, filled = _pull(parts), _filled(parts)
        if filled > 1:
            se = math.sqrt(filled / (filled - 1) * float(pull @ pull))
            df = float(filled - 1)
            quantile = intervals.t_quantile(level, df)
            return intervals.around(value, se, quantile), df, "delta_jackknife"
    se = sum(part.weight / total * _whole_se(part) for part in parts)
    df = min(part.spread.df for part in parts if part.spread.told)
    quantile = intervals.t_quantile(level, df)
    return intervals.around(value, se, quantile), df, "correlation_bound"


def _whole_se(part: _Part) -> float:
    # A child in which all agree still is uncertain: half its bounds over the normal quantile.
    if part.spread.told:
        return part.spread.se
    people = max(part.spread.people, 1)
    ends = intervals.unanimous(part.spread.value, people, 0, 100)
    return (ends.high - ends.low) / 2 / intervals.normal_quantile(0.95)


def _filled(parts: list[_Part]) -> int:
    filled = np.zeros(GROUPS, bool)
    for part in parts:
        assert part.moments.by_group is not None
        filled |= part.moments.by_group.sum(axis=1) > 0
    return int(filled.sum())
