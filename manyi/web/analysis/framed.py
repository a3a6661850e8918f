"""What every page of an analysis shows around its findings."""

from __future__ import annotations

from typing import Any

from manyi.kit.selection import Selection
from manyi.metrics.guard import limits
from manyi.web import downloads, numbers
from manyi.web.analysis.catalogue import named
from manyi.web.analysis.choosing import Chosen


def framed(request: Any, name: str, chosen: Chosen, selection: Selection) -> dict[str, Any]:
    """Return title, survey form, downloads and limits of an analysis."""
    return {
        "offer": named(name),
        "chosen": chosen,
        "choices": chosen.choices(),
        "kept": chosen.kept(),
        "downloads": downloads.choices(request),
        "limits": limits(selection.scope),
        "selected": numbers.selected(chosen.selection),
    }
