"""Terms and what is said of them, judged as whole pieces of a text by both tiers together.

Where an opinion ends is often open (很嫩，很入味: one or two?). So not the one likeliest path of
states through all characters is taken, but pieces by their chance over all paths, and an opinion
with its aspect by how likely both pieces are and that they belong together. The surest comes
first; what overlaps it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from manyi.text import accurate, crossed, pairing, spans
from manyi.text.normal import Batch

Run = tuple[int, int]
Pair = tuple[Run | None, Run]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Pieces less likely than this, or longer, are not looked at.
_LEAST, _LONGEST = 0.04, 14
# How much likelier one state is after another than anywhere, as logarithms, measured on the
# training part. Outside, aspect begins, aspect goes on, opinion begins, opinion goes on.
_NEVER = -1e9
_AFTER: Final = np.array(
    [
        [0.47, 0.55, _NEVER, 0.06, _NEVER],
        [-3.43, -5.48, 2.68, -0.88, _NEVER],
        [-0.94, -2.08, 2.01, 1.74, _NEVER],
        [-4.32, -3.86, _NEVER, -4.36, 1.21],
        [-1.24, -2.27, _NEVER, -2.5, 1.03],
    ]
)
_STATES: Final = ((1, 2), (3, 4))  # begins and goes on, of aspects and of opinions


class Reading(NamedTuple):
    """How what both tiers make of pieces is weighed; learnt from development texts."""

    after: float  # how much it counts what usually stands after what
    aspect: Floats  # weights of `Pieces.facts`, then what is added
    pair: Floats  # weights of `Pairs.facts`, then what is added

    @classmethod
    def of(cls, numbers: Sequence[float] | NDArray[np.floating]) -> Reading:
        """Read the numbers that `numbers` wrote."""
        given = np.asarray(numbers, dtype=np.float64)
        return cls(float(given[0]), given[1:4], given[4:])

    def numbers(self) -> Floats:
        return np.concatenate([[self.after], self.aspect, self.pair])


class Pieces(NamedTuple):
    """Pieces that may be aspects or opinions, and what each tier makes of them."""

    runs: list[Run]
    facts: Floats  # the logarithm of the chance over all paths; the score of the fast tier


class Pairs(NamedTuple):
    """Opinions with what they may be about."""

    pairs: list[Pair]
    facts: Floats
    sense: Ints


def pieces(
    one: Batch, gain: NDArray[np.float32], scores: spans.Floats, after: float
) -> tuple[Pieces, Pieces]:
    """Return what may be an aspect and what may be an opinion: `gain` is the logarithm of the
    chance of each state, `scores` are those of the fast tier's tagger."""
    found = []
    for kind, (first, end, chance) in enumerate(_likely(gain, after)):
        fast = np.zeros(len(first))
        if len(first):
            known = spans.facts(one, scores, kind, first, end)
            fast = crossed.scores(spans.HEADS[kind], known, spans.CROSSES)[:, 0].astype(float)
        runs = list(zip(first.tolist(), end.tolist(), strict=True))
        found.append(Pieces(runs, np.stack([np.log(chance), fast], axis=1)))
    return found[0], found[1]


def weighed(facts: Floats, weights: Floats) -> Floats:
    """Return the log odds."""
    found: Floats = facts @ weights[:-1] + weights[-1]
    return found


def apart(found: Pieces, said: Floats) -> list[Run]:
    """Return the pieces above 0, in the order of the text, the surest of those that overlap."""
    first, end = np.array(found.runs, dtype=np.int64).reshape(-1, 2).T
    return sorted(spans.chosen(first, end, said.astype(np.float32), 0.0))


