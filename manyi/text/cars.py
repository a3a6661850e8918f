"""Posts about cars: which of ten aspects a whole post speaks of, and how."""

from __future__ import annotations

from collections.abc import Sequence

from manyi.text import features, heads
from manyi.text.findings import POLARITIES
from manyi.text.normal import batch


def cars(texts: Sequence[str]) -> list[dict[str, str]]:
    """Return of each post the aspects (codes of the automotive trade) and one polarity each.

    A post has one polarity for all its aspects: posts of the data hardly ever have two.
    """
    found = batch(texts)
    grams = features.grams(found)
    stack = heads.stack(("cars", "cars_polarity"))
    scores = stack.scores(found.owner[grams.first], grams.buckets, len(found))
    labels = stack.heads[0].labels
    said = [POLARITIES[k] for k in scores["cars_polarity"].argmax(axis=1)]
    return [
        {labels[k]: said[i] for k in range(len(labels)) if row[k] > 0}
        for i, row in enumerate(scores["cars"].tolist())
    ]
