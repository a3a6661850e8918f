"""What stands around a place, for the taggers: the n-grams that begin at it and near it, pairs
further off, the kinds of characters, and the dictionary words that it may be a part of.

Each feature is a bucket of 2**20; the same n-gram at another distance is another feature.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import features, store
from manyi.text.normal import HAN, LATIN, Batch

BITS = 20
# (length of the n-gram, where it begins relative to the place)
SHAPES = (
    *((1, d) for d in range(-3, 4)),
    *((2, d) for d in range(-3, 3)),
    *((3, d) for d in range(-3, 2)),
    *((4, d) for d in (-3, 0)),
)
# Pairs further off are one feature before and one behind, wherever they stand.
_FURTHER = (-6, -5, -4, 3, 4, 5)
# What a dictionary word is, a bit each.
PERSON, FOREIGN, PLACE, BODY, WORD = (np.uint8(1 << i) for i in range(5))
_CLASSES = (PERSON, FOREIGN, PLACE, BODY, WORD)
KINDS_BITS = 22
_MIX = np.uint32(0x9E3779B1)
_KEY = np.uint32(0x85EBCA6B)
Words = NDArray[np.uint32]
Found = tuple[slice | NDArray[np.int64], Words]  # places, and one bucket for each


def around(texts: Batch, *, wide: bool) -> Iterator[Found]:
    """Yield features of places: the n-grams close by, and if `wide` all the others too."""
    grams = features.chars(texts.codes)
    yield from _close(texts, grams)
    if not wide:
        return
    every = slice(0, len(texts.codes))
    for salt, value in (*_far(texts, grams), *_built(texts), *_in_words(texts, grams)):
        yield every, _bucket(value, salt)
    yield from _latin(texts)


def _bucket(value: Words, salt: int) -> Words:
    mixed = (value ^ np.uint32(0x1F123BB5 * (salt + 1) & 0xFFFFFFFF)) * _MIX
    mixed = (mixed ^ (mixed >> np.uint32(15))) * _MIX
    return np.asarray(mixed >> np.uint32(32 - BITS), dtype=np.uint32)


def _close(texts: Batch, grams: list[Words]) -> Iterator[Found]:
    size = len(texts.codes)
    for number, (length, offset) in enumerate(SHAPES):
        hashes = grams[length - 1]
        first = max(0, -offset)  # the place of which the first n-gram inside is the feature
        last = min(size, len(hashes) - offset)
        if last > first:
            chosen = hashes[first + offset : last + offset]
            yield slice(first, last), _bucket(chosen, number)


def _far(texts: Batch, grams: list[Words]) -> Iterator[tuple[int, Words]]:
    pairs = np.zeros(len(texts.codes), np.uint32)
    pairs[: len(grams[1])] = grams[1]
    for offset in _FURTHER:
        yield 100 + (offset > 0), moved(pairs, offset)


def moved(values: NDArray[np.generic], by: int) -> Words:
    """Return at each place the value that stands `by` places behind it, 0 beyond the ends."""
    found = np.zeros(len(values), np.uint32)
    if by > 0:
        found[:-by] = values[by:]
    elif by < 0:
        found[-by:] = values[:by]
    else:
        found[:] = values
    return found


def _built(texts: Batch) -> Iterator[tuple[int, Words]]:
    """Yield what the places around are built of: kinds of characters, family names, and the
    characters that foreign names are written in."""
    family, foreign = _marks()
    codes = np.minimum(texts.codes, 0xFFFF)
    first, abroad, han = family[codes], foreign[codes], texts.kinds == HAN
    kinds = _joined(texts.kinds, range(-3, 4), 8)
    names = _joined(2 * first + han, range(-2, 3), 4)
    row = _joined(abroad, range(-4, 5), 2)
    yield 110, kinds
    yield 111, row
    yield 112, names
    yield 113, names << np.uint32(10) | row


def _joined(values: NDArray[np.generic], places: range, base: int) -> Words:
    found = np.zeros(len(values), np.uint32)
    for by in places:
        found = found * np.uint32(base) + moved(values, by)
    return found


@cache
def _marks() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return which characters are family names, and which foreign names are written in."""
    found = []
    for key in ("single", "foreign"):
        marks = np.zeros(0x10000, np.uint8)
        marks[[ord(c) for c in store.words("people")[key]]] = 1
        found.append(marks)
    return found[0], found[1]


