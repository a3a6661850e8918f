"""Chooses the pieces that the encoder keeps: those that occur in Chinese and English reviews."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from manyi.text.normal import HAN, batch
from manyi.text.pieces import MARK, UNKNOWN, Pieces
from training import seen, templates
from training.accurate.weights import Source

SIZE = 26_000
# A longer piece would hide where a term ends and what is said of it begins.
LONGEST_HAN = 2
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


@dataclass(frozen=True)
class Vocabulary:
    """The pieces kept, their scores, and their rows in the source."""

    pieces: list[str]
    scores: np.ndarray
    rows: np.ndarray

    def known(self) -> Pieces:
        return Pieces.of(self.pieces, self.scores.tolist())


def choose(source: Source, size: int = SIZE) -> Vocabulary:
    """Return single Han characters and letters, then what occurs most in the training texts."""
    possible = {
        piece: row
        for row, piece in enumerate(source.pieces)
        if piece not in _SPECIAL and piece and _usable(piece)
    }
    names = list(possible)
    counts = _counts(Pieces.of(names, source.scores[list(possible.values())].tolist()), names)
    single = [p for p in names if len(p) == 1 and (counts[p] or "\u4e00" <= p <= "\u9fff")]
    basic = {p: None for p in (MARK, *map(chr, range(33, 127)), *single) if p in possible}
    often = (p for p, n in sorted(counts.items(), key=lambda x: (-x[1], x[0])) if n > 1)
    kept = dict(basic)
    for piece in often:
        if len(kept) >= size:
            break
        kept[piece] = None
    _fill(kept, possible, source, size)
    rows = np.array(sorted(possible[p] for p in kept))
    return Vocabulary([source.pieces[r] for r in rows], source.scores[rows], rows)


def _fill(kept: dict[str, None], possible: dict[str, int], source: Source, size: int) -> None:
    """Add the likeliest pieces of Han or plain Latin letters, for trades without texts."""
    plain = [p for p in possible if p not in kept and _plain(p)]
    for piece in sorted(plain, key=lambda p: -source.scores[possible[p]])[: size - len(kept)]:
        kept[piece] = None


def _plain(piece: str) -> bool:
    letters = piece.removeprefix(MARK)
    han = all("\u4e00" <= c <= "\u9fff" for c in letters)
    return bool(letters) and (han or (letters.isascii() and letters.isalpha() and len(letters) > 3))


def _usable(piece: str) -> bool:
    """What folding never leaves, and long runs of Han, are not wanted."""
    found = batch([piece.replace(MARK, "")])
    han = int((found.kinds == HAN).sum())
    folded = "".join(map(chr, found.codes.tolist()))
    return folded == piece.replace(MARK, "") and han <= LONGEST_HAN


def texts() -> list[str]:
    """Return the training parts of all sets, each text once, and our own templates."""
    return list(dict.fromkeys(seen.texts() + [r.text for r in templates.sentences()]))


def _counts(known: Pieces, names: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    every = texts()
    for at in range(0, len(every), 4000):
        for found in known.cut(batch(every[at : at + 4000])):
            counts.update(names[n - 4] for n, _, _ in found if n != UNKNOWN)
    return counts
