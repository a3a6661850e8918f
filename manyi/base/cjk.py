"""Search tokens of mixed Chinese and Latin text, made the same for storing and for asking.

Han runs become overlapping pairs and their last character, other words are lower-cased; FTS5
and PostgreSQL's `simple` both keep such tokens as they are. A run asked for as a phrase of
pairs finds exactly the texts that hold it; a single character is asked for as the beginning
of a token.
"""

from __future__ import annotations

import re
import unicodedata

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
MAX_TOKENS = 4000
_LONGEST = 64


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).lower())


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def tokens(text: str) -> list[str]:
    """Return the tokens under which a text is found, in order, at most MAX_TOKENS."""
    found: list[str] = []
    for run in _runs(text):
        found += [*_pairs(run), run[-1]] if _IS_HAN.match(run) else [run[:_LONGEST]]
        if len(found) >= MAX_TOKENS:
            break
    return found[:MAX_TOKENS]


def phrases(words: str) -> list[list[str]]:
    """Return what is asked for: phrases of tokens, all of which a text has to hold."""
    found = []
    for run in _runs(words):
        if _IS_HAN.match(run):
            found.append(_pairs(run) or [run])
        else:
            found.append([run[:_LONGEST]])
    return found
