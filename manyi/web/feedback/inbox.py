"""The inbox: every voice, newest first, searched, filtered, kept as a view, downloaded."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from manyi.accounts.permissions import may, require
from manyi.base.ids import moment_of, new_id
from manyi.feedback import queries
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.scorecards import may_see as may_see_cards
from manyi.feedback.submit import record_id_of
from manyi.kit.problems import NotFound
from manyi.kit.selection import ATTRIBUTE
from manyi.web.downloads import choices, single_answers, table_response, wanted
from manyi.web.feedback import asked as asking
from manyi.web.feedback import cards, filtering, told, views
from manyi.web.feedback.asked import Asked, inbox_page
from manyi.web.filters import address
from manyi.web.listing import Head, Listing

A_PAGE = 50
MOST_COUNTED = 1_000
MOST_LINES = 100_000
HEADS = (
    Head("when", _("Time"), sorts=True, fixed=True),
    Head("title", _("Survey or kind")),
    Head("unit", _("Unit")),
    Head("touchpoint", _("Touchpoint")),
    Head("channel", _("Channel")),
    Head("source", _("Source")),
    Head("customer", _("Customer")),
    Head("tags", pgettext_lazy("words on a record", "Tags")),
)


@inbox_page
def feedback(request: Any) -> HttpResponseBase:
    """List the voices that the address asks for, or lead to the one it quotes."""
    if request.GET.get("attribute"):
        return HttpResponseRedirect(_with_attribute(request))
    asked = asking.read(request)
    quoted = _quoted(request, asked.words)
    if quoted is not None:
        return redirect("feedback-one", quoted)
    rows = asked.records()
    if wanted(request):
        require(request.member, "feedback.export")
        known: cards.Pairs = {}
        lines = asking.walk(
            rows, MOST_LINES, lambda found: cards.lines(request.scope, found, known)
        )
        return table_response(request, gettext("Feedback"), cards.columns(), lines)
    return render(request, "web/feedback/inbox.html", _context(request, asked, rows))


def _with_attribute(request: Any) -> str:
    """Return the address with the attribute that the form named as a filter."""
    name, value = request.GET["attribute"][:60], request.GET.get("value", "")[:200]
    params = request.GET.copy()
    for key in ("attribute", "value", "cursor"):
        params.pop(key, None)
    if value:
        params.appendlist(f"{ATTRIBUTE}{name}", value)
    return f"?{params.urlencode()}"


def _quoted(request: Any, words: str) -> int | None:
    """Return the record whose reference number was typed, where the member sees it."""
    found = record_id_of(words)
    if found is None:
        return None
    try:
        return int(queries.record(request.scope, found).pk)
    except NotFound:
        return None


def _context(request: Any, asked: Asked, rows: Any) -> dict[str, Any]:
    listing = Listing(request, "feedback", HEADS, order="-when")
    many = asked.are_more_than(MOST_COUNTED)
    shown, has_before, has_after, total = _part(request, rows, listing, many=many)
    chips = filtering.chips(request, asked)
    return {
        "rows": cards.rows(
            request.scope, shown, asked.words, told.words_asked(asked.selection, shown)
        ),
        "list": listing,
        "total": min(total, MOST_COUNTED),
        "more_than": total > MOST_COUNTED,
        "too_many": total > MOST_LINES,
        "next": address(request, cursor=str(shown[-1].pk)) if has_after else "",
        "previous": address(request, cursor=f"-{shown[0].pk}") if has_before else "",
        "query": asked.words,
        "chips": chips,
        "clear": filtering.clear(request) if chips else "",
        "fields": filtering.fields(request, asked),
        "attributes": filtering.attributes(request.scope),
        "kept": _kept(request),
        "may_see_cards": may_see_cards(request.member),
        "views": views.listed(request),
        "downloads": _downloads(request, asked),
        "filters": _filters(request),
        "arrived": _watch(request),
        "everything": address(request, from_="2000-01-01", to=None),
        "any": bool(shown) or queries.visible_to(request.scope).exists(),
    }


def _downloads(request: Any, asked: Asked) -> list[dict[str, str]]:
    """Return the list as a file and, where no words or scores narrow it, its single answers."""
    if not may(request.member, "feedback.export"):
        return []
    whole = single_answers(request, asked.selection) if asked.is_plain else []
    return [*choices(request), *whole]


def _part(
    request: Any, rows: Any, listing: Listing, *, many: bool
) -> tuple[list[FeedbackRecord], bool, bool, int]:
    """Return a page of records, whether there are some before and after it, and how many in all.

    More than MOST_COUNTED are not counted, nor are those that are known to be so `many`.
    """
    onward, backward = asking.older, asking.newer
    if not listing.descends:
        rows, onward, backward = rows.order_by("occurred_at", "pk"), asking.newer, asking.back
    cursor = request.GET.get("cursor", "")
    at = queries.visible_to(request.scope).filter(pk=_id(cursor)).first() if cursor else None
    if at is None:
        # One walk finds the page and counts: where few hold the words it goes through all.
        most = A_PAGE if many else MOST_COUNTED
        ids = list(rows.values_list("pk", flat=True)[: most + 1])
        total = MOST_COUNTED + 1 if many else len(ids)
        return queries.in_order(ids[:A_PAGE]), False, len(ids) > A_PAGE, total
    total = MOST_COUNTED + 1 if many else rows.order_by()[: MOST_COUNTED + 1].count()
    if cursor.startswith("-"):
        found = list(backward(rows, at)[: A_PAGE + 1])
        return found[:A_PAGE][::-1], len(found) > A_PAGE, True, total
    found = list(onward(rows, at)[: A_PAGE + 1])
    return found[:A_PAGE], True, len(found) > A_PAGE, total


def _id(cursor: str) -> int:
    digits = cursor.removeprefix("-")
    return int(digits) if digits.isdecimal() and len(digits) < 19 else 0


def _kept(request: Any) -> list[tuple[str, str]]:
    """Return what the search form carries on: everything but words and place."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if name not in {"q", "cursor", "format"} and value
    ]


def _filters(request: Any) -> str:
    """Return the filters in force as a query, for the pages of single records."""
    left = request.GET.copy()
    for name in ("cursor", "format"):
        left.pop(name, None)
    return f"?{left.urlencode()}" if left else ""


def _watch(request: Any) -> str:
    """Return the address that tells what has arrived since this page was made."""
    pairs = [(k, v) for k, vs in request.GET.lists() for v in vs if k not in {"cursor", "format"}]
    return f"{reverse('feedback-new')}?{urlencode([*pairs, ('since', str(new_id()))])}"


@inbox_page
def arrived(request: Any) -> HttpResponse:
    """Say how many voices of this filter have arrived since the page was made."""
    since = _id(request.GET.get("since", ""))
    rows = asking.read(request).records().order_by()
    # The ids of anonymous answers tell the day alone.
    late = Q(is_anonymous=True, received_at__gt=moment_of(since))
    n = rows.filter(late | Q(is_anonymous=False, pk__gt=since))[:100].count() if since else 0
    fresh = request.GET.copy()
    fresh.pop("since", None)
    context = {"n": n, "href": f"{reverse('feedback')}?{fresh.urlencode()}"}
    return render(request, "web/feedback/_arrived.html", context)