def pairs(heard: accurate.Heard, tried: Sequence[Pair], aspects: Pieces, opinions: Pieces) -> Pairs:
    """Return what is known of each pair. Of the encoder: the chance of either piece, of the sense,
    that they belong together; of the fast tier: either piece, that they belong together."""
    known = [
        dict(zip(some.runs, some.facts, strict=True)) | {None: np.zeros(2)}
        for some in (aspects, opinions)
    ]
    spoken = np.array([known[0][a] for a, _ in tried]).reshape(-1, 2)
    said = np.array([known[1][o] for _, o in tried]).reshape(-1, 2)
    scores = heard.pairs([a for a, _ in tried], [o for _, o in tried]).astype(np.float64)
    scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
    about = [sorted({a for a, _ in tried if a}), sorted({o for _, o in tried})]
    around = pairing.around(heard.texts, *about)
    fast = crossed.scores(
        pairing.PAIRS, pairing.facts(heard.texts, tried, around), pairing.PAIR_CROSSES
    )[:, 0]
    columns = (
        *(spoken[:, 0], said[:, 0], scores[:, 1:].max(axis=1), 1 - np.exp(scores[:, 0])),
        *(spoken[:, 1], said[:, 1], fast),
    )
    return Pairs(list(tried), np.stack(columns, axis=1), scores[:, 1:].argmax(axis=1))


def together(found: Pairs, said: Floats) -> Iterator[tuple[Run | None, Run, int]]:
    """Yield the pairs above 0, in the order of the text: opinions overlap no other, and what is
    about nothing is about nothing else."""
    sure = np.flatnonzero(said > 0)
    owner: dict[int, Run] = {}
    about: dict[Run, list[tuple[Run | None, int]]] = {}
    for k in sure[np.argsort(-said[sure], kind="stable")].tolist():
        aspect, opinion = found.pairs[k]
        if any(owner.get(at, opinion) != opinion for at in range(*opinion)):
            continue
        known = about.setdefault(opinion, [])
        if known and None in (aspect, known[0][0]):
            continue
        owner |= dict.fromkeys(range(*opinion), opinion)
        known.append((aspect, int(found.sense[k])))
    for opinion, many in sorted(about.items()):
        for aspect, sense in sorted(many, key=lambda one: one[0] or opinion):
            yield aspect, opinion, sense


def _likely(gain: NDArray[np.float32], after: float) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield of aspects and of opinions: first codes, ends, and chances over all paths."""
    follows = np.exp(after * _AFTER)
    # One place more, outside, so that all pieces end before the last.
    each = np.vstack([gain.astype(np.float64), [[0, *[_NEVER] * 4]]])
    each = np.exp(each - each.max(axis=1, keepdims=True))
    forward, backward, scale = _both_ways(each, follows)
    for begins, inner in _STATES:
        ends = follows[:, [s for s in range(5) if s != inner]]
        closing = np.delete(each * backward, inner, axis=1) / scale[:, None]
        goes_on = each[:, inner] / scale
        at = np.flatnonzero(forward[:-1, begins] * backward[:-1, begins] > _LEAST)
        found: list[tuple[Ints, Ints, Floats]] = []
        chance, last = forward[at, begins], begins
        end = at + 1
        while len(at) and len(found) < _LONGEST:
            whole = chance * (closing[end] @ ends[last])
            sure = whole > _LEAST
            found.append((at[sure], end[sure], whole[sure]))
            chance = chance * follows[last, inner] * goes_on[end]
            last = inner
            on = (chance * backward[end, inner] > _LEAST) & (end < len(gain))
            at, end, chance = at[on], end[on] + 1, chance[on]
        parts = zip(*found, strict=True) if found else ([at], [end], [chance])
        first, behind, chances = (np.concatenate(part) for part in parts)
        yield first, behind, chances


def _both_ways(each: Floats, follows: Floats) -> tuple[Floats, Floats, Floats]:
    """Return what comes before and behind each place, scaled: their product is the chance of each
    state there."""
    forward, backward, scale = np.zeros_like(each), np.ones_like(each), np.ones(len(each))
    now = np.array([1.0, 1.0, 0.0, 1.0, 0.0])
    for at, gain in enumerate(each):
        now = (now if at == 0 else now @ follows) * gain
        scale[at] = now.sum()
        forward[at] = now = now / scale[at]
    for at in range(len(each) - 2, -1, -1):
        backward[at] = follows @ (each[at + 1] * backward[at + 1]) / scale[at + 1]
    return forward, backward, scale
