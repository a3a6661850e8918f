"""Scores of several items counted in one pass, to be found when each of them is asked for.

Nothing is told here, and nothing that is not looked for ahead is told otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.asking import Asking
from manyi.lake.scores import Together
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import SCORES

if TYPE_CHECKING:
    import pyarrow as pa

# Of more rows than this the counting itself takes the time, and not the asking.
_MOST_ROWS = 50_000
_MEASURES = ("people_by_sides", "cells_by_cluster")


def count_ahead(
    selection: Selection, sides: Sequence[Period], each: Collection[tuple[str | None, str]]
) -> None:
    """Count the scores of each family and item that `moments_of_sides` is about to be asked for.

    Of few rows alone, those of a part of the organisation; `selection` is without groups.
    """
    if "unit" not in selection.where and selection.scope.unit_ids is None:
        return
    now = question.read(selection, SCORES)
    plain, different = selection.split(), tuple(dict.fromkeys(sides))
    asking = [Asking(plain, *pair, depth=None, sides=different) for pair in dict.fromkeys(each)]
    asking = [one for one in asking if one.whole not in now.answers]
    if len(asking) > 1:
        _count(now, plain, asking)


def _count(now: Snapshot, plain: Selection, asking: Sequence[Asking]) -> None:
    sides = asking[0].sides
    by_item = replace(plain, by=("item",))
    whole = question.question(by_item, SCORES, now, sides=sides, apart=True)
    if whole is None:
        return
    whole = whole.among("item", {one.item for one in asking})
    size = whole.size(_MEASURES[0])
    if size is None or size > _MOST_ROWS:
        return
    tables = {measure: whole.ask(measure) for measure in _MEASURES}
    for one in asking:
        now.remembered(one.whole, partial(_found, now, one, tables))


def _found(now: Snapshot, one: Asking, tables: Mapping[str, pa.Table]) -> Together | None:
    found = one.asked(now)
    told = {measure: _of(table, one) for measure, table in tables.items()}
    return None if found is None else replace(found, _tables=told)


def _of(table: pa.Table, one: Asking) -> pa.Table:
    """Return the lines of an item, as they would be counted of it alone."""
    import pyarrow.compute as pc

    found = table.filter(pc.equal(table["g0"], one.item)).drop_columns(["g0"])
    if one.metric is None:
        return found
    return found.filter(pc.equal(found["metric"], one.metric)).drop_columns(["metric"])
