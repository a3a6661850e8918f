"""What an organisation's corrections teach: how far to move the built-in polarity, and where.

The built-in model is the prior. What is learnt is added to its log odds, so that a text of
which nothing was learnt is read as before. Texts that nobody corrected hold it back: they are
to be read as the built-in model reads them. Without them the few that people found wrong would
speak for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import NDArray

from manyi.kit.problems import Problem
from manyi.text import own, presence, store
from manyi.text.analysis import UNDECIDED
from manyi.text.findings import POLARITIES, Analysis, Finding
from manyi.text.own import FOLDS, OwnHead, fold_of

Floats = NDArray[np.float64]
LEAST = 20
# A score of 1 is this many log odds; the reading that the model chose gets a little more.
_ODDS, _CHOSEN = 2.0, 0.5
# What all texts that nobody corrected weigh together, beside all corrected ones.
_HELD_BACK = 1.0
_PENALTY = 1.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A text or clause as the built-in model judges it; `group` keeps what belongs together."""

    text: str
    polarity: str
    score: float
    group: int = 0


@dataclass(frozen=True, slots=True)
class Lesson:
    """One of them with what a person says: -1, 0 or 1."""

    judged: Judged
    sense: int


@dataclass(frozen=True)
class Learned:
    """Heads for the polarity of texts and clauses, and for what is said; any may be missing."""

    number: int
    texts: OwnHead | None = None
    clauses: OwnHead | None = None
    aspects: OwnHead | None = None
    intents: OwnHead | None = None

    @property
    def name(self) -> str:
        """Return name and version of the model that reads with these heads."""
        return f"{store.version()}+own-{self.number}"


def learn(lessons: Sequence[Lesson], others: Sequence[Judged]) -> OwnHead:
    """Return a head for `relearned`; the same lessons give the same head.

    Raises Problem where there are fewer than LEAST lessons.
    """
    if len(lessons) < LEAST:
        raise Problem("lessons_too_few", least=LEAST, n=len(lessons))
    return _learn(lessons, others)


def _learn(lessons: Sequence[Lesson], others: Sequence[Judged]) -> OwnHead:
    texts = [one.judged.text for one in lessons]
    buckets = own.shared_buckets(texts)
    table = own.table([*texts, *(one.text for one in others)], buckets)
    prior = _prior([*(one.judged for one in lessons), *others])
    weight = _fit(table, prior, *_goals(lessons, prior))
    bias = np.zeros(len(POLARITIES), np.float32)
    return OwnHead(POLARITIES, buckets, weight, bias, len(lessons), store.version())


def _goals(lessons: Sequence[Lesson], prior: Floats) -> tuple[Floats, Floats]:
    """Return what each text is to be read as, as chances, and what that weighs."""
    goal = _chances(prior)
    goal[: len(lessons)] = 0.0
    goal[np.arange(len(lessons)), [one.sense + 1 for one in lessons]] = 1.0
    weight = np.ones(len(goal))
    weight[len(lessons) :] = _HELD_BACK * len(lessons) / max(len(goal) - len(lessons), 1)
    return goal, weight


def _prior(judged: Sequence[Judged]) -> Floats:
    """Return the built-in model's log odds, one row a text; its choice is the largest."""
    found = np.zeros((len(judged), 3))
    score = np.array([one.score for one in judged])
    found[:, 0], found[:, 2] = -_ODDS * score, _ODDS * score
    rows, chosen = np.arange(len(judged)), [POLARITIES.index(one.polarity) for one in judged]
    found[rows, chosen] = found.max(axis=1) + _CHOSEN
    return found


def _chances(logits: Floats) -> Floats:
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def _fit(
    table: scipy.sparse.csr_matrix, prior: Floats, goal: Floats, weight: Floats
) -> NDArray[np.float32]:
    turned, shape = table.T.tocsr(), (table.shape[1], 3)

    def loss(flat: Floats) -> tuple[float, Floats]:
        moved = flat.reshape(shape)
        chances = _chances(prior + table @ moved)
        value = -float(weight @ (goal * np.log(np.maximum(chances, 1e-300))).sum(axis=1))
        slope = turned @ (weight[:, None] * (chances - goal)) + _PENALTY * moved
        return value + _PENALTY / 2 * float((moved**2).sum()), np.ravel(slope)

    start = np.zeros(shape[0] * 3)
    options = {"maxiter": 60}
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x.reshape(shape), np.float32)


