"""Labels every character by what stands around it; one pass of look-ups, no recurrence.

Column k of place p is `bias[k] + sum of weight[f, k]` over the features of p (`around`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import store
from manyi.text.around import BITS, around, by_word
from manyi.text.normal import Batch

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Tagger:
    """`labels` name the columns; `weight` holds a row for each bucket, zeros for unknown ones."""

    labels: tuple[str, ...]
    weight: Floats
    bias: Floats
    wide: bool  # whether it looks further than at the n-grams close by

    def scores(self, texts: Batch) -> Floats:
        """Return one row of scores for each code of the batch.

        A tagger that looks far gives all letters of a Latin word one score.
        """
        sums = np.tile(self.bias, (len(texts.codes), 1))
        for places, buckets in around(texts, wide=self.wide):
            sums[places] += self.weight[buckets]
        if self.wide:
            by_word(texts, sums)
        return sums


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
