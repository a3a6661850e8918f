"""What texts mention, counted by group and day: never a statistic, and never a text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from manyi.feedback import taxonomy
from manyi.feedback.saying import admitted
from manyi.feedback.taxonomy import group_of
from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import distinct_values
from manyi.lake.mentioned import ASPECT, INTENT, VOICE
from manyi.lake.question import Question
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import ASPECT_GROUP, MENTIONS
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
]


def anonymous_by_day(selection: Selection, facet: str = ASPECT) -> Tally:
    """Return how many anonymous voices mention each aspect (or intent, as `THEME`) by group and
    day.

    With facet "voice" the one theme "" tells of all whose texts have been read.
    """
    daily = selection.split(*selection.by, interval="day")
    now = question.read(daily, MENTIONS)
    key = ("anonymous_said", daily.key, facet)
    return now.remembered(key, lambda: _anonymous_by_day(now, daily, facet))


def _anonymous_by_day(now: Snapshot, selection: Selection, facet: str) -> Tally:
    asked = question.question(selection, MENTIONS, now, fixed={"facet": facet})
    return _by_theme(asked, selection, "anonymous_said", "aspect")


def _by_theme(asked: Question | None, selection: Selection, measure: str, column: str) -> Tally:
    """Return counts by day and group with the codes of a column as `THEME`."""
    if asked is None:
        found, none = nobody(selection), np.zeros(0, np.int64)
        return replace(
            found, values={**found.values, THEME: []}, codes={**found.codes, THEME: none}
        )
    cells = asked.ask(measure)
    found, (code, values) = tallied(asked, selection, cells), distinct_values(cells[column])
    return replace(
        found, values={**found.values, THEME: values}, codes={**found.codes, THEME: code}
    )


def anonymous_of(selection: Selection, facet: str, theme: str) -> Tally:
    """Return how many anonymous voices mention one aspect (or intent), by group and day."""
    group = _group_asked(selection) if facet == VOICE else None
    if group is None:
        return part_of(anonymous_by_day(selection, facet), THEME, theme) or nobody(selection)
    return part_of(_anonymous_by_group(selection), THEME, group) or nobody(selection)


def _group_asked(selection: Selection) -> str | None:
    """Return the group of aspects that a selection asks for, where it is one and nothing is asked
    of what is said of it."""
    asked = selection.where.get("aspect", ())
    if len(asked) != 1 or "polarity" in selection.where:
        return None
    return asked[0] if asked[0] in _groups(selection.scope.organisation_id) else None


def _groups(organisation: int) -> set[str]:
    return {group_of(one.code) for one in taxonomy.current(organisation).taxonomy.aspects}


def _anonymous_by_group(selection: Selection) -> Tally:
    """Return how many anonymous voices mention each group of aspects (as `THEME`): each question
    about one of them would look through the same rows."""
    where = {name: codes for name, codes in selection.where.items() if name != "aspect"}
    daily = replace(selection, where=where).split(*selection.by, interval="day")
    now = question.read(daily, MENTIONS)
    key = ("anonymous_by_aspect_group", daily.key)
    return now.remembered(key, lambda: _by_aspect_group(now, daily))


def _by_aspect_group(now: Snapshot, selection: Selection) -> Tally:
    asked = question.question(selection, MENTIONS, now, fixed={"facet": ASPECT})
    if asked is not None:
        organisation = selection.scope.organisation_id
        asked = asked.among("aspect", admitted(organisation, _groups(organisation)))
    return _by_theme(asked, selection, "anonymous_by_aspect_group", ASPECT_GROUP)
