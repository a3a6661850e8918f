"""What was found in one record's words, as the API shows it and to whom it may be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from manyi.feedback import taxonomy
from manyi.feedback.models import Correction, FeedbackRecord, Finding
from manyi.feedback.wire import to_wire
from manyi.kit.selection import Scope
from manyi.text.findings import POLARITIES


def findings(scope: Scope, r: FeedbackRecord) -> dict[str, Any]:
    """Return the reading in force of a record's words; places and words to who sees text."""
    number = taxonomy.number(scope.organisation_id)
    reading = r.readings.filter(generation=number).first() if r.analysed_at else None
    if reading is None:
        return {"is_read": False, "masked": r.masked, "intents": [], "findings": []}
    found = r.findings.filter(generation=number).order_by("start", "pk")
    judged = _judged([r.pk])
    return {
        "is_read": True,
        "masked": r.masked,
        "model": reading.model,
        "generation": number,
        "polarity": POLARITIES[reading.polarity + 1],
        "score": reading.score,
        "emotion": reading.emotion or None,
        "intents": reading.intents.split(),
        "corrected": (r.pk, "polarity", "") in judged,
        "findings": [_finding(scope, r, one, judged) for one in found],
    }


def findings_of(scope: Scope, found: Sequence[FeedbackRecord]) -> dict[int, list[dict[str, Any]]]:
    """Return the findings in force of many records, by record; those without any are left out."""
    number, by_id = taxonomy.number(scope.organisation_id), {r.pk: r for r in found}
    read = [r.pk for r in found if r.analysed_at]
    rows = Finding.objects.filter(record_id__in=read, generation=number)
    said: dict[int, list[dict[str, Any]]] = defaultdict(list)
    judged = _judged(read)
    for one in rows.order_by("record_id", "start", "pk"):
        said[one.record_id].append(_finding(scope, by_id[one.record_id], one, judged))
    return said


def with_findings(scope: Scope, found: Sequence[FeedbackRecord]) -> list[dict[str, Any]]:
    """Return records as they may be shown to a scope, each with what was found in its words."""
    said = findings_of(scope, found)
    shown = zip(found, to_wire(scope, found), strict=True)
    return [{**one, "findings": said.get(r.pk, [])} for r, one in shown]


Judged = set[tuple[int, str, str]]


def _judged(records: Sequence[int]) -> Judged:
    """Return record, kind and code of what a person has judged."""
    mine = Correction.objects.filter(record_id__in=records)
    return set(mine.values_list("record_id", "kind", "code"))


def _finding(scope: Scope, r: FeedbackRecord, one: Finding, judged: Judged) -> dict[str, Any]:
    said = {
        "aspect": one.aspect or None,
        "polarity": POLARITIES[one.polarity + 1],
        "score": one.score,
        "corrected": (r.pk, "aspect", one.aspect) in judged,
    }
    if not scope.sees_text:
        # Places are those of the text as it was written, which the masked one does not share.
        return {**said, "start": None, "end": None, "words": []}
    words = [r.verbatim[a:b] for kind in one.places for a, b in kind]
    return {**said, "start": one.start, "end": one.end, "words": list(dict.fromkeys(words))}
