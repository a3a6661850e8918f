"""Learns what words mean from the words around them: vectors for search and themes.

Positive pointwise mutual information of features with features and with ideas (the aspects of
the taxonomies and `concepts.txt`, each in Chinese and English), cut to few dimensions. The
ideas are what a Chinese word and an English one have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from manyi.text import clauses, features, lexicon, meaning, taxonomy
from manyi.text.normal import batch
from training.artefact import describe, gaps, write
from training.seen import texts

SIZE = 14_500
LEAST = 6
LEAST_KNOWN = 2
NEAR, WIDE = 1.0, 0.25  # how much the same clause and the same text say
IDEAS = 8.0
SMOOTHED = 0.75
EVEN = 0.35  # how far the strongest directions count more
RARE = 3e-4
WIDTH = 72  # before what is common is taken away
SEED = 20_261_122
_PART = 4_000


def ideas() -> list[tuple[str, ...]]:
    """Return the words of each idea, in both languages."""
    found = [aspect.words for aspect in taxonomy.aspects().values()]
    lines = (Path(__file__).parent / "concepts.txt").read_text("utf-8").splitlines()
    return found + [tuple(x.replace("|", " ").split()) for x in lines if not x.startswith("#")]


def _vocabulary(
    every: list[str], named: set[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return sorted hashes, their counts, which are Latin, and how many there are in all."""
    hashes, counts, latin = np.zeros(0, np.uint32), np.zeros(0, np.int64), set()
    parts = []
    for at in range(0, len(every), _PART):
        found = meaning.units(batch(every[at : at + _PART]))
        one, n = np.unique(found.hashes, return_counts=True)
        latin.update(np.unique(found.hashes[found.size == 0]).tolist())
        parts.append((one, n))
    hashes = np.concatenate([p[0] for p in parts])
    hashes, where = np.unique(hashes, return_inverse=True)
    counts = np.bincount(where, np.concatenate([p[1] for p in parts])).astype(np.int64)
    is_latin = np.isin(hashes, np.array(sorted(latin), np.uint32))
    is_named = np.isin(hashes, np.array(sorted(named), np.uint32))
    keep = counts >= np.where(is_latin | is_named, LEAST_KNOWN, LEAST)
    rank = counts + np.where(is_named, 10**9, 0)
    # English texts are few: their words would hardly be among the most frequent.
    rank = np.where(is_latin, rank * 12, rank)
    rank[~keep] = 0
    chosen = np.sort(np.argsort(-rank, kind="stable")[:SIZE])
    chosen = chosen[rank[chosen] > 0]
    return hashes[chosen], counts[chosen], is_latin[chosen], float(counts.sum())


def _named() -> set[int]:
    words = [word for one in ideas() for word in one]
    found = meaning.units(batch(words))
    letters = np.array([len(word) for word in words])
    whole = (found.size == 0) | (found.size == letters[found.owner])
    return set(found.hashes[whole].tolist())


def _incidence(every: list[str], known: np.ndarray) -> Iterator[tuple[sparse.csr_matrix, ...]]:
    """Yield clauses by features, clauses by ideas, and clauses by texts, a part at a time."""
    each = ideas()
    number = {word: k for k, words in enumerate(each) for word in words}
    words = lexicon.Lexicon.of(number)
    of_word = np.array(list(number.values()))
    for at in range(0, len(every), _PART):
        found = batch(every[at : at + _PART])
        grams = features.grams(found)
        cut = clauses.clauses(found, grams)
        unit = meaning.units(found)
        column, is_known = meaning.places(known, unit.hashes)
        of = cut.of[unit.first]
        inside = is_known & (of >= 0)
        hits = lexicon.longest(lexicon.find_all(found, grams, words))
        clause = cut.of[hits.first]
        yield (
            _ones(of[inside], column[inside], (len(cut), len(known))),
            _ones(clause[clause >= 0], of_word[hits.word[clause >= 0]], (len(cut), len(each))),
            _ones(cut.owner, np.arange(len(cut)), (len(found), len(cut))),
        )


