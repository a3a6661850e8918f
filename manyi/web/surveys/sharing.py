"""How a survey reaches people: link, code to scan, sheet to print, piece of a web page."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from manyi.accounts.models import Unit
from manyi.accounts.queries import touchpoints, tree, unit_by_code
from manyi.kit.problems import Problem
from manyi.surveys import qr, queries, wire
from manyi.surveys.models import Survey
from manyi.web.context import language
from manyi.web.pages import page
from manyi.web.settings.fields import INDENT, MOST_CHOICES
from manyi.web.surveys.one import render_survey

MOST_CARDS = 400
NAMED = ("unit", "touchpoint", "source")


@page("survey.read")
def share(request: Any, code: str) -> HttpResponseBase:
    """Show link and code, for one unit, touchpoint and source where they are chosen."""
    survey = queries.by_ref(request.scope, code)
    named = _named(request)
    pictures = urlencode({k: v for k, v in named.items() if k != "source"})
    return render_survey(
        request,
        survey,
        "share",
        chosen=named,
        address=wire.address(survey, **named),
        pictures=f"?{pictures}" if pictures else "",
        snippet=_snippet(survey, named),
        units=_units(request, survey),
        touchpoints=[(t.code, t.name_in(language())) for t in touchpoints(request.scope)],
        is_local=is_local(settings.BASE_URL),
        base=settings.BASE_URL,
    )


def _named(request: Any) -> dict[str, str]:
    """Return what the link is to name; codes that do not exist are left out."""
    given = {k: request.GET.get(f"for_{k}", "").strip()[:60] for k in NAMED}
    if given["unit"]:
        unit_by_code(request.scope, given["unit"])
    known = touchpoints(request.scope).filter(code=given["touchpoint"])
    if given["touchpoint"] and not known.exists():
        given["touchpoint"] = ""
    return {k: v for k, v in given.items() if v}


def _snippet(survey: Survey, named: dict[str, str]) -> str:
    """Return a line of HTML as a text, for the template to escape like any other."""
    address = settings.BASE_URL + reverse("respond:embed", args=[survey.code])
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in named.items())
    return f'<script src="{address}"{data}></script>'


def _units(request: Any, survey: Survey) -> list[tuple[str, str]]:
    return [
        (b.unit.code, f"{INDENT * b.level}{b.unit.name_in(language())}")
        for b in tree(request.scope)
        if b.unit.closed_at is None and _covers(survey, b.unit)
    ][:MOST_CHOICES]


def _covers(survey: Survey, unit: Unit) -> bool:
    return survey.unit is None or unit.path.startswith(survey.unit.path)


def is_local(address: str) -> bool:
    """Whether only this computer can open the address."""
    host = urlsplit(address).hostname or ""
    return host == "localhost" or host.startswith("127.") or host == "::1"


@page("survey.read")
def sheet(request: Any, code: str) -> HttpResponseBase:
    """Show one card a unit, to be printed and cut: its name, and the code that leads there."""
    survey = queries.by_ref(request.scope, code)
    if survey.current is None:
        raise Problem("survey.unpublished")
    below = request.GET.get("below", "")
    units = _to_print(request, survey, unit_by_code(request.scope, below) if below else None)
    cards = [
        {"card": c, "picture": mark_safe(c.svg)}  # noqa: S308 - drawn by us
        for c in qr.cards(survey, units[:MOST_CARDS], language())
    ]
    context = {
        "survey": survey,
        "heading": survey.title_in(language()),
        "cards": cards,
        "left_out": max(0, len(units) - MOST_CARDS),
        "limit": MOST_CARDS,
        "units": _units(request, survey),
        "below": below,
        "organisation": request.member.organisation.name_in(language()),
        "is_local": is_local(settings.BASE_URL),
        "base": settings.BASE_URL,
    }
    return render(request, "web/surveys/sheet.html", context)


def _to_print(request: Any, survey: Survey, below: Unit | None) -> list[Unit]:
    """Return the open units without open units below them: where people stand and scan."""
    branches = [b.unit for b in tree(request.scope) if b.unit.closed_at is None]
    inner = {u.parent_id for u in branches}
    return [
        u
        for u in branches
        if u.pk not in inner
        and _covers(survey, u)
        and (below is None or u.path.startswith(below.path))
    ]
