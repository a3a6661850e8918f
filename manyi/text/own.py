"""An organisation's own small head: learnt in seconds from what its people corrected."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import NDArray

from manyi.kit.problems import Problem
from manyi.text import features, heads, store
from manyi.text.normal import batch

LEAST = 5
FOLDS = 5
_FORMAT = 1
_STRENGTH = 3.0


@dataclass(frozen=True)
class OwnHead:
    """Labels and weights over the shared features; `n` texts were learnt from."""

    labels: tuple[str, ...]
    buckets: NDArray[np.uint32]
    weight: NDArray[np.float32]  # one row a bucket, one column a label
    bias: NDArray[np.float32]
    n: int
    base: str

    def predict(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """Return of each text the likeliest label and its chance."""
        chances = self.chances(texts)
        best = chances.argmax(axis=1)
        return [(self.labels[k], float(chances[i, k])) for i, k in enumerate(best)]

    def chances(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, one column a label; rows sum to 1."""
        rows = table(texts, self.buckets)
        return heads.chances(np.asarray(rows @ self.weight + self.bias, np.float32), 1.0)

    def to_bytes(self) -> bytes:
        """Return the head as .npz without pickle; `read_head` gives it back."""
        about = {"format": _FORMAT, "labels": self.labels, "n": self.n, "base": self.base}
        file = io.BytesIO()
        np.savez_compressed(
            file,
            about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
            buckets=self.buckets,
            weight=self.weight,
            bias=self.bias,
        )
        return file.getvalue()


def read_head(content: bytes) -> OwnHead:
    """Return the head that `to_bytes` wrote; refuses anything else."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            about = json.loads(found["about"].tobytes())
            weight, bias, buckets = found["weight"], found["bias"], found["buckets"]
        whole = about["format"] == _FORMAT and weight.shape == (len(buckets), len(about["labels"]))
        if not whole:
            raise ValueError("shapes differ")
        labels = tuple(str(x) for x in about["labels"])
        return OwnHead(labels, buckets, weight, bias, int(about["n"]), str(about["base"]))
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise Problem("head_invalid") from error


def fit_head(texts: Sequence[str], labels: Sequence[str], *, penalty: float = 1.0) -> OwnHead:
    """Return a head that tells these labels apart, by logistic regression with L2 `penalty`.

    The same texts give the same head. Refuses fewer than two labels, or a label with fewer
    than LEAST texts. 2,000 texts take about two seconds.
    """
    counts = Counter(labels)
    if len(counts) < 2 or min(counts.values()) < LEAST:
        raise Problem("head_too_few", least=LEAST)
    names = tuple(sorted(counts))
    buckets = shared_buckets(texts)
    rows = table(texts, buckets)
    truth = np.array([names.index(label) for label in labels])
    weight, bias = _fit(rows, truth, len(names), penalty)
    return OwnHead(names, buckets, weight, bias, len(texts), store.version())


def fold_of(key: int | str) -> int:
    """Return in which of FOLDS parts something is tried: always the same one."""
    digest = hashlib.blake2b(str(key).encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big") % FOLDS


def _pairs(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    found = batch(texts)
    grams = features.grams(found)
    key = (found.owner[grams.first].astype(np.int64) << features.BITS) | grams.buckets
    key.sort()
    key = key[np.concatenate([[True], key[1:] != key[:-1]])] if len(key) else key
    return key >> features.BITS, (key & (2**features.BITS - 1)).astype(np.uint32)


def shared_buckets(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Features of at least two texts."""
    _, found = _pairs(texts)
    buckets, counts = np.unique(found, return_counts=True)
    return buckets[counts >= 2]


def table(texts: Sequence[str], buckets: NDArray[np.uint32]) -> scipy.sparse.csr_matrix:
    """One row of length _STRENGTH a text: short texts weigh as much as long ones."""
    owner, found = _pairs(texts)
    column = np.searchsorted(buckets, found)
    known = column < len(buckets)
    known[known] = buckets[column[known]] == found[known]
    owner, column = owner[known], column[known]
    size = np.bincount(owner, minlength=len(texts))
    value = _STRENGTH / np.sqrt(np.maximum(size, 1))[owner]
    shape = (len(texts), len(buckets))
    return scipy.sparse.csr_matrix((value.astype(np.float64), (owner, column)), shape=shape)


def _fit(
    table: scipy.sparse.csr_matrix, truth: NDArray[np.int64], classes: int, penalty: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    width, rows = table.shape[1], np.arange(len(truth))
    turned = table.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        both = flat.reshape(width + 1, classes)
        scores = table @ both[:-1] + both[-1]
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        value = -np.log(np.maximum(chances[rows, truth], 1e-300)).sum()
        chances[rows, truth] -= 1
        slope = np.vstack([turned @ chances + penalty * both[:-1], chances.sum(axis=0)])
        return value + penalty / 2 * float((both[:-1] ** 2).sum()), slope.ravel()

    start = np.zeros((width + 1) * classes)
    found = scipy.optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}
    )
    both = found.x.reshape(width + 1, classes)
    return both[:-1].astype(np.float32), both[-1].astype(np.float32)
