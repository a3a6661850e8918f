"""The heads of the accurate tier, and how each is weighed against its fellow of the fast tier.

A head of the encoder is used only where `heads.npz` holds a weight for it: it is left out
where the development texts do not show that it is no worse than the fast tier alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import encoder, store
from manyi.text.encoder import Encoded, Floats
from manyi.text.normal import Batch
from manyi.text.store import TIER_A, TIER_B

HEADS = "heads.npz"
# Of a character: outside, and the first or a later one of a span of two kinds.
STATES = 5
# A piece says the state of its first and of its later characters.
_PLACES = 2
# Characters of one pass over all heads: bounds the memory that states take.
MOST_CHARACTERS = 12_000
Ints = NDArray[np.int64]


@cache
def _arrays() -> store.Arrays:
    return store.arrays(TIER_B, HEADS)


BEST = "best"
_preferred = [BEST]


def prefer(tier: str) -> None:
    """Let this tier, or the best, answer in this process where none is asked for."""
    _preferred[0] = tier


def chosen(tier: str | None = None) -> str:
    """Return the tier that answers where this one, or none by name, is asked for.

    The accurate tier answers where it is installed. It is the best where its manifest says that
    it is trained well enough to answer unasked.
    """
    asked = tier or _preferred[0]
    if asked == TIER_A or encoder.missing() is not None:
        return TIER_A
    return TIER_B if asked == TIER_B or store.manifest(TIER_B)["by_default"] else TIER_A


def uses(name: str) -> bool:
    """Say whether the head of the encoder is heard."""
    return f"mix_{name}" in _arrays()


def parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts in order, so few at a time that their states fit into memory."""
    at, size = 0, 0
    for i, text in enumerate(texts):
        size += len(text)
        if size > MOST_CHARACTERS and i > at:
            yield texts[at:i]
            at, size = i, len(text)
    if at < len(texts):
        yield texts[at:]


def together(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts in order, those together that the tier which answers reads at once."""
    if chosen() == TIER_B:
        yield from parts(texts)
    elif texts:
        yield texts


@dataclass(frozen=True)
class Heard:
    """What the encoder makes of a batch; every head reads the same states."""

    texts: Batch
    encoded: Encoded

    def whole(self, name: str) -> Floats:
        """Return the scores of a head over texts."""
        return _linear(name, self.encoded.text)

    def spans(self, name: str, begins: Ints, ends: Ints) -> Floats:
        """Return the scores of a head over `codes[begins[k]:ends[k]]`."""
        return _linear(name, self.encoded.mean(begins, ends))

    def tags(self, name: str) -> Floats:
        """Return the logarithm of the chance of each state of each code."""
        said = _linear(name, self.encoded.states).reshape(-1, _PLACES, STATES)
        said = said - np.logaddexp.reduce(said, axis=2, keepdims=True)
        size = self.encoded.last - self.encoded.first
        piece = np.repeat(np.arange(len(size)), size)
        place = np.arange(len(piece)) - np.repeat(np.cumsum(size) - size, size)
        outside = np.array([0.0] + [-20.0] * (STATES - 1), dtype=np.float32)
        found = np.tile(outside, (len(self.texts.codes), 1))
        codes = self.encoded.first[piece] + place
        found[codes] = said[piece, np.minimum(place, _PLACES - 1)]
        return found

    def pairs(
        self, aspects: Sequence[tuple[int, int] | None], opinions: Sequence[tuple[int, int]]
    ) -> Floats:
        """Return of each pair of spans of codes: no pair, negative, neutral, positive."""
        arrays = _arrays()
        spoken = np.array([a or (0, 0) for a in aspects], dtype=np.int64).reshape(-1, 2)
        said = np.array(opinions, dtype=np.int64).reshape(-1, 2)
        left = self.encoded.mean(spoken[:, 0], spoken[:, 1])
        left[[a is None for a in aspects]] = arrays["nothing"]
        both = np.concatenate([left, self.encoded.mean(said[:, 0], said[:, 1])], axis=1)
        inner = _gelu(both @ arrays["pair_in_weight"].T + arrays["pair_in_bias"])
        scores = inner @ arrays["pair_out_weight"].T + arrays["pair_out_bias"]
        return np.asarray(scores, dtype=np.float32)


_kept: ContextVar[dict[tuple[str, ...], Encoded] | None] = ContextVar("kept", default=None)


@contextmanager
def heard_once() -> Iterator[None]:
    """Let the encoder read the same texts once, however many ask in here; what it made of them
    is kept until this ends."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def hear(texts: Batch) -> Heard:
    """Return what the encoder makes of the texts."""
    kept = _kept.get()
    known = None if kept is None else kept.get(texts.texts)
    found = encoder.encode(texts) if known is None else known
    if kept is not None:
        kept[texts.texts] = found
    return Heard(texts, found)


def mixed(name: str, fast: Floats, accurate: Floats) -> Floats:
    """Return calibrated scores of both tiers together; those of the fast tier come calibrated."""
    mix = _arrays()[f"mix_{name}"]
    return np.asarray(mix[0] * fast + mix[1] * accurate + mix[2:], dtype=np.float32)


def by_language(name: str, fast: Floats, accurate: Floats, chinese: NDArray[np.bool_]) -> Floats:
    """Return `mixed`, the weights of a head learnt for Chinese and for other languages apart."""
    found = fast.copy()
    for part, rows in ((name, chinese), (f"{name}_en", ~chinese)):
        if uses(part):
            found[rows] = mixed(part, fast[rows], accurate[rows])
    return found


def levels(name: str) -> Floats:
    """Return the chances above which a head of tags is believed."""
    found: Floats = _arrays()[f"mix_{name}"]
    return found


def _linear(name: str, states: Floats) -> Floats:
    arrays = _arrays()
    found: Floats = states @ arrays[f"{name}_weight"].T + arrays[f"{name}_bias"]
    return found


def _gelu(x: Floats) -> Floats:
    from scipy.special import erf

    return np.asarray(0.5 * x * (1 + erf(x / np.sqrt(2))), dtype=np.float32)
