"""One pass over the characters feeds every head: hashed character and word n-grams.

Character n-grams have 1 to 4 characters and never hold white space; those made only of Latin
letters and digits start at 3. Words are runs of Latin letters; pairs of words and pairs with
one word between are features too. Each feature is a bucket in 2**22; the full 32-bit hash is
kept for exact look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manyi.text.normal import DIGIT, LATIN, SPACE, Batch, Codes

BITS = 22
LONGEST_GRAM = 4
_A, _B, _C = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_WORD, _PAIR, _SKIP = np.uint32(0x51ED270B), np.uint32(0x2C1B3C6D), np.uint32(0x297A2D39)
_LONGEST_WORD = 48
_POWERS = np.cumprod(np.full(_LONGEST_WORD, 0x01000193, dtype=np.uint32), dtype=np.uint32)


@dataclass(frozen=True)
class Grams:
    """Features of a batch in no particular order.

    `hashes` are 32-bit hashes, `first` and `last` the places of the first and last code.
    """

    hashes: NDArray[np.uint32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def buckets(self) -> NDArray[np.uint32]:
        return bucket(self.hashes)


def bucket(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the bucket, 0 to 2**22 - 1, of each hash."""
    mixed = (hashes ^ (hashes >> np.uint32(13))) * _C
    return mixed >> np.uint32(32 - BITS)


def chars(codes: Codes) -> list[NDArray[np.uint32]]:
    """Return for n = 1 to 4 the hash of the n-gram that begins at each place."""
    scaled = codes * _A
    found = [scaled ^ (scaled >> np.uint32(16))]
    for n in range(2, LONGEST_GRAM + 1):
        before = found[-1][: max(0, len(codes) - n + 1)]
        mixed = (before ^ (before >> np.uint32(15))) * _B + scaled[n - 1 :]
        found.append(mixed)
    return found


def grams(texts: Batch) -> Grams:
    """Return the features of all texts of the batch."""
    char = _char_grams(texts)
    word = _word_grams(texts)
    hashes, first, last = (np.concatenate(column) for column in zip(*char, *word, strict=True))
    return Grams(hashes, first, last)


_Part = tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]


def _char_grams(texts: Batch) -> list[_Part]:
    breaks = (texts.kinds == SPACE).astype(np.int32)
    plain = ((texts.kinds != LATIN) & (texts.kinds != DIGIT)).astype(np.int32)
    blank, other = _running(breaks), _running(plain)
    parts = []
    for n, hashes in enumerate(chars(texts.codes), start=1):
        size = len(hashes)
        whole = blank[n : n + size] == blank[:size]
        if n < 3:
            whole &= other[n : n + size] > other[:size]
        first = np.flatnonzero(whole)
        parts.append((hashes[first], first, first + n - 1))
    return parts


def _running(flags: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.concatenate([np.zeros(1, np.int32), np.cumsum(flags, dtype=np.int32)])


def words(texts: Batch) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Return hash, first and last place of each run of Latin letters."""
    latin = np.concatenate([[0], (texts.kinds == LATIN).view(np.int8), [0]])
    step = np.diff(latin)
    first, last = np.flatnonzero(step == 1), np.flatnonzero(step == -1) - 1
    if not len(first):
        return np.zeros(0, np.uint32), first, last
    size = np.minimum(last - first + 1, _LONGEST_WORD)
    within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    places = np.repeat(first, size) + within
    terms = texts.codes[places] * _POWERS[within]
    hashes = np.add.reduceat(terms, np.cumsum(size) - size, dtype=np.uint32)
    return (hashes ^ (hashes >> np.uint32(15))) * _WORD, first, last


def _word_grams(texts: Batch) -> list[_Part]:
    hashes, first, last = words(texts)
    parts = [(hashes, first, last)]
    for gap, salt in ((1, _PAIR), (2, _SKIP)):
        left, right = hashes[:-gap], hashes[gap:]
        near = first[gap:] - last[:-gap] <= 2 if gap == 1 else first[gap:] - last[:-gap] < 14
        near &= texts.owner[first[gap:]] == texts.owner[first[:-gap]]
        pair = (left * salt + right) ^ (left >> np.uint32(9))
        parts.append((pair[near], first[:-gap][near], last[gap:][near]))
    return parts
