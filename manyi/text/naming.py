"""What a group of clauses is called: the phrases said in it far more than outside it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text.analysis import opinions
from manyi.text.phrases import keywords

MOST = 3
_CANDIDATES = 1_200
_OF_GROUP = 30
_LONGEST = 40
# 0.1 % for one phrase looked at alone, in units of the log-likelihood ratio.
_STANDS_OUT = 10.83
# What says neither of what nor how.
_PLAIN = frozenset(
    [
        *("不错", "满意", "可以", "还行", "一般", "很好", "非常", "感觉", "比较", "东西", "这个"),
        *("什么", "就是", "还是", "觉得", "真的"),
        *("good", "nice", "great", "thing", "things", "think"),
    ]
)

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Index:
    """All clauses as one text, for finding phrases fast."""

    text: str
    begins: list[int]

    @staticmethod
    def of(words: Sequence[str]) -> Index:
        sizes = [len(one) + 1 for one in words]
        begins = np.cumsum([0, *sizes[:-1]]).tolist() if words else []
        return Index("\n".join(words), begins)

    def places(self, phrase: str) -> Ints:
        """Return the numbers of the clauses that hold a phrase, Latin ones as whole words."""
        edge = r"\b" if phrase.isascii() else ""
        pattern = re.compile(f"{edge}{re.escape(phrase)}{edge}")
        found = (bisect_right(self.begins, m.start()) - 1 for m in pattern.finditer(self.text))
        return np.unique(np.fromiter(found, np.int64))


def candidates(words: Sequence[str], *, least: int) -> list[str]:
    """Return the phrases of all clauses that could be a theme, whenever they are said."""
    found = keywords(words, most=_CANDIDATES, least=least)
    return [one.text for one in found if one.text not in _PLAIN]


def names(
    groups: Sequence[Ints], index: Index, words: Sequence[str], people: Ints, *, least: int
) -> list[tuple[str, ...]]:
    """Return what each group is called, in up to MOST phrases; () where nothing stands out.

    `people` tells who says each clause; each phrase is said by at least `least` of the group's.
    """
    return [_name(group, index, [words[k] for k in group], people, least) for group in groups]


def _name(group: Ints, index: Index, said: list[str], people: Ints, least: int) -> tuple[str, ...]:
    size, total = len(group), len(index.begins)
    scored = []
    for one in keywords(said, most=_OF_GROUP, least=least):
        places = index.places(one.text)
        mine = places[np.isin(places, group)]
        score = stands_out(len(mine), size, len(places) - len(mine), total - size)
        known = len(np.unique(people[mine])) >= least
        if known and score > _STANDS_OUT and one.text not in _PLAIN:
            scored.append((score, one.text))
    ranked = [text for _, text in sorted(scored, key=lambda pair: (-pair[0], pair[1]))]
    return _readable(ranked) or _verbatim(group, said, people, least)


def _verbatim(group: Ints, said: Sequence[str], people: Ints, least: int) -> tuple[str, ...]:
    """Return the clause that most people say word for word, where they are enough."""
    speakers: dict[str, set[int]] = {}
    for words, who in zip(said, people[group].tolist(), strict=True):
        speakers.setdefault(words, set()).add(who)
    words, known = max(speakers.items(), key=lambda pair: (len(pair[1]), pair[0]))
    is_told = len(known) >= least and len(words) <= _LONGEST and words not in _PLAIN
    return (words,) if is_told else ()


def stands_out(inside: int, size: int, outside: int, rest: int) -> float:
    """Return Dunning's ratio of a phrase in a group against the others; 0 where rarer there."""
    share = (inside + outside) / max(1, size + rest)
    if not inside or inside * rest <= outside * size:
        return 0.0
    there = outside * np.log(outside / (rest * share)) if outside else 0.0
    return float(2 * (inside * np.log(inside / (size * share)) + there))


def _readable(ranked: Sequence[str]) -> tuple[str, ...]:
    """Return the strongest phrase, then what is said of it or else the next strongest."""
    apart = _apart(ranked)
    if len(apart) < 2:
        return tuple(apart)
    things = [text for text in apart if text not in _opinions()]
    judged = [text for text in apart if text in _opinions()]
    return tuple([*things[: MOST - 1], *judged[:1]][:MOST]) or tuple(apart[:MOST])


def _apart(ranked: Sequence[str]) -> list[str]:
    """Leave out what a stronger phrase says already."""
    kept: list[str] = []
    for text in ranked:
        if not any(text in one or one in text or _overlap(text, one) for one in kept):
            kept.append(text)
    return kept


def _overlap(one: str, other: str) -> bool:
    """Whether one ends as the other begins: pieces of one longer phrase."""
    return any(a[-n:] == b[:n] for a, b in ((one, other), (other, one)) for n in range(2, len(one)))


def together(first: Sequence[str], rest: Sequence[str]) -> tuple[str, ...]:
    """Return a name of what rose and what stands out, without saying a thing twice."""
    return tuple(_apart([*first, *rest])[:MOST])


@cache
def _opinions() -> frozenset[str]:
    return frozenset(opinions()[0].words)
