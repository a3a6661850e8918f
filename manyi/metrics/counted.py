"""How many records there are of each kind, as far as that may be told."""

from __future__ import annotations

from collections.abc import Mapping

from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.metrics import guard
from manyi.metrics.differencing import Key, Watch, hidden, kept_part


def counted(selection: Selection, dimension: str) -> Mapping[str | None, int | None]:
    """Return how many records carry each code of a dimension; None where it is hidden.

    Of anonymous ones they are those of the part of the period that may be told.
    """
    split = selection.split(dimension)
    watch = Watch(split, None, None, guard.limits(selection.scope))
    found = lake.counts(split)
    kept = kept_part(split, {_key(one) for one in found if one.n_anonymous}, watch)
    if kept != split:
        found = lake.counts(kept)
    hide = hidden(kept, {_key(one): one.n_anonymous for one in found if one.n_anonymous}, watch)
    return {_key(one)[0]: None if _key(one) in hide else one.records for one in found}  # type: ignore[misc]


def _key(one: lake.RecordCount) -> Key:
    return (*one.group.values(), None)
