"""Labels every character by the characters around it; one pass of look-ups, no recurrence.

Column k of place p is `bias[k] + sum of weight[f, k]` over 20 features: the n-grams of 1 to 4
characters that begin 3 places before p to 3 places after it, each salted with its offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import features, store
from manyi.text.normal import Batch

Floats = NDArray[np.float32]
BITS = 20
# (length of the n-gram, where it begins relative to the place)
SHAPES = (
    *((1, d) for d in range(-3, 4)),
    *((2, d) for d in range(-3, 3)),
    *((3, d) for d in range(-3, 2)),
    *((4, d) for d in (-3, 0)),
)
_MIX = np.uint32(0x9E3779B1)


@dataclass(frozen=True)
class Tagger:
    """`labels` name the columns; `row` maps a bucket to a row of `weight`, 0 is a row of zeros."""

    labels: tuple[str, ...]
    row: NDArray[np.int32]
    weight: Floats
    bias: Floats

    def scores(self, texts: Batch) -> Floats:
        """Return one row of scores for each code of the batch."""
        sums = np.tile(self.bias, (len(texts.codes), 1))
        for _, place, buckets in placed(texts):
            rows = self.row[buckets]
            known = rows > 0
            sums[place + np.flatnonzero(known)] += self.weight[rows[known]]
        return sums


def placed(texts: Batch) -> list[tuple[int, int, NDArray[np.uint32]]]:
    """Return per shape (its number, the first place that has it, one bucket a place)."""
    grams = features.chars(texts.codes)
    size = len(texts.codes)
    found = []
    for number, (length, offset) in enumerate(SHAPES):
        hashes = grams[length - 1]
        first = max(0, -offset)  # the place of which the first n-gram inside is the feature
        last = min(size, len(hashes) - offset)
        if last <= first:
            continue
        chosen = hashes[first + offset : last + offset]
        mixed = (chosen ^ np.uint32(0x1F123BB5 * (number + 1) & 0xFFFFFFFF)) * _MIX
        mixed = (mixed ^ (mixed >> np.uint32(15))) * _MIX
        found.append((number, first, mixed >> np.uint32(32 - BITS)))
    return found


@cache
def load(name: str) -> Tagger:
    """Return a tagger of tier A; raises store.Damaged where its file was changed."""
    found = store.arrays(store.TIER_A, f"{name}.npz")
    buckets = np.cumsum(found["gaps"], dtype=np.uint32)
    weight = found["weight"].astype(np.float32) * found["weight_step"].astype(np.float32)
    row = np.zeros(2**BITS, dtype=np.int32)
    row[buckets] = np.arange(1, len(buckets) + 1, dtype=np.int32)
    zeros = np.zeros((1, weight.shape[1]), np.float32)
    labels = tuple(str(x) for x in found["labels"])
    return Tagger(labels, row, np.concatenate([zeros, weight]), found["bias"].astype(np.float32))
