"""Units among their peers: their own numbers, the fair ones, and who truly differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

import numpy as np

from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.tables import SCORES
from manyi.metrics import apart, guard
from manyi.metrics.measured import Measured
from manyi.metrics.rows import Row
from manyi.metrics.settled import Key
from manyi.metrics.weighted import measure
from manyi.stats import compare, many, pooling
from manyi.stats.moments import Moments, merge_all, without
from manyi.stats.result import Estimate

T = TypeVar("T")


@dataclass(frozen=True)
class UnitRow:
    """A unit among its peers: its own number, the fair one, and whether it truly differs.

    `shrunken` draws few answers towards the whole; `differs` is 1 (better than the others), -1
    or 0, after correction for there being many units.
    """

    unit: str | None
    row: Row
    shrunken: Estimate | None
    differs: int


class _Failed(Exception):
    def __init__(self, found: Measured) -> None:
        self.found = found


@dataclass(frozen=True)
class Asked:
    """What is asked of units: `item` of `metric`, those below rolled up to `depth`."""

    selection: Selection
    metric: str
    item: str | None
    level: float
    depth: int | None = None
    weighting: str | None = None

    def peers(self) -> Peers:
        """Return what is found of the units, measured once while nothing changes."""
        try:
            return self.once("peers", lambda: _peers(self._measured()))
        except _Failed as failed:
            return Peers(failed.found, {}, None)

    def _measured(self) -> Measured:
        how = {"level": self.level, "depth": self.depth, "weighting": self.weighting}
        found = measure(self.selection.split("unit"), self.metric, self.item, **how)  # type: ignore[arg-type]
        if found.failed:
            raise _Failed(found)  # what failed is tried again
        return found

    def once(self, name: str, work: Callable[[], T]) -> T:
        """Return what is worked out of this, once while nothing changes that it is made of."""
        one = self.selection
        now = question.read(one.split("unit"), SCORES)
        asked = (self.metric, self.item, self.level, self.depth, self.weighting)
        looked = (one.key, guard.limits(one.scope))
        is_of_lake = self.weighting is None  # populations are not in the lake
        return now.remembered((name, *looked, *asked), work, is_of_lake=is_of_lake)


def units_compared(
    selection: Selection,
    metric: str,
    item: str | None = None,
    *,
    level: float = 0.95,
    depth: int | None = None,
    weighting: str | None = None,
) -> list[UnitRow]:
    """Return the units (or, with `depth`, those at that level) as a fair table.

    Only units whose own number is shown are drawn to the whole and tested.
    """
    asked = Asked(selection, metric, item, level, depth, weighting)
    peers = asked.peers()
    if peers.found.failed:
        return [UnitRow(None, peers.found.row((None, None)), None, 0)]
    return list(asked.once("units", lambda: _compared(peers)))


@dataclass(frozen=True)
class _Told(Measured):
    """What was measured, with the estimates of groups that were worked out together."""

    together: Mapping[Key, Estimate] = field(default_factory=dict)

    def estimate(self, key: Key) -> Estimate:
        if key not in self.together:
            return super().estimate(key)
        left_out = (apart.LEFT_OUT,) if key in self.partly else ()
        return self.together[key].noted(*self.settled.notes(key), *self.notes, *left_out)


@dataclass(frozen=True)
class Peers:
    """What was measured of units, the moments of those that are not hidden, and these side by
    side; None where each has to be looked at by itself."""

    found: Measured
    known: Mapping[Key, Moments]
    side: many.Side | None


def _peers(found: Measured) -> Peers:
    known = {key: found.moments(key) for key in found.keys if key not in found.hidden}
    side = _side(found, known)
    if side is None:
        return Peers(found, known, None)
    own = dict(zip(known, many.estimates(side, level=found.level), strict=True))
    whole = {one.name: getattr(found, one.name) for one in fields(found)}
    return Peers(_Told(**whole, together=own), known, side)


def _compared(peers: Peers) -> list[UnitRow]:
    found, known, side = peers.found, peers.known, peers.side
    if side is None:
        return _one_by_one(found, known)
    rows = {key: found.row(key) for key in found.keys}
    shown = [at for at, key in enumerate(known) if rows[key].ok]
    if not shown:
        return _listed(rows, {}, {})
    fair = many.drawn_to_whole(side, level=found.level)
    whole = merge_all(known.values())
    signs = many.differing(side, whole, np.array(shown), level=found.level)
    keys = list(known)
    differs = {keys[at]: sign for at, sign in zip(shown, signs, strict=True)}
    return _listed(rows, dict(zip(keys, fair, strict=True)), differs)


def _side(found: Measured, known: Mapping[Key, Moments]) -> many.Side | None:
    one = found.settled
    try:
        return many.side(list(known.values()), one.metric, one.scale) if len(known) > 1 else None
    except Problem:
        return None


def _listed(
    rows: Mapping[Key, Row], fair: Mapping[Key, Estimate], differs: Mapping[Key, int]
) -> list[UnitRow]:
    return [
        UnitRow(row.group["unit"], row, fair.get(key) if row.ok else None, differs.get(key, 0))
        for key, row in rows.items()
    ]


def _one_by_one(found: Measured, known: Mapping[Key, Moments]) -> list[UnitRow]:
    rows = {key: found.row(key) for key in found.keys}
    shown = [key for key, row in rows.items() if row.ok]
    one = found.settled
    fair: Mapping[Key, Estimate] = {}
    if shown:
        fair = pooling.shrunken(known, one.metric, one.scale, level=found.level)
    return _listed(rows, fair, _differing(known, shown, found))


def _differing(known: Mapping[Key, Moments], units: list[Key], found: Measured) -> dict[Key, int]:
    """Return the direction of the units that differ from all others, by Holm at `level`."""
    whole = merge_all(known.values())
    one = found.settled
    p_values: list[float | None] = []
    signs = []
    for key in units:
        sides = found.moments(key), without(whole, found.moments(key))
        test = compare.change_test(*sides, one.metric, one.scale, level=found.level)
        signs.append(compare.direction(test.effect))
        # Where the interval holds 0 the p is above 1 - level and cannot matter to Holm.
        p_values.append(test.p if signs[-1] else 1.0)
    adjusted = compare.holm(p_values)
    return {
        key: sign
        for key, sign, p in zip(units, signs, adjusted, strict=True)
        if p is not None and p < 1 - found.level
    }
