"""From which scores of both tiers on, names and addresses are believed: `people.sure`.

Chosen on each half of the development news: of the levels at which enough of what is found is
one, and sentences about nobody stay whole, those that find most. The mean of both halves' levels
is taken, so that neither half's luck decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from manyi.text import accurate, corpora, people, personal, synthetic
from manyi.text.normal import Batch, batch
from manyi.text.personal import Span

Row = tuple[str, list[tuple[int, int, str]]]
Level = tuple[float, float]
Scored = list[tuple[Batch, np.ndarray]]
_REACHES = np.arange(-4.5, -0.9, 0.5)
_MEANS = np.arange(-4.0, 0.01, 0.1)
_LEFT_ALONE = 0.95


def levels(precision: float) -> np.ndarray:
    """Return of names and addresses the two levels of `people.sure`."""
    nobody = _scored(synthetic.NEGATIVES)
    halves = [corpora.entities("dev")[half::2] for half in (0, 1)]
    known = [(rows, _scored([t for t, _ in rows]), _by_rule(rows)) for rows in halves]
    found = []
    for number, kind in enumerate(people.KINDS):
        harmless = [x for x in _grid() if _left_alone(nobody, number, x) >= _LEFT_ALONE]
        best = [_best(*some, number, harmless, precision) for some in known]
        print(kind, best, flush=True)
        found.append(np.mean(best, axis=0))
    return np.array(found, dtype=np.float32)


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


def _best(
    rows: Sequence[Row],
    scored: Scored,
    ruled: list[list[Span]],
    number: int,
    among: list[Level],
    precision: float,
) -> Level:
    """Return the levels that find most at this precision, the surest of equals."""
    tried = [(_judged(rows, scored, ruled, number, level), level) for level in among]
    return max((found, level) for found, level in tried if found[1] >= precision)[1]


def _judged(
    rows: Sequence[Row], scored: Scored, ruled: list[list[Span]], number: int, level: Level
) -> tuple[float, float]:
    """Return which share of a kind is found in part, and which share of what is found is one."""
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
    return float(np.mean(hit)), float(np.mean(sure))


def _meets(one: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(a < one[1] and one[0] < b for a, b in others)
