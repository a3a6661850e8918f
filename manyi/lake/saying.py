"""What a selection asks of the words: conditions on the mentions of a record."""

from __future__ import annotations

from typing import Any

from manyi.feedback.saying import SENSES, admitted
from manyi.kit.selection import Selection
from manyi.lake.mentioned import ASPECT, INTENT, VOICE

KINDS = {"facet": "string", "aspect": "string", "polarity": "int8", "emotion": "string"}
Condition = dict[str, list[Any]]


def conditions(selection: Selection, organisation: int) -> list[Condition]:
    """Return the values admitted of each column of mentions, one condition after the other."""
    where, found = selection.where, []
    senses = {"polarity": [SENSES[p] for p in where.get("polarity", ()) if p in SENSES]}
    if "aspect" in where:
        asked = {"facet": [ASPECT], "aspect": admitted(organisation, where["aspect"])}
        found.append(asked | (senses if "polarity" in where else {}))
    elif "polarity" in where:
        found.append({"facet": [VOICE], **senses})
    if "emotion" in where:
        found.append({"facet": [VOICE], "emotion": list(where["emotion"])})
    if "intent" in where:
        found.append({"facet": [INTENT], "aspect": list(where["intent"])})
    return found
