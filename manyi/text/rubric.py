"""The standard of service in a conversation: what was kept, what was missed, and where.

Rules over cue words, which can be read and checked; each verdict carries the turns that it
rests on. An item that a conversation gives no occasion for is left out of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from manyi.text import store
from manyi.text.normal import LONGEST
from manyi.text.standard import BUILT_IN, DEFAULT, Item, finder, fold, pattern, score
from manyi.text.talks import AGENT, CUSTOMER, Turn

MET: Final = "met"
MISSED: Final = "missed"
OPEN: Final = "open"  # a promise of which the conversation does not show the end
ITEMS: Final = BUILT_IN
# A customer's turn at or below this mood gives occasion for sympathy and a solution.
_UNHAPPY = -0.15
_OPENING = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """`turns` are the places of the turns that say so; none where something is missing."""

    item: str
    result: str
    turns: tuple[int, ...] = ()


Moods = Sequence[float | None]


def rubric(talks: Sequence[Sequence[Turn]], moods: Sequence[Moods]) -> list[list[Verdict]]:
    """Return the verdicts on each conversation; one in which no agent speaks has none."""
    pairs = zip(talks, moods, strict=True)
    return [judged(talk, mood) for talk, mood in pairs]


def judged(turns: Sequence[Turn], moods: Moods, items: Sequence[Item] = DEFAULT) -> list[Verdict]:
    """Return the verdicts on one conversation by the items of a standard."""
    talk = _Talk(turns, moods, [fold(turn.text[:LONGEST]) for turn in turns])
    if not talk.of(AGENT):
        return []
    found = (_of_item(talk, item) for item in items)
    return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts on one conversation, and how much of the standard was kept, 0 to 100."""

    verdicts: tuple[Verdict, ...]
    kept: float | None


def by_standard(turns: Sequence[Turn], moods: Moods, items: Sequence[Item]) -> Judged:
    """Return verdicts and what they add up to."""
    found = judged(turns, moods, items)
    return Judged(tuple(found), kept(found, items))


def kept(verdicts: Sequence[Verdict], items: Sequence[Item] = DEFAULT) -> float | None:
    """Return how much of the standard was kept by weight, 0 to 100; open promises count not."""
    told = {one.item: one.result == MET for one in verdicts if one.result != OPEN}
    return score(told, items)


@dataclass(frozen=True)
class _Talk:
    """A conversation as one item sees it; `item` adds its own phrases to the known words."""

    turns: Sequence[Turn]
    moods: Moods
    texts: Sequence[str]
    item: Item | None = None

    def saying(self, cue: str, side: str = AGENT, after: int = -1) -> tuple[int, ...]:
        """Return the places of the turns of one side that say it."""
        return self.holding(self._finders_of(cue, side), side, after)

    def _finders_of(self, cue: str, side: str) -> list[re.Pattern[str]]:
        """Return what finds a cue: the known words, and where the item is that cue its own."""
        known, mine = [_finders()[cue]], self.item
        if mine is None or mine.code != cue or side != AGENT:
            return known
        own = finder(mine.says)
        return [*(known if mine.knows else ()), *([own] if own else ())]

    def holding(
        self, finders: Sequence[re.Pattern[str]], side: str = AGENT, after: int = -1
    ) -> tuple[int, ...]:
        return tuple(
            i
            for i, turn in enumerate(self.turns)
            if i > after and turn.side == side and any(one.search(self.texts[i]) for one in finders)
        )

    def of(self, side: str) -> list[int]:
        return [i for i, turn in enumerate(self.turns) if turn.side == side]

    def unhappy(self) -> int | None:
        """Return the place of the first turn that calls for sympathy."""
        low = (i for i, m in enumerate(self.moods) if m is not None and m <= _UNHAPPY)
        return next(low, None)


def _of_item(talk: _Talk, item: Item) -> Verdict | None:
    mine = replace(talk, item=item)
    wrong = finder(item.never)
    broken = mine.holding([wrong]) if wrong else ()
    if item.is_own:
        return _own(mine, item, broken)
    found = _RULES[item.code](mine)
    if not broken:
        return found
    known = found.turns if item.code == "forbidden" and found is not None else ()
    return Verdict(item.code, MISSED, tuple(sorted({*broken, *known})))


def _own(talk: _Talk, item: Item, broken: tuple[int, ...]) -> Verdict:
    if broken:
        return Verdict(item.code, MISSED, broken)
    asked = finder(item.says)
    return _where(item.code, talk.holding([asked])) if asked else Verdict(item.code, MET)


def _where(item: str, turns: tuple[int, ...]) -> Verdict:
    return Verdict(item, MET if turns else MISSED, turns)


def _greeting(talk: _Talk) -> Verdict:
    opening = set(talk.of(AGENT)[:_OPENING])
    return _where("greeting", tuple(i for i in talk.saying("greeting") if i in opening))


def _closing(talk: _Talk) -> Verdict:
    ending = set(talk.of(AGENT)[-_OPENING:])
    return _where("closing", tuple(i for i in talk.saying("closing") if i in ending))


def _empathy(talk: _Talk) -> Verdict | None:
    at = talk.unhappy()
    return None if at is None else _where("empathy", talk.saying("empathy", after=at))


def _explanation(talk: _Talk) -> Verdict | None:
    at = talk.unhappy()
    return None if at is None else _where("explanation", talk.saying("explanation", after=at))


def _solution(talk: _Talk) -> Verdict | None:
    asked = talk.saying("asks", CUSTOMER)
    unhappy = talk.unhappy()
    occasions = [*asked[:1], *([] if unhappy is None else [unhappy])]
    return _where("solution", talk.saying("solution", after=min(occasions))) if occasions else None


def _forbidden(talk: _Talk) -> Verdict:
    said = talk.saying("forbidden")
    return Verdict("forbidden", MISSED if said else MET, said)


def _promise(talk: _Talk) -> Verdict | None:
    promised = talk.saying("promise")
    if not promised:
        return None
    kept = (*talk.saying("kept", after=promised[0]), *talk.saying("kept", CUSTOMER, promised[0]))
    return Verdict("promise", MET if kept else OPEN, (*promised[:1], *sorted(kept)[:1]))


_RULES: dict[str, Callable[[_Talk], Verdict | None]] = {
    "greeting": _greeting,
    "empathy": _empathy,
    "explanation": _explanation,
    "solution": _solution,
    "closing": _closing,
    "forbidden": _forbidden,
    "promise": _promise,
}


@cache
def _finders() -> dict[str, re.Pattern[str]]:
    """Return what finds the words of each cue; Latin ones only as whole words."""
    table: dict[str, str] = store.words("talks")["cues"]
    return {
        cue: re.compile("|".join(pattern(word.replace("_", " ")) for word in words.split()))
        for cue, words in table.items()
    }
