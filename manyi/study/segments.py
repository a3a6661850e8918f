"""Chinese words found in the texts themselves: no dictionary, no model.

A run of two to four Han characters is a word where its parts meet more often than chance
(pointwise mutual information of its loosest joint) and where what comes before and after it
varies (branching entropy): “房间” is followed by anything, “服务” + “员” rarely by the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manyi.study.stopwords import HAN_ENDS, HAN_INSIDE, HAN_STARTS, HAN_STOP, HAN_WHOLE, NEGATIONS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]

LONGEST = 4
_BITS = 13
_MOST_CHARACTERS = 2**_BITS - 1
_LEAST_PMI = {2: 2.3, 3: 3.0, 4: 3.6}
_CLOSE = {2: 0.5, 3: 0.6, 4: 0.6}
_LEAST_ENTROPY = 1.15
_ABSORBED = 0.72


@dataclass(frozen=True)
class Corpus:
    """Texts as one array: `codes` (0 = no Han character here) and the text each lies in."""

    codes: Ints
    text: Ints
    characters: str

    def spell(self, key: int, n: int) -> str:
        """Return the characters of an n-gram's key."""
        parts = [(key >> (_BITS * (n - 1 - i))) & _MOST_CHARACTERS for i in range(n)]
        return "".join(self.characters[p] for p in parts)


@dataclass(frozen=True)
class Grams:
    """The n-grams of one length: distinct `keys` (rising), `counts`, and where each stands."""

    n: int
    keys: Ints
    counts: Ints
    at: Ints
    gram: Ints


