"""Words and two-word phrases of texts in Latin script."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from manyi.study.segments import Found
from manyi.study.stopwords import ENGLISH_STOP

_WORD = re.compile(r"[a-zà-öø-ÿ][a-zà-öø-ÿ'’-]*[a-zà-öø-ÿ]")
_STOP = re.compile(r"[.,;:!?。，；：！？()\n]+")
_TURNS = frozenset(
    {"not", "no", "never", "isn't", "wasn't", "aren't", "weren't", "don't", "didn't"}
)
_LONGEST = 40
"""Letters of a word; a longer run is no word, but a key, an address or noise."""
_PHRASE_SHARE = 0.15
"""A phrase is kept where it makes up at least this share of its rarer word."""


def discover(texts: Sequence[str], *, least: int) -> Found:
    """Return the words and phrases that at least `least` texts hold, and those texts.

    Words that tell nothing are left out; a word after "not" counts as “not …”.
    """
    held = [set(_terms(text)) for text in texts]
    often = Counter(term for terms in held for term in terms)
    words = [term for term, n in often.items() if n >= least and _tells(term, often)]
    at = {word: i for i, word in enumerate(words)}
    pairs = [(at[term], i) for i, terms in enumerate(held) for term in terms if term in at]
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return Found(words, table[:, 0], table[:, 1])


def _terms(text: str) -> Iterator[str]:
    for clause in _STOP.split(text):
        words = _WORD.findall(clause.replace("’", "'"))
        yield from _in_clause([word for word in words if len(word) <= _LONGEST])


def _in_clause(words: Sequence[str]) -> Iterable[str]:
    before = ""
    for word in words:
        turned = before in _TURNS
        if word not in ENGLISH_STOP:
            yield f"not {word}" if turned else word
            if before and not turned and before not in ENGLISH_STOP:
                yield f"{before} {word}"
        before = word


def _tells(term: str, often: Counter[str]) -> bool:
    first, _, second = term.partition(" ")
    if not second:
        return len(term) > 2
    if first == "not":
        return True
    rarer = min(often[first] or 1, often[second] or 1)
    return often[term] >= _PHRASE_SHARE * rarer
