"""Counts how often n-grams stand in everyday Chinese and English, in eighths of powers of 2."""

from __future__ import annotations

import numpy as np

from manyi.text import features, phrases
from manyi.text.normal import HAN, batch
from training.artefact import write
from training.seen import texts


def main() -> None:
    """Write background.npz."""
    counts = np.zeros(2**phrases.BACKGROUND_BITS, dtype=np.int64)
    total, every = 0, texts()
    for at in range(0, len(every), 4000):
        found = batch(every[at : at + 4000])
        grams = phrases._grams(found)
        key = grams.hashes >> np.uint32(32 - phrases.BACKGROUND_BITS)
        counts += np.bincount(key, minlength=len(counts))
        total += int((found.kinds == HAN).sum()) + len(features.words(found)[0])
    counts[counts < 4] = 0
    levels = np.round(8 * np.log2(counts + 1)).astype(np.uint8)
    write("fast", "background.npz", levels=levels, total=np.float64(total))


if __name__ == "__main__":
    main()
