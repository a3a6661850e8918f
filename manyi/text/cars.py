"""Posts about cars: which of ten aspects a whole post speaks of, and how."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manyi.text import accurate, features, heads, store
from manyi.text.findings import POLARITIES
from manyi.text.normal import Batch, batch

# The score below which even the likeliest aspect is not said; chosen on training posts.
_FAR = -2.0


def cars(texts: Sequence[str], *, tier: str | None = None) -> list[dict[str, str]]:
    """Return of each post the aspects (codes of the automotive trade) and one polarity each.

    A post has one polarity for all its aspects: posts of the data hardly ever have two. Where no
    aspect is likely the likeliest is said, unless even that one is far from it.
    """
    if accurate.chosen(tier) == store.TIER_B and accurate.uses("cars"):
        return [said for part in accurate.parts(texts) for said in _accurate(part)]
    aspects, polarity = scores(batch(texts))
    return _said(aspects, polarity)


def scores(found: Batch) -> tuple[heads.Floats, heads.Floats]:
    """Return by the fast tier the scores of the aspects and those of the polarity."""
    grams = features.grams(found)
    both = _stack().scores(found.owner[grams.first], grams.buckets, len(found))
    return both["cars"], both["cars_polarity"]


def _stack() -> heads.Stack:
    return heads.stack(("cars", "cars_polarity"))


def _accurate(texts: Sequence[str]) -> list[dict[str, str]]:
    found = batch(texts)
    heard = accurate.hear(found)
    fast = dict(zip(("cars", "cars_polarity"), scores(found), strict=True))
    mixed = [accurate.mixed(name, said, heard.whole(name)) for name, said in fast.items()]
    return _said(*mixed)


def _said(aspects: heads.Floats, polarity: heads.Floats) -> list[dict[str, str]]:
    labels = _stack().heads[0].labels
    said = [POLARITIES[k] for k in polarity.argmax(axis=1)]
    spoken = (aspects > 0) | ((aspects > _FAR) & (aspects == aspects.max(axis=1, keepdims=True)))
    return [
        {labels[k]: said[i] for k in np.flatnonzero(row).tolist()} for i, row in enumerate(spoken)
    ]
