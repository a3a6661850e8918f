"""Units side by side: their own numbers, the fair ones, and who truly differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manyi.accounts.models import Unit
from manyi.kit.selection import Scope, Selection
from manyi.metrics import queries
from manyi.metrics.queries import UnitRow
from manyi.metrics.rows import FAILED
from manyi.reports.dashboards import Asked

ENOUGH = 4
"""With fewer units than this the next level of the tree tells more."""


@dataclass(frozen=True)
class Place:
    """A unit in the fair table. `rank` and its interval count from the best; None unranked."""

    unit: Unit | None
    found: UnitRow
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None


@dataclass(frozen=True)
class Standings:
    """The units of one level; `levels` are the levels to choose from."""

    depth: int
    levels: Sequence[int]
    places: Sequence[Place]
    failed: bool = False

    @property
    def differing(self) -> list[Place]:
        return [one for one in self.places if one.found.differs]


def levels(scope: Scope, unit: Unit | None) -> tuple[list[int], int | None]:
    """Return the depths with at least two units below `unit`, and the one to show first."""
    seen = Unit.objects.visible_to(scope).filter(closed_at=None)
    if unit is not None:
        seen = seen.filter(path__startswith=unit.path).exclude(pk=unit.pk)
    sizes = Counter(seen.order_by().values_list("depth", flat=True))
    found = sorted(depth for depth, n in sizes.items() if n > 1)
    wide = [depth for depth in found if sizes[depth] >= ENOUGH]
    return found, wide[0] if wide else found[-1] if found else None


def standings(
    one: Asked, selection: Selection, *, unit: Unit | None, depth: int | None = None
) -> Standings | None:
    """Return the units of a level of the tree, those that truly differ first.

    None where there are no two units to compare.
    """
    offered, first = levels(selection.scope, unit)
    chosen = depth if depth in offered else first
    if chosen is None or not one.metric:
        return None
    own = one.narrowed(selection)
    rows = queries.units_compared(own, one.metric, one.item, depth=chosen)
    if any(row.row.status == FAILED and row.unit is None for row in rows):
        return Standings(chosen, offered, (), failed=True)
    return Standings(chosen, offered, _placed(rows, selection.scope, chosen))


def by_depth(one: Asked, selection: Selection, depths: Sequence[int]) -> dict[str, UnitRow]:
    """Return the number of every unit with all below it, each compared on its own level."""
    if not one.metric:
        return {}
    own = one.narrowed(selection)
    # The lowest level first: what is counted there is summed for those above it.
    each = {
        depth: queries.units_compared(own, one.metric, one.item, depth=depth)
        for depth in sorted(depths, reverse=True)
    }
    rows = (row for depth in depths for row in each[depth])
    return {row.unit or "": row for row in rows if row.unit is not None or row.row.status == FAILED}


def _placed(rows: Sequence[UnitRow], scope: Scope, depth: int) -> list[Place]:
    at_level = Unit.objects.visible_to(scope).filter(depth=depth)
    units = {unit.code: unit for unit in at_level}
    listed = [row for row in rows if row.unit in units]  # answers of no unit take no rank
    ranks = _ranks(listed)
    if len(ranks) < 2:
        ranks = {}  # first of one is said of the worst as well
    places = [
        Place(units[row.unit or ""], row, *ranks.get(row.unit, (None, None, None)))
        for row in listed
    ]
    return sorted(places, key=_order)


def _order(place: Place) -> tuple[int, int, int, str]:
    """Those that differ first, the better ones before; then by rank, then too few."""
    found, code = place.found, place.unit.code if place.unit else ""
    if place.rank is None:
        return (2, 0, -(found.row.n or 0), code)
    return (0 if found.differs else 1, -found.differs, place.rank, code)


def _ranks(rows: Sequence[UnitRow]) -> dict[str | None, tuple[int, int, int]]:
    """Return rank, lowest and highest rank by the intervals of the fair numbers."""
    known = [(row.unit, row.shrunken) for row in rows if row.shrunken is not None]
    spans = [
        (unit, one.value, one.low, one.high)
        for unit, one in known
        if one.value is not None and one.low is not None and one.high is not None
    ]
    if not spans:
        return {}
    units, *columns = zip(*spans, strict=True)
    value, low, high = (np.array(column, float) for column in columns)
    ranks = (
        1 + _above(value, value),
        1 + _above(low, high),
        len(spans) - np.searchsorted(np.sort(high), low, "left"),
    )
    return dict(zip(units, zip(*(one.tolist() for one in ranks), strict=True), strict=True))


def _above(numbers: NDArray[np.float64], than: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many of the numbers lie above each of `than`."""
    return len(numbers) - np.searchsorted(np.sort(numbers), than, "right")
