"""How many records there are of each kind, as far as that may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.lake import question
from manyi.lake.tables import RECORDS
from manyi.metrics import apart, guard
from manyi.metrics.differencing import Key, Watch
from manyi.metrics.measured import shortened
from manyi.metrics.telling import hidden, kept_part
from manyi.stats.result import Note


@dataclass(frozen=True)
class Records:
    """Records by group, in the part of the period that may be told; which groups are hidden, of
    which only a part is told, and what to say of all."""

    rows: Sequence[lake.RecordCount]
    hidden: frozenset[Key]
    partly: frozenset[Key] = frozenset()
    notes: tuple[Note, ...] = ()

    def is_hidden(self, one: lake.RecordCount) -> bool:
        return key_of(one) in self.hidden

    def notes_of(self, one: lake.RecordCount) -> tuple[Note, ...]:
        """Return what to say of a group's numbers."""
        return (*self.notes, *((apart.LEFT_OUT,) if key_of(one) in self.partly else ()))


def records(selection: Selection) -> Records:
    """Return the records of a selection by its groups, with those that must not be told."""
    limits = guard.limits(selection.scope)
    now, key = question.read(selection, RECORDS), ("records", selection.key, limits)
    return now.remembered(key, lambda: _records(selection, limits))


def _records(selection: Selection, limits: guard.Limits) -> Records:
    watch = Watch(selection, None, None, limits)
    found = lake.counts(selection)
    secret = {key_of(one) for one in found if one.n_anonymous}
    if not secret:
        return Records(found, frozenset())
    is_mixed = any(one.records > one.n_anonymous for one in found)
    several, watch = apart.surveys(watch, [selection.when], is_mixed=is_mixed)
    if several:
        return _apart(selection, found, several, watch)
    kept = kept_part(selection, secret, watch)
    if kept != selection:
        found = lake.counts(kept)
    notes = () if kept == selection else (shortened(kept),)
    return Records(found, hidden(kept, _people(found), watch), notes=notes)


def _apart(
    selection: Selection, found: list[lake.RecordCount], surveys: Sequence[str], watch: Watch
) -> Records:
    asking = apart.Asking(
        lambda of, *, anonymous: [lake.counts(one, anonymous=anonymous) for one in of],
        key_of,
        _people,
    )
    told = apart.told([selection], [found], surveys, watch, asking)[0]
    parts: dict[Key, list[lake.RecordCount]] = {key_of(one): [] for one in found}
    for one in told.found:
        parts[key_of(one)].append(one)
    rows = [reduce(_sum, parts[key_of(one)], _none(one)) for one in found]
    return Records(rows, told.hidden, told.partly)


def _none(one: lake.RecordCount) -> lake.RecordCount:
    return replace(one, records=0, complete=0, partial=0, n_anonymous=0)


def _sum(a: lake.RecordCount, b: lake.RecordCount) -> lake.RecordCount:
    return replace(
        a,
        records=a.records + b.records,
        complete=a.complete + b.complete,
        partial=a.partial + b.partial,
        n_anonymous=a.n_anonymous + b.n_anonymous,
    )


def _people(found: Sequence[lake.RecordCount]) -> dict[Key, int]:
    return {key_of(one): one.n_anonymous for one in found if one.n_anonymous}


def counted(selection: Selection, dimension: str) -> Mapping[str | None, int | None]:
    """Return how many records carry each code of a dimension; None where it is hidden.

    Of anonymous ones they are those of the part of the period that may be told.
    """
    found = records(selection.split(dimension))
    return {
        one.group[dimension]: None if found.is_hidden(one) else one.records for one in found.rows
    }


def key_of(one: lake.RecordCount) -> Key:
    """Return a group's codes with the first day of its period."""
    return (*one.group.values(), one.period)
