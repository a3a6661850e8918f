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
    """What a head says of itself beside its weights."""

    name: str
    labels: tuple[str, ...]
    bias: Floats
    temperature: float


@dataclass(frozen=True)
class Learnt:
    """What one head has learnt: sorted `buckets`, one row of `weight` and a `strength` each."""

    head: Head
    buckets: NDArray[np.uint32]
    weight: Floats
    strength: Floats


def load(name: str, artefact: str = store.TIER_A) -> Learnt:
    """Return a head of the artefact; raises store.Damaged where its file was changed."""
    found = store.arrays(artefact, f"{name}.npz")
    return Learnt(
        Head(
            name=name,
            labels=tuple(str(x) for x in found["labels"]),
            bias=found["bias"].astype(np.float32),
            temperature=float(found["temperature"].item()),
        ),
        buckets=store.rising(found["gaps"]),
        weight=found["weight"].astype(np.float32) * found["weight_step"].astype(np.float32),
        strength=found["strength"].astype(np.float32) * np.float32(found["strength_step"].item()),
    )


# Bits of one word of `Known`.
_WIDTH = 5
_ONE, _LOW = np.uint32(1), np.uint32(2**_WIDTH - 1)


@dataclass(frozen=True)
class Known:
    """The row of each bucket that is known: how many known ones stand before it.

    One bit a bucket, and a count for each word of bits: a table of rows would take 16 times
    the memory and is no faster.
    """

    bits: NDArray[np.uint32]
    before: NDArray[np.int32]

    @staticmethod
    def of(buckets: NDArray[np.uint32]) -> Known:
        """Return rows 0, 1, … for these buckets in their order; they rise."""
        bits = np.zeros(2 ** (features.BITS - _WIDTH), np.uint32)
        np.bitwise_or.at(bits, buckets >> _WIDTH, _ONE << (buckets & _LOW))
        count = np.cumsum(np.bitwise_count(bits), dtype=np.int32)
        return Known(bits, np.concatenate([np.zeros(1, np.int32), count[:-1]]))

    def rows(self, buckets: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return which of `buckets` are known, and their rows."""
        word, bit = buckets >> _WIDTH, buckets & _LOW
        held = self.bits[word]
        at = np.flatnonzero((held >> bit) & _ONE)
        lower = held[at] & ((_ONE << bit[at]) - _ONE)
        return at, self.before[word[at]] + np.bitwise_count(lower)


@dataclass(frozen=True)
class Stack:
    """Several heads side by side over the union of their buckets, which are the rows."""

    heads: tuple[Head, ...]
    known: Known
    matrix: Floats

    @staticmethod
    def of(learnt: Sequence[Learnt]) -> Stack:
        union = np.unique(np.concatenate([one.buckets for one in learnt]))
        width = sum(len(one.head.bias) + 1 for one in learnt)
        matrix = np.zeros((len(union), width), np.float32)
        at = 0
        for one in learnt:
            rows, width = np.searchsorted(union, one.buckets), len(one.head.bias)
            matrix[rows, at : at + width] = one.weight
            matrix[rows, at + width] = one.strength**2
            at += width + 1
        return Stack(tuple(one.head for one in learnt), Known.of(union), matrix)

    def scores(
        self, owner: NDArray[np.integer], buckets: NDArray[np.uint32], count: int
    ) -> dict[str, Floats]:
        """Return per head one row of scores for each of `count` owners of features.

        `owner[j]` has the feature `buckets[j]`; a feature said twice counts once.
        """
        known, rows = self.known.rows(buckets)
        key = (owner[known].astype(np.int64) << 32) | rows
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
