"""Which language a text, or a piece of it, is written in: by script, then by small words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import features, lexicon, store
from manyi.text.normal import HAN, HANGUL, KANA, LATIN, LETTER, Batch, batch

# Words that a language uses all the time and its neighbours do not.
_SMALL_WORDS = {
    "en": "the and is was are were of to in it this that with for not very my we you they have "
    "has had be i a at on but so good bad no great too from as really please would",
    "es": "el los las una es muy que por para con del pero está gracias bien mal más fue y lo su",
    "fr": "le les une est très que pour avec des pas du mais et je nous vous merci bien la dans",
    "de": "der die das und ist nicht sehr mit ein eine war aber ich wir auch gut zu im den",
    "pt": "os as uma é muito que não com mas foi obrigado bom do da em para ele eu você",
    "it": "il gli una è molto che non con ma della sono grazie bene per di buono anche",
    "id": "yang dan tidak sangat ini itu dengan untuk saya kami bagus ada dari di",
    "vi": "và không rất của cho là được tôi này tốt có một",
}
_CLEARLY = 0.5


@dataclass(frozen=True)
class Languages:
    """`codes[i]` is the language of text i: zh, en, ja, ko, another, or und; `shares` of scripts.

    `traditional[i]` says that a Chinese text is written in traditional characters.
    """

    codes: tuple[str, ...]
    traditional: NDArray[np.bool_]
    counts: NDArray[np.int64]  # one row a text, one column a kind of character


def languages(texts: Batch, grams: features.Grams) -> Languages:
    """Return the language of each text.

    Kana makes Japanese and Hangul Korean where they hold a tenth of the letters; Han is
    Chinese; Latin text is told apart by its small words, and English where none is known.
    """
    counts = _counts(texts)
    latin = _latin(texts, grams)
    codes = tuple(_language(row, latin[i]) for i, row in enumerate(counts.tolist()))
    return Languages(codes, _traditional(texts), counts)


def detect(text: str) -> str:
    """Return the language of one text."""
    one = batch([text])
    return languages(one, features.grams(one)).codes[0]


def segments(text: str) -> list[tuple[int, int, str]]:
    """Return the pieces of a text as (start, end, language), cut where Han and Latin meet.

    Letters of one word between Chinese (an A in “A座”) do not make a piece.
    """
    one = batch([text])
    runs = _runs(one)
    places = [(int(one.origin[a]), int(one.origin[b - 1]) + 1) for a, b in runs]
    return [(a, b, detect(text[a:b])) for a, b in places]


def _runs(one: Batch) -> list[tuple[int, int]]:
    """Join what is neither script to its neighbour; a foreign run needs two words."""
    latin = one.kinds == LATIN
    hashes, first, last = features.words(one)
    lone = np.ones(len(hashes), dtype=bool)
    if len(hashes) > 1:
        near = first[1:] - last[:-1] <= 3
        lone[:-1] &= ~near
        lone[1:] &= ~near
    han = np.isin(one.kinds, (HAN, KANA, HANGUL, LETTER))
    if han.any():
        for a, b in zip(first[lone], last[lone], strict=True):
            latin[a : b + 1] = False
    marks = np.where(han, 1, np.where(latin, 2, 0))
    known = np.flatnonzero(marks)
    if not len(known):
        return [(0, len(marks))] if len(marks) else []
    cuts = [int(known[i + 1]) for i in np.flatnonzero(np.diff(marks[known]))]
    return list(zip([0, *cuts], [*cuts, len(marks)], strict=True))


def _counts(texts: Batch) -> NDArray[np.int64]:
    key = texts.owner.astype(np.int64) * 10 + texts.kinds
    return np.bincount(key, minlength=10 * len(texts)).reshape(-1, 10).astype(np.int64)


def _language(counts: list[int], latin: str) -> str:
    han, kana, hangul = counts[HAN], counts[KANA], counts[HANGUL]
    words = (counts[LATIN] + 4) // 5  # a word of Latin letters weighs like a Han character
    letters = han + kana + hangul + words + counts[LETTER]
    if not letters:
        return "und"
    if kana * 10 >= letters:
        return "ja"
    if hangul * 10 >= letters:
        return "ko"
    if counts[LETTER] > _CLEARLY * letters:
        return "und"
    return "zh" if han >= words else latin


def _latin(texts: Batch, grams: features.Grams) -> list[str]:
    names = list(_SMALL_WORDS)
    votes = np.zeros((len(texts), len(names)))
    for column, name in enumerate(names):
        hits = lexicon.find_all(texts, grams, _words(name))
        votes[:, column] = np.bincount(texts.owner[hits.first], minlength=len(texts))
    best = votes.argmax(axis=1)
    return [names[i] for i in best]


@cache
def _words(name: str) -> lexicon.Lexicon:
    return lexicon.Lexicon.of(_SMALL_WORDS[name].split())


def _traditional(texts: Batch) -> NDArray[np.bool_]:
    """A text is traditional where such characters outnumber their simple forms."""
    old, new = _forms()
    found = np.zeros(len(texts), dtype=bool)
    for i, text in enumerate(texts.texts):
        if not text.isascii():
            chars = set(text)
            found[i] = len(chars & old) > len(chars & new)
    return found


@cache
def _forms() -> tuple[frozenset[str], frozenset[str]]:
    written, simple = store.han()
    return frozenset(written), frozenset(simple) - frozenset(written)
