"""Labels every character by what stands around it; one pass of look-ups, no recurrence.

Column k of place p is `bias[k] + sum of weight[f, k]` over the features of p (`around`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manyi.text import store
from manyi.text.around import BITS, around, by_word
from manyi.text.normal import SPACE, Batch

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Tagger:
    """`labels` name the columns; `weight` holds a row for each bucket, zeros for unknown ones."""

    labels: tuple[str, ...]
    weight: Floats
    bias: Floats
    wide: bool  # whether it looks further than at the n-grams close by

    def scores(self, texts: Batch, *, after: str = "\0") -> Floats:
        """Return one row of scores for each code of the batch, each text read as if it followed
        one that ends in `after`.

        A tagger that looks far gives all letters of a Latin word one score.
        """
        apart, where = _apart(texts, ord(after))
        sums = np.tile(self.bias, (len(apart.codes), 1))
        for places, buckets in around(apart, wide=self.wide):
            sums[places] += self.weight[buckets]
        if self.wide:
            by_word(apart, sums)
        return np.asarray(sums[where], dtype=np.float32)


# No feature looks further than this, so that no text is read by its neighbours.
_REACH = 6


def _apart(texts: Batch, after: int) -> tuple[Batch, NDArray[np.int64]]:
    """Return the texts with borders as wide as features reach, and where each code went."""
    where = np.arange(len(texts.codes)) + _REACH * (texts.owner.astype(np.int64) + 1)
    size = len(where) + _REACH * (len(texts) + 1)

    def spread(values: NDArray[Any], empty: int) -> NDArray[Any]:
        found = np.full(size, empty, values.dtype)
        found[where] = values
        return found

    codes = spread(texts.codes, 0)
    if len(where):
        first = np.flatnonzero(np.diff(texts.owner, prepend=-1))
        codes[where[first] - 2] = after
    found = replace(
        texts,
        codes=codes,
        kinds=spread(texts.kinds, SPACE),
        origin=spread(texts.origin, 0),
        owner=spread(texts.owner, 0),
    )
    return found, where


@cache
def load(name: str) -> Tagger:
    """Return a tagger of tier A; raises store.Damaged where its file was changed."""
    found = store.arrays(store.TIER_A, f"{name}.npz")
    weight = np.zeros((2**BITS, len(found["labels"])), np.float32)
    weight[store.rising(found["gaps"])] = found["weight"] * found["weight_step"].astype(np.float32)
    return Tagger(
        labels=tuple(str(x) for x in found["labels"]),
        weight=weight,
        bias=found["bias"].astype(np.float32),
        wide="wide" in found,
    )