def moved(head: OwnHead, judged: Sequence[Judged]) -> list[tuple[str, float]]:
    """Return polarity and score of each text as the head has them read."""
    if not judged:
        return []
    offset = np.asarray(own.table([one.text for one in judged], head.buckets) @ head.weight)
    best = (_prior(judged) + offset).argmax(axis=1).tolist()
    gain = ((offset[:, 2] - offset[:, 0]) / (2 * _ODDS)).tolist()
    rows = zip(judged, best, gain, strict=True)
    return [(POLARITIES[k], _scored(one, k, step)) for one, k, step in rows]


def _scored(one: Judged, label: int, gain: float) -> float:
    """Return a score that agrees with its label; what learnt nothing keeps its own."""
    if gain == 0 and POLARITIES[label] == one.polarity:
        return one.score
    score = min(1.0, max(-1.0, one.score + gain))
    low, high = ((-1.0, -UNDECIDED), (-UNDECIDED, UNDECIDED), (UNDECIDED, 1.0))[label]
    return round(min(high, max(low, score)), 4)


def relearned(texts: Sequence[str], said: Sequence[Analysis], by: Learned) -> list[Analysis]:
    """Return analyses of `texts` as they are with what was learnt; places stay."""
    found = [replace(one, model=by.name) for one in said]
    if by.texts is not None:
        found = _with_texts(texts, found, by.texts)
    if by.clauses is not None:
        found = _with_clauses(texts, found, by.clauses)
    if by.aspects is not None:
        found = presence.with_aspects(texts, found, by.aspects)
    return found if by.intents is None else presence.with_intents(texts, found, by.intents)


def _with_texts(texts: Sequence[str], said: list[Analysis], head: OwnHead) -> list[Analysis]:
    # A text without an emotion says nothing: it is empty or worthless.
    at = [i for i, one in enumerate(said) if one.emotion is not None]
    judged = moved(head, [Judged(texts[i], said[i].polarity, said[i].score) for i in at])
    for i, (polarity, score) in zip(at, judged, strict=True):
        said[i] = replace(said[i], polarity=polarity, score=score)
    return said


def _with_clauses(texts: Sequence[str], said: list[Analysis], head: OwnHead) -> list[Analysis]:
    pairs = zip(texts, said, strict=True)
    judged = iter(moved(head, [clause for text, one in pairs for clause in clauses(text, one)]))
    return [
        replace(one, findings=tuple(_as(found, *next(judged)) for found in one.findings))
        for one in said
    ]


def _as(found: Finding, polarity: str, score: float) -> Finding:
    return replace(found, polarity=polarity, score=score)


def clauses(text: str, said: Analysis, group: int = 0) -> list[Judged]:
    """Return the clause of each finding, in their order, as the model judged it."""
    return [Judged(text[f.start : f.end], f.polarity, f.score, group) for f in said.findings]


@dataclass(frozen=True)
class Tried:
    """Of each lesson whether the built-in model, and a head that never saw it, were right."""

    before: tuple[bool, ...]
    after: tuple[bool, ...]

    @property
    def gains(self) -> list[int]:
        """Return 1, 0 or -1 for each lesson."""
        return [int(b) - int(a) for a, b in zip(self.before, self.after, strict=True)]


def cross_validated(lessons: Sequence[Lesson], others: Sequence[Judged]) -> Tried:
    """Return how heads do on lessons that they were not taught; groups are never divided."""
    fold = np.array([fold_of(one.judged.group or one.judged.text) for one in lessons])
    after = np.zeros(len(lessons), dtype=bool)
    for k in range(FOLDS):
        asked = np.flatnonzero(fold == k).tolist()
        taught = [one for i, one in enumerate(lessons) if fold[i] != k]
        for i, label in zip(
            asked, _answers(taught, others, [lessons[i] for i in asked]), strict=True
        ):
            after[i] = label == _label(lessons[i])
    before = tuple(one.judged.polarity == _label(one) for one in lessons)
    return Tried(before, tuple(after.tolist()))


def _answers(
    taught: Sequence[Lesson], others: Sequence[Judged], asked: Sequence[Lesson]
) -> list[str]:
    judged = [one.judged for one in asked]
    return [label for label, _ in moved(_learn(taught, others), judged)] if taught else []


def _label(one: Lesson) -> str:
    return POLARITIES[one.sense + 1]


def changed(head: OwnHead, others: Sequence[Judged]) -> float:
    """Return the share of texts that the head has read otherwise."""
    if not others:
        return 0.0
    labels = [label for label, _ in moved(head, others)]
    return sum(a != b.polarity for a, b in zip(labels, others, strict=True)) / len(others)
