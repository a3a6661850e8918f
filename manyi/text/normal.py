"""Texts as one array of folded code points, each of which remembers where it stood.

Folding is code point by code point (compatibility form, small letters, simplified Han, every
digit 0), so that a place found in the folded text is a place in the text that was written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import store

Codes = NDArray[np.uint32]
Places = NDArray[np.int64]

# Longer texts are read up to here and flagged: time per text stays bounded.
LONGEST = 20_000

PUNCT, HAN, LATIN, DIGIT, SPACE, KANA, HANGUL, EMOJI, LETTER, HIDDEN = range(10)
_PLANE = 0x10000
_KINDS = {"L": LETTER, "M": LETTER, "N": DIGIT, "Z": SPACE, "P": PUNCT, "S": PUNCT, "C": HIDDEN}
# East of the first plane: (first, last, kind).
_HIGH = (
    (0x20000, 0x3FFFF, HAN),
    (0x1F000, 0x1FAFF, EMOJI),
    (0x1B000, 0x1B16F, KANA),
    (0xE0000, 0xE0FFF, HIDDEN),
)
_EMOJI_LOW = ((0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x2300, 0x23FF))
_MOST_REPEATS = 3


@dataclass(frozen=True)
class Batch:
    """Several texts as one array.

    `codes` are folded code points of all texts, one 0 between texts; `kinds` their classes
    (HAN, LATIN, …); `origin` the place of each in its own text; text i is
    `codes[starts[i]:ends[i]]`; `owner` is the number of the text of each code.
    """

    texts: tuple[str, ...]
    codes: Codes
    kinds: NDArray[np.uint8]
    origin: Places
    starts: Places
    ends: Places
    owner: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.texts)

    def codes_of(self, text: int, place: tuple[int, int]) -> tuple[int, int]:
        """Return where a place of a text stands in `codes`."""
        start, end = int(self.starts[text]), int(self.ends[text])
        first, last = np.searchsorted(self.origin[start:end], place).tolist()
        return start + first, start + last


@cache
def _tables() -> tuple[Codes, NDArray[np.uint8]]:
    fold = np.arange(_PLANE, dtype=np.uint32)
    kinds = np.zeros(_PLANE, dtype=np.uint8)
    for code in range(_PLANE):
        folded = _folded(chr(code))
        fold[code] = ord(folded)
        kinds[code] = _kind(folded)
    written, simple = store.han()
    fold[np.array([ord(c) for c in written])] = [ord(c) for c in simple]
    return fold, kinds


def _folded(char: str) -> str:
    if unicodedata.category(char) == "Nd":
        return "0"
    plain = unicodedata.normalize("NFKC", char).lower()
    if len(plain) != 1 or ord(plain) >= _PLANE:
        return char
    return {"’": "'", "‘": "'", "`": "'"}.get(plain, plain)


def _kind(char: str) -> int:
    code = ord(char)
    if char in "\t\n\r\x0b\x0c":
        return SPACE
    if char == "'" or ("a" <= char <= "z") or 0xC0 <= code < 0x250:
        return LATIN
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or char == "〇":
        return HAN
    if 0x3041 <= code <= 0x30FF or 0x31F0 <= code <= 0x31FF:
        return KANA
    if 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF or 0x3130 <= code <= 0x318F:
        return HANGUL
    if any(first <= code <= last for first, last in _EMOJI_LOW):
        return EMOJI
    if 0xFE00 <= code <= 0xFE0F:
        return HIDDEN
    return _KINDS[unicodedata.category(char)[0]]


def batch(texts: Sequence[str]) -> Batch:
    """Return the texts, each up to LONGEST characters, as one Batch; no text is refused.

    Hidden characters (zero width, control) and the fourth and later of equal neighbours
    are left out; `origin` still points into the text as it was written.
    """
    cut = tuple(t[:LONGEST] for t in texts)
    lengths = np.fromiter((len(t) for t in cut), dtype=np.int64, count=len(cut))
    raw = "\0".join(cut).encode("utf-32-le", "surrogatepass")
    written = np.frombuffer(raw, dtype="<u4").astype(np.uint32, copy=False)
    begins = np.cumsum(lengths + 1) - lengths - 1
    owner = np.repeat(np.arange(len(cut), dtype=np.int32), lengths + 1)[: len(written)]
    codes, kinds = _fold(written)
    border = np.zeros(len(written), dtype=bool)
    border[(begins + lengths)[:-1]] = True
    codes[border], kinds[border] = 0, SPACE
    keep = _kept(codes, kinds) | border
    codes, kinds, owner = codes[keep], kinds[keep], owner[keep]
    origin = np.flatnonzero(keep) - begins[owner]
    ends = np.searchsorted(owner, np.arange(1, len(cut) + 1)) - 1
    starts = np.searchsorted(owner, np.arange(len(cut)))
    if len(cut):
        ends[-1] = len(codes)
    return Batch(cut, codes, kinds, origin, starts, ends, owner)


def _fold(written: Codes) -> tuple[Codes, NDArray[np.uint8]]:
    fold, kinds = _tables()
    low = written < _PLANE
    index = np.where(low, written, 0)
    codes = np.where(low, fold[index], written)
    kind = kinds[np.where(codes < _PLANE, codes, 0)]
    if not low.all():
        for first, last, value in _HIGH:
            kind[(written >= first) & (written <= last)] = value
        rest = ~low & (kind == HIDDEN) & ~((written >= 0xE0000) & (written <= 0xE0FFF))
        kind[rest] = LETTER
    return codes, kind


def _kept(codes: Codes, kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    keep = kinds != HIDDEN
    same = np.zeros(len(codes), dtype=bool)
    n = _MOST_REPEATS
    if len(codes) > n:
        same[n:] = np.logical_and.reduce([codes[n:] == codes[n - k : -k] for k in range(1, n + 1)])
    return np.asarray(keep & ~same)
