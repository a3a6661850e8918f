"""Key words and phrases of a set of texts: what is said here more than it is said elsewhere.

Candidates are n-grams of Han (2 to 4) and Latin words and pairs of words that hold together
(pointwise mutual information) and stand among varied neighbours (branching entropy). They are
ranked by the log-likelihood ratio against the texts the models learnt from (Dunning 1993).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import clauses, courtesy, features, store
from manyi.text.normal import HAN, LATIN, Batch, batch
from manyi.text.personal import unmarked

BACKGROUND_BITS = 19
LEAST = 3
_COHESION = 1.5
_VARIETY = 0.3
_OVERLAP = 0.7
# Single words that carry no topic, in a language that writes words apart.
_SMALL = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "or",
        "but",
        "is",
        "was",
        "were",
        "are",
        "be",
        "been",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "it",
        "its",
        "this",
        "that",
        "i",
        "we",
        "you",
        "they",
        "he",
        "she",
        "my",
        "our",
        "your",
        "their",
        "me",
        "us",
        "them",
        "not",
        "no",
        "so",
        "very",
        "too",
        "as",
        "from",
        "had",
        "have",
        "has",
        "do",
        "did",
        "does",
        "would",
        "could",
        "will",
        "can",
        "just",
        "really",
    ]
)
_EDGES = frozenset(
    "的了是在我你他她它们也都就很不还又和与把被给让对这那有个吧吗呢啊哦太没要会说去到上着过得地为但而所以因"
)


@dataclass(frozen=True)
class Phrase:
    """A phrase, in how many texts it stands, and how far it stands out (log-likelihood).

    `of` are the places of those texts among the ones that were given.
    """

    text: str
    texts: int
    score: float
    of: tuple[int, ...] = ()


def keywords(texts: Sequence[str], *, most: int = 20, least: int = LEAST) -> list[Phrase]:
    """Return up to `most` phrases that stand in at least `least` texts, the strongest first.

    A phrase within a longer one of nearly the same count is left out, and no mask is a word.
    """
    found = batch([unmarked(one) for one in texts])
    if not len(found.codes):
        return []
    candidates = _candidates(found, least)
    ranked = sorted(candidates, key=lambda p: (-p.score, p.text))
    return _without_parts(ranked)[:most]


@dataclass(frozen=True)
class _Grams:
    hashes: NDArray[np.uint32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def _grams(found: Batch) -> _Grams:
    """Han n-grams and Latin words inside one clause."""
    grams = features.grams(found)
    cut = clauses.clauses(found, grams)
    size = grams.last - grams.first + 1
    head, tail = found.kinds[grams.first], found.kinds[grams.last]
    foreign = np.concatenate([[0], np.cumsum(found.kinds != HAN)])
    han = (foreign[grams.last + 1] == foreign[grams.first]) & (size <= 4)
    edge = np.zeros(len(found.codes) + 2, dtype=bool)
    edge[1:-1] = found.kinds == LATIN
    latin = (head == LATIN) & (tail == LATIN) & ~edge[grams.first] & ~edge[grams.last + 2]
    whole = (cut.of[grams.first] >= 0) & (cut.of[grams.first] == cut.of[grams.last])
    chosen = whole & (han | latin)
    return _Grams(grams.hashes[chosen], grams.first[chosen], grams.last[chosen])


def _candidates(found: Batch, least: int) -> list[Phrase]:
    grams = _grams(found)
    order = np.argsort(grams.hashes, kind="stable")
    hashes, first, last = grams.hashes[order], grams.first[order], grams.last[order]
    if not len(hashes):
        return []
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
    counts = np.diff(np.append(starts, len(hashes)))
    total = max(1, int((found.kinds == HAN).sum()) + len(features.words(found)[0]))
    table = dict(zip(hashes[starts].tolist(), counts.tolist(), strict=True))
    ends = np.append(starts, len(hashes))
    result = []
    for k in np.flatnonzero(counts >= least):
        rows = slice(int(ends[k]), int(ends[k + 1]))
        word = _word(found, int(first[rows][0]), int(last[rows][0]))
        owners = sorted(set(found.owner[first[rows]].tolist()))
        if len(owners) < least or _empty(word):
            continue
        if _holds(found, first[rows], last[rows], table, total):
            score = _stands_out(int(counts[k]), total, int(hashes[starts[k]]))
            if score > 0:
                result.append(Phrase(word, len(owners), round(score, 2), tuple(owners)))
    return result


def _word(found: Batch, first: int, last: int) -> str:
    return "".join(map(chr, found.codes[first : last + 1].tolist()))


def _empty(word: str) -> bool:
    if courtesy.is_courteous(word):
        return True
    if word.isascii():
        return len(word) < 3 or any(w in _SMALL for w in word.split())
    return len(word) < 2 or word[0] in _EDGES or word[-1] in _EDGES


def _holds(
    found: Batch,
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    table: dict[int, int],
    total: int,
) -> bool:
    """The weakest seam is far from chance, and neighbours on both sides vary."""
    size = int(last[0] - first[0] + 1)
    if found.kinds[first[0]] == LATIN:
        return True
    grams = features.chars(found.codes[first[0] : last[0] + 1])
    whole = len(first)
    for seam in range(1, size):
        left = table.get(int(grams[seam - 1][0]), whole)
        right = table.get(int(grams[size - seam - 1][seam]), whole)
        if math.log(whole * total / (left * right)) < _COHESION:
            return False
    return min(_entropy(found.codes, first - 1), _entropy(found.codes, last + 1)) > _VARIETY


def _entropy(codes: NDArray[np.uint32], places: NDArray[np.int64]) -> float:
    inside = places[(places >= 0) & (places < len(codes))]
    alone, every = len(places) - len(inside), max(1, len(places))
    counts = Counter(codes[inside].tolist()).values()
    # Each border of a text is a neighbour of its own.
    borders = alone * math.log(every)
    return (borders - sum(n * math.log(n / every) for n in counts)) / every


def _stands_out(count: int, total: int, code: int) -> float:
    """Dunning's log-likelihood ratio, 0 where it is rarer here than elsewhere."""
    levels, other = _background()
    elsewhere = float(2 ** (levels[code >> (32 - BACKGROUND_BITS)] / 8.0) - 1)
    share = (count + elsewhere) / (total + other)
    if count / total <= elsewhere / other:
        return 0.0
    here = count * math.log(count / (total * share))
    there = elsewhere * math.log(elsewhere / (other * share)) if elsewhere else 0.0
    return 2 * (here + there)


@cache
def _background() -> tuple[NDArray[np.uint8], float]:
    found = store.arrays(store.TIER_A, "background.npz")
    return found["levels"], float(found["total"].item())


def _without_parts(ranked: list[Phrase]) -> list[Phrase]:
    kept: list[Phrase] = []
    for phrase in ranked:
        clash = any(
            (phrase.text in k.text or k.text in phrase.text)
            and min(phrase.texts, k.texts) >= _OVERLAP * max(phrase.texts, k.texts)
            for k in kept
        )
        if not clash:
            kept.append(phrase)
        elif longer := next((k for k in kept if k.text in phrase.text), None):
            kept[kept.index(longer)] = phrase
    return list(dict.fromkeys(kept))
