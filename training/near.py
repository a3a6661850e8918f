"""What is said of one place: aspect terms of six Chinese and three English sets, and those of
restaurant sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from manyi.text import clauses, corpora, features, near
from manyi.text.findings import Place
from manyi.text.normal import batch
from training.clause import LABELS
from training.emotion import macro
from training.linear import calibrate, fit, save

SIZES = {"near": 34_000, "near_en": 24_000}
COSTS = {"near": 4.0, "near_en": 8.0}
# Of 0.25, 0.5 and 1, these read the development terms best.
LEANS = {"near": 0.25, "near_en": 1.0}
_TRIPLETS = 0.3
Row = tuple[str, Place, int, str]  # text, place, sense, source


def rows(names: Sequence[str], part: str) -> list[Row]:
    """Return terms with the place of each."""
    return [(t, at, sense, n) for n in names for t, at, sense in corpora.aspects(n, part)]


def of_triplets() -> list[Row]:
    """Aspects of restaurant sentences of which one thing is said."""
    found = []
    for text, triplets in corpora.triplets("train"):
        senses: dict[Place, set[int]] = {}
        for one in triplets:
            if one.aspect:
                senses.setdefault(one.aspect, set()).add(one.polarity)
        found += [(text, at, v.pop(), "aste") for at, v in senses.items() if len(v) == 1]
    return found


def table(found: Sequence[Row]) -> sparse.csr_matrix:
    """Return one row a term, 1 where it has the feature."""
    keys = [np.zeros(0, np.int64)]
    for at in range(0, len(found), 3_000):
        part = found[at : at + 3_000]
        texts = batch(list(dict.fromkeys(r[0] for r in part)))
        number = {text: i for i, text in enumerate(texts.texts)}
        grams = features.grams(texts)
        places = [texts.codes_of(number[text], place) for text, place, _, _ in part]
        owner, buckets = near.placed(texts, grams, clauses.clauses(texts, grams), places)
        keys.append(np.unique((owner + at) << features.BITS | buckets.astype(np.int64)))
    key = np.concatenate(keys)
    ones = np.ones(len(key), np.float32)
    place = (key >> features.BITS, key & (2**features.BITS - 1))
    return sparse.csr_matrix((ones, place), shape=(len(found), 2**features.BITS))


def main() -> None:
    """Write near.npz and near_en.npz."""
    _train("near", rows(corpora.ZH_ASPECT_SETS, "train") + of_triplets(), corpora.ZH_ASPECT_SETS)
    _train("near_en", rows(corpora.EN_ASPECT_SETS, "train"), corpora.EN_ASPECT_SETS)


def _train(name: str, train: list[Row], sets: Sequence[str]) -> None:
    dev = rows(sets, "dev")
    sense = np.array([r[2] for r in train])
    truth = np.stack([sense == k for k in (-1, 0, 1)], axis=1).astype(np.int64)
    weights = np.array([_TRIPLETS if r[3] == "aste" else 1.0 for r in train])
    options = {"size": SIZES[name], "c": COSTS[name], "lean": LEANS[name]}
    options |= {"least": 2, "balanced": True}
    fitted = fit(table(train), truth, weights=weights, **options)  # type: ignore[arg-type]
    scores, found = fitted.scores(table(dev)), np.array([r[2] for r in dev]) + 1
    fitted.temperature = calibrate(scores, found)
    save(name, fitted, LABELS)
    for one in sets:
        chosen = np.array([r[3] == one for r in dev])
        print(f"{name} {one} mF1 {macro(scores[chosen].argmax(axis=1), found[chosen]):.4f}")


if __name__ == "__main__":
    main()
