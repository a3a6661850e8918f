"""Clauses that mean alike, gathered: what `unnamed` looks for themes in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import NDArray

from manyi.text import clauses, features, meaning, store
from manyi.text.analysis import analyse
from manyi.text.findings import POLARITIES, Analysis
from manyi.text.normal import batch
from manyi.text.quality import WORTHLESS
from manyi.text.taxonomy import GENERAL, Taxonomy, pack

CHUNK = 2_000
# Chosen on the development texts, as are the next.
PER_GROUP = 25
MOST_GROUPS = 160
ALIKE = 0.72
NEAR = 0.45
_ROUNDS = 12
_UNITS = 3
_SAMPLE = 2_000

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Clauses:
    """Clauses of texts as columns: text, place in it, and sense (-1, 0 or 1).

    `words` are folded as phrases are; `vector` has length 1.
    """

    text: Ints
    start: Ints
    end: Ints
    sense: Ints
    words: tuple[str, ...]
    vector: Floats

    def __len__(self) -> int:
        return len(self.text)


Row = tuple[int, int, int, int, str]


def loose_clauses(texts: Sequence[str], taxonomy: Taxonomy | str = GENERAL) -> Clauses:
    """Return the clauses that speak of no aspect of the taxonomy."""
    chosen = pack(taxonomy) if isinstance(taxonomy, str) else taxonomy
    return _clauses(texts, chosen, lambda caught: not caught)


def all_clauses(texts: Sequence[str], taxonomy: Taxonomy | str = GENERAL) -> Clauses:
    """Return every clause that says something, whatever it speaks of."""
    chosen = pack(taxonomy) if isinstance(taxonomy, str) else taxonomy
    return _clauses(texts, chosen, lambda caught: True)


def _clauses(texts: Sequence[str], taxonomy: Taxonomy, wanted: Callable[[bool], bool]) -> Clauses:
    rows: list[Row] = []
    vectors = [np.zeros((0, meaning.DIMENSIONS), np.float32)]
    for at in range(0, len(texts), CHUNK):
        part, found = _chunk(texts[at : at + CHUNK], taxonomy, wanted)
        rows += [(at + text, *rest) for text, *rest in part]  # type: ignore[misc]
        vectors.append(found)
    text, start, end, sense = np.array([row[:4] for row in rows], np.int64).reshape(-1, 4).T
    words = tuple(row[4] for row in rows)
    return Clauses(text, start, end, sense, words, np.concatenate(vectors))


def _chunk(
    texts: Sequence[str], taxonomy: Taxonomy, wanted: Callable[[bool], bool]
) -> tuple[list[Row], Floats]:
    found = batch(texts)
    cut = clauses.clauses(found, features.grams(found))
    said = analyse(texts, taxonomy=taxonomy, tier=store.TIER_A)  # the other takes minutes
    worth = [not WORTHLESS.intersection(one.flags) for one in said]
    caught, sense = _judged(said)
    unit = meaning.units(found)
    owner = cut.of[unit.first]
    sums = meaning.sums(unit, owner, len(cut))
    size = np.linalg.norm(sums, axis=1)
    enough = np.bincount(owner[owner >= 0], minlength=len(cut)) >= _UNITS
    keep = []
    rows: list[Row] = []
    for k, (text, start, end) in enumerate(clauses.spans(found, cut)):
        place = (text, start, end)
        if worth[text] and enough[k] and size[k] > 0 and wanted(place in caught):
            words = "".join(map(chr, found.codes[cut.starts[k] : cut.ends[k]].tolist()))
            rows.append((text, start, end, sense.get(place, 0), words))
            keep.append(k)
    return rows, (sums[keep] / size[keep, None]).astype(np.float32)


_Place = tuple[int, int, int]


def _judged(said: Sequence[Analysis]) -> tuple[set[_Place], dict[_Place, int]]:
    """Return the clauses that speak of an aspect, and the sense of those that have an opinion."""
    findings = [(i, one) for i, text in enumerate(said) for one in text.findings]
    caught = {(i, one.start, one.end) for i, one in findings if one.aspect is not None}
    sense = {(i, one.start, one.end): POLARITIES.index(one.polarity) - 1 for i, one in findings}
    return caught, sense


def gathered(
    said: Clauses, before: Floats, rng: np.random.Generator, enough: Callable[[Ints], bool]
) -> list[Ints]:
    """Return groups of clauses that mean alike; most clauses are in none of them.

    `before` are centres of an earlier look, from which this one starts. Groups that are not
    `enough` are left out.
    """
    size = min(MOST_GROUPS, len(said) // PER_GROUP)
    if size < 2:
        return []
    centres = _settled(said.vector, _seeds(said.vector, before, size, rng))
    centres = _joined(said.vector, centres)
    alike = said.vector @ centres.T
    best, near = alike.argmax(axis=1), alike.max(axis=1)
    groups = [np.flatnonzero((best == k) & (near >= NEAR)) for k in range(len(centres))]
    return [group for group in groups if len(group) and enough(group)]


def _seeds(vectors: Floats, before: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Return the earlier centres and, far from them and each other, clauses drawn at random."""
    pool = vectors[rng.permutation(len(vectors))[:_SAMPLE]]
    seeds = list(before[:MOST_GROUPS])
    far = np.ones(len(pool))
    for seed in seeds:
        far = np.minimum(far, 1 - pool @ seed)
    while len(seeds) < max(size, len(before[:MOST_GROUPS]) + size // 4):
        chance = np.maximum(far, 0) ** 2 + 1e-12
        seeds.append(pool[rng.choice(len(pool), p=chance / chance.sum())])
        far = np.minimum(far, 1 - pool @ seeds[-1])
    return np.array(seeds, np.float32)


def _settled(vectors: Floats, centres: Floats) -> Floats:
    """Return the centres once each is the middle of what is nearest to it."""
    for _round in range(_ROUNDS):
        best = (vectors @ centres.T).argmax(axis=1)
        centres = _middles(vectors, best, len(centres))
    return centres


def _middles(vectors: Floats, of: Ints, count: int) -> Floats:
    ones = np.ones(len(of), np.float32)
    table = scipy.sparse.csr_matrix((ones, (of, np.arange(len(of)))), shape=(count, len(of)))
    sums = np.asarray(table @ vectors, np.float32)
    size = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray((sums / np.maximum(size, 1e-9))[size[:, 0] > 0], np.float32)


def _joined(vectors: Floats, centres: Floats) -> Floats:
    """Return the centres with those that mean alike made one."""
    if len(centres) < 2:
        return centres
    apart = np.clip(1 - centres @ centres.T, 0, 2)
    np.fill_diagonal(apart, 0)
    flat = scipy.spatial.distance.squareform(apart, checks=False)
    tree = scipy.cluster.hierarchy.linkage(flat, "average")
    group = scipy.cluster.hierarchy.fcluster(tree, 1 - ALIKE, "distance") - 1
    best = (vectors @ centres.T).argmax(axis=1)
    return _middles(vectors, group[best].astype(np.int64), int(group.max()) + 1)