def corpus(texts: Sequence[str]) -> Corpus:
    """Return the texts as codes of their Han characters."""
    joined = "\n".join(t.replace("\n", " ") for t in texts) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32).astype(np.int64)
    text = np.cumsum(points == 10) - (points == 10)
    han = (points >= 0x4E00) & (points <= 0x9FFF)
    known, at, counts = np.unique(points[han], return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")[: _MOST_CHARACTERS - 1]
    code = np.zeros(len(known), np.int64)
    code[order] = np.arange(1, len(order) + 1)
    codes = np.zeros(len(points), np.int64)
    codes[han] = code[at]
    return Corpus(codes, text, "\0" + "".join(chr(known[i]) for i in order))


def grams(words: Corpus, n: int, least: int) -> Grams:
    """Return the n-grams that occur at least `least` times."""
    codes = words.codes
    size = max(len(codes) - n + 1, 0)
    key, whole = np.zeros(size, np.int64), np.ones(size, np.bool_)
    for i in range(n):
        part = codes[i : i + size]
        key = (key << _BITS) | part
        whole &= part > 0
    at = np.flatnonzero(whole)
    keys, gram, counts = np.unique(key[at], return_inverse=True, return_counts=True)
    often = counts >= least
    renumbered = np.cumsum(often) - 1
    kept = often[gram]
    return Grams(n, keys[often], counts[often], at[kept], renumbered[gram[kept]])


def _entropy(words: Corpus, found: Grams, offset: int) -> Floats:
    """Return how much the characters at `offset` from each n-gram vary; an edge of the text
    or a mark counts as a neighbour that never repeats."""
    near = words.codes[np.clip(found.at + offset, 0, len(words.codes) - 1)]
    inner = near > 0
    pairs, repeats = np.unique((found.gram[inner] << _BITS) | near[inner], return_counts=True)
    sums = np.bincount(pairs >> _BITS, weights=repeats * np.log(repeats), minlength=len(found.keys))
    return np.asarray(np.log(found.counts) - sums / found.counts)


def _counts_of(keys: Ints, among: Grams) -> Ints:
    at = np.clip(np.searchsorted(among.keys, keys), 0, max(len(among.keys) - 1, 0))
    return np.where(among.keys[at] == keys, among.counts[at], 1)


def _cohesion(found: Grams, shorter: dict[int, Grams], total: int) -> Floats:
    """Return the mutual information of the loosest joint of each n-gram."""
    weakest = np.full(len(found.keys), np.inf)
    for left in range(1, found.n):
        right = found.n - left
        a = _counts_of(found.keys >> (_BITS * right), shorter[left])
        b = _counts_of(found.keys & ((1 << (_BITS * right)) - 1), shorter[right])
        weakest = np.minimum(weakest, np.log(found.counts * float(total) / (a * b)))
    return weakest


@dataclass(frozen=True)
class Found:
    """The words that were found and, for each, the texts that hold it (`word`, `text`)."""

    words: list[str]
    word: Ints
    text: Ints


def discover(texts: Sequence[str], *, least: int) -> Found:
    """Return words of two to four Han characters and the texts that hold them.

    A word behind a negation is not counted: “不新鲜” is no “新鲜”.
    """
    body = corpus(texts)
    if not (body.codes > 0).any():
        return Found([], np.zeros(0, np.int64), np.zeros(0, np.int64))
    by_length = {1: grams(body, 1, 1)}
    total = int(by_length[1].counts.sum())
    names: list[str] = []
    places: list[tuple[Ints, Ints]] = []
    for n in range(2, LONGEST + 1):
        by_length[n] = grams(body, n, least)
        keep = _words_among(body, by_length, n, total)
        spelt = [body.spell(int(k), n) for k in by_length[n].keys[keep]]
        places.append(_holders(body, by_length[n], keep, len(names)))
        names += spelt
    word, text = (np.concatenate(parts) for parts in zip(*places, strict=True))
    return _absorbed(names, word, text)


def _words_among(body: Corpus, by_length: dict[int, Grams], n: int, total: int) -> Bits:
    found = by_length[n]
    if not len(found.keys):
        return np.zeros(0, np.bool_)
    # In a small file even parts that never stand apart have little mutual information: the
    # most it can be is that of the word with itself.
    most = np.log(total / found.counts)
    keep = _cohesion(found, by_length, total) >= np.minimum(_LEAST_PMI[n], _CLOSE[n] * most)
    keep &= _entropy(body, found, -1) >= _LEAST_ENTROPY
    keep &= _entropy(body, found, n) >= _LEAST_ENTROPY
    keep &= np.array([_may_be_word(body.spell(int(k), n)) for k in found.keys], np.bool_)
    return keep


def _may_be_word(word: str) -> bool:
    if word in HAN_WHOLE:
        return True
    if word in HAN_STOP or word[0] in HAN_STARTS or word[-1] in HAN_ENDS:
        return False
    if word[0] == word[-1] and len(word) == 2 and word not in HAN_WHOLE:
        return False
    inner = word[1:-1]
    if any(c in HAN_INSIDE for c in inner):
        return False
    return len(word) == 2 or not any(part in HAN_STOP for part in (word[:2], word[-2:]))


def _holders(body: Corpus, found: Grams, keep: Bits, first: int) -> tuple[Ints, Ints]:
    """Return (word, text) pairs, each once, of the n-grams kept."""
    number = np.cumsum(keep) - 1 + first
    negations = [body.characters.find(c) for c in NEGATIONS]
    before = body.codes[np.maximum(found.at - 1, 0)]
    taken = keep[found.gram] & ~(np.isin(before, negations) & (found.at > 0))
    pairs = np.unique(
        number[found.gram[taken]] * (len(body.codes) + 1) + body.text[found.at[taken]]
    )
    return pairs // (len(body.codes) + 1), pairs % (len(body.codes) + 1)


def _absorbed(names: list[str], word: Ints, text: Ints) -> Found:
    """Drop a word that mostly stands inside one longer word."""
    holders = np.bincount(word, minlength=len(names))
    at = {name: i for i, name in enumerate(names)}
    keep = holders > 0
    for name, i in at.items():
        for part in _parts(name):
            j = at.get(part)
            if j is not None and holders[i] >= _ABSORBED * holders[j]:
                keep[j] = False
    number = np.cumsum(keep) - 1
    inside = keep[word]
    return Found(
        [n for n, k in zip(names, keep, strict=True) if k], number[word[inside]], text[inside]
    )


def _parts(name: str) -> Iterable[str]:
    for n in range(2, len(name)):
        for i in range(len(name) - n + 1):
            yield name[i : i + n]
