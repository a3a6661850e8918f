"""The most telling words: what separates low from high scores.

For each word the log-odds of standing in a low or a high comment, with an informative
Dirichlet prior (Monroe, Colaresi & Quinn 2008); Benjamini and Hochberg guard against picking
noise. Counted are comments that hold the word, not how often it stands in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from manyi.study import latin, segments
from manyi.study.segments import Bits, Floats, Found

LEAST = 5
SHOWN = 15
PRIOR_LEAST, PRIOR_MOST = 10.0, 1000.0
RATE = 0.05
_SAME = 0.5


@dataclass(frozen=True)
class Word:
    """One telling word: z below 0 speaks for low scores; `low` and `high` count comments."""

    word: str
    z: float
    low: int
    high: int
    examples: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        return self.low + self.high


@dataclass(frozen=True)
class Telling:
    """The words that separate low from high comments, most telling first."""

    low: tuple[Word, ...]
    high: tuple[Word, ...]
    n_low: int
    n_high: int
    tested: int


def telling(texts: Sequence[str], low: Bits, high: Bits) -> Telling:
    """Return the words that stand more often in the texts marked `low` or in those marked `high`.

    Fewer than five comments on either side tell nothing.
    """
    n_low, n_high = int(low.sum()), int(high.sum())
    if min(n_low, n_high) < LEAST:
        return Telling((), (), n_low, n_high, 0)
    sided = np.flatnonzero(low | high).tolist()
    chosen = [texts[i].lower() for i in sided]
    found = _found(chosen, max(LEAST, len(chosen) // 1500))
    side = high[sided].astype(np.float64)
    z, counts = scores(found, side)
    passed = _discoveries(z, RATE)
    lists = [_pick(found, sign * z, counts, passed) for sign in (-1, 1)]
    original = [texts[i] for i in sided]
    words = [_described(pick, found, z, counts, side, original) for pick in lists]
    return Telling(words[0], words[1], n_low, n_high, len(found.words))


def _found(texts: Sequence[str], least: int) -> Found:
    han, roman = segments.discover(texts, least=least), latin.discover(texts, least=least)
    return Found(
        han.words + roman.words,
        np.concatenate([han.word, roman.word + len(han.words)]),
        np.concatenate([han.text, roman.text]),
    )


def scores(found: Found, side: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """Return z of each word and its (low, high) counts; `side` is 1 for texts that are high.

    z = δ/√(1/(a+α) + 1/(b+α)), δ the difference of the log-odds of the word in both sides,
    α the word's share of all words times the weight of the prior: a tenth of the words that
    were counted, at most 1,000.
    """
    size = len(found.words)
    high = np.bincount(found.word, weights=side[found.text], minlength=size)
    low = np.bincount(found.word, minlength=size) - high
    total = max(float((low + high).sum()), 1.0)
    weight = min(max(total / 10, PRIOR_LEAST), PRIOR_MOST)
    prior = weight * (low + high) / total
    # Where one word is all that is said, its odds have no end.
    rest = [np.maximum(x.sum() + weight - x - prior, prior) for x in (low, high)]
    odds = [np.log((x + prior) / r) for x, r in zip((low, high), rest, strict=True)]
    spread = np.sqrt(1 / (low + prior) + 1 / (high + prior))
    return (odds[1] - odds[0]) / spread, np.stack([low, high])


def _discoveries(z: Floats, rate: float) -> Bits:
    """Mark the words that pass Benjamini and Hochberg's step-up at `rate`."""
    p = 2 * special.ndtr(-np.abs(z))
    order = np.argsort(p)
    under = p[order] <= rate * np.arange(1, len(p) + 1) / max(len(p), 1)
    passed = np.zeros(len(p), np.bool_)
    if under.any():
        passed[order[: int(np.flatnonzero(under)[-1]) + 1]] = True
    return passed


def _pick(found: Found, strength: Floats, counts: Floats, passed: Bits) -> list[int]:
    """Return the strongest words, each once: no “很方便” beside “方便”."""
    total = counts.sum(axis=0)
    picked: list[int] = []
    for i in np.argsort(-strength):
        if strength[i] <= 0 or len(picked) == SHOWN:
            break
        if passed[i] and not any(_repeats(found, int(i), j, total) for j in picked):
            picked.append(int(i))
    return picked


def _repeats(found: Found, i: int, j: int, total: Floats) -> bool:
    """Whether word `i` says again what the picked word `j` said."""
    new, old = found.words[i], found.words[j]
    if new in old:
        return bool(total[j] >= _SAME * total[i])
    return old in new and new[0] not in "不没无未" and not new.startswith("not ")


def _described(
    picked: Sequence[int],
    found: Found,
    z: Floats,
    counts: Floats,
    side: Floats,
    texts: Sequence[str],
) -> tuple[Word, ...]:
    used: set[int] = set()
    words = []
    for i in picked:
        wanted = 1.0 if z[i] > 0 else 0.0
        holders = found.text[(found.word == i)]
        at = _example([int(t) for t in holders if side[t] == wanted], texts, used)
        used.update(at)
        words.append(
            Word(
                word=found.words[i],
                z=float(z[i]),
                low=int(counts[0, i]),
                high=int(counts[1, i]),
                examples=tuple(texts[t] for t in at),
            )
        )
    return tuple(words)


def _example(holders: Sequence[int], texts: Sequence[str], used: set[int]) -> list[int]:
    """Return one comment that is long enough to mean something and short enough to read."""

    def fit(t: int) -> tuple[bool, float, int]:
        return (t in used, abs(len(texts[t].strip()) - 45), t)

    return [min(holders, key=fit)] if holders else []


def frequent(texts: Sequence[str], at_most: int = 20) -> tuple[Word, ...]:
    """Return the words that most comments hold; `low` and `high` are not told apart."""
    if not texts:
        return ()
    found = _found([text.lower() for text in texts], max(2, len(texts) // 1500))
    counts = np.bincount(found.word, minlength=len(found.words)).astype(np.float64)
    picked = _pick(found, counts, counts[None, :], np.ones(len(counts), np.bool_))[:at_most]
    used: set[int] = set()
    words = []
    for i in picked:
        holders = _example([int(t) for t in found.text[found.word == i]], texts, used)
        used.update(holders)
        examples = tuple(texts[t] for t in holders)
        words.append(Word(found.words[i], 0.0, 0, int(counts[i]), examples))
    return tuple(words)
