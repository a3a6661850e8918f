"""What is spoken of and what is said of it, as places in the text: (aspect, opinion, polarity).

Slower and finer than the word lists of a taxonomy, and learnt from Chinese restaurant reviews.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manyi.text import clauses, features, heads, tagger
from manyi.text.findings import POLARITIES, Place
from manyi.text.normal import SPACE, Batch, batch


@dataclass(frozen=True, slots=True)
class Term:
    """`aspect` is None where the opinion names nothing."""

    aspect: Place | None
    opinion: Place
    polarity: str


@dataclass(frozen=True)
class Terms:
    """The aspect terms of a text, and its opinions with what each is about."""

    aspects: tuple[Place, ...]
    opinions: tuple[Term, ...]


def terms(texts: Sequence[str]) -> list[Terms]:
    """Return aspect terms and opinions of each text; an opinion is about the nearest aspect
    of its clause, else about the last one before it."""
    one = batch(texts)
    if not len(one.codes):
        return [Terms((), ()) for _ in texts]
    grams = features.grams(one)
    cut = clauses.clauses(one, grams)
    scores = tagger.load("terms").scores(one)
    aspects, opinions = _runs(one, scores)
    polarity = _polarities(one, grams, opinions)
    found: list[tuple[list[Place], list[Term]]] = [([], []) for _ in texts]
    for run in aspects:
        found[one.owner[run[0]]][0].append(_place(one, run))
    for run, label in zip(opinions, polarity, strict=True):
        about = _about(one, cut, aspects, run)
        term = Term(None if about is None else _place(one, about), _place(one, run), label)
        found[one.owner[run[0]]][1].append(term)
    return [Terms(tuple(a), tuple(o)) for a, o in found]


_Run = tuple[int, int]


def _runs(one: Batch, scores: NDArray[np.float32]) -> tuple[list[_Run], list[_Run]]:
    """Return the runs of aspect and of opinion on the likeliest path of states."""
    state = _path(one, scores)
    found: tuple[list[_Run], list[_Run]] = ([], [])
    for kind, (begin, inner) in enumerate(((1, 2), (3, 4))):
        for start in np.flatnonzero(state == begin).tolist():
            end = start + 1
            while end < len(state) and state[end] == inner:
                end += 1
            found[kind].append((start, end))
    return found


# How much likelier one state is after another than anywhere, as logarithms, measured on the
# training part. Outside, aspect begins, aspect goes on, opinion begins, opinion goes on.
_NEVER = -1e9
_AFTER = np.array(
    [
        [0.47, 0.55, _NEVER, 0.06, _NEVER],
        [-3.43, -5.48, 2.68, -0.88, _NEVER],
        [-0.94, -2.08, 2.01, 1.74, _NEVER],
        [-4.32, -3.86, _NEVER, -4.36, 1.21],
        [-1.24, -2.27, _NEVER, -2.5, 1.03],
    ]
)
# The characters around a place tell some of this already; chosen on the development part.
_WEIGHT = 0.5


def _path(one: Batch, scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Viterbi over all codes at once; white space and borders are outside."""
    yes = -np.logaddexp(0, -scores)
    outside = -np.logaddexp(0, scores).sum(axis=1, keepdims=True)
    gain = np.concatenate([outside, yes + outside - (-np.logaddexp(0, scores))], axis=1)
    gain[(one.kinds == SPACE) | (one.codes == 0), 1:] = _NEVER
    best, back = (
        np.array([0.0, _NEVER, _NEVER, _NEVER, _NEVER]),
        np.zeros((len(gain), 5), dtype=np.int64),
    )
    for at in range(len(gain)):
        table = best[:, None] + _WEIGHT * _AFTER
        back[at] = table.argmax(axis=0)
        best = table.max(axis=0) + gain[at]
    state = np.zeros(len(gain), dtype=np.int64)
    now = int(best.argmax())
    for at in range(len(gain) - 1, -1, -1):
        state[at] = now
        now = int(back[at, now])
    return state


def _place(one: Batch, run: _Run) -> Place:
    return int(one.origin[run[0]]), int(one.origin[run[1] - 1]) + 1


def _about(one: Batch, cut: clauses.Clauses, aspects: list[_Run], opinion: _Run) -> _Run | None:
    same = [a for a in aspects if one.owner[a[0]] == one.owner[opinion[0]]]
    near = [a for a in same if cut.of[a[0]] == cut.of[opinion[0]]]
    if near:
        return min(near, key=lambda a: max(a[0] - opinion[1], opinion[0] - a[1]))
    return next((a for a in reversed(same) if a[1] <= opinion[0]), None)


def _polarities(one: Batch, grams: features.Grams, opinions: list[_Run]) -> list[str]:
    """Judge each opinion by its words and up to six characters before them in the clause."""
    stack = heads.stack(heads.CLAUSE_HEADS)
    pieces = []
    for start, end in opinions:
        low = max(int(one.starts[one.owner[start]]), start - 6)
        pieces.append("".join(map(chr, one.codes[low:end].tolist())))
    if not pieces:
        return []
    part = batch(pieces)
    parts = features.grams(part)
    found = stack.scores(part.owner[parts.first], parts.buckets, len(pieces))
    return [
        POLARITIES[k]
        for k in heads.three_way(stack, found, np.ones(len(pieces), dtype=bool)).argmax(axis=1)
    ]
