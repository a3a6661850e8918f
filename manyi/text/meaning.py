"""Texts as short vectors that lie close where they mean alike; search among a million of them.

A text is the weighted sum of what its words mean (Han characters, pairs and triples of them,
Latin words), learnt from the company that words keep (PPMI and a truncated SVD; Levy and
Goldberg 2014) and weighed by rarity, without the direction that all texts share (Arora 2017).
Words never met before get a direction of their own, made from their hash, so that a new name
finds itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import NDArray

from manyi.text import features, store
from manyi.text.normal import HAN, Batch, batch

DIMENSIONS = 64
LONGEST = 3
# How much a word weighs that was never met: chosen on the development texts.
UNKNOWN = 0.7
_SCALE = 127.0
_PART = 4_000
_BLOCK = 1_024
_SALTS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B))

Floats = NDArray[np.float32]
Codes = NDArray[np.int8]


@dataclass(frozen=True)
class Units:
    """What meaning is made of: hash, first place, text, and size of each.

    `size` is the number of Han characters, 0 of a Latin word.
    """

    hashes: NDArray[np.uint32]
    first: NDArray[np.int64]
    owner: NDArray[np.int32]
    size: NDArray[np.uint8]


def units(texts: Batch) -> Units:
    """Return the Han n-grams up to LONGEST and the Latin words of texts."""
    foreign = np.concatenate([[0], np.cumsum(texts.kinds != HAN)])
    words, first, last = features.words(texts)
    hashes, where = [words[last > first]], [first[last > first]]
    for n, found in enumerate(features.chars(texts.codes)[:LONGEST], start=1):
        whole = np.flatnonzero(foreign[n : n + len(found)] == foreign[: len(found)])
        hashes.append(found[whole])
        where.append(whole)
    size = np.repeat(np.arange(LONGEST + 1, dtype=np.uint8), [len(h) for h in hashes])
    at = np.concatenate(where)
    return Units(np.concatenate(hashes), at, texts.owner[at], size)


def places(
    known: NDArray[np.uint32], hashes: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each hash stands in the sorted `known`, and whether it does."""
    column = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return column, known[column] == hashes


@cache
def _learnt() -> tuple[NDArray[np.uint32], Floats]:
    found = store.arrays(store.TIER_A, "meaning.npz")
    known = store.rising(found["gaps"])
    step = np.exp2(found["step"].astype(np.float32) / 16)
    return known, found["vectors"].astype(np.float32) * step[:, None]


def version() -> str:
    """Return the name of what makes the vectors: those of two names are not comparable."""
    return "meaning-" + str(store.manifest()["files"]["meaning.npz"])[:12]


def vectors(texts: Sequence[str]) -> Codes:
    """Return one row of DIMENSIONS whole numbers a text; all 0 where it has no words."""
    parts = [_codes(texts[at : at + _PART]) for at in range(0, len(texts), _PART)]
    return np.concatenate(parts) if parts else np.zeros((0, DIMENSIONS), np.int8)


def _codes(texts: Sequence[str]) -> Codes:
    found = batch(texts)
    unit = units(found)
    return coded(sums(unit, unit.owner, len(texts)))


def coded(rows: Floats) -> Codes:
    """Return rows at length 1 as whole numbers, 127 for 1."""
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.round(_SCALE * rows / np.maximum(size, 1e-9)), np.int8)


def sums(unit: Units, owner: NDArray[np.integer], count: int) -> Floats:
    """Return the sum of what the units of each of `count` owners mean."""
    known, learnt = _learnt()
    column, is_known = places(known, unit.hashes)
    mine = owner >= 0
    said = is_known & mine
    table = scipy.sparse.csr_matrix(
        (np.ones(int(said.sum()), np.float32), (owner[said], column[said])),
        shape=(count, len(known)),
    )
    # A word said five times means it little more than once.
    table.data = np.sqrt(table.data)
    total = np.asarray(table @ learnt, np.float32)
    new = ~is_known & mine & ((unit.size == 0) | (unit.size == 2))
    np.add.at(total, owner[new], UNKNOWN * _directions(unit.hashes[new]))
    return total


def _directions(hashes: NDArray[np.uint32]) -> Floats:
    """Return a direction of length 1 for each hash, the same every time."""
    mixed = np.stack([(hashes ^ (hashes >> np.uint32(15))) * salt for salt in _SALTS], axis=1)
    bits = np.unpackbits(np.ascontiguousarray(mixed).view(np.uint8), axis=1)
    return np.asarray((bits * 2.0 - 1) / np.sqrt(DIMENSIONS), np.float32)


def likeness(query: Floats, rows: Codes) -> Floats:
    """Return the cosine of a text with each row."""
    aim = (query / max(float(np.linalg.norm(query)), 1e-9) / _SCALE).astype(np.float32)
    found = np.empty(len(rows), np.float32)
    # One small block, used again and again, stays in the processor's cache; blocks of their own
    # would be asked of the system and given back each time.
    block = np.empty((_BLOCK, rows.shape[1]), np.float32)
    for at in range(0, len(rows), _BLOCK):
        some = rows[at : at + _BLOCK]
        np.copyto(block[: len(some)], some)
        np.dot(block[: len(some)], aim, out=found[at : at + len(some)])
    return found


def vector(text: str) -> Floats:
    """Return the vector of one text; all 0 where it has no words."""
    found = batch([text])
    unit = units(found)
    return np.asarray(sums(unit, unit.owner, 1)[0], np.float32)


def weights(hashes: NDArray[np.uint32], size: NDArray[np.uint8]) -> Floats:
    """Return how much a unit tells: the rarer the more, 1 where it was never met."""
    known, learnt = _learnt()
    column, is_known = places(known, hashes)
    found = np.where(is_known, np.linalg.norm(learnt, axis=1)[column], 1.0)
    return np.where((size == 0) | (size == 2), found, 0.0).astype(np.float32)


def shared(text: str, others: Sequence[str]) -> Floats:
    """Return from 0 to 1 how far each of the others says it in the same words."""
    unit = units(batch([text, *others]))
    key = (unit.owner.astype(np.int64) << 32) | unit.hashes
    key, first = np.unique(key, return_index=True)
    owner, hashes = key >> 32, (key & 0xFFFFFFFF).astype(np.uint32)
    square = weights(hashes, unit.size[first]) ** 2
    asked = np.isin(hashes, hashes[owner == 0])
    size = len(others) + 1
    whole = np.bincount(owner, square, minlength=size)
    both = np.bincount(owner, square * asked, minlength=size)
    return np.asarray(both[1:] / np.sqrt(np.maximum(whole[1:] * whole[0], 1e-12)), np.float32)
