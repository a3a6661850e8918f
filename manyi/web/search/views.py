"""One box that finds pages, surveys, units, customers and what people said."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render

from manyi.feedback import queries
from manyi.feedback.submit import record_id_of
from manyi.kit.problems import NotFound
from manyi.web.pages import page
from manyi.web.search import meant
from manyi.web.search.finding import groups
from manyi.web.voices import may_read

LONGEST = 120


@page()
def search(request: Any) -> HttpResponseBase:
    """Show what the words find, or what means the same; a reference number leads to its record."""
    words = " ".join(request.GET.get("q", "").split())[:LONGEST]
    quoted = _quoted(request, words)
    if quoted is not None:
        return redirect("feedback-one", quoted)
    request.searches_itself = True
    by_meaning = meant.asked(request)
    find = meant.groups if by_meaning else groups
    context = {
        "query": words,
        "groups": find(request, words) if words else [],
        "ways": meant.choices(request, words),
        "how": meant.MEANING if by_meaning else "",
    }
    return render(request, "web/search/page.html", context)


def _quoted(request: Any, words: str) -> int | None:
    """Return the record whose reference number was typed, where the member sees it."""
    found = record_id_of(words)
    if found is None or not may_read(request):
        return None
    try:
        return int(queries.record(request.scope, found).pk)
    except NotFound:
        return None
