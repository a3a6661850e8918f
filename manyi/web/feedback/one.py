"""One voice: everything it says, in the words it was asked in, and to whom it may be shown."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from manyi.accounts.permissions import may
from manyi.feedback import queries, tagging
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection
from manyi.lake.hot import LEFT_OUT
from manyi.themes import similar
from manyi.web.feedback import asked as asking
from manyi.web.feedback import cards, correcting, filtering, said, talked
from manyi.web.feedback.asked import inbox_page
from manyi.web.settings.editing import attempt

ALIKE = 6


@inbox_page
def record(request: Any, pk: int) -> HttpResponseBase:
    """Show one record, with its neighbours in the filter that the address carries."""
    found = queries.record(request.scope, pk)
    shown = said.record(request.scope, found, request.GET.get("q", ""))
    context = {
        **shown,
        **_neighbours(request, found),
        "back": f"{reverse('feedback')}{_query(request)}",
        "filters": _query(request),
        "may_tag": may(request.member, "feedback.tag", found.unit),
        "is_left_out": found.lake_part == LEFT_OUT,
        "known_tags": filtering.known_tags(request.scope),
        "customer": said.customer(request, found),
        "talk": talked.shown(found, shown["turns"]),
        "correct": correcting.form(request, found, shown["read"]),
    }
    return render(request, "web/feedback/record.html", context)


@inbox_page
def alike(request: Any, pk: int) -> HttpResponseBase:
    """Show the voices that say something like a record."""
    found = queries.record(request.scope, pk)
    mine = Selection(request.scope)
    nearest = similar.in_order(mine, similar.like(mine, found, most=ALIKE))
    context = {"rows": cards.rows(request.scope, nearest, ""), "record": found}
    return render(request, "web/feedback/_similar.html", context)


def _query(request: Any) -> str:
    return f"?{request.GET.urlencode()}" if request.GET else ""


def _neighbours(request: Any, found: Any) -> dict[str, str]:
    """Return the addresses of the records before and after in the list, where there are any."""
    try:
        rows = asking.read(request).records()
    except Problem:
        rows = queries.visible_to(request.scope).order_by("-occurred_at", "-pk")
    request.shows_selection = False
    newer = asking.newer(rows, found).values_list("pk", flat=True).first()
    older = asking.older(rows, found).values_list("pk", flat=True).first()
    return {"newer": _to(request, newer), "older": _to(request, older)}


def _to(request: Any, pk: int | None) -> str:
    return reverse("feedback-one", args=[pk]) + _query(request) if pk is not None else ""


@inbox_page
@require_POST
def tag(request: Any, pk: int) -> HttpResponseBase:
    """Put a tag on the record."""
    found = queries.record(request.scope, pk)
    label = request.POST.get("label", "")
    return attempt(
        request,
        lambda: tagging.add_tag(by=request.member, record=found, label=label, now=timezone.now()),
        gettext("Tagged."),
        _here(request, pk),
    )


@inbox_page
@require_POST
def untag(request: Any, pk: int) -> HttpResponseBase:
    """Take a tag off the record."""
    found = queries.record(request.scope, pk)
    label = request.POST.get("label", "")
    return attempt(
        request,
        lambda: tagging.remove_tag(
            by=request.member, record=found, label=label, now=timezone.now()
        ),
        gettext("The tag is removed."),
        _here(request, pk),
    )


def _here(request: Any, pk: int) -> str:
    return reverse("feedback-one", args=[pk]) + _query(request)
