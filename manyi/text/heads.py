"""Linear heads over the shared features: one sparse product serves all of them.

Of a text with the set of features F, head k says
`bias[k] + sum(weight[f, k] for f in F) / sqrt(sum(strength[f] ** 2 for f in F))`.
`weight` and `strength` are stored in 8 bits; features a head does not know weigh nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import NDArray

from manyi.text import features, store

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """What one head has learnt: sorted `buckets`, one row of `weight` and a `strength` each."""

    name: str
    labels: tuple[str, ...]
    buckets: NDArray[np.uint32]
    weight: Floats
    strength: Floats
    bias: Floats
    temperature: float


def load(name: str, artefact: str = store.TIER_A) -> Head:
    """Return a head of the artefact; raises store.Damaged where its file was changed."""
    found = store.arrays(artefact, f"{name}.npz")
    return Head(
        name=name,
        labels=tuple(str(x) for x in found["labels"]),
        buckets=store.rising(found["gaps"]),
        weight=found["weight"].astype(np.float32) * found["weight_step"].astype(np.float32),
        strength=found["strength"].astype(np.float32) * np.float32(found["strength_step"].item()),
        bias=found["bias"].astype(np.float32),
        temperature=float(found["temperature"].item()),
    )


@dataclass(frozen=True)
class Stack:
    """Several heads side by side over the union of their buckets."""

    heads: tuple[Head, ...]
    row: NDArray[np.int32]  # bucket → row of `matrix`, -1 where no head knows it
    matrix: Floats

    @staticmethod
    def of(heads: Sequence[Head]) -> Stack:
        union = np.unique(np.concatenate([h.buckets for h in heads]))
        row = np.full(2**features.BITS, -1, dtype=np.int32)
        row[union] = np.arange(len(union), dtype=np.int32)
        matrix = np.zeros((len(union), sum(len(h.bias) + 1 for h in heads)), np.float32)
        at = 0
        for head in heads:
            width = len(head.bias)
            matrix[row[head.buckets], at : at + width] = head.weight
            matrix[row[head.buckets], at + width] = head.strength**2
            at += width + 1
        return Stack(tuple(heads), row, matrix)

    def scores(
        self, owner: NDArray[np.integer], buckets: NDArray[np.uint32], count: int
    ) -> dict[str, Floats]:
        """Return per head one row of scores for each of `count` owners of features.

        `owner[j]` has the feature `buckets[j]`; a feature said twice counts once.
        """
        rows = self.row[buckets]
        known = rows >= 0
        key = (owner[known].astype(np.int64) << 32) | rows[known]
        key.sort()  # np.unique hashes, which is ten times slower here
        key = key[np.concatenate([[True], key[1:] != key[:-1]])] if len(key) else key
        where = np.searchsorted(key >> 32, np.arange(count + 1))
        ones = np.ones(len(key), dtype=np.float32)
        table = scipy.sparse.csr_matrix(
            (ones, (key & 0xFFFFFFFF).astype(np.int32), where.astype(np.int32)),
            shape=(count, len(self.matrix)),
        )
        return self._split(table @ self.matrix)

    def _split(self, sums: Floats) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        at = 0
        for head in self.heads:
            width = len(head.bias)
            size = np.sqrt(np.maximum(sums[:, at + width], 1e-12))
            found[head.name] = np.asarray(
                sums[:, at : at + width] / size[:, None] + head.bias, dtype=np.float32
            )
            at += width + 1
        return found


def chances(scores: Floats, temperature: float) -> Floats:
    """Return scores as probabilities: two-sided for one column, else summing to 1."""
    scaled = np.asarray(scores / temperature, dtype=np.float32)
    if scaled.shape[1] == 1:
        return np.asarray(1 / (1 + np.exp(-scaled)), dtype=np.float32)
    grown = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True), dtype=np.float32)


# How much the head of whole texts is heard on a clause, and what neutral must give up;
# chosen on the development clauses.
_WHOLE, _NEUTRAL_COST = 0.3, 0.3
CLAUSE_HEADS = ("polarity", "clause", "clause_en")


def three_way(found: Stack, scores: dict[str, Floats], chinese: NDArray[np.bool_]) -> Floats:
    """Return calibrated scores for negative, neutral, positive, one row a clause.

    Chinese clauses are judged by the heads `clause` and `polarity`, others by `clause_en`.
    """
    temperature = {head.name: head.temperature for head in found.heads}
    said = scores["clause"].copy()
    whole = _WHOLE * scores["polarity"][:, 0]
    said[:, 2] += whole
    said[:, 0] -= whole
    said[:, 1] -= _NEUTRAL_COST
    english = scores["clause_en"] / temperature["clause_en"]
    return np.asarray(np.where(chinese[:, None], said / temperature["clause"], english))


# People begin with what they think of the whole. Chosen of 0.1 to 0.8 on the development texts.
_FIRST = 0.1


def opening(scores: Floats, owner: NDArray[np.integer], count: int) -> Floats:
    """Return what the first clause of each of `count` texts adds to its log odds."""
    found = np.zeros(count, np.float32)
    texts, at = np.unique(owner, return_index=True)
    found[texts] = _FIRST * (scores[at, 2] - scores[at, 0])
    return found


@cache
def stack(names: tuple[str, ...]) -> Stack:
    """Return the heads of these names, loaded once."""
    return Stack.of([load(name) for name in names])
