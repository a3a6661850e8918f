"""What a model outside the installation made of texts, laid over what our own model says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count

from manyi.feedback.models import OutsideReading
from manyi.feedback.verdicts import hash_of
from manyi.text.findings import POLARITIES, Analysis, Finding
from manyi.text.outside.reading import Outside, score_of

LONGEST_NAME = 36
PREFIX = "llm:"


@dataclass(frozen=True, slots=True)
class Stored:
    """A reading, the model that made it, and the hash of the text that it is of."""

    text_hash: str
    model: str
    said: dict[str, Any]


def name_of(model: str) -> str:
    """Return how readings name an outside model: `llm:qwen3`."""
    return PREFIX + model[-LONGEST_NAME:]


def of_records(ids: Iterable[int]) -> dict[int, Stored]:
    """Return the readings of records, by record; those without one are left out."""
    rows = OutsideReading.objects.filter(record_id__in=list(ids))
    fields = ("record_id", "text_hash", "model", "said")
    return {pk: Stored(*rest) for pk, *rest in rows.values_list(*fields)}


def laid(text: str, said: Analysis, by: Stored, known: set[str]) -> Analysis:
    """Return an analysis with the reading in its place, of aspects that are `known`.

    A reading of another text changes nothing, nor one of a text that is worthless to our own.
    """
    if by.text_hash != hash_of(text) or said.emotion is None:
        return said
    rows = (row for row in by.said["findings"] if row[0] in known)
    polarity = POLARITIES[by.said["polarity"] + 1]
    return replace(
        said,
        polarity=polarity,
        score=score_of(polarity),
        intents=tuple(by.said["intents"]),
        findings=tuple(_finding(*row) for row in rows),
        model=by.model,
    )


def _finding(aspect: str, sense: int, start: int, end: int) -> Finding:
    polarity = POLARITIES[sense + 1]
    return Finding(aspect, polarity, score_of(polarity), start, end, opinion_at=((start, end),))


def store(
    organisation_id: int, record: int, text: str, model: str, found: Outside, now: datetime
) -> None:
    """Keep a reading; whoever reads the text next lays it over. It holds no words."""
    findings = [
        [one.aspect, POLARITIES.index(one.polarity) - 1, one.start, one.end]
        for one in found.findings
    ]
    said = {
        "polarity": POLARITIES.index(found.polarity) - 1,
        "intents": list(found.intents),
        "findings": findings,
    }
    given = {"text_hash": hash_of(text), "model": name_of(model), "said": said, "at": now}
    OutsideReading.objects.update_or_create(
        record_id=record, defaults={"organisation_id": organisation_id, **given}
    )


def forget(ids: Sequence[int]) -> int:
    """Forget the readings of records; returns how many there were."""
    gone, _ = OutsideReading.objects.filter(record_id__in=ids).delete()
    return gone


def counted(organisation_id: int) -> dict[str, int]:
    """Return by model how many texts are read by it."""
    mine = OutsideReading.objects.filter(organisation_id=organisation_id)
    rows = mine.order_by("model").values_list("model").annotate(n=Count("pk"))
    return dict(rows)
