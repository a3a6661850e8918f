"""Which pieces of a text are terms or opinions: whole pieces judged against each other, by the
tagger's scores at their ends and by the characters in and around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from manyi.text import crossed
from manyi.text.crossed import Facts
from manyi.text.normal import SPACE, Batch

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Run = tuple[int, int]
HEADS: Final = ("aspect_spans", "opinion_spans")
# A piece begins and goes on where the tagger gives it this chance at least, and is no longer.
_LEAST = float(np.log(0.06 / 0.94))
LONGEST: Final = 9
# From which score a piece is taken, of aspects and of opinions. A piece raises F1 where it is
# likelier than half of what F1 is, some 0.67 and 0.44: the log odds of a half of each.
LEVELS: Final = (-0.7, -1.3)
_SCORES = ("begin", "least", "mean", "next", "again", "before", "second", "other")
_CHARS = ("whole", "first", "first2", "last", "last2", "left", "left2", "right", "right2")
_INNER = tuple(f"inner#{k}" for k in range(1, LONGEST - 1))
CROSSES: Final = (
    *((name,) for name in ("size", *_SCORES, *_CHARS)),
    *(("begin", "next"), ("begin", "least"), ("least", "next"), ("before", "begin")),
    *(("second", "begin"), ("begin", "least", "next"), ("first", "size"), ("first", "last")),
    *(("left", "first"), ("last", "right"), ("left", "whole"), ("whole", "right")),
    *(("left", "right"), ("last", "right2"), ("left2", "first"), ("last2", "right")),
    *(("left", "first2"), ("first", "begin"), ("last", "next"), ("right", "next")),
    *(("left", "begin"), ("first2", "begin"), ("last2", "next")),
    *((name,) for name in _INNER),
)


def candidates(one: Batch, scores: Floats, kind: int) -> tuple[Ints, Ints]:
    """Return first and end places of the pieces that may be aspects (0) or opinions (1)."""
    begins, goes_on = scores[:, 2 * kind] > _LEAST, scores[:, 2 * kind + 1] > _LEAST
    usable = (one.kinds != SPACE) & (one.codes != 0)
    start = np.flatnonzero(begins & usable)
    end = start + 1
    found = [(start, end)]
    more = np.concatenate([goes_on & usable, [False]])
    while len(start) and len(found) < LONGEST:
        on = more[end]
        start, end = start[on], end[on] + 1
        found.append((start, end))
    first, last = (np.concatenate(column) for column in zip(*found, strict=True))
    return first, last


def facts(one: Batch, scores: Floats, kind: int, first: Ints, end: Ints) -> Facts:
    """Return what is known of each piece."""
    size = end - first
    return {
        "size": size,
        **_scored(_apart(one, scores), kind, first, end),
        **written(one, first, end),
    }


def _apart(one: Batch, scores: Floats) -> Floats:
    """What stands beyond the ends of a text says nothing of it."""
    return np.asarray(np.where(one.codes[:, None] == 0, -9, scores), dtype=np.float32)


def _scored(scores: Floats, kind: int, first: Ints, end: Ints) -> Facts:
    padded = np.concatenate([scores, np.full((2, 4), -9, np.float32)])
    begin, inner = padded[:, 2 * kind], padded[:, 2 * kind + 1]
    other = padded[:, 2 - 2 * kind : 4 - 2 * kind].max(axis=1)
    size = end - first
    least, total = np.full(len(first), 9.0), np.zeros(len(first))
    most = other[first].astype(np.float64)
    for k in range(1, LONGEST):
        place = np.minimum(first + k, len(padded) - 1)
        inside = k < size
        least = np.where(inside, np.minimum(least, inner[place]), least)
        total += np.where(inside, inner[place], 0)
        most = np.where(inside, np.maximum(most, other[place]), most)
    mean = np.where(size > 1, total / np.maximum(size - 1, 1), 9)
    found = (begin[first], least, mean, inner[end], begin[end], begin[first - 1])
    every = (*found, inner[first + 1], most)
    return {name: _step(value) for name, value in zip(_SCORES, every, strict=True)}


def _step(value: NDArray[np.floating]) -> Ints:
    return np.asarray(np.clip(np.floor(value), -6, 9), dtype=np.int64)


def written(one: Batch, first: Ints, end: Ints) -> Facts:
    """Return how pieces are written, and the characters beside them."""
    codes = np.concatenate([one.codes, np.zeros(2, np.uint32)])
    size = end - first
    whole = np.zeros(len(first), np.uint32)
    inner = {}
    for k in range(LONGEST):
        char = codes[np.minimum(first + k, len(codes) - 1)]
        whole = np.where(k < size, crossed.mixed(whole, char), whole)
        if k and k < LONGEST - 1:
            inner[f"inner#{k}"] = np.where(k < size - 1, char, 0)
    one_only = size == 1
    left, right = codes[first - 1], codes[end]
    values = (
        *(
            whole,
            codes[first],
            np.where(one_only, 0, crossed.mixed(codes[first], codes[first + 1])),
        ),
        *(codes[end - 1], np.where(one_only, 0, crossed.mixed(codes[end - 2], codes[end - 1]))),
        *(left, np.where(left == 0, 0, crossed.mixed(codes[first - 2], left))),
        *(right, np.where(right == 0, 0, crossed.mixed(right, codes[end + 1]))),
    )
    return {**dict(zip(_CHARS, values, strict=True)), **inner}


def found(one: Batch, scores: Floats, kind: int) -> list[Run]:
    """Return the pieces taken for aspects (0) or opinions (1), the surest first where two
    overlap, in the order of the text."""
    first, end = candidates(one, scores, kind)
    if not len(first):
        return []
    said = crossed.scores(HEADS[kind], facts(one, scores, kind, first, end), CROSSES)[:, 0]
    return sorted(chosen(first, end, said, LEVELS[kind]))


def chosen(first: Ints, end: Ints, said: Floats, level: float) -> Iterator[Run]:
    """Yield pieces above a level that overlap no surer one."""
    sure = np.flatnonzero(said > level)
    taken: set[int] = set()
    for k in sure[np.argsort(-said[sure], kind="stable")].tolist():
        places = range(int(first[k]), int(end[k]))
        if taken.isdisjoint(places):
            taken.update(places)
            yield places.start, places.stop
