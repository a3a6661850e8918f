"""Near duplicates: texts of which nearly all pairs of neighbouring characters agree.

MinHash of character pairs, 64 functions in 16 bands of 4; texts that share a band are
compared exactly. A text with a twelfth of its characters changed is still found.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from manyi.text import features
from manyi.text.normal import batch

FUNCTIONS, BANDS = 64, 16
ALIKE = 0.5
SHORTEST = 8
_LARGEST_BLOCK = 50
_SEED = 20_261_122


def signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return one row of FUNCTIONS minima a text; equal rows mean equal sets of pairs."""
    shingles, owner = _shingles(texts)
    rows = np.full((len(texts), FUNCTIONS), 0xFFFFFFFF, dtype=np.uint32)
    if not len(shingles):
        return rows
    starts = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
    rng = np.random.default_rng(_SEED)
    factors = rng.integers(1, 2**31, FUNCTIONS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    shifts = rng.integers(0, 2**32, FUNCTIONS, dtype=np.uint32)
    for k in range(FUNCTIONS):
        mixed = (shingles ^ shifts[k]) * factors[k]
        mixed ^= mixed >> np.uint32(15)
        rows[owner[starts], k] = np.minimum.reduceat(mixed * np.uint32(0x85EBCA6B), starts)
    return rows


def near_duplicates(texts: Sequence[str], *, alike: float = ALIKE) -> list[tuple[int, ...]]:
    """Return groups of at least two texts that are copies or nearly so, as numbers in order.

    `alike` is the least share of character pairs in common (Jaccard). Texts shorter than
    SHORTEST characters are never said to be copied: many people write “很好”.
    """
    sets = _sets(texts)
    parent = list(range(len(texts)))
    for first, second in _candidates(texts, sets):
        if _root(parent, first) == _root(parent, second):
            continue
        common = len(sets[first] & sets[second])
        if common >= alike * (len(sets[first]) + len(sets[second]) - common):
            parent[_root(parent, second)] = _root(parent, first)
    groups: dict[int, list[int]] = {}
    for i in range(len(texts)):
        groups.setdefault(_root(parent, i), []).append(i)
    return [tuple(g) for g in groups.values() if len(g) > 1]


def _candidates(texts: Sequence[str], sets: list[frozenset[int]]) -> list[tuple[int, int]]:
    """Pairs that share a band; in a large block each text is compared to the block's first few."""
    rows = signatures(texts)
    width = FUNCTIONS // BANDS
    long = [i for i, s in enumerate(sets) if len(s) >= SHORTEST - 1]
    found: dict[tuple[int, int], None] = {}
    for band in range(BANDS):
        blocks: dict[bytes, list[int]] = {}
        keys = np.ascontiguousarray(rows[:, band * width : (band + 1) * width])
        for i in long:
            blocks.setdefault(keys[i].tobytes(), []).append(i)
        for block in blocks.values():
            for first in block[:_LARGEST_BLOCK] if len(block) <= _LARGEST_BLOCK else block[:3]:
                found.update(((first, other), None) for other in block if other > first)
    return list(found)


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


def _shingles(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    found = batch(texts)
    solid = found.codes > 0x20
    codes, owner = found.codes[solid], found.owner[solid]
    if len(codes) < 2:
        return np.zeros(0, np.uint32), np.zeros(0, np.int32)
    pairs = features.chars(codes)[1]
    whole = owner[1:] == owner[:-1]
    return pairs[whole], owner[1:][whole]


def _sets(texts: Sequence[str]) -> list[frozenset[int]]:
    shingles, owner = _shingles(texts)
    cuts = np.searchsorted(owner, np.arange(len(texts) + 1))
    values = shingles.tolist()
    return [frozenset(values[a:b]) for a, b in itertools.pairwise(cuts)]
