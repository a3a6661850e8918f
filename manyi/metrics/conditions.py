"""What a question about anonymous people asks of them, and which conditions can be left out."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from manyi.feedback.saying import SENSES
from manyi.feedback.taxonomy import group_of
from manyi.kit.period import Period, bucket
from manyi.kit.selection import Selection
from manyi.text.findings import EMOTIONS

Key = tuple[Hashable, ...]

# Each voice has one of these and no other.
VALUES: Mapping[str, tuple[str, ...]] = {"polarity": tuple(SENSES), "emotion": tuple(EMOTIONS)}


# Each condition doubles the ways to leave some out; with more nothing anonymous is told.
MOST_CONDITIONS = 6
_NEVER = Period(date.min, date.max - timedelta(days=1))


@dataclass(frozen=True)
class Condition:
    """What a filter, an answer, words or a row of a table ask for: one value, or several.

    `kind` is "where", "group" or "some" (values of a dimension), "answer", "said" (a filter on
    words) or "theme" (a row of a table of themes).
    """

    kind: str
    name: str
    value: Hashable = None


def said_of(one: Condition) -> tuple[str, ...]:
    """Return the values that a condition on words admits."""
    return one.value if isinstance(one.value, tuple) else ()


def is_narrower(conditions: Collection[Condition], kept: Collection[Condition]) -> bool:
    """Whether all conditions together admit fewer than those kept.

    With an aspect, a polarity is that of what is said of it: without the aspect it is another.
    """
    lost = {one.name for one in conditions if one not in kept and one.kind == "said"}
    return "aspect" not in lost or all(one.name != "polarity" for one in kept)


def narrower(conditions: Sequence[Condition]) -> Iterator[tuple[Condition, ...]]:
    """Yield the conditions with any of them left out, as far as together they admit fewer."""
    for size in range(len(conditions) + 1):
        for kept in combinations(conditions, size):
            if is_narrower(conditions, kept):
                yield kept


def wider(conditions: Sequence[Condition]) -> Iterator[tuple[Condition, ...]]:
    """Yield the questions that leave some conditions out, or ask for a group of aspects."""
    for kept in narrower(conditions):
        if len(kept) < len(conditions):
            yield kept
        for at, one in enumerate(kept):
            if one.kind in ("said", "theme"):
                others = (*kept[:at], *kept[at + 1 :])
                yield from ((*others, more) for more in group_above(one, others))


def group_above(one: Condition, others: Collection[Condition]) -> list[Condition]:
    """Return the condition on the group of aspects that holds this one; none where it is one.

    A row about an aspect among those who speak of another has no such question above it.
    """
    code = said_of(one)[0] if one.kind == "said" and said_of(one) else str(one.value)
    about_another = {c.name for c in others if c.kind == "said"} & {"aspect", "polarity"}
    if one.name != "aspect" or (one.kind == "theme" and about_another):
        return []
    group = group_of(code)
    return [Condition("said", "aspect", (group,))] if group != code else []


def spans(selection: Selection, keys: Iterable[Key]) -> Iterator[tuple[Key, Period | None]]:
    """Yield each group with the days that it looks at."""
    when = selection.when
    for key in keys:
        starts = key[-1]
        if not isinstance(starts, date) or selection.interval is None:
            yield key, when
            continue
        part = bucket(starts, selection.interval)
        first = max(part.first, when.first) if when else part.first
        yield key, Period(first, max(first, min(part.last, when.last) if when else part.last))


def about(kept: Iterable[Condition]) -> frozenset[Condition]:
    """Return the conditions that are asked of the lake; the others are on a tally's columns."""
    return frozenset(one for one in kept if one.kind in ("answer", "said", "theme"))


def ends_of(when: Period | None) -> tuple[int, int]:
    """Return the first day and the one after the last, as `date.toordinal`; None is ever."""
    found = when or _NEVER
    return found.first.toordinal(), found.last.toordinal() + 1
