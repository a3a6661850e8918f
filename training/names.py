"""The taggers of names and of addresses: news with entities, made-up sentences, and reviews
that are taken to hold neither. That of names looks far around each place."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from manyi.text import around, corpora, synthetic
from manyi.text.normal import LONGEST, Batch, batch
from training.artefact import gaps, write

NAMES, ADDRESSES = 200_000, 100_000
# Weights of names are rounded to this many steps each side of 0, others to those of 8 bits.
_STEPS, _BYTE = 31, 127
# A fit of all that looks far need not be as close: minutes instead of an hour.
_CLOSE, LOOSE = 3e-3, 1e-2
Row = synthetic.Sentence


def rows(news: list[Row]) -> list[Row]:
    """Return training sentences; reviews of goods stand for text without names."""
    found = news + synthetic.sentences("train", 4500)
    goods = [r.text for r in corpora.polarity("train") if r.source.startswith("shopping/")]
    goods = [t for t in goods if "酒店" not in t and len(t) <= 60][::8][:4500]
    stays = [r.text for r in corpora.polarity("train") if r.source == "hotel" and len(r.text) < 80]
    stays = [t for t in stays if not set("路市区街港京沪州") & set(t)][:800]
    food = [r.text for r in corpora.polarity("train") if r.source == "waimai"][::8]
    return found + [(t, []) for t in goods + food + stays + list(synthetic.NEGATIVES) * 3]


def table(one: Batch, *, wide: bool) -> sparse.csr_matrix:
    """Return one row a code, 1 where it has the feature."""
    every = np.arange(len(one.codes))
    found = around.around(one, wide=wide)
    where, buckets = zip(*((every[places], b) for places, b in found), strict=True)
    row, column = np.concatenate(where), np.concatenate(buckets)
    ones = np.ones(len(row), np.float32)
    return sparse.csr_matrix((ones, (row, column)), shape=(len(one.codes), 2**around.BITS))


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
    x, y = table(one, wide=False), truth(one, found, kinds)
    keep = np.flatnonzero(np.asarray(x.sum(axis=0)).ravel() >= 2)
    x = x[:, keep]
    first = fit(x, y, c, _CLOSE)[0]
    heavy = np.argsort(-np.abs(first).max(axis=1), kind="stable")[:size]
    heavy = np.sort(heavy)
    weight, bias = fit(x[:, heavy], y, c, _CLOSE)
    save(name, kinds, keep[heavy], weight, bias, _BYTE)


def fit(x: sparse.csr_matrix, y: np.ndarray, c: float, tol: float) -> tuple[np.ndarray, np.ndarray]:
    weight, bias = [], []
    for column in y.T:
        model = LogisticRegression(
            C=c,
            solver="liblinear",
            dual=True,
            tol=tol,
            max_iter=60 if tol == LOOSE else 100,
            random_state=1,
        )
        model.fit(x, column)
        weight.append(model.coef_.ravel())
        bias.append(float(model.intercept_[0]))
    return np.stack(weight, axis=1), np.array(bias)


def save(name, kinds, buckets, weight, bias, steps, **more) -> None:  # type: ignore[no-untyped-def]
    step = np.abs(weight).max(axis=0) / steps
    write(
        "fast",
        f"{name}.npz",
        labels=np.array(kinds),
        gaps=gaps(buckets),
        weight=np.round(weight / step).astype(np.int8),
        weight_step=step.astype(np.float32),
        bias=bias.astype(np.float32),
        **more,
    )


def _train_names() -> None:
    """Fit all features that are seen twice, keep those that weigh most where they are seen."""
    found = rows(corpora.entities("train"))
    one = batch([t for t, _ in found])
    x, y = table(one, wide=True), truth(one, found, ("name",))
    seen = np.asarray(x.sum(axis=0)).ravel()
    keep = np.flatnonzero(seen >= 2)
    weight, bias = fit(x[:, keep], y, 1.0, LOOSE)
    worth = np.abs(weight[:, 0]) * np.sqrt(np.minimum(seen[keep], 100))
    heavy = np.sort(np.argsort(-worth, kind="stable")[:NAMES])
    wide = np.array([True])
    save("names", ("name",), keep[heavy], weight[heavy], bias, _STEPS, wide=wide)


def main() -> None:
    """Write names.npz and addresses.npz."""
    _train_names()
    train("addresses", rows(corpora.entities("train")), ("address",), ADDRESSES, 1.0)


if __name__ == "__main__":
    main()
