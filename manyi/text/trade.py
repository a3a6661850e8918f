"""Which trade's list of aspects fits some texts best."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from manyi.text import features, lexicon
from manyi.text.normal import batch
from manyi.text.taxonomy import GENERAL, pack, packs

LOOKED_AT = 1_000
# A trade is named where its own words are said this often a text, and this much more than the
# next trade's; chosen on the development texts.
_OFTEN, _MORE = 0.1, 1.15


def guess_pack(texts: Sequence[str]) -> str:
    """Return the code of the trade that the first LOOKED_AT texts speak of, or the general one."""
    looked_at = [text for text in texts if text.strip()][:LOOKED_AT]
    if not looked_at:
        return GENERAL
    scores = _scores(looked_at)
    (best, first), (_, second) = scores.most_common(2)
    return best if first > _OFTEN and first > _MORE * second else GENERAL


def _scores(texts: Sequence[str]) -> Counter[str]:
    """Return of each trade how telling words of its list the texts say, on average."""
    words, telling = _telling()
    read = batch(texts)
    hits = lexicon.longest(lexicon.find_all(read, features.grams(read), words))
    said = np.unique(np.stack([read.owner[hits.first], hits.word]), axis=1)[1]
    counts = np.bincount(said, minlength=len(words.words))
    return Counter({code: float(counts @ weight) / len(texts) for code, weight in telling.items()})


@cache
def _telling() -> tuple[lexicon.Lexicon, dict[str, np.ndarray]]:
    """Return all words, and of each trade how telling each word is: rarer among trades, more."""
    trades = {code: set(pack(code).naming) for code in packs() if code != GENERAL}
    words = sorted(set().union(*trades.values()))
    among = Counter(word for mine in trades.values() for word in mine)
    weight = {word: math.log(len(trades) / among[word]) for word in words}
    return lexicon.Lexicon.of(words), {
        code: np.array([weight[w] if w in mine else 0.0 for w in words])
        for code, mine in trades.items()
    }
