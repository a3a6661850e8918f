"""What the writer wants: rules over cue words and the polarity of the text."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from manyi.text import features, lexicon, store
from manyi.text.normal import LONGEST, Batch

COMPLAINT: Final = "complaint"
PRAISE: Final = "praise"
SUGGESTION: Final = "suggestion"
QUESTION: Final = "question"
REQUEST: Final = "request"
URGENT: Final = "urgent"
LEAVING: Final = "leaving"
ESCALATION: Final = "escalation"
INTENTS = (COMPLAINT, PRAISE, SUGGESTION, QUESTION, REQUEST, URGENT, LEAVING, ESCALATION)

_WORDS = store.words("intents")
_CUES: dict[str, str] = _WORDS["cues"]
_ASKS = re.compile(r"[?？]|[吗嘛呢么](?:[。！!~～\s]|$)")
_STRONG = 0.35


@cache
def _cues() -> tuple[lexicon.Lexicon, NDArray[np.int64]]:
    pairs = [
        (word.replace("_", " "), INTENTS.index(intent))
        for intent, words in _CUES.items()
        for word in words.split()
    ]
    return lexicon.Lexicon.of(w for w, _ in pairs), np.array([i for _, i in pairs])


def intents(
    texts: Batch, grams: features.Grams, scores: NDArray[np.float32]
) -> list[tuple[str, ...]]:
    """Return the intents of each text, in the order of INTENTS; `scores` are polarities.

    Thanks in a bad review are no praise, and a cue of complaint in a good one no complaint;
    without any cue a clearly negative text complains and a clearly positive one praises.
    """
    words, intent = _cues()
    hits = lexicon.find_all(texts, grams, words)
    said = np.zeros((len(texts), len(INTENTS)), dtype=bool)
    said[texts.owner[hits.first], intent[hits.word]] = True
    said[:, INTENTS.index(QUESTION)] |= [bool(_ASKS.search(t, 0, LONGEST)) for t in texts.texts]
    good, bad = scores > 0, scores < 0
    complains, praises = INTENTS.index(COMPLAINT), INTENTS.index(PRAISE)
    plain = ~said[:, [INTENTS.index(i) for i in (SUGGESTION, QUESTION, REQUEST)]].any(axis=1)
    said[:, complains] = (said[:, complains] & ~(scores > _STRONG)) | (
        bad & plain & (scores < -_STRONG)
    )
    said[:, praises] = (said[:, praises] & good) | (good & plain & (scores > _STRONG))
    found: list[tuple[str, ...]] = [()] * len(texts)
    for i in np.flatnonzero(said.any(axis=1)):
        found[i] = tuple(name for name, yes in zip(INTENTS, said[i], strict=True) if yes)
    return found