def _ones(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_matrix:
    found = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    found.data[:] = 1
    return found


def _together(every: list[str], known: np.ndarray) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return how often features stand with features, and with ideas."""
    size, width = len(known), len(ideas())
    near, named = sparse.csr_matrix((size, size)), sparse.csr_matrix((size, width))
    for by_clause, by_idea, of_text in _incidence(every, known):
        whole = of_text @ by_clause
        length = np.asarray(whole.sum(axis=1)).ravel()
        even = sparse.diags_array(WIDE * 20 / np.maximum(length, 20))
        near = near + NEAR * (by_clause.T @ by_clause) + whole.T @ even @ whole
        spread = of_text.T @ (of_text @ by_idea)
        named = named + by_clause.T @ (by_idea + WIDE * spread)
    near.setdiag(0)
    return near.tocsr(), named.tocsr()


def _ppmi(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    table = counts.tocoo()
    rows = np.asarray(counts.sum(axis=1)).ravel()
    columns = np.asarray(counts.sum(axis=0)).ravel() ** SMOOTHED
    columns /= columns.sum()
    kept = table.data >= 1
    value = np.where(kept, table.data, 1) / (rows[table.row] * columns[table.col])
    value = np.log(np.where(kept, value, 1))
    good = value > 0
    found = (value[good].astype(np.float32), (table.row[good], table.col[good]))
    return sparse.csr_matrix(found, shape=counts.shape)


def main() -> None:
    """Write meaning.npz and its line in the manifest."""
    every = texts()
    known, counts, latin, total = _vocabulary(every, _named())
    near, named = _together(every, known)
    table = sparse.hstack([_ppmi(near), IDEAS * _ppmi(named)]).tocsr().astype(np.float64)
    start = np.random.default_rng(SEED).normal(size=min(table.shape))
    left, size, _ = svds(table, k=WIDTH, v0=start)
    vectors = _even(left * size**EVEN)
    share = counts / total
    for tongue in (latin, ~latin):
        vectors[tongue] = _apart(vectors[tongue], share[tongue])
    vectors[latin] = vectors[latin] @ _bridge(vectors, known)
    weight = RARE / (RARE + share)
    vectors = _even(_narrow(vectors, np.sqrt(share) * weight)) * weight[:, None]
    top = np.maximum(np.abs(vectors).max(axis=1), 1e-6)
    write(
        "fast",
        "meaning.npz",
        gaps=gaps(known),
        vectors=np.round(vectors / top[:, None] * 127).astype(np.int8),
        step=np.round(np.log2(top / 127) * 16).astype(np.int16),
    )
    describe("fast")


def _even(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _apart(vectors: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Take from the words of a language what they have in common: it tells no text apart."""
    weight = np.sqrt(share / share.sum())
    found = vectors - (weight / weight.sum()) @ vectors
    common = np.linalg.svd(found * weight[:, None], full_matrices=False)[2][:1]
    return found - (found @ common.T) @ common


def _bridge(vectors: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the turn that brings English words closest to Chinese ones of the same idea."""
    pairs = [pair for words in ideas() if (pair := _pair(vectors, known, words)) is not None]
    chinese, english = (_even(np.array(side)) for side in zip(*pairs, strict=True))
    left, _, right = np.linalg.svd(english.T @ chinese)
    return left @ right


def _pair(
    vectors: np.ndarray, known: np.ndarray, words: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return what an idea's Chinese and its English words mean, where there are both."""
    unit = meaning.units(batch(list(words)))
    column, is_known = meaning.places(known, unit.hashes)
    longest = np.zeros(len(words), np.uint8)
    np.maximum.at(longest, unit.owner[is_known], unit.size[is_known])
    whole = is_known & (unit.size == longest[unit.owner])
    han, latin = column[whole & (unit.size > 0)], column[whole & (unit.size == 0)]
    if not len(han) or not len(latin):
        return None
    return vectors[han].mean(axis=0), vectors[latin].mean(axis=0)


def _narrow(vectors: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the vectors in the DIMENSIONS that tell most apart."""
    basis = np.linalg.svd(vectors * weight[:, None], full_matrices=False)[2]
    return vectors @ basis[: meaning.DIMENSIONS].T


if __name__ == "__main__":
    main()
