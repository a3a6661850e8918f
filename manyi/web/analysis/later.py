"""Analyses that take their time: the page comes at once, what was found by a request of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from manyi.kit.selection import Selection
from manyi.reports.analysis.variables import of_survey
from manyi.web import downloads, filters
from manyi.web.analysis.choosing import Chosen, answers_in
from manyi.web.analysis.framed import framed

SLOW = frozenset({"trees", "churn", "quality"})
AT_ONCE = 5_000
"""With more answers than this a slow analysis comes by a request of its own."""
_PART = "found"


def page_before(request: Any, name: str, selection: Selection) -> HttpResponse | None:
    """Return the page that fetches a slow analysis; None where the analysis itself is wanted, or
    quick."""
    wanted = request.GET.get("part", "")
    # Links of the page carry on its address: they are to lead to whole pages.
    request.GET = request.GET.copy()
    request.GET.pop("part", None)
    if name not in SLOW or wanted == _PART or downloads.wanted(request):
        return None
    chosen = Chosen(request, selection)
    if chosen.survey is None or answers_in(of_survey(chosen.selection, chosen.survey)) <= AT_ONCE:
        return None
    shown = framed(request, f"analysis-{name}", chosen, selection)
    shown |= {"downloads": None, "later": filters.address(request, part=_PART)}
    return render(request, "web/analysis/later.html", shown)
