"""Our own clauses for trades without public texts, written by hand: most complain or praise by
a plain fact (the lift is out of order, somebody came the same day), which no list of words of
opinion knows. A sixth is held out for development."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from manyi.text import corpora

HELD_OUT = 1 / 6
_SENSES = {"-": -1, "0": 0, "+": 1}


@dataclass(frozen=True)
class Own:
    """A clause, the trade it is about, and what it says: -1, 0 or 1."""

    trade: str
    sense: int
    text: str


def clauses(part: str) -> list[Own]:
    """Return the clauses of a part, train or dev."""
    lines = Path(__file__).with_name("clauses.txt").read_text("utf-8").splitlines()
    found = [Own(trade, _SENSES[sign], text) for trade, sign, text in (x.split("|") for x in lines)]
    return [c for c in found if corpora.held_out(c.text, HELD_OUT) == (part == "dev")]
