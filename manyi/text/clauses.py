"""Clauses: the pieces between punctuation, and before a word that turns the meaning (但, but)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import features, lexicon
from manyi.text.normal import DIGIT, HAN, SPACE, Batch

_ENDS = "，。！？；：~…—,.!?;:|／/\n\r●★☆■◆→。｡"
_INSIDE_NUMBERS = ".,:/"
_TURNS = ("但是", "但", "不过", "可是", "然而", "只是", "but", "however", "although", "though")


@dataclass(frozen=True)
class Clauses:
    """Clause k is `codes[starts[k]:ends[k]]` of text `owner[k]`; `of[place]` is its number or -1.

    No clause is empty; they stand in the order of the texts.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    owner: NDArray[np.int32]
    of: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)


def clauses(texts: Batch, grams: features.Grams) -> Clauses:
    """Return the clauses of all texts, given their features; white space around is left out."""
    inside = ~(_marks(texts) | _gaps(texts))
    begins = inside & ~np.concatenate([[False], inside[:-1]])
    begins |= inside & _turns(texts, grams)
    begins[texts.starts[texts.starts < texts.ends]] |= inside[
        texts.starts[texts.starts < texts.ends]
    ]
    number = np.cumsum(begins) - 1
    of = np.where(inside, number, -1)
    starts = np.flatnonzero(begins)
    ends = _last_inside(of, len(starts)) + 1
    return Clauses(starts, ends, texts.owner[starts], of)


def spans(texts: Batch, found: Clauses) -> list[tuple[int, int, int]]:
    """Return of each clause the number of its text and its place there, end exclusive."""
    first = texts.origin[found.starts].tolist()
    last = texts.origin[found.ends - 1].tolist()
    return [
        (owner, a, b + 1) for owner, a, b in zip(found.owner.tolist(), first, last, strict=True)
    ]


def _last_inside(of: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    last = np.zeros(count, dtype=np.int64)
    places = np.flatnonzero(of >= 0)
    last[of[places]] = places  # later places overwrite earlier ones
    return last


def _marks(texts: Batch) -> NDArray[np.bool_]:
    codes, kinds = texts.codes, texts.kinds
    ends = np.zeros(0x10000, dtype=bool)
    ends[[ord(c) for c in _ENDS]] = True
    found = ends[np.minimum(codes, 0xFFFF)] | (codes == 0)
    numeric = np.zeros(len(codes), dtype=bool)
    digit = kinds == DIGIT
    numeric[1:-1] = digit[:-2] & digit[2:]
    keep = np.isin(codes, [ord(c) for c in _INSIDE_NUMBERS]) & numeric
    return np.asarray(found & ~keep)


def _gaps(texts: Batch) -> NDArray[np.bool_]:
    """White space ends a clause beside Han, unless the whole text is spaced out."""
    blank = texts.kinds == SPACE
    han = texts.kinds == HAN
    beside = np.zeros(len(blank), dtype=bool)
    beside[1:] |= han[:-1]
    beside[:-1] |= han[1:]
    spaces = np.bincount(texts.owner, blank, minlength=len(texts))
    spaced_out = spaces * 3 > np.bincount(texts.owner, minlength=len(texts))
    edge = blank & beside & ~spaced_out[texts.owner]
    outer = blank.copy()  # a blank next to a blank or a border is never inside
    outer[1:] &= ~_solid(texts)[:-1]
    return np.asarray(edge | outer)


def _solid(texts: Batch) -> NDArray[np.bool_]:
    return np.asarray((texts.kinds != SPACE) & (texts.codes != 0))


def _turns(texts: Batch, grams: features.Grams) -> NDArray[np.bool_]:
    found = np.zeros(len(texts.codes), dtype=bool)
    found[lexicon.find_all(texts, grams, _turn_words()).first] = True
    return found


@cache
def _turn_words() -> lexicon.Lexicon:
    return lexicon.Lexicon.of(_TURNS)
