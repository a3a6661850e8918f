"""Linear heads over facts of pieces of text, and over facts taken together.

A fact is a column of numbers, one for each piece; two facts together say what neither says
alone. Each fact, or facts together, with its value is a bucket of 2**20.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from manyi.text import tagger
from manyi.text.around import BITS

Words = NDArray[np.uint32]
Facts = Mapping[str, NDArray[np.integer]]
# Facts that are told alone or together. Those that differ by what follows # only, such as the
# characters of a piece, are the same fact.
Crosses = Sequence[tuple[str, ...]]
_MIX = np.uint32(0x9E3779B1)


def crossed(facts: Facts, crosses: Crosses) -> Iterator[Words]:
    """Yield one bucket a piece for each of the crosses."""
    kept = {
        name: np.asarray(found, dtype=np.int64).astype(np.uint32) for name, found in facts.items()
    }
    number: dict[tuple[str, ...], int] = {}
    for names in crosses:
        group = number.setdefault(tuple(n.partition("#")[0] for n in names), len(number) + 1)
        value = mixed(np.uint32(group), *(kept[name] for name in names))
        yield np.asarray(value >> np.uint32(32 - BITS), dtype=np.uint32)


def mixed(first: np.uint32 | Words, *more: Words) -> Words:
    """Return one number for several, the same for the same in this order."""
    value = np.asarray(first, dtype=np.uint32) * _MIX
    for other in more:
        value = (value ^ (value >> np.uint32(15)) ^ other) * _MIX
        value = (value ^ (value >> np.uint32(13))) * _MIX
    return np.asarray(value, dtype=np.uint32)


def scores(name: str, facts: Facts, crosses: Crosses) -> NDArray[np.float32]:
    """Return what a head of tier A says of each piece, one column a label."""
    head = tagger.load(name)
    size = len(next(iter(facts.values())))
    sums = np.tile(head.bias, (size, 1))
    for buckets in crossed(facts, crosses):
        sums += head.weight[buckets]
    return sums
