"""What texts mention, counted by group and day: never a statistic, and never a text."""

from __future__ import annotations

from dataclasses import replace

from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import distinct_values, grouped
from manyi.lake.mentioned import ASPECT, INTENT, VOICE
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import MENTIONS
from manyi.lake.tallies import Tally, nobody, part_of, tallied

# The dimension of what is spoken of, or wanted.
THEME = "theme"

__all__ = [
    "ASPECT",
    "INTENT",
    "THEME",
    "VOICE",
    "anonymous_by_day",
    "anonymous_of",
    "felt",
]


def anonymous_by_day(selection: Selection, facet: str = ASPECT) -> Tally:
    """Return how many anonymous voices mention each aspect (or intent, as `THEME`) by group and
    day.

    With facet "voice" the one theme "" tells of all whose texts have been read.
    """
    daily = selection.split(*selection.by, interval="day")
    now = question.read(daily, MENTIONS)
    key = ("anonymous_said", daily.query(), daily.scope.unit_ids, facet)
    return now.remembered(key, lambda: _anonymous_by_day(now, daily, facet))


def _anonymous_by_day(now: Snapshot, selection: Selection, facet: str) -> Tally:
    asked = question.question(selection, MENTIONS, now, fixed={"facet": facet})
    if asked is None:
        found = nobody(selection)
        return replace(
            found, values={**found.values, THEME: []}, codes={**found.codes, THEME: found.n}
        )
    cells = asked.ask("anonymous_said")
    found, (code, values) = tallied(asked, selection, cells), distinct_values(cells["aspect"])
    return replace(
        found, values={**found.values, THEME: values}, codes={**found.codes, THEME: code}
    )


def anonymous_of(selection: Selection, facet: str, theme: str) -> Tally:
    """Return how many anonymous voices mention one aspect (or intent), by group and day."""
    return part_of(anonymous_by_day(selection, facet), THEME, theme) or nobody(selection)


def felt(selection: Selection) -> dict[str, int]:
    """Return how many voices of a selection show each emotion."""
    now = question.read(selection, MENTIONS)
    whole = selection.split()
    asked = question.question(whole, MENTIONS, now, fixed={"facet": VOICE})
    if asked is None:
        return {}
    found = grouped(asked.ask("felt"), ["emotion"])
    return {one.key[0]: int(one["n"].sum()) for one in found if one.key[0]}
