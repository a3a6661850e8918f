"""What is said of one place of a text: its clause, and apart from it what stands close before
and close behind. A clause may praise one thing and blame the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from manyi.text import features, heads
from manyi.text.clauses import Clauses
from manyi.text.features import Grams
from manyi.text.normal import LATIN, Batch

HEADS = ("near", "near_en")
# How many codes before and behind are close, in Chinese and in languages of Latin letters.
_HAN_REACH, _LATIN_REACH = 8, 32
# The same n-gram is another feature before, behind, and anywhere in the text.
_BEFORE, _BEHIND, _ANYWHERE = np.uint32(0x5BD1E995), np.uint32(0x1B873593), np.uint32(0xE6546B64)
# Every place is told with all n-grams of its text: so many at once bound the memory.
_AT_ONCE = 1_000_000
Ints = NDArray[np.int64]
Run = tuple[int, int]


def scores(
    texts: Batch, grams: Grams, cut: Clauses, places: Sequence[Run], chinese: NDArray[np.bool_]
) -> heads.Floats:
    """Return calibrated scores negative, neutral, positive of each place of codes."""
    stack = heads.stack(HEADS)
    found = [np.zeros((0, 3), np.float32)]
    for some in _parts(texts, grams, places):
        owner, buckets = placed(texts, grams, cut, places[some])
        said = stack.scores(owner, buckets, len(places[some]))
        zh, en = (said[head.name] / np.float32(head.temperature) for head in stack.heads)
        found.append(np.where(chinese[some, None], zh, en))
    return np.asarray(np.concatenate(found), dtype=np.float32)


def _parts(texts: Batch, grams: Grams, places: Sequence[Run]) -> Iterator[slice]:
    """Yield the places in order, a few of long texts or many of short ones."""
    size = np.bincount(texts.owner[grams.first], minlength=len(texts))
    start, told = 0, 0
    for k, (at, _) in enumerate(places):
        told += int(size[texts.owner[at]])
        if told > _AT_ONCE and k > start:
            yield slice(start, k)
            start, told = k, int(size[texts.owner[at]])
    if start < len(places):
        yield slice(start, len(places))


def placed(
    texts: Batch, grams: Grams, cut: Clauses, places: Sequence[Run]
) -> tuple[Ints, NDArray[np.uint32]]:
    """Return number of the place and bucket of every feature, at times more than once."""
    order = np.argsort(texts.owner[grams.first], kind="stable")
    first, last, hashes = grams.first[order], grams.last[order], grams.hashes[order]
    bounds = np.searchsorted(texts.owner[first], np.arange(len(texts) + 1))
    owner, found = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)]
    for k, (start, end) in enumerate(places):
        text = int(texts.owner[start])
        some = slice(bounds[text], bounds[text + 1])
        reach = _LATIN_REACH if texts.kinds[start] == LATIN else _HAN_REACH
        whole = _salted(hashes[some], first[some], last[some], (start, end), reach, cut)
        found.append(whole)
        owner.append(np.full(len(whole), k))
    return np.concatenate(owner), features.bucket(np.concatenate(found))


def _salted(
    hashes: NDArray[np.uint32], first: Ints, last: Ints, place: Run, reach: int, cut: Clauses
) -> NDArray[np.uint32]:
    start, end = place
    clause = cut.of[start]
    inside = (cut.of[first] == clause) & (cut.of[last] == clause)
    before = inside & (last < start) & (first >= start - reach)
    behind = inside & (first >= end) & (last < end + reach)
    parts = (
        hashes[inside],
        hashes[before] ^ _BEFORE,
        hashes[behind] ^ _BEHIND,
        hashes ^ _ANYWHERE,
    )
    return np.concatenate(parts)
