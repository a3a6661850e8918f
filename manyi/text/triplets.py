"""What is spoken of and what is said of it, as places in the text: (aspect, opinion, polarity).

Slower and finer than the word lists of a taxonomy, and learnt from Chinese restaurant reviews.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manyi.text import accurate, crossed, heads, pairing, spans, store, tagger
from manyi.text.findings import POLARITIES, Place
from manyi.text.normal import SPACE, Batch, batch

_Run = tuple[int, int]


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


def terms(texts: Sequence[str], *, tier: str | None = None) -> list[Terms]:
    """Return aspect terms and opinions of each text, and what each opinion is about: the
    likeliest of the aspects near it, or nothing that is named."""
    if accurate.chosen(tier) == store.TIER_B and accurate.uses("terms"):
        return [found for part in accurate.parts(texts) for found in _accurate(part)]
    one = batch([_ended(text) for text in texts])
    if not len(one.codes):
        return [Terms((), ()) for _ in texts]
    scores = _scores(one)
    aspects, opinions = spans.found(one, scores, 0), spans.found(one, scores, 1)
    return _gathered(one, aspects, _paired_fast(one, aspects, opinions))


def _ended(text: str) -> str:
    """Nearly all sentences that pieces were learnt from end in the same mark, and what ends a
    piece is read by it. All places stay."""
    plain = text.translate(_CALLS)
    return plain if not text or plain.endswith("。") else plain + "。"


_CALLS = {ord("！"): "。"}


def _paired_fast(
    one: Batch, aspects: Sequence[_Run], opinions: Sequence[_Run]
) -> list[tuple[_Run | None, _Run, str]]:
    tried = _tried(one, aspects, opinions)
    if not tried:
        return []
    facts = pairing.facts(one, tried, pairing.around(one, aspects, opinions))
    pair = crossed.scores(pairing.PAIRS, facts, pairing.PAIR_CROSSES)
    sense = crossed.scores(pairing.SENSES, facts, pairing.SENSE_CROSSES)
    return _likely(tried, np.concatenate([1 - heads.chances(pair, 1.0), sense], axis=1))


class Reading(NamedTuple):
    """How the accurate tier makes terms and pairs of chances; chosen on development texts."""

    after: float  # how much it counts what usually stands after what
    aspect: float  # what a place of an aspect gains
    opinion: float  # what a place of an opinion gains
    strange: float  # what it gains that aspect and opinion do not belong together
    doubt: float  # the likeliest pair of an opinion is said unless it is this likely to be none


def _accurate(texts: Sequence[str]) -> list[Terms]:
    one = batch(texts)
    if not len(one.codes):
        return [Terms((), ()) for _ in texts]
    heard = accurate.hear(one)
    return heard_terms(heard, heard_gains(heard), Reading(*accurate.levels("reading").tolist()))


def heard_gains(heard: accurate.Heard) -> NDArray[np.float32]:
    """Return the logarithm of the chance of each state of each code, by both tiers."""
    return accurate.mixed("terms", gains(heard.texts), heard.tags("terms"))


def heard_terms(heard: accurate.Heard, gain: NDArray[np.float32], how: Reading) -> list[Terms]:
    """Return the terms of the texts that were heard."""
    one = heard.texts
    shift = np.array([0, how.aspect, how.aspect, how.opinion, how.opinion], dtype=np.float32)
    aspects, opinions = _runs(_path(_outside(one, gain + shift), how.after))
    return _gathered(one, aspects, paired(heard, aspects, opinions, how))


def _gathered(
    one: Batch, aspects: Sequence[_Run], said: Sequence[tuple[_Run | None, _Run, str]]
) -> list[Terms]:
    found: list[tuple[list[Place], list[Term]]] = [([], []) for _ in one.texts]
    for run in aspects:
        found[one.owner[run[0]]][0].append(_place(one, run))
    for about, run, label in said:
        term = Term(None if about is None else _place(one, about), _place(one, run), label)
        found[one.owner[run[0]]][1].append(term)
    return [Terms(tuple(a), tuple(o)) for a, o in found]


# An opinion is tried with no aspect and with the nearest of its text, this many of them.
_NEAREST = 6


def paired(
    heard: accurate.Heard, aspects: Sequence[_Run], opinions: Sequence[_Run], how: Reading
) -> list[tuple[_Run | None, _Run, str]]:
    """Return what each opinion is about and how: the likeliest, and all that are likely."""
    tried = _tried(heard.texts, aspects, opinions)
    if not tried:
        return []
    scores = heard.pairs([a for a, _ in tried], [o for _, o in tried])
    scores[:, 0] += how.strange
    return _likely(tried, heads.chances(scores, 1.0), how.doubt)


def _tried(
    one: Batch, aspects: Sequence[_Run], opinions: Sequence[_Run]
) -> list[tuple[_Run | None, _Run]]:
    of = pairing.around(one, aspects, opinions)
    tried: list[tuple[_Run | None, _Run]] = []
    for opinion in opinions:
        same = of[int(one.owner[opinion[0]])].near(opinion).aspects
        near = sorted(same, key=lambda a: max(a[0] - opinion[1], opinion[0] - a[1]))[:_NEAREST]
        tried += [(a, opinion) for a in (None, *near)]
    return tried


def _likely(
    tried: Sequence[tuple[_Run | None, _Run]], chances: NDArray[np.float32], doubt: float = 1.0
) -> list[tuple[_Run | None, _Run, str]]:
    best: dict[_Run, int] = {}
    for i, (_, opinion) in enumerate(tried):
        known = best.setdefault(opinion, i)
        if chances[i, 0] < chances[known, 0]:
            best[opinion] = i
    labels = chances[:, 1:].argmax(axis=1).tolist()
    return [
        (aspect, opinion, POLARITIES[labels[i]])
        for i, (aspect, opinion) in enumerate(tried)
        if chances[i, 0] < 0.5 or (best[opinion] == i and chances[i, 0] <= doubt)
    ]


def _runs(state: NDArray[np.int64]) -> tuple[list[_Run], list[_Run]]:
    """Return the runs of aspect and of opinion on a path of states."""
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


# Aspects are missed more often than made up, and an opinion without its aspect is half lost:
# what each kind of place gains, chosen by cross-validation on the training part.
_BIAS = np.array([0.7, 0.7, 0.0, 0.0], dtype=np.float32)


def _scores(one: Batch) -> NDArray[np.float32]:
    """Return the tagger's scores. The sentences it was learnt from all follow one another."""
    return tagger.load("terms").scores(one, after="。")


def gains(one: Batch) -> NDArray[np.float32]:
    """Return the logarithm of the chance of each state of each code, by the fast tier."""
    scores = _scores(one) + _BIAS
    yes = -np.logaddexp(0, -scores)
    outside = -np.logaddexp(0, scores).sum(axis=1, keepdims=True)
    gain = np.concatenate([outside, yes + outside - (-np.logaddexp(0, scores))], axis=1)
    return _outside(one, gain)


def _outside(one: Batch, gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """White space and borders are no part of a term."""
    gain[(one.kinds == SPACE) | (one.codes == 0), 1:] = _NEVER
    return np.asarray(gain, dtype=np.float32)


def _path(gain: NDArray[np.float32], weight: float) -> NDArray[np.int64]:
    """Viterbi over all codes at once. What stands around a place tells some of what usually
    stands after what already: that counts by its weight."""
    best, back = (
        np.array([0.0, _NEVER, _NEVER, _NEVER, _NEVER]),
        np.zeros((len(gain), 5), dtype=np.int64),
    )
    for at in range(len(gain)):
        table = best[:, None] + weight * _AFTER
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
