"""The heads that judge whole pieces of a text as aspect terms or opinions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from manyi.text import corpora, spans
from manyi.text.around import BITS
from manyi.text.crossed import Crosses, Facts, crossed
from manyi.text.normal import Batch, batch
from training import names, terms
from training.artefact import describe

SIZE = 30_000
C = 0.1
_BYTE = 127
_FOLDS = 2


def matrix(facts: Facts, crosses: Crosses) -> sparse.csr_matrix:
    """Return one row a piece, 1 where it has the feature."""
    columns = list(crossed(facts, crosses))
    size = len(columns[0])
    column = np.stack(columns, axis=1).ravel()
    row = np.arange(0, len(column) + 1, len(columns))
    ones = np.ones(len(column), np.float32)
    found = sparse.csr_matrix((ones, column, row), shape=(size, 2**BITS))
    found.sum_duplicates()
    return found


@cache
def unseen() -> tuple[tuple[Batch, np.ndarray, np.ndarray], ...]:
    """Return the training sentences in parts: texts, their numbers, and the scores of a tagger
    that has not seen them."""
    found = terms.rows("train")
    parts = []
    for fold in range(_FOLDS):
        keep, weight, bias = _tagger([row for i, row in enumerate(found) if i % _FOLDS != fold])
        number = np.arange(fold, len(found), _FOLDS)
        one = batch([found[i][0] for i in number])
        scores = names.table(one, wide=False)[:, keep] @ weight + bias
        parts.append((one, number, scores.astype(np.float32)))
    return tuple(parts)


def _tagger(found: Sequence[names.Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    one = batch([t for t, _ in found])
    x, y = names.table(one, wide=False), names.truth(one, list(found), terms.KINDS)
    keep = np.flatnonzero(np.asarray(x.sum(axis=0)).ravel() >= 2)
    return keep, *names.fit(x[:, keep], y, terms.COST, names.LOOSE)


def gold(one: Batch, said: Sequence[list[corpora.Triplet]], kind: int) -> set[tuple[int, int]]:
    """Return the true pieces of a kind as places of codes."""
    of = (lambda t: t.aspect, lambda t: t.opinion)[kind]
    places = ((i, of(t)) for i, triplets in enumerate(said) for t in triplets)
    return {one.codes_of(i, place) for i, place in places if place}


def fit(
    x: sparse.csr_matrix, truth: np.ndarray, c: float, size: int, name: str, labels: tuple[str, ...]
) -> None:
    """Fit one column a label, keep what weighs most where it is seen, write NAME.npz."""
    seen = np.asarray(x.sum(axis=0)).ravel()
    keep = np.flatnonzero(seen >= 2)
    weight, bias = [], []
    for column in truth.T:
        model = LogisticRegression(C=c, solver="liblinear", tol=1e-3, max_iter=30, random_state=1)
        model.fit(x[:, keep], column)
        weight.append(model.coef_.ravel())
        bias.append(float(model.intercept_[0]))
    weights = np.stack(weight, axis=1)
    worth = np.abs(weights).max(axis=1) * np.sqrt(np.minimum(seen[keep], 100))
    heavy = np.sort(np.argsort(-worth, kind="stable")[:size])
    names.save(name, labels, keep[heavy], weights[heavy], np.array(bias), _BYTE)


def main() -> None:
    """Write aspect_spans.npz and opinion_spans.npz."""
    said = [triplets for _, triplets in corpora.triplets("train")]
    for kind, name in enumerate(spans.HEADS):
        tables, truths = [], []
        for one, number, scores in unseen():
            first, end = spans.candidates(one, scores, kind)
            true = gold(one, [said[i] for i in number], kind)
            tables.append(matrix(spans.facts(one, scores, kind, first, end), spans.CROSSES))
            truths.append([run in true for run in zip(first.tolist(), end.tolist(), strict=True)])
        truth = np.concatenate(truths)[:, None]
        fit(sparse.vstack(tables, format="csr"), truth, C, SIZE, name, (name,))
    describe("fast")  # pairs are learnt from the pieces that these find


if __name__ == "__main__":
    main()
