"""From which scores of both tiers on, names and addresses are believed: `people.sure`.

Of the levels at which enough of what is found in the development news is one, and sentences
about nobody stay whole, those that find most. What they are worth is told by each half of the
news at the levels of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from manyi.text import accurate, corpora, people, personal, synthetic
from manyi.text.normal import Batch, batch
from manyi.text.personal import Span

Row = tuple[str, list[tuple[int, int, str]]]
Level = tuple[float, float]
Scored = list[tuple[Batch, np.ndarray]]
_REACHES = np.arange(-6.0, -0.9, 0.5)
_MEANS = np.arange(-5.5, 0.01, 0.125)
_LEFT_ALONE = 0.95


def levels(precision: float) -> tuple[np.ndarray, dict[str, Any]]:
    """Return of names and addresses the two levels of `people.sure`, and what they are worth."""
    nobody = _scored(synthetic.NEGATIVES)
    halves = [corpora.entities("dev")[half::2] for half in (0, 1)]
    known = [(rows, _scored([t for t, _ in rows]), _by_rule(rows)) for rows in halves]
    found: list[Level] = []
    worth: dict[str, Any] = {}
    for number, kind in enumerate(people.KINDS):
        harmless = [x for x in _grid() if _left_alone(nobody, number, x) >= _LEFT_ALONE]
        first, second = (np.array([_judged(*some, number, x) for x in harmless]) for some in known)
        found.append(harmless[_best(first + second, precision)])
        other = first[_best(second, precision)] + second[_best(first, precision)]
        recall, right = _shares(other)
        worth[kind] = {"recall": round(float(recall), 4), "precision": round(float(right), 4)}
        print(kind, found[-1], worth[kind], flush=True)
    return np.array(found, dtype=np.float32), worth


def _grid() -> list[Level]:
    pairs = ((float(a), float(b)) for a in _REACHES for b in _MEANS)
    return [(a, b) for a, b in pairs if b >= a]


def _scored(texts: Sequence[str]) -> Scored:
    parts = (batch(part) for part in accurate.parts(list(texts)))
    return [(one, people.both_scores(one)) for one in parts]


def _by_rule(rows: Sequence[Row]) -> list[list[Span]]:
    return [personal._by_rule(text) for text, _ in rows]


def _taken(scored: Scored, number: int, level: Level) -> Iterator[tuple[int, Span]]:
    """Yield the number of the text and the place of what is taken for one."""
    before = 0
    for one, scores in scored:
        for i, *span in people.sure(one, scores[:, number], level, people.KINDS[number]):
            yield before + i, Span(*span)  # type: ignore[arg-type]
        before += len(one)


def _left_alone(nobody: Scored, number: int, level: Level) -> float:
    touched = {i for i, _ in _taken(nobody, number, level)}
    return 1 - len(touched) / len(synthetic.NEGATIVES)


def _best(counts: np.ndarray, precision: float) -> int:
    """Return which of the levels finds most at this precision, the surest of equals."""
    recall, right = _shares(counts.T)
    return int(np.lexsort((right, np.where(right >= precision, recall, -1)))[-1])


def _shares(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which share is found, and which share of what is found is one."""
    hit, true, right, found = counts
    return hit / true, right / found


def _judged(
    rows: Sequence[Row], scored: Scored, ruled: list[list[Span]], number: int, level: Level
) -> tuple[int, int, int, int]:
    """Return how many of a kind are found in part, of how many, and how many of those found are
    one, of how many."""
    kind = people.KINDS[number]
    spans = [[s for s in some if s.kind == kind] for some in ruled]
    for i, span in _taken(scored, number, level):
        spans[i].append(span)
    hit, sure = [], []
    for (text, said), some in zip(rows, spans, strict=True):
        true = [(a, b) for a, b, k in said if k == kind]
        own = [(s.start, s.end) for s in personal._apart(some, text)]
        hit += [_meets(one, own) for one in true]
        sure += [_meets(one, true) for one in own]
    return sum(hit), len(hit), sum(sure), len(sure)


def _meets(one: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(a < one[1] and one[0] < b for a, b in others)
