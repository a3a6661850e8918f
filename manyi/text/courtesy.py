"""Greetings, thanks and farewells: they say nothing of what was lived through."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_WORDS = Path(__file__).parent / "words" / "courtesy.json"


def is_courteous(phrase: str) -> bool:
    """Whether a folded phrase is one of courtesy: a greeting, or with thanks at either end."""
    greetings, thanks, words = _known()
    if phrase in greetings or phrase.startswith(thanks) or phrase.endswith(thanks):
        return True
    return phrase.isascii() and not words.isdisjoint(phrase.split())


@cache
def _known() -> tuple[frozenset[str], tuple[str, ...], frozenset[str]]:
    found = json.loads(_WORDS.read_text(encoding="utf-8"))
    return frozenset(found["greetings"]), tuple(found["thanks"]), frozenset(found["words"])
