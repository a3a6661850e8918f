"""All surveys, and the ways to a new one: a template or a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from manyi.accounts.permissions import may
from manyi.kit.problems import Busy, Forbidden, NotFound, Problem
from manyi.kit.selection import Scope
from manyi.packs import templates
from manyi.questionnaire.model import MAX_BYTES
from manyi.questionnaire.read import load
from manyi.surveys import actions, queries
from manyi.surveys.models import Survey
from manyi.web.context import language
from manyi.web.downloads import Column, choices, table_response, wanted
from manyi.web.filters import address
from manyi.web.listing import Head, Listing
from manyi.web.pages import page
from manyi.web.surveys import rows, shown, wrongs

A_PAGE = 50
HEADS = (
    Head("title", gettext_lazy("Title"), sorts=True, fixed=True),
    Head("state", gettext_lazy("State"), sorts=True),
    Head("done", pgettext_lazy("how many", "Answers"), "num", sorts=True),
    Head("share", pgettext_lazy("share of respondents", "Finished"), "num", sorts=True),
    Head("last", gettext_lazy("Last answer"), sorts=True),
    Head("created", gettext_lazy("Created"), sorts=True, at_first=False),
)


@page("survey.read")
def surveys(request: Any) -> HttpResponseBase:
    """List the surveys, the latest first."""
    words, state = request.GET.get("q", "").strip()[:80], request.GET.get("state", "")
    everything = queries.surveys(request.scope)
    now = timezone.now()
    found = _matching(queries.in_state(everything, state, now), words)
    if wanted(request):
        lines = rows.rows(request.scope, found, language(), now)
        return table_response(request, gettext("Surveys"), _columns(), map(_line, lines))
    listing = Listing(request, "surveys", HEADS)
    sheet = Paginator(_in_order(request.scope, found, listing, now), A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "rows": rows.rows(request.scope, sheet.object_list, language(), now),
        "sheet": sheet,
        "list": listing,
        "next": address(request, page=str(sheet.number + 1)) if sheet.has_next() else "",
        "previous": address(request, page=str(sheet.number - 1)) if sheet.has_previous() else "",
        "any": bool(sheet.object_list) or everything.exists(),
        "query": words,
        "states": _states(request, state),
        "downloads": choices(request),
        "may_edit": may(request.member, "survey.edit"),
        "may_publish": may(request.member, "survey.publish"),
    }
    return render(request, "web/surveys/list.html", context)


def _matching(found: Iterable[Survey], words: str) -> list[Survey]:
    """Titles are LocalText, so words are looked for in Python: surveys are few."""
    low = words.lower()
    return [
        s for s in found if low in s.code.lower() or any(low in t.lower() for t in s.title.values())
    ]


def _in_order(scope: Scope, found: list[Survey], listing: Listing, now: datetime) -> list[Survey]:
    """Return the surveys as the list is sorted; answers are counted only where it needs them."""
    keys: dict[str, Callable[[Survey], Any]] = {
        "title": lambda s: s.title_in(language()).lower(),
        "state": lambda s: rows.state(s, now),
        "created": lambda s: s.created_at,
    }
    if listing.key in ("done", "share", "last"):
        counts = rows.progress(scope, found)
        keys[listing.key] = lambda s: counts[s.pk][listing.key]
    return listing.in_order(found, keys)


def _states(request: Any, chosen: str) -> list[dict[str, Any]]:
    every = [("", gettext("All")), *((s, rows.STATES[s][0]) for s in ("draft", "open", "closed"))]
    return [
        {
            "label": label,
            "href": address(request, state=value or None, page=None),
            "active": chosen == value,
        }
        for value, label in every
    ]


def _columns() -> list[Column]:
    return [
        Column("code", gettext("Code"), "code"),
        Column("title", gettext("Title")),
        Column("state", gettext("State")),
        Column("unit", gettext("Unit")),
        Column("begun", gettext("Begun"), "integer"),
        Column("done", gettext("Finished"), "integer"),
        Column("last", gettext("Last answer"), "date"),
        Column("url", gettext("Link")),
    ]


def _line(row: dict[str, Any]) -> dict[str, Any]:
    begun = None if row["hidden"] else row["begun"]
    return row | {"code": row["survey"].code, "state": str(row["badge"]["label"]), "begun": begun}


@page("survey.edit")
def gallery(request: Any) -> HttpResponseBase:
    """Offer the templates, and the way in for a file."""
    return render(request, "web/surveys/gallery.html", {"groups": shown.catalogue(language())})


@page("survey.edit")
def from_template(request: Any, name: str) -> HttpResponseBase:
    """Show a template with its questions; a POST makes a draft of it."""
    definition = templates.template(name)
    if request.method == "POST":
        return _created(request, definition)
    entry = next(e for e in templates.catalogue(language()) if e["name"] == name)
    pages = shown.pages(load(definition), language())
    return render(request, "web/surveys/template.html", {"entry": entry, "pages": pages})


@page("survey.edit")
@require_POST
def from_file(request: Any) -> HttpResponseBase:
    """Make a draft of a definition in a JSON file, or say what is wrong with it, and where."""
    try:
        return _created(request, _read(request.FILES.get("file")))
    except (Forbidden, NotFound, Busy):
        raise
    except Problem as problem:
        context = {
            "groups": shown.catalogue(language()),
            "wrongs": wrongs.listed(problem),
            "file_name": getattr(request.FILES.get("file"), "name", ""),
        }
        return render(request, "web/surveys/gallery.html", context, status=422)


def _read(file: Any) -> Any:
    if file is None:
        raise Problem("survey.no_file")
    if file.size > MAX_BYTES:
        raise Problem("questionnaire.too_large", limit=MAX_BYTES)
    try:
        found = json.loads(file.read().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Problem("survey.file_not_json") from None
    # A file that the API or a template wrote holds the definition beside other things.
    wrapped = isinstance(found, dict) and "definition" in found and "pages" not in found
    return found["definition"] if wrapped else found


def _created(request: Any, definition: Any) -> HttpResponseBase:
    survey = actions.create(by=request.member, definition=definition, now=timezone.now())
    messages.success(request, gettext("The draft is made. Check the texts, then publish it."))
    return redirect("surveys-one", survey.code)
