"""What texts mention, counted by group: never a statistic, and never a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import Group, grouped
from manyi.lake.mentioned import ASPECT, INTENT, VOICE
from manyi.lake.question import Question
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import MENTIONS
from manyi.lake.tallies import Tally, nobody, tallied
from manyi.stats.moments import from_cells

if TYPE_CHECKING:
    from manyi.stats.moments import Moments

__all__ = ["ASPECT", "INTENT", "VOICE", "Mentioned", "anonymous_by_day", "felt", "mentions"]


@dataclass(frozen=True)
class Mentioned:
    """The voices of a group that mention `aspect`; their moments are over -1, 0 and 1.

    A voice counts once however often it mentions it. `aspect` is "" where the facet is the
    voice as a whole.
    """

    group: Mapping[str, str | None]
    period: date | None
    aspect: str
    moments: Moments
    n_anonymous: int


def mentions(
    selection: Selection,
    facet: str = ASPECT,
    *,
    depth: int | None = None,
    anonymous: bool | None = None,
) -> list[Mentioned]:
    """Return the voices that mention each aspect (or intent), by group and period.

    With facet "voice" they are all voices whose texts have been read. `anonymous` takes only
    those that are, or are not.
    """
    now = question.read(selection, MENTIONS)
    fixed = {"facet": facet} | ({} if anonymous is None else {"anonymous": anonymous})
    key = ("mentions", selection.query(), selection.scope.unit_ids, tuple(fixed.items()), depth)
    return now.remembered(key, lambda: _mentions(now, selection, fixed, depth))


def _mentions(
    now: Snapshot, selection: Selection, fixed: Mapping[str, Any], depth: int | None
) -> list[Mentioned]:
    asked = question.question(selection, MENTIONS, now, fixed=fixed, depth=depth)
    if asked is None:
        return []
    by = [*asked.keys, "aspect"]
    people = {one.key: int(one["n"].sum()) for one in grouped(asked.ask("mentioning"), by)}
    return [
        Mentioned(
            *_place(asked, selection, one),
            aspect=one.key[-1],
            moments=_moments(one, people.get(one.key)),
            n_anonymous=int(one["n_anonymous"].sum()),
        )
        for one in grouped(asked.ask("mentioned"), by)
    ]


def _moments(one: Group, people: int | None) -> Moments:
    values = one["polarity"].astype(np.float64)
    return from_cells(values, one["cluster"], one["n"], n_customers=people)


def _place(asked: Question, selection: Selection, one: Group) -> tuple[dict[str, Any], date | None]:
    group = {name: asked.code(i, one.key[i]) for i, name in enumerate(selection.by)}
    return group, one.key[len(selection.by)] if selection.interval else None


def anonymous_by_day(selection: Selection, facet: str = ASPECT) -> dict[str, Tally]:
    """Return how many anonymous voices mention each aspect (or intent), by group and day.

    With facet "voice" the one key "" tells of all whose texts have been read.
    """
    daily = selection.split(*selection.by, interval="day")
    now = question.read(daily, MENTIONS)
    key = ("anonymous_said", daily.query(), daily.scope.unit_ids, facet)
    return now.remembered(key, lambda: _anonymous_by_day(now, daily, facet))


def _anonymous_by_day(now: Snapshot, selection: Selection, facet: str) -> dict[str, Tally]:
    import pyarrow.compute as pc

    asked = question.question(selection, MENTIONS, now, fixed={"facet": facet})
    if asked is None:
        return {"": nobody(selection)}
    cells = asked.ask("anonymous_said")
    found = {
        code: tallied(asked, selection, cells.filter(pc.equal(cells["aspect"], code)))
        for code in cells["aspect"].unique().to_pylist()
    }
    return {"": nobody(selection)} | found


def felt(selection: Selection) -> dict[str, int]:
    """Return how many voices of a selection show each emotion."""
    now = question.read(selection, MENTIONS)
    whole = selection.split()
    asked = question.question(whole, MENTIONS, now, fixed={"facet": VOICE})
    if asked is None:
        return {}
    found = grouped(asked.ask("felt"), ["emotion"])
    return {one.key[0]: int(one["n"].sum()) for one in found if one.key[0]}
