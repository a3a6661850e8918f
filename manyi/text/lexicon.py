"""Finds thousands of words in thousands of texts at once, by the hashes of the shared pass.

A Chinese word is found wherever its characters stand; a Latin word or pair of words only as
whole words. Words of five characters and more are found by their first four and then compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manyi.text import features
from manyi.text.normal import LATIN, Batch, batch

# A hash is looked up in a table first that is so many times larger than the lexicon: few that
# are no word's get past it, and it stays in the processor's cache.
_SPARSE_BITS, _MOST_BITS = 9, 20


class Hit(NamedTuple):
    """Word number `word` stands at codes[first:last + 1] of text `text`."""

    word: int
    first: int
    last: int
    text: int


@dataclass(frozen=True)
class Hits:
    """Hits as columns, in the order of places; the longer first where two begin together."""

    word: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.word)

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Hits:
        return Hits(self.word[chosen], self.first[chosen], self.last[chosen])


@dataclass(frozen=True)
class Lexicon:
    """Words folded like the texts; `words[i]` is word number i."""

    words: tuple[str, ...]
    _hashes: NDArray[np.uint32]  # sorted
    _numbers: NDArray[np.int64]
    _table: NDArray[np.bool_]  # by the first bits of a hash
    _codes: NDArray[np.uint32]  # one word a row, filled up with 0

    @staticmethod
    def of(words: Iterable[str]) -> Lexicon:
        """Return the lexicon of these words; the order is kept."""
        given = tuple(words)
        hashes = np.array([_key(w) for w in given], dtype=np.uint32)
        order = np.argsort(hashes, kind="stable")
        table = np.zeros(2 ** min(_MOST_BITS, _SPARSE_BITS + len(given).bit_length()), dtype=bool)
        table[_first(hashes, table)] = True
        return Lexicon(given, hashes[order], order, table, _matrix(given))

    def __len__(self) -> int:
        return len(self.words)


def _first(hashes: NDArray[np.uint32], table: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Return as many first bits of each hash as number the places of the table."""
    return hashes >> np.uint32(33 - len(table).bit_length())


def _key(word: str) -> int:
    one = batch([word])
    if (one.kinds == LATIN).any() and not (one.codes > 0x2E80).any():
        hashes = features.grams(one)
        whole = (hashes.first == 0) & (hashes.last == len(one.codes) - 1)
        return int(hashes.hashes[whole][-1])
    size = min(len(one.codes), features.LONGEST_GRAM)
    return int(features.chars(one.codes)[size - 1][0])


def find(texts: Batch, lexicon: Lexicon) -> Iterator[Hit]:
    """Yield every place of every word."""
    hits = find_all(texts, features.grams(texts), lexicon)
    for word, first, last in zip(hits.word, hits.first, hits.last, strict=True):
        yield Hit(int(word), int(first), int(last), int(texts.owner[first]))


def find_all(texts: Batch, grams: features.Grams, lexicon: Lexicon) -> Hits:
    """Return every place of every word, given the features of the texts."""
    likely = np.flatnonzero(lexicon._table[_first(grams.hashes, lexicon._table)])
    hashes = grams.hashes[likely]
    left = np.searchsorted(lexicon._hashes, hashes, "left")
    count = np.searchsorted(lexicon._hashes, hashes, "right") - left
    gram = np.repeat(likely, count)
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    word = lexicon._numbers[np.repeat(left, count) + within]
    first = grams.first[gram]
    last = first + (lexicon._codes[word] != 0).sum(axis=1) - 1
    return _in_order(_checked(texts, lexicon, Hits(word, first, last)))


def _checked(texts: Batch, lexicon: Lexicon, hits: Hits) -> Hits:
    """Keep the hits whose every code is the word's: a hash alone could lie."""
    codes = lexicon._codes[hits.word]
    places = hits.first[:, None] + np.arange(codes.shape[1])
    inside = places < len(texts.codes)
    found = np.where(inside, texts.codes[np.where(inside, places, 0)], 0)
    return hits[((codes == 0) | (codes == found)).all(axis=1)]


def _matrix(words: tuple[str, ...]) -> NDArray[np.uint32]:
    rows = np.zeros((max(1, len(words)), max((len(w) for w in words), default=1)), np.uint32)
    for i, word in enumerate(words):
        folded = batch([word]).codes
        rows[i, : len(folded)] = folded
    return rows


def _in_order(hits: Hits) -> Hits:
    order = np.lexsort((-hits.last, hits.first))
    return Hits(hits.word[order], hits.first[order], hits.last[order])


def meant(hits: Hits, named: int) -> Hits:
    """Return the hits of the first `named` words without those of a single character inside one
    of the others, which says something else."""
    other = hits.word >= named
    reach = np.maximum.accumulate(np.where(other, hits.last, -1)) if len(hits) else hits.last
    return hits[~other & ((hits.first < hits.last) | (reach < hits.last))]


def longest(hits: Hits) -> Hits:
    """Return the hits that no longer hit covers."""
    if not len(hits):
        return hits
    reach = np.maximum.accumulate(hits.last)
    covered = np.zeros(len(hits), dtype=bool)
    covered[1:] = hits.last[1:] <= reach[:-1]
    return hits[~covered]
