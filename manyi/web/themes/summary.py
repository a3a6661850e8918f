"""A paragraph on a selection by the outside model: each sentence leads to its voices."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from manyi.accounts.permissions import require
from manyi.connectors.llm import service, summarising
from manyi.connectors.models import Summary
from manyi.feedback import queries
from manyi.kit.problems import Busy, Forbidden, NotFound, Problem
from manyi.kit.say import say
from manyi.kit.selection import Selection
from manyi.web import filters
from manyi.web.context import language
from manyi.web.errors import sentences
from manyi.web.pages import page
from manyi.web.themes import shown
from manyi.web.voices import record_href


@page("metric.read")
def summary(request: Any) -> HttpResponseBase:
    """Show the newest summary of what is looked at, or the way to one."""
    require(request.member, "feedback.read")
    if not shown.may_summarise(request):
        raise NotFound("not_found")
    selection = filters.selection(request)
    job = summarising.latest(request.member, selection)
    stand = service.stand()
    context = {
        **shown.common(request, selection, "themes-summary"),
        "summary": job,
        "is_under_way": job is not None and job.state in ("waiting", "running"),
        "sentences": _sentences(request, job),
        "problem": say(job.problem["code"], language()) if job and job.problem else "",
        "is_available": stand.is_open(timezone.now()),
        "host": stand.model.host if stand.model else "",
        "query": _query(request),
        "voices": queries.records(selection).exclude(masked=None).exclude(masked="").count(),
        "least": summarising.LEAST,
        "most": summarising.MOST_TEXTS,
    }
    return render(request, "web/themes/summary.html", context)


def _sentences(request: Any, job: Summary | None) -> list[dict[str, Any]]:
    if job is None or job.state != "done":
        return []
    said = summarising.shown(request.scope, job)
    order = list(dict.fromkeys(pk for one in said for pk in one["records"]))
    number = {pk: i for i, pk in enumerate(order, 1)}
    return [
        {
            "text": one["text"],
            "cites": [{"n": number[pk], "href": record_href(str(pk))} for pk in one["records"]],
        }
        for one in said
    ]


@page("metric.read")
@require_POST
def ask(request: Any) -> HttpResponseBase:
    """Have what is looked at summarised."""
    selection: Selection = filters.selection(request)

    try:
        summarising.request(
            by=request.member, selection=selection, language=language(), now=timezone.now()
        )
    except (Forbidden, NotFound, Busy):
        raise
    except Problem as problem:
        messages.error(request, " ".join(sentences(problem)))
    else:
        messages.success(request, _("The summary is being written; it takes up to a minute."))
    return redirect(reverse("themes-summary") + _query(request))


def _query(request: Any) -> str:
    found = filters.address(request)
    return found if found.startswith("?") else ""
