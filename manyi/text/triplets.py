"""What is spoken of and what is said of it, as places in the text: (aspect, opinion, polarity).

Slower and finer than the word lists of a taxonomy, and learnt from Chinese restaurant reviews.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manyi.text import accurate, crossed, heads, joint, pairing, spans, store, tagger
from manyi.text.findings import POLARITIES, Place
from manyi.text.joint import Reading
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


def _accurate(texts: Sequence[str]) -> list[Terms]:
    one = batch(texts)
    if not len(one.codes):
        return [Terms((), ()) for _ in texts]
    return heard_terms(accurate.hear(one), Reading.of(accurate.levels("reading")))


def heard_terms(heard: accurate.Heard, how: Reading) -> list[Terms]:
    """Return the terms of the texts that were heard."""
    spoken, said = heard_pieces(heard, how.after)
    aspects = joint.apart(spoken, joint.weighed(spoken.facts, how.aspect))
    return paired(heard.texts, aspects, heard_pairs(heard, aspects, spoken, said), how.pair)


def paired(
    one: Batch, aspects: Sequence[_Run], found: joint.Pairs | None, weights: joint.Floats
) -> list[Terms]:
    """Return the terms of these aspects and of the pairs that are likely enough."""
    said: list[tuple[_Run | None, _Run, str]] = []
    if found is not None:
        sure = joint.together(found, joint.weighed(found.facts, weights))
        said = [(aspect, opinion, POLARITIES[sense]) for aspect, opinion, sense in sure]
    return _gathered(one, aspects, said)


def heard_pieces(heard: accurate.Heard, after: float) -> tuple[joint.Pieces, joint.Pieces]:
    """Return what may be an aspect and what may be an opinion, by both tiers."""
    one = heard.texts
    scores = _scores(one)
    gain = accurate.mixed("terms", _gains(one, scores), heard.tags("terms"))
    return joint.pieces(one, _outside(one, gain), scores, after)


def heard_pairs(
    heard: accurate.Heard, aspects: Sequence[_Run], spoken: joint.Pieces, said: joint.Pieces
) -> joint.Pairs | None:
    """Return what all opinions may be about, or None where there are none."""
    tried = _tried(heard.texts, aspects, sorted(said.runs))
    return joint.pairs(heard, tried, spoken, said) if tried else None


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
    tried: Sequence[tuple[_Run | None, _Run]], chances: NDArray[np.float32]
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
        if chances[i, 0] < 0.5 or best[opinion] == i
    ]


# Aspects are missed more often than made up, and an opinion without its aspect is half lost:
# what each kind of place gains, chosen by cross-validation on the training part.
_BIAS = np.array([0.7, 0.7, 0.0, 0.0], dtype=np.float32)


def _scores(one: Batch) -> NDArray[np.float32]:
    """Return the tagger's scores. The sentences it was learnt from all follow one another."""
    return tagger.load("terms").scores(one, after="。")


def gains(one: Batch) -> NDArray[np.float32]:
    """Return the logarithm of the chance of each state of each code, by the fast tier."""
    return _gains(one, _scores(one))


def _gains(one: Batch, tagged: NDArray[np.float32]) -> NDArray[np.float32]:
    scores = tagged + _BIAS
    yes = -np.logaddexp(0, -scores)
    outside = -np.logaddexp(0, scores).sum(axis=1, keepdims=True)
    gain = np.concatenate([outside, yes + outside - (-np.logaddexp(0, scores))], axis=1)
    return _outside(one, gain)


def _outside(one: Batch, gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """White space and borders are no part of a term."""
    gain[(one.kinds == SPACE) | (one.codes == 0), 1:] = -1e9
    return np.asarray(gain, dtype=np.float32)


def _place(one: Batch, run: _Run) -> Place:
    return int(one.origin[run[0]]), int(one.origin[run[1] - 1]) + 1
