"""The standard of service in a conversation: what was kept, what was missed, and where.

Rules over cue words, which can be read and checked; each verdict carries the turns that it
rests on. An item that a conversation gives no occasion for is left out of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from manyi.text import store
from manyi.text.normal import LONGEST
from manyi.text.talks import AGENT, CUSTOMER, Turn

MET: Final = "met"
MISSED: Final = "missed"
OPEN: Final = "open"  # a promise of which the conversation does not show the end
ITEMS: Final = (
    *("greeting", "empathy", "explanation", "solution", "closing", "forbidden", "promise"),
)
# A customer's turn at or below this mood gives occasion for sympathy and a solution.
_UNHAPPY = -0.15
_OPENING = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """`turns` are the places of the turns that say so; none where something is missing."""

    item: str
    result: str
    turns: tuple[int, ...] = ()


Cues = list[set[str]]


def rubric(
    talks: Sequence[Sequence[Turn]], moods: Sequence[Sequence[float | None]]
) -> list[list[Verdict]]:
    """Return the verdicts on each conversation; one in which no agent speaks has none."""
    pairs = zip(talks, moods, strict=True)
    return [_judged(_Talk(talk, mood, [_cues(turn.text) for turn in talk])) for talk, mood in pairs]


@dataclass(frozen=True)
class _Talk:
    turns: Sequence[Turn]
    moods: Sequence[float | None]
    cues: Cues

    def saying(self, cue: str, side: str = AGENT, after: int = -1) -> tuple[int, ...]:
        return tuple(
            i
            for i, turn in enumerate(self.turns)
            if i > after and turn.side == side and cue in self.cues[i]
        )

    def of(self, side: str) -> list[int]:
        return [i for i, turn in enumerate(self.turns) if turn.side == side]

    def unhappy(self) -> int | None:
        """Return the place of the first turn that calls for sympathy."""
        low = (i for i, m in enumerate(self.moods) if m is not None and m <= _UNHAPPY)
        return next(low, None)


def _judged(talk: _Talk) -> list[Verdict]:
    if not talk.of(AGENT):
        return []
    found = (_RULES[item](talk) for item in ITEMS)
    return [one for one in found if one is not None]


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
        cue: re.compile("|".join(_pattern(word.replace("_", " ")) for word in words.split()))
        for cue, words in table.items()
    }


def _pattern(word: str) -> str:
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)


def _cues(text: str) -> set[str]:
    folded = text[:LONGEST].lower().replace("’", "'")
    return {cue for cue, finder in _finders().items() if finder.search(folded)}
