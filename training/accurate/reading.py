"""How terms and pairs are made of what both tiers hear: `joint.Reading`.

Weights of what is known of pieces and pairs are learnt from every third development text, and from
which score on they are said is chosen there; judged on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from manyi.text import accurate, corpora, joint, store, triplets
from manyi.text.findings import POLARITIES
from manyi.text.joint import Reading
from manyi.text.normal import batch
from manyi.text.triplets import Terms
from training.accurate import mix

Row = tuple[str, list[corpora.Triplet]]
_AFTERS = (0.1, 0.2, 0.3)
_LEVELS = np.arange(-2.0, 0.01, 0.1)
_RIDGE = 1e-3
_ASPECTS, _TRIPLETS = 0, 3


class _Part(NamedTuple):
    """Texts with the pieces and pairs that may be theirs, and which of these are."""

    rows: list[Row]
    heard: accurate.Heard
    spoken: joint.Pieces
    said: joint.Pieces


_Paired = tuple[_Part, list[joint.Run], joint.Pairs | None]


def fit() -> Reading:
    """Return the reading that finds most in every third text; heads.npz holds the mix of terms."""
    heard = _heard(_rows()[::3])
    tried = [_fitted(heard, after) for after in _AFTERS]
    return max(tried, key=lambda one: one[0])[1]


def _fitted(heard: list[tuple[list[Row], accurate.Heard]], after: float) -> tuple[float, Reading]:
    """Return the reading, and what it finds: aspects first, then pairs with those of them that are
    found so."""
    parts = [_Part(rows, one, *triplets.heard_pieces(one, after)) for rows, one in heard]
    learnt = _learnt([(p.spoken.facts, _are_aspects(p)) for p in parts])
    aspect, aspects_found = _levelled(learnt, lambda w: _aspect_worth(parts, w))
    sure = [_aspects(p, aspect) for p in parts]
    pairs = [
        triplets.heard_pairs(p.heard, a, p.spoken, p.said) for p, a in zip(parts, sure, strict=True)
    ]
    both = list(zip(parts, sure, pairs, strict=True))
    learnt = _learnt([(found.facts, _are_pairs(p, found)) for p, _, found in both if found])
    pair, triplets_found = _levelled(learnt, lambda w: _pair_worth(both, w))
    return aspects_found + triplets_found, Reading(after, aspect, pair)


def _aspect_worth(parts: list[_Part], weights: np.ndarray) -> float:
    said = [triplets._gathered(p.heard.texts, _aspects(p, weights), []) for p in parts]
    return _worth(parts, said, _ASPECTS)


def _pair_worth(both: list[_Paired], weights: np.ndarray) -> float:
    said = [triplets.paired(p.heard.texts, a, found, weights) for p, a, found in both]
    return _worth([p for p, _, _ in both], said, _TRIPLETS)


def _worth(parts: list[_Part], said: list[list[Terms]], at: int) -> float:
    counts = [_counts(p.rows, found) for p, found in zip(parts, said, strict=True)]
    return _f1(np.concatenate(counts), at)


def _aspects(part: _Part, weights: np.ndarray) -> list[joint.Run]:
    return joint.apart(part.spoken, joint.weighed(part.spoken.facts, weights))


def _are_aspects(part: _Part) -> list[bool]:
    one = part.heard.texts
    gold = [{t.aspect for t in said} for _, said in part.rows]
    return [triplets._place(one, run) in gold[one.owner[run[0]]] for run in part.spoken.runs]


def _are_pairs(part: _Part, found: joint.Pairs) -> list[bool]:
    one, are = part.heard.texts, []
    gold = [{(t.aspect, t.opinion, t.polarity + 1) for t in said} for _, said in part.rows]
    for (aspect, opinion), sense in zip(found.pairs, found.sense.tolist(), strict=True):
        about = None if aspect is None else triplets._place(one, aspect)
        said = about, triplets._place(one, opinion), sense
        are.append(said in gold[one.owner[opinion[0]]])
    return are


def _learnt(parts: Sequence[tuple[np.ndarray, list[bool]]]) -> np.ndarray:
    """Return weights of facts and what is added, by maximum likelihood."""
    facts, truth = (np.concatenate(column) for column in zip(*parts, strict=True))
    middle, width = facts.mean(axis=0), facts.std(axis=0)
    known = np.column_stack([(facts - middle) / width, np.ones(len(facts))])

    def cost(w: np.ndarray) -> tuple[float, np.ndarray]:
        said = known @ w
        off = 1 / (1 + np.exp(-said)) - truth
        ridge = np.append(w[:-1], 0)
        loss = (np.logaddexp(0, said) - truth * said).mean() + _RIDGE * (ridge @ ridge)
        return float(loss), known.T @ off / len(off) + 2 * _RIDGE * ridge

    found = minimize(cost, np.zeros(known.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[:-1] / width
    return np.append(weights, found[-1] - weights @ middle)


def _levelled(
    weights: np.ndarray, worth: Callable[[np.ndarray], float]
) -> tuple[np.ndarray, float]:
    """Return the weights with that added which finds most, and what they find."""
    nothing = np.zeros(len(weights) - 1)
    tried = [weights - np.append(nothing, level) for level in _LEVELS]
    worths = [worth(one) for one in tried]
    best = int(np.argmax(worths))
    return tried[best], worths[best]


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


def _heard(rows: list[Row]) -> list[tuple[list[Row], accurate.Heard]]:
    parts, at = [], 0
    for some in accurate.parts([text for text, _ in rows]):
        parts.append((rows[at : at + len(some)], accurate.hear(batch(some))))
        at += len(some)
    return parts


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
