"""Search tokens of mixed Chinese and Latin text, made the same for storing and for asking.

Han runs become overlapping pairs (a single character stays itself), other words are
lower-cased; FTS5 and PostgreSQL's `simple` both keep such tokens as they are.
"""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_]+", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
MAX_TOKENS = 4000


def tokens(text: str) -> list[str]:
    """Return the tokens of a text in order, at most MAX_TOKENS."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        found += _han_pairs(run) if _HAN.match(run) else _words(run)
        if len(found) >= MAX_TOKENS:
            break
    return found[:MAX_TOKENS]


def _han_pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]


def _words(run: str) -> list[str]:
    parts = re.split(r"([\u3400-\u9fff\uf900-\ufaff]+)", run)
    found: list[str] = []
    for part in parts:
        if part:
            found += _han_pairs(part) if _HAN.match(part) else [part[:64]]
    return found
