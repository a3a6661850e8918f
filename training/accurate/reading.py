"""How terms and pairs are made of what both tiers hear: `triplets.Reading`.

Found on every third development text, one number after the other, for as long as that finds more
terms and triplets; judged on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from manyi.text import accurate, corpora, store, triplets
from manyi.text.findings import POLARITIES
from manyi.text.normal import batch
from manyi.text.triplets import Reading, Terms
from training.accurate import mix

Row = tuple[str, list[corpora.Triplet]]
_START = Reading(after=0.5, aspect=0.0, opinion=0.0, strange=0.0, doubt=1.0)
_TRIED: dict[str, tuple[float, ...]] = {
    "after": (0.1, 0.2, 0.3, 0.5),
    "aspect": (-0.3, 0.0, 0.3),
    "opinion": (-0.6, -0.3, 0.0, 0.3),
    "strange": (-1.0, 0.0, 1.0, 2.0),
    "doubt": (0.7, 0.8, 0.9, 1.0),
}
_ROUNDS = 2


class _Part(NamedTuple):
    rows: list[Row]
    heard: accurate.Heard
    gain: np.ndarray


def fit() -> Reading:
    """Return the reading that finds most in every third text; heads.npz holds the mix of terms."""
    parts = _heard(_rows()[::3])
    best, how = _worth(parts, _START), _START
    for _ in range(_ROUNDS):
        for name, values in _TRIED.items():
            tried = [how._replace(**{name: value}) for value in values]
            worth, found = max((_worth(parts, one), one) for one in tried)
            if worth > best:
                best, how = worth, found
    return how


def judged() -> dict[str, Any]:
    """Return terms and triplets of both tiers on the texts that nothing was fitted on."""
    rows = [row for i, row in enumerate(_rows()) if i % 3]
    texts = [text for text, _ in rows]
    tiers = (store.TIER_A, store.TIER_B)
    both = [_counts(rows, triplets.terms(texts, tier=tier)) for tier in tiers]
    rng, found = np.random.default_rng(20_261_122), {}
    for name, at in (("terms aspect F1", 0), ("terms triplet F1", 3)):
        drawn = [rng.integers(0, len(rows), len(rows)) for _ in range(mix.DRAWS)]
        differences = [_f1(both[1][d], at) - _f1(both[0][d], at) for d in drawn]
        found[name] = {
            "fast": round(_f1(both[0], at), 4),
            "accurate": round(_f1(both[1], at), 4),
            "difference": [round(float(x), 4) for x in np.quantile(differences, [0.025, 0.975])],
            "n": len(rows),
        }
        print(name, found[name], flush=True)
    return found


def _rows() -> list[Row]:
    return list(corpora.triplets("dev"))


def _heard(rows: list[Row]) -> list[_Part]:
    parts, at = [], 0
    for some in accurate.parts([text for text, _ in rows]):
        heard = accurate.hear(batch(some))
        parts.append(_Part(rows[at : at + len(some)], heard, triplets.heard_gains(heard)))
        at += len(some)
    return parts


def _worth(parts: list[_Part], how: Reading) -> float:
    counts = np.concatenate(
        [_counts(p.rows, triplets.heard_terms(p.heard, p.gain, how)) for p in parts]
    )
    return _f1(counts, 0) + _f1(counts, 3)


def _counts(rows: Sequence[Row], said: Sequence[Terms]) -> np.ndarray:
    """Return of each text: aspects hit, guessed, true; triplets hit, guessed, true."""
    counts = []
    for (_, gold), found in zip(rows, said, strict=True):
        aspects, spoken = {t.aspect for t in gold if t.aspect}, set(found.aspects)
        true = {(t.aspect, t.opinion, POLARITIES[t.polarity + 1]) for t in gold}
        guess = {(t.aspect, t.opinion, t.polarity) for t in found.opinions}
        terms = [len(aspects & spoken), len(spoken), len(aspects)]
        counts.append([*terms, len(true & guess), len(guess), len(true)])
    return np.array(counts)


def _f1(counts: np.ndarray, at: int) -> float:
    hit, guessed, true = counts[:, at : at + 3].sum(axis=0).tolist()
    return 2 * hit / max(1, guessed + true)
