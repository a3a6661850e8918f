"""What texts mention, as rows of the lake: one a record, generation and facet; no text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from manyi.feedback.models import Finding, Reading

VOICE, ASPECT, INTENT = "voice", "aspect", "intent"
Row = tuple[int, int, str, str, int, float, str]


def mentioned(mine: Any) -> Iterator[Row]:
    """Yield record, generation, facet, aspect, polarity, score, emotion of `mine` records.

    What several clauses say of one aspect counts once: by the sign of their sum.
    """
    read = Reading.objects.filter(record__in=mine, record__analysed_at__isnull=False)
    fields = ("record_id", "generation", "polarity", "score", "emotion", "intents")
    for record, generation, polarity, score, emotion, intents in read.values_list(*fields):
        yield record, generation, VOICE, "", polarity, score, emotion
        for intent in intents.split():
            yield record, generation, INTENT, intent, polarity, score, emotion
    yield from _aspects(mine)


def _aspects(mine: Any) -> Iterator[Row]:
    found = Finding.objects.filter(record__in=mine, record__analysed_at__isnull=False)
    said: dict[tuple[int, int, str], list[tuple[int, float]]] = defaultdict(list)
    fields = ("record_id", "generation", "aspect", "polarity", "score")
    for *key, polarity, score in found.exclude(aspect="").values_list(*fields):
        said[tuple(key)].append((polarity, score))
    for (record, generation, aspect), clauses in said.items():
        total = sum(polarity for polarity, _ in clauses)
        mean = sum(score for _, score in clauses) / len(clauses)
        sense = (total > 0) - (total < 0)
        yield record, generation, ASPECT, aspect, sense, mean, ""
