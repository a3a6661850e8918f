"""What is found in a text; frozen values, with places in the text as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NEGATIVE: Final = "negative"
NEUTRAL: Final = "neutral"
POSITIVE: Final = "positive"
POLARITIES: Final = (NEGATIVE, NEUTRAL, POSITIVE)
EMOTIONS: Final = ("angry", "fear", "happy", "neutral", "sad", "surprise")

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause and what it says: `text[start:end]`.

    `aspect` is a code of the taxonomy, or None where the clause has an opinion on nothing
    named. `score` runs from -1 (surely negative) to 1 (surely positive), 0 says nothing.
    `aspect_at` and `opinion_at` are the places of the words that say so.
    """

    aspect: str | None
    polarity: str
    score: float
    start: int
    end: int
    aspect_at: tuple[Place, ...] = ()
    opinion_at: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """One text: language, flags of `quality`, polarity, emotion, intents, findings.

    `score` is 2 p - 1 with p the calibrated chance of a positive text; its size is the
    strength. `emotion` is None where the text has no words. `model` names what said so.
    """

    language: str
    flags: tuple[str, ...]
    polarity: str
    score: float
    emotion: str | None
    emotion_chance: float
    intents: tuple[str, ...]
    findings: tuple[Finding, ...]
    model: str

    @property
    def strength(self) -> float:
        """How strong the polarity is, from 0 to 1."""
        return abs(self.score)
