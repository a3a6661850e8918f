"""What corrections teach of whether an aspect is spoken of, or an intent meant: one head a code.

The built-in model is the prior, as in `learned`: what is learnt is added to its log odds, and
texts that nobody corrected hold it back. A head is learnt once people said of LEAST_OF_EACH
texts that the thing is said in them, and of as many that it is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import NDArray

from manyi.kit.problems import Problem
from manyi.text import own, store
from manyi.text.findings import Analysis, Finding, Place
from manyi.text.intents import INTENTS
from manyi.text.own import FOLDS, OwnHead, fold_of

Floats = NDArray[np.float64]
LEAST_OF_EACH = 8
# The log odds that the built-in model is right, before anything is learnt; chosen on posts on cars.
_SURE = 1.0
_HELD_BACK = 1.0
_PENALTY = 1.0
_PIECE = re.compile(r"[^，。！？；、,.!?;\n]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """A text, and whether the built-in model finds the thing in it."""

    text: str
    found: bool
    group: int = 0


@dataclass(frozen=True, slots=True)
class Lesson:
    """One of them, and whether a person says that the thing is said in it."""

    seen: Seen
    said: bool


@dataclass(frozen=True)
class Tried:
    """Of each lesson whether the built-in model, and a head that never saw it, were right."""

    before: tuple[bool, ...]
    after: tuple[bool, ...]


def enough(lessons: Sequence[Lesson]) -> bool:
    """Whether both kinds of lessons are there to learn from."""
    said = sum(one.said for one in lessons)
    return min(said, len(lessons) - said) >= LEAST_OF_EACH


def learn(code: str, lessons: Sequence[Lesson], others: Sequence[Seen]) -> OwnHead:
    """Return a head for one code; the same lessons give the same head.

    Raises Problem unless there are LEAST_OF_EACH lessons of both kinds.
    """
    if not enough(lessons):
        raise Problem("lessons_one_sided", least=LEAST_OF_EACH)
    return _learn(code, lessons, others)


def _learn(code: str, lessons: Sequence[Lesson], others: Sequence[Seen]) -> OwnHead:
    seen = [*(one.seen for one in lessons), *others]
    buckets = own.shared_buckets([one.seen.text for one in lessons])
    table = own.table([one.text for one in seen], buckets)
    prior = _prior(seen)
    goal = 1 / (1 + np.exp(-prior))
    goal[: len(lessons)] = [one.said for one in lessons]
    weight = np.ones(len(goal))
    weight[len(lessons) :] = _HELD_BACK * len(lessons) / max(len(others), 1)
    moved = _fit(table, prior, goal, weight)
    bias = np.zeros(1, np.float32)
    return OwnHead((code,), buckets, moved[:, None], bias, len(lessons), store.version())


def _prior(seen: Sequence[Seen]) -> Floats:
    return np.where([one.found for one in seen], _SURE, -_SURE).astype(np.float64)


def _fit(
    table: scipy.sparse.csr_matrix, prior: Floats, goal: Floats, weight: Floats
) -> NDArray[np.float32]:
    turned = table.T.tocsr()

    def loss(moved: Floats) -> tuple[float, Floats]:
        odds = prior + table @ moved
        value = float(weight @ (np.logaddexp(0, odds) - goal * odds))
        slope = turned @ (weight * (1 / (1 + np.exp(-odds)) - goal)) + _PENALTY * moved
        return value + _PENALTY / 2 * float(moved @ moved), slope

    start = np.zeros(table.shape[1])
    options = {"maxiter": 60}
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x, np.float32)


def together(heads: Sequence[OwnHead]) -> OwnHead:
    """Return one head with a column for each code, so that texts are looked through once."""
    buckets = np.unique(np.concatenate([one.buckets for one in heads]))
    weight = np.zeros((len(buckets), len(heads)), np.float32)
    for column, one in enumerate(heads):
        weight[np.searchsorted(buckets, one.buckets), column] = one.weight[:, 0]
    labels = tuple(label for one in heads for label in one.labels)
    n = sum(one.n for one in heads)
    return OwnHead(labels, buckets, weight, np.zeros(len(heads), np.float32), n, store.version())


def _offsets(head: OwnHead, texts: Sequence[str]) -> Floats:
    """Return how far each text (row) is moved towards each code (column)."""
    return np.asarray(own.table(texts, head.buckets) @ head.weight, np.float64)


def judged(head: OwnHead, seen: Sequence[Seen]) -> list[bool]:
    """Return of each text whether the head of one code has it say the thing."""
    if not seen:
        return []
    odds = _prior(seen) + _offsets(head, [one.text for one in seen])[:, 0]
    return [bool(x) for x in odds > 0]


def cross_validated(code: str, lessons: Sequence[Lesson], others: Sequence[Seen]) -> Tried:
    """Return how heads do on lessons that they were not taught; groups are never divided."""
    fold = [fold_of(one.seen.group or one.seen.text) for one in lessons]
    after = np.zeros(len(lessons), dtype=bool)
    for k in range(FOLDS):
        asked = [i for i, mine in enumerate(fold) if mine == k]
        taught = [one for one, mine in zip(lessons, fold, strict=True) if mine != k]
        if not asked or not taught:
            continue
        answers = judged(_learn(code, taught, others), [lessons[i].seen for i in asked])
        for i, answer in zip(asked, answers, strict=True):
            after[i] = answer == lessons[i].said
    before = tuple(one.seen.found == one.said for one in lessons)
    return Tried(before, tuple(after.tolist()))


def changed(head: OwnHead, others: Sequence[Seen]) -> float:
    """Return the share of texts of which the head says otherwise than the built-in model."""
    if not others:
        return 0.0
    answers = judged(head, others)
    return sum(a != b.found for a, b in zip(answers, others, strict=True)) / len(others)


# --- in force


def with_aspects(texts: Sequence[str], said: Sequence[Analysis], by: OwnHead) -> list[Analysis]:
    """Return analyses with the aspects that the head has found, and without those it has not."""
    found = list(said)
    for i, codes in _moved(texts, [{f.aspect for f in one.findings} for one in said], by).items():
        if found[i].emotion is not None:  # a text without an emotion says nothing
            found[i] = _aspects(texts[i], found[i], codes, by)
    return found


def with_intents(texts: Sequence[str], said: Sequence[Analysis], by: OwnHead) -> list[Analysis]:
    """Return analyses with the intents that the head has found, and without those it has not."""
    found = list(said)
    for i, codes in _moved(texts, [set(one.intents) for one in said], by).items():
        if found[i].emotion is not None:
            meant = set(found[i].intents) ^ set(codes)
            kept = tuple(code for code in INTENTS if code in meant)
            found[i] = replace(found[i], intents=kept)
    return found


def _moved(
    texts: Sequence[str], found: Sequence[set[str | None]] | Sequence[set[str]], by: OwnHead
) -> Mapping[int, list[str]]:
    """Return of texts that are read otherwise the codes of which that is so."""
    if not texts:
        return {}
    prior = np.array([[code in some for code in by.labels] for some in found])
    after = np.where(prior, _SURE, -_SURE) + _offsets(by, texts) > 0
    turned: dict[int, list[str]] = {}
    for row, column in np.argwhere(after != prior).tolist():
        turned.setdefault(row, []).append(by.labels[column])
    return turned


def _aspects(text: str, said: Analysis, codes: Sequence[str], by: OwnHead) -> Analysis:
    had = {f.aspect for f in said.findings}
    gone = [code for code in codes if code in had]
    added = [_added(text, said, code, by) for code in codes if code not in had]
    kept = tuple(f for f in said.findings if f.aspect not in gone)
    # What names nothing any more still has its opinion, where it has one.
    named = {(f.start, f.end) for f in (*kept, *added)}
    loose = [f for f in said.findings if f.aspect in gone and (f.start, f.end) not in named]
    opinions = {(f.start, f.end): replace(f, aspect=None, aspect_at=()) for f in loose if f.score}
    findings = sorted((*kept, *added, *opinions.values()), key=lambda f: f.start)
    return replace(said, findings=tuple(findings))


def _added(text: str, said: Analysis, code: str, by: OwnHead) -> Finding:
    """Return a finding at the piece of the text that speaks most of the code."""
    places: list[Place] = [m.span() for m in _PIECE.finditer(text) if m.group().strip()]
    places = places or [(0, len(text))]
    column = by.labels.index(code)
    best = int(_offsets(by, [text[a:b] for a, b in places])[:, column].argmax())
    start, end = places[best]
    for near in said.findings:
        if near.start < end and start < near.end:
            return replace(near, aspect=code, aspect_at=())
    return Finding(code, said.polarity, said.score, start, end)
