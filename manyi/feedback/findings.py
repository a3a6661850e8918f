"""What was found in one record's words, as the API shows it and to whom it may be shown."""

from __future__ import annotations

from typing import Any

from manyi.feedback import taxonomy
from manyi.feedback.models import FeedbackRecord, Finding
from manyi.kit.selection import Scope
from manyi.text.findings import POLARITIES


def findings(scope: Scope, r: FeedbackRecord) -> dict[str, Any]:
    """Return the reading in force of a record's words; places and words to who sees text."""
    number = taxonomy.number(scope.organisation_id)
    reading = r.readings.filter(generation=number).first() if r.analysed_at else None
    if reading is None:
        return {"is_read": False, "masked": r.masked, "intents": [], "findings": []}
    found = r.findings.filter(generation=number).order_by("start", "pk")
    return {
        "is_read": True,
        "masked": r.masked,
        "model": reading.model,
        "generation": number,
        "polarity": POLARITIES[reading.polarity + 1],
        "score": reading.score,
        "emotion": reading.emotion or None,
        "intents": reading.intents.split(),
        "findings": [_finding(scope, r, one) for one in found],
    }


def _finding(scope: Scope, r: FeedbackRecord, one: Finding) -> dict[str, Any]:
    said = {
        "aspect": one.aspect or None,
        "polarity": POLARITIES[one.polarity + 1],
        "score": one.score,
    }
    if not scope.sees_text:
        # Places are those of the text as it was written, which the masked one does not share.
        return {**said, "start": None, "end": None, "words": []}
    words = [r.verbatim[a:b] for kind in one.places for a, b in kind]
    return {**said, "start": one.start, "end": one.end, "words": list(dict.fromkeys(words))}
