"""Figures over several anonymous surveys: the sum of what may be told of each by itself.

Were they guarded together, the few answers to a new survey would hide those to a busy one, which
would tell of them as the difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.metrics.differencing import Key, Watch
from manyi.metrics.telling import hidden, kept_part
from manyi.stats.result import Note

LEFT_OUT = Note("anonymous_left_out")


class Counts(Protocol):
    """What is found of a group, some of it anonymous."""

    @property
    def n_anonymous(self) -> int: ...


T = TypeVar("T", bound=Counts)
Found = Sequence[list[T]]


class Ask(Protocol[T]):
    """What asks for several sides, of everybody or only of those who are anonymous or not."""

    def __call__(self, of: Sequence[Selection], *, anonymous: bool | None) -> Sequence[list[T]]: ...


@dataclass(frozen=True)
class Asking(Generic[T]):
    """How to ask for what is found side by side, to which group it belongs, and how many anonymous
    people it has for each."""

    ask: Ask[T]
    place: Callable[[T], Key]
    people: Callable[[Sequence[T]], Mapping[Key, int]]


@dataclass(frozen=True)
class Told(Generic[T]):
    """What may be told, and of which groups nothing or only a part may."""

    found: list[T]
    hidden: frozenset[Key]
    partly: frozenset[Key]


def surveys(
    watch: Watch, spans: Sequence[Period | None], *, is_mixed: bool
) -> tuple[list[str], Watch]:
    """Return the anonymous surveys to look at one by one, none where one is all there is, and
    who looks at all of them. `is_mixed` says that there are answers of known people as well."""
    found = watch.surveys(spans)
    codes = [code for code in found if code is not None]
    if len(codes) < len(found):
        return [], watch
    if len(codes) > 1 or (codes and is_mixed):
        return codes, watch
    return [], watch.within(codes[0]) if codes else watch


def told(
    sides: Sequence[Selection],
    whole: Found[T],
    codes: Sequence[str],
    watch: Watch,
    asking: Asking[T],
) -> list[Told[T]]:
    """Return for each side what is known of people by name, with what each survey may tell."""
    parts = [list(one) for one in asking.ask(sides, anonymous=False)]
    for code in codes:
        for part, own in zip(parts, _of_survey(sides, code, watch, asking), strict=True):
            part.extend(own)
    return [_told(asking, *pair) for pair in zip(whole, parts, strict=True)]


def _of_survey(
    sides: Sequence[Selection], code: str, watch: Watch, asking: Asking[T]
) -> list[list[T]]:
    own = watch.within(code)
    mine = [one.narrowed(survey=code) for one in sides]
    kept = [kept_part(one, None, own) for one in mine]
    found = asking.ask(kept, anonymous=True)
    return [_shown(*pair, own, asking) for pair in zip(kept, found, strict=True)]


def _shown(kept: Selection, found: list[T], own: Watch, asking: Asking[T]) -> list[T]:
    hide = hidden(kept, asking.people(found), own)
    return [one for one in found if asking.place(one) not in hide]


def _told(asking: Asking[T], whole: list[T], parts: list[T]) -> Told[T]:
    left: Counter[Key] = Counter()
    for one in whole:
        left[asking.place(one)] += one.n_anonymous
    for one in parts:
        left[asking.place(one)] -= one.n_anonymous
    less = {key for key, n in left.items() if n > 0}
    there = {asking.place(one) for one in parts}
    return Told(parts, frozenset(less - there), frozenset(less & there))
