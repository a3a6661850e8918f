"""Cuts folded text into the pieces that the encoder knows: the likeliest path of a unigram."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from manyi.text.normal import SPACE, Batch

# Begins every run between white space, as the pieces were learnt.
MARK = "▁"
BEGIN, PAD, END, UNKNOWN = range(4)
_SPECIAL = 4
_LONGEST_RUN = 400
# Words come again and again. A Chinese sentence does not, and takes a hundred times the memory.
_LONGEST_KEPT, _MOST_KEPT = 16, 10_000
Cut = tuple[tuple[int, int, int], ...]  # number of the piece, first place, place after the last


@dataclass
class Pieces:
    """The pieces by their text, each with its number, and the logarithm of its chance."""

    number: dict[str, int]
    score: dict[str, float]
    reach: dict[str, int] = field(repr=False)  # how long a piece may be after its first character
    unknown: float
    _seen: dict[str, Cut] = field(default_factory=dict, repr=False)

    @staticmethod
    def of(pieces: Iterable[str], scores: Iterable[float]) -> Pieces:
        """Return the pieces numbered in their order, after the four special ones."""
        score = dict(zip(pieces, scores, strict=True))
        reach: dict[str, int] = {}
        for piece in score:
            reach[piece[0]] = max(reach.get(piece[0], 1), len(piece))
        number = {piece: i for i, piece in enumerate(score, _SPECIAL)}
        return Pieces(number, score, reach, min(score.values()) - 10.0)

    def __len__(self) -> int:
        return len(self.number) + _SPECIAL

    def cut(self, texts: Batch) -> list[list[tuple[int, int, int]]]:
        """Return the pieces of each text; places are places in `texts.codes`."""
        whole = texts.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        found: list[list[tuple[int, int, int]]] = [[] for _ in texts.texts]
        for i, (first, last) in enumerate(
            zip(texts.starts.tolist(), texts.ends.tolist(), strict=True)
        ):
            for start, end in _runs(texts, first, last):
                for piece, a, b in self._run(whole[start:end]):
                    found[i].append((piece, start + a, start + b))
        return found

    def _run(self, run: str) -> Cut:
        if len(run) > _LONGEST_KEPT:
            return self._path(MARK + run)
        known = self._seen.get(run)
        if known is None:
            known = self._path(MARK + run)
            if len(self._seen) >= _MOST_KEPT:
                self._seen.clear()
            self._seen[run] = known
        return known

    def _path(self, run: str) -> Cut:
        size = len(run)
        best, back = [0.0] + [-1e30] * size, [0] * (size + 1)
        for start in range(size):
            here, score = best[start], self.score.get
            if here + self.unknown > best[start + 1]:
                best[start + 1], back[start + 1] = here + self.unknown, start
            for end in range(start + 1, min(size, start + self.reach.get(run[start], 1)) + 1):
                gain = score(run[start:end])
                if gain is not None and here + gain > best[end]:
                    best[end], back[end] = here + gain, start
        places = [size]
        while places[-1]:
            places.append(back[places[-1]])
        places.reverse()
        number = self.number.get
        return tuple((number(run[a:b], UNKNOWN), max(a - 1, 0), b - 1) for a, b in pairwise(places))


def _runs(texts: Batch, first: int, last: int) -> list[tuple[int, int]]:
    """Return the runs of a text between white space; very long ones are cut."""
    found, start = [], first
    blanks = (texts.kinds[first:last] == SPACE).nonzero()[0].tolist()
    for end in [*(first + b for b in blanks), last]:
        for at in range(start, end, _LONGEST_RUN):
            found.append((at, min(end, at + _LONGEST_RUN)))
        start = end + 1
    return found
