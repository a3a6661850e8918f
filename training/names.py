"""The tagger of names and addresses: news with entities, made-up sentences, and reviews
that are taken to hold neither."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from manyi.text import corpora, synthetic, tagger
from manyi.text.normal import LONGEST, Batch, batch
from training.artefact import write

SIZE = 150_000
KINDS = ("name", "address")
Row = synthetic.Sentence


def rows() -> list[Row]:
    """Return training sentences; reviews of goods stand for text without names."""
    found = corpora.entities("train") + synthetic.sentences("train", 4500)
    goods = [r.text for r in corpora.polarity("train") if r.source.startswith("shopping/")]
    goods = [t for t in goods if "酒店" not in t and len(t) <= 60][::8][:4500]
    stays = [r.text for r in corpora.polarity("train") if r.source == "hotel" and len(r.text) < 80]
    stays = [t for t in stays if not set("路市区街港京沪州") & set(t)][:800]
    food = [r.text for r in corpora.polarity("train") if r.source == "waimai"][::8]
    return found + [(t, []) for t in goods + food + stays + list(synthetic.NEGATIVES) * 3]


def table(one: Batch) -> sparse.csr_matrix:
    """Return one row a code, 1 where it has the feature."""
    where, buckets = [], []
    for _, first, found in tagger.placed(one):
        where.append(first + np.arange(len(found)))
        buckets.append(found)
    row, column = np.concatenate(where), np.concatenate(buckets)
    shape = (len(one.codes), 2**tagger.BITS)
    return sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)


def truth(one: Batch, found: list[Row], kinds: tuple[str, ...]) -> np.ndarray:
    labels = np.zeros((len(one.codes), len(kinds)), dtype=np.int64)
    for i, (text, spans) in enumerate(found):
        inside = np.zeros((min(len(text), LONGEST) + 1, len(kinds)), dtype=np.int64)
        for start, end, kind in spans:
            if kind in kinds:
                inside[start:end, kinds.index(kind)] = 1
        a, b = one.starts[i], one.ends[i]
        labels[a:b] = inside[one.origin[a:b]]
    return labels


def train(name: str, found: list[Row], kinds: tuple[str, ...], size: int, c: float) -> None:
    """Fit one column a kind, keep the heaviest features, refit, write NAME.npz."""
    one = batch([t for t, _ in found])
    x, y = table(one), truth(one, found, kinds)
    keep = np.flatnonzero(np.asarray(x.sum(axis=0)).ravel() >= 2)
    x = x[:, keep]
    first = _fit(x, y, c)[0]
    heavy = np.argsort(-np.abs(first).max(axis=1), kind="stable")[:size]
    heavy = np.sort(heavy)
    weight, bias = _fit(x[:, heavy], y, c)
    step = np.abs(weight).max(axis=0) / 127
    write(
        "fast",
        f"{name}.npz",
        labels=np.array(kinds),
        gaps=np.diff(keep[heavy], prepend=0).astype(np.uint32),
        weight=np.round(weight / step).astype(np.int8),
        weight_step=step.astype(np.float32),
        bias=bias.astype(np.float32),
    )


def _fit(x: sparse.csr_matrix, y: np.ndarray, c: float) -> tuple[np.ndarray, np.ndarray]:
    weight, bias = [], []
    for column in y.T:
        model = LogisticRegression(C=c, solver="liblinear", dual=True, tol=3e-3, random_state=1)
        model.fit(x, column)
        weight.append(model.coef_.ravel())
        bias.append(float(model.intercept_[0]))
    return np.stack(weight, axis=1), np.array(bias)


def main() -> None:
    """Write names.npz."""
    train("names", rows(), KINDS, SIZE, 1.0)


if __name__ == "__main__":
    main()
