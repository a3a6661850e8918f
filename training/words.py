"""What the words of a dictionary are (jieba 0.42.1, MIT): people, foreign names, places, bodies,
and common words that are none of these. Only hashes of the words are kept."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from manyi.text import features
from manyi.text.around import BODY, FOREIGN, KINDS_BITS, PERSON, PLACE, WORD
from manyi.text.normal import batch
from training.artefact import describe, gaps, sha256, write

_TAGS = {
    **{"nr": PERSON, "nrfg": PERSON, "nrt": FOREIGN, "ns": PLACE, "nt": BODY, "nz": BODY},
}
# Words said less often than this are left out: rare ones of the list are often none.
_LEAST = {PERSON: 4, WORD: 50}
_LENGTHS = {2, 3, 4}


def dictionary() -> Path:
    """Return where the list of the installed package lies."""
    found = importlib.util.find_spec("jieba")
    if found is None or found.origin is None:
        raise FileNotFoundError("jieba: uv sync --group training")
    return Path(found.origin).with_name("dict.txt")


def rows() -> list[tuple[str, int, str]]:
    """Return each word, how often it is said, and its tag."""
    with dictionary().open(encoding="utf-8") as lines:
        parts = (line.split() for line in lines)
        return [(word, int(count), tag) for word, count, tag in parts]


def kinds() -> dict[str, np.uint8]:
    """Return the words that are kept and what each is."""
    found = {}
    for word, count, tag in rows():
        one = _TAGS.get(tag, WORD)
        longest = 3 if one == PERSON else max(_LENGTHS)
        if 2 <= len(word) <= longest and count >= _LEAST.get(one, 1):
            found[word] = one
    return found


def main() -> None:
    """Write words.npz."""
    known = kinds()
    folded = batch(list(known))
    size = folded.ends - folded.starts
    grams = features.chars(folded.codes)
    table = np.zeros(2**KINDS_BITS, np.uint8)
    for i, one in enumerate(known.values()):
        if int(size[i]) in _LENGTHS:
            table[grams[size[i] - 1][folded.starts[i]] >> np.uint32(32 - KINDS_BITS)] |= one
    places = np.flatnonzero(table)
    write("fast", "words.npz", gaps=gaps(places), kinds=table[places])
    describe("fast", dictionary_sha256={"jieba 0.42.1, dict.txt": sha256(dictionary())})
    print("words", len(places))


if __name__ == "__main__":
    main()
