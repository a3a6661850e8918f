"""Learns which characters stand side by side: Han pairs and Latin triples, as a set of bits."""

from __future__ import annotations

import numpy as np

from manyi.text import corpora, features
from manyi.text.normal import HAN, LATIN, batch
from training.artefact import write

_BITS = 21


def texts() -> list[str]:
    """Return every text of the training parts, Chinese and English."""
    found = [x.text for x in corpora.polarity("train")]
    found += [x.text for x in corpora.emotion("train")]
    found += [t for t, _ in corpora.triplets("train")]
    found += [t for t, _ in corpora.entities("train")]
    found += [t for t, _ in corpora.cars("train")]
    for name in (*corpora.ZH_ASPECT_SETS, *corpora.EN_ASPECT_SETS):
        found += [t for t, _, _ in corpora.aspects(name, "train")]
    return found + corpora.dialogues()


def main() -> None:
    """Write seen.npz."""
    counts = np.zeros(2**_BITS, dtype=np.int32)
    every = texts()
    for at in range(0, len(every), 4000):
        found = batch(every[at : at + 4000])
        grams = features.grams(found)
        size = grams.last - grams.first + 1
        head, tail = found.kinds[grams.first], found.kinds[grams.last]
        chosen = (size == 2) & (head == HAN) & (tail == HAN)
        chosen |= (size == 3) & (head == LATIN) & (tail == LATIN)
        counts += np.bincount(grams.hashes[chosen] >> np.uint32(32 - _BITS), minlength=2**_BITS)
    write("fast", "seen.npz", bits=np.packbits(counts >= 2))


if __name__ == "__main__":
    main()
