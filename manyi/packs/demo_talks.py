"""Chats of the demo: five colleagues who serve well, or less well, each in their own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from manyi.packs.demo_talk_words import MATTERS, SAID, Matter

SEED = 20_260_802
TALKS = 190


@dataclass(frozen=True)
class Colleague:
    """How often a colleague does what the standard asks for, and how long they take."""

    agent: str
    greeting: float
    empathy: float
    explanation: float
    solution: float
    closing: float
    forbidden: float
    kept: float  # of the promises that are given
    seconds: float


COLLEAGUES = (
    Colleague("SH-002-A1", 0.97, 0.92, 0.85, 0.95, 0.93, 0.00, 0.90, 35),
    Colleague("SH-001-A2", 0.92, 0.60, 0.75, 0.85, 0.85, 0.03, 0.75, 50),
    Colleague("GZ-001-A3", 0.88, 0.75, 0.35, 0.80, 0.80, 0.02, 0.80, 45),
    Colleague("BJ-001-A4", 0.45, 0.30, 0.40, 0.50, 0.40, 0.24, 0.40, 190),
    Colleague("NJ-001-A1", 0.90, 0.85, 0.70, 0.88, 0.30, 0.02, 0.85, 60),
)
Line = tuple[str, str]


def talks(
    block: int, moments: Sequence[datetime], goods: dict[str, tuple[str, ...]]
) -> Iterator[dict[str, Any]]:
    """Yield one chat for each moment."""
    rng = np.random.default_rng([SEED, block])
    for i, at in enumerate(moments):
        who = COLLEAGUES[int(rng.integers(len(COLLEAGUES)))]
        language = "en" if rng.random() < 0.12 else "zh-Hans"
        lines = _Talk(rng, who, language, goods[language]).lines()
        yield {
            "source": "chat",
            "source_ref": f"talk-{block}-{i}",
            "kind": "conversation",
            "channel": "chat",
            "touchpoint": "service_desk",
            "unit": who.agent.rpartition("-")[0],
            "agent": who.agent,
            "occurred_at": at.isoformat(),
            "language": language,
            "turns": list(_timed(rng, who, at, lines)),
        }


def _timed(
    rng: np.random.Generator, who: Colleague, at: datetime, lines: Sequence[Line]
) -> Iterator[dict[str, Any]]:
    for role, text in lines:
        yield {"role": role, "at": at.isoformat(), "text": text}
        usual = who.seconds if role == "customer" else 40.0
        at += timedelta(seconds=round(5 + float(rng.gamma(3.0, usual / 3.0))))


@dataclass
class _Talk:
    rng: np.random.Generator
    who: Colleague
    language: str
    goods: tuple[str, ...]

    def lines(self) -> list[Line]:
        """Return who says what, from the matter to the good-bye."""
        matters = MATTERS[self.language]
        matter = matters[int(self.rng.integers(len(matters)))]
        slots = {
            "goods": self._of(self.goods),
            "number": f"{self.rng.integers(1000):03}",
            "minutes": str(20 + int(self.rng.integers(60))),
        }
        told = [*self._beginning(matter), *self._middle(matter), *self._ending()]
        return [(role, text.format(**slots).strip()) for role, text in told]

    def _beginning(self, matter: Matter) -> Iterator[Line]:
        yield "customer", self._of(matter.opening)
        hello = "greeting" if self._does(self.who.greeting) else "bare"
        sorry = not matter.is_plain and self._does(self.who.empathy)
        said = [hello, *(["empathy"] if sorry else []), "ask"]
        yield "agent", "".join(self._say(one) for one in said)
        yield "customer", self._of(matter.details)

    def _middle(self, matter: Matter) -> Iterator[Line]:
        stop = "。" if self.language == "zh-Hans" else ". "
        why = matter.reason + stop if self._does(self.who.explanation) else ""
        if self._does(self.who.forbidden):
            yield "agent", self._say("forbidden")
            yield "customer", self._say("cross")
        elif self._does(self.who.solution):
            yield "agent", why + matter.remedy + stop
            yield "customer", self._say("answered" if matter.is_plain else "pleased")
        else:
            yield from self._put_off(why)

    def _put_off(self, why: str) -> Iterator[Line]:
        """Something is promised, and followed up by those who keep their word."""
        yield "agent", why + self._say("shrug") + self._say("promise")
        if self._does(self.who.kept):
            yield "agent", self._say("kept")
            yield "customer", self._say("answered")
        else:
            yield "customer", self._say("cross")

    def _ending(self) -> Iterator[Line]:
        if self._does(self.who.closing):
            yield "agent", self._say("closing")

    def _does(self, chance: float) -> bool:
        return bool(self.rng.random() < chance)

    def _say(self, what: str) -> str:
        return self._of(SAID[self.language][what])

    def _of(self, choices: Sequence[str]) -> str:
        return choices[int(self.rng.integers(len(choices)))]