def _in_words(texts: Batch, grams: list[Words]) -> Iterator[tuple[int, Words]]:
    """Yield which words of the dictionary, of 2 to 4 characters, a place may be a part of."""
    covers = [_cover(c, grams, len(texts.codes)) for c in _CLASSES]
    family = _marks()[0][np.minimum(texts.codes, 0xFFFF)]
    every = np.zeros(len(texts.codes), np.uint32)
    for number, cover in enumerate(covers):
        yield 120 + number, cover
        every = every * _KEY + cover
    yield 130, every
    yield 131, covers[-1] << np.uint32(3) | _joined(family, range(-2, 1), 2)
    yield 132, covers[-1] * _MIX ^ moved(covers[-1], -2) * _KEY ^ moved(covers[-1], 2)


def _cover(one: np.uint8, grams: list[Words], size: int) -> Words:
    found = np.zeros(size, np.uint32)
    for length in (2, 3, 4):
        begins = np.zeros(size, np.uint8)
        kinds = _kinds()[grams[length - 1] >> np.uint32(32 - KINDS_BITS)]
        begins[: len(kinds)] = (kinds & one) > 0
        for before in range(length):
            found = found * np.uint32(2) + moved(begins, -before)
    return found


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return what each hash of an n-gram is as a word, 0 where it is none."""
    found = store.arrays(store.TIER_A, "words.npz")
    table = np.zeros(2**KINDS_BITS, np.uint8)
    table[store.rising(found["gaps"])] = found["kinds"]
    return table


def _latin(texts: Batch) -> Iterator[Found]:
    """Yield what a Latin word is and what stands on both sides, for each of its letters."""
    hashes, first, last = features.words(texts)
    if not len(first):
        return
    shape = _shapes(texts, first, last)
    codes = np.concatenate([np.zeros(2, np.uint32), texts.codes, np.zeros(2, np.uint32)]) * _KEY
    left, right = codes[first + 1], codes[last + 3]
    before, behind = codes[first] >> np.uint32(3), codes[last + 4] >> np.uint32(3)
    size = last - first + 1
    within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    places = np.repeat(first, size) + within
    case = shape >> np.uint32(5)
    values = (
        *(shape, case ^ left, case ^ right, hashes, left ^ (right >> np.uint32(7))),
        *(left ^ before, right ^ behind),
    )
    for number, value in enumerate(values):
        yield places, _bucket(np.repeat(value, size), 140 + number)


def _shapes(texts: Batch, first: NDArray[np.int64], last: NDArray[np.int64]) -> Words:
    """Return how each word is written, how long it is, and whether its text holds Han."""
    rows = zip(texts.owner[first].tolist(), *_origins(texts, first, last), strict=True)
    case = [_case(texts.texts[owner][a : b + 1]) for owner, a, b in rows]
    han = np.bincount(texts.owner, texts.kinds == HAN, minlength=len(texts)) > 0
    length = np.minimum(last - first + 1, 15).astype(np.uint32)
    mixed = np.array(case, np.uint32) << np.uint32(5) | length << np.uint32(1)
    return np.asarray(mixed | han[texts.owner[first]], dtype=np.uint32)


def _origins(texts: Batch, *places: NDArray[np.int64]) -> list[list[int]]:
    return [texts.origin[p].tolist() for p in places]


def _case(word: str) -> int:
    if word.isupper():
        return 1
    if word.islower():
        return 2
    return 3 if word[1:].islower() else 4


def by_word(texts: Batch, scores: NDArray[np.float32]) -> None:
    """Let all letters of a Latin word score alike: their mean."""
    latin = texts.kinds == LATIN
    begins = latin & ~np.concatenate([[False], latin[:-1]])
    number = (np.cumsum(begins) - 1)[latin]
    if not len(number):
        return
    size = np.bincount(number)
    for column in scores.T:
        column[latin] = (np.bincount(number, column[latin]) / size)[number]
