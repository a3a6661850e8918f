"""Fits, prunes and stores linear heads over hashed features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from manyi.text import features
from manyi.text.normal import batch
from training.artefact import gaps, write

SMOOTH = 0.5


def matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """Return one row a text, 1 where it has the feature."""
    rows, columns = [], []
    for at in range(0, len(texts), 4000):
        found = batch(texts[at : at + 4000])
        grams = features.grams(found)
        owner = found.owner[grams.first].astype(np.int64) << features.BITS
        key = np.unique(owner | grams.buckets.astype(np.int64))
        rows.append((key >> features.BITS) + at)
        columns.append(key & (2**features.BITS - 1))
    row, column = np.concatenate(rows), np.concatenate(columns)
    ones = np.ones(len(row), np.float32)
    return sparse.csr_matrix((ones, (row, column)), shape=(len(texts), 2**features.BITS))


@dataclass
class Fitted:
    """A head before rounding: the coefficients already hold the strength of the feature."""

    buckets: np.ndarray
    strength: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    temperature: float = 1.0

    def scores(self, table: sparse.csr_matrix) -> np.ndarray:
        chosen = table[:, self.buckets]
        size = np.sqrt(np.maximum(chosen @ (self.strength**2), 1e-12))
        return (chosen @ self.weight) / size[:, None] + self.bias


def fit(
    table: sparse.csr_matrix,
    labels: np.ndarray,
    *,
    size: int,
    c: float = 5.0,
    weights: np.ndarray | None = None,
    least: int = 3,
    balanced: bool = False,
    lean: float = 1.0,
) -> Fitted:
    """Fit one logistic head a column of `labels` (0/1), keep the `size` heaviest features, refit.

    The less `lean`, the less it tells how unevenly a feature falls on the labels.
    """
    seen = np.asarray(table.sum(axis=0)).ravel()
    buckets = np.flatnonzero(seen >= least)
    again = {"balanced": balanced, "lean": lean}
    first = _once(table, labels, buckets, c / 2, weights, **again)
    heavy = np.abs(first.weight).max(axis=1) * np.sqrt(np.minimum(seen[buckets], 100))
    if len(buckets) <= size:
        return _once(table, labels, buckets, c, weights, **again)
    kept = np.sort(buckets[np.argsort(-heavy, kind="stable")[:size]])
    return _once(table, labels, kept, c, weights, **again)


def _once(table, labels, buckets, c, weights, *, balanced, lean) -> Fitted:  # type: ignore[no-untyped-def]
    chosen = table[:, buckets]
    strength = _strength(chosen, labels, lean)
    scaled = chosen @ sparse.diags(strength)
    size = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
    scaled = (sparse.diags((1 / np.maximum(size, 1e-9)).astype(np.float32)) @ scaled).tocsr()
    weight, bias = [], []
    for column in labels.T:
        known = column >= 0
        model = LogisticRegression(
            C=c,
            solver="liblinear",
            dual=True,
            tol=1e-3,
            random_state=1,
            max_iter=300,
            class_weight="balanced" if balanced else None,
        )
        sample = None if weights is None else weights[known]
        model.fit(scaled[known], column[known], sample_weight=sample)
        weight.append(model.coef_.ravel() * strength)
        bias.append(float(model.intercept_[0]))
    return Fitted(buckets, strength, np.stack(weight, axis=1), np.array(bias))


def _strength(table: sparse.csr_matrix, labels: np.ndarray, lean: float) -> np.ndarray:
    """Rarity times how unevenly the feature falls on the labels, as NB-SVM does."""
    seen = np.asarray(table.sum(axis=0)).ravel()
    rarity = np.log((1 + table.shape[0]) / (1 + seen)) + 1
    uneven = np.zeros(len(seen))
    for column in labels.T:
        yes = np.asarray(table[column == 1].sum(axis=0)).ravel() + 1
        no = np.asarray(table[column == 0].sum(axis=0)).ravel() + 1
        uneven = np.maximum(uneven, np.abs(np.log((yes / yes.sum()) / (no / no.sum()))))
    return (rarity * (uneven + SMOOTH) ** lean).astype(np.float32)


def calibrate(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return the temperature with the least log loss; truth is 0/1 or the number of the class."""
    if scores.shape[1] == 1:
        signs = np.where(truth == 1, 1.0, -1.0)
        loss = lambda t: np.logaddexp(0, -signs * scores[:, 0] / t).mean()  # noqa: E731
    else:
        rows = np.arange(len(truth))

        def loss(t: float) -> float:
            scaled = scores / t
            total = np.logaddexp.reduce(scaled, axis=1)
            return float((total - scaled[rows, truth]).mean())

    return float(minimize_scalar(loss, bounds=(0.05, 10), method="bounded").x)


def save(name: str, fitted: Fitted, labels: Sequence[str], artefact: str = "fast") -> None:
    """Round to 8 bits and write `NAME.npz`."""
    step = np.abs(fitted.weight).max(axis=0) / 127
    strength_step = fitted.strength.max() / 255
    write(
        artefact,
        f"{name}.npz",
        labels=np.array(labels),
        gaps=gaps(fitted.buckets),
        weight=np.round(fitted.weight / step).astype(np.int8),
        weight_step=step.astype(np.float32),
        strength=np.maximum(np.round(fitted.strength / strength_step), 1).astype(np.uint8),
        strength_step=np.float32(strength_step),
        bias=fitted.bias.astype(np.float32),
        temperature=np.float32(fitted.temperature),
    )
