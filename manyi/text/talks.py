"""Conversations: how satisfied customers are turn by turn and at the end, and how long they wait.

Turns of English talks are judged by a head that was learnt on talks with assistants (USS), all
others by their polarity. The end is judged from the course of the turns alone, so that it is
the same question in every language; it was calibrated on the English talks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import heads, store
from manyi.text.analysis import analyse
from manyi.text.features import grams
from manyi.text.findings import NEUTRAL, Analysis
from manyi.text.normal import batch

Floats = NDArray[np.float64]
ARTEFACT = "talk"
CUSTOMER, AGENT = "customer", "agent"
_ROLES: dict[str, str] = {
    word: role for role, words in store.words("talks")["roles"].items() for word in words.split()
}
# How much what was said before a turn is heard, and what the middle is given: chosen by
# cross-validation on the talks.
BEFORE, MIDDLE = 0.3, 0.5
_SURELY_BAD = -0.5
_LOWEST = -0.5


def side_of(role: str) -> str:
    """Return whom a role names: customer, agent, or "" for anybody else."""
    return _ROLES.get(role.strip().lower(), "")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said; `at` where the time is known."""

    role: str
    text: str
    at: datetime | None = None

    @property
    def side(self) -> str:
        """Return customer, agent, or "" for whoever else speaks."""
        return side_of(self.role)


@dataclass(frozen=True)
class Waits:
    """Seconds from a customer's first unanswered turn to the answer; None where unknown."""

    first: float | None = None
    mean: float | None = None
    longest: float | None = None


@dataclass(frozen=True)
class Course:
    """A conversation read: a mood of -1 to 1 for each customer's turn, None for the others.

    `ending` is the chance that the customer leaves satisfied less the chance of the opposite;
    `chances` are those of dissatisfied, neither and satisfied.
    """

    moods: tuple[float | None, ...]
    chances: tuple[float, float, float] | None
    waits: Waits
    model: str

    @property
    def ending(self) -> float | None:
        return None if self.chances is None else round(self.chances[2] - self.chances[0], 4)


def version() -> str:
    """Return name and version of what judges conversations."""
    return store.version(ARTEFACT)


def courses(talks: Sequence[Sequence[Turn]]) -> list[Course]:
    """Return how each conversation went; one in which no customer speaks has no ending."""
    said = [(i, j) for i, talk in enumerate(talks) for j, t in enumerate(talk) if _speaks(t)]
    texts = [talks[i][j].text for i, j in said]
    before = [_before(talks[i], j) for i, j in said]
    found: list[list[float | None]] = [[None] * len(talk) for talk in talks]
    for (i, j), mood in zip(said, moods(texts, before), strict=True):
        found[i][j] = mood
    return [_course(talk, mine) for talk, mine in zip(talks, found, strict=True)]


def _speaks(turn: Turn) -> bool:
    return turn.side == CUSTOMER and bool(turn.text.strip())


def _before(talk: Sequence[Turn], at: int) -> str:
    earlier = (talk[i].text for i in range(at - 1, -1, -1) if talk[i].side == AGENT)
    return next(earlier, "")


def _course(talk: Sequence[Turn], found: Sequence[float | None]) -> Course:
    said = [one for one in found if one is not None]
    chances = None
    if said:
        p = _ending()(np.array([course_of(said)]))[0]
        chances = (round(float(p[0]), 4), round(float(p[1]), 4), round(float(p[2]), 4))
    return Course(tuple(found), chances, waits(talk), version())


def moods(texts: Sequence[str], before: Sequence[str]) -> list[float]:
    """Return how satisfied each customer's turn sounds, given what was said to them before."""
    if not texts:
        return []
    said = analyse(texts)
    learnt = learnt_moods(texts, before)
    return [
        _english(one, float(mood)) if one.language == "en" else _by_polarity(one)
        for one, mood in zip(said, learnt, strict=True)
    ]


def _english(one: Analysis, learnt: float) -> float:
    """The talks that were learnt from are civil: plain abuse is told by its polarity."""
    rude = one.score <= _SURELY_BAD
    return round(min(learnt, one.score / 2) if rude else learnt, 4)


def _by_polarity(one: Analysis) -> float:
    return 0.0 if one.polarity == NEUTRAL else one.score


def learnt_moods(texts: Sequence[str], before: Sequence[str]) -> Floats:
    """Return the chance of a satisfied turn less that of a dissatisfied one, by the head."""
    scores = _scores("turn", texts) + BEFORE * _scores("before", before)
    scores[:, 1] += MIDDLE
    chances = heads.chances(np.asarray(scores, np.float32), _temperature())
    return np.asarray(chances[:, 2] - chances[:, 0], np.float64)


def _scores(name: str, texts: Sequence[str]) -> Floats:
    read = batch(list(texts))
    found = grams(read)
    stack = _stack(name)
    scores = stack.scores(read.owner[found.first], found.buckets, len(texts))
    return np.asarray(scores[name], np.float64)


@cache
def _stack(name: str) -> heads.Stack:
    return heads.Stack.of([heads.load(name, ARTEFACT)])


def _temperature() -> float:
    return _stack("turn").heads[0].temperature


def course_of(moods: Sequence[float]) -> list[float]:
    """Return what the end is judged from: the moods of the turns and how many there were."""
    # Polarities fall lower than the moods that the model of the end has seen.
    said = [max(mood, _LOWEST) for mood in moods]
    last = said[-2:]
    return [
        float(np.mean(said)),
        float(said[-1]),
        float(np.mean(last)),
        float(min(said)),
        float(max(said)),
        float(np.log(len(said))),
    ]


@dataclass(frozen=True)
class Ending:
    """A multinomial logistic model of the end; rows of `weight` are features and intercept."""

    weight: Floats

    def __call__(self, courses: Floats) -> Floats:
        scores = courses @ self.weight[:-1] + self.weight[-1]
        grown = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True))


@cache
def _ending() -> Ending:
    return Ending(store.arrays(ARTEFACT, "ending.npz")["weight"].astype(np.float64))


def waits(talk: Sequence[Turn]) -> Waits:
    """Return how long customers waited for an answer; turns without a time count for nothing."""
    gaps = list(_gaps(talk))
    if not gaps:
        return Waits()
    return Waits(gaps[0], round(sum(gaps) / len(gaps), 1), max(gaps))


def _gaps(talk: Sequence[Turn]) -> Iterator[float]:
    asked: datetime | None = None
    for turn in talk:
        if turn.side == CUSTOMER and asked is None:
            asked = turn.at
        elif turn.side == AGENT and asked is not None:
            if turn.at is not None and turn.at >= asked:
                yield (turn.at - asked).total_seconds()
            asked = None
