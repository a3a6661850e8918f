"""All customers the member may know, found by number, name, phone or e-mail."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from manyi.accounts import audit
from manyi.accounts.permissions import may, require
from manyi.customers import queries
from manyi.feedback.queries import customers_heard
from manyi.web.customers import rows
from manyi.web.downloads import choices, table_response, wanted
from manyi.web.filters import address
from manyi.web.listing import Listing
from manyi.web.pages import page

A_PAGE = 50
MOST_COUNTED = 10_000


@page("customer.read")
def customers(request: Any) -> HttpResponseBase:
    """List customers, the latest changed first, or those that the words find."""
    words = request.GET.get("q", "").strip()[:120]
    found = _found(request, words)
    if wanted(request):
        return _download(request, found)
    listing = Listing(request, "customers", rows.HEADS, order="-updated")
    shown = list(_after(request, rows.in_order(found, listing), listing)[: A_PAGE + 1])
    part = shown[:A_PAGE]
    total = found.order_by()[: MOST_COUNTED + 1].count()
    context = {
        "rows": rows.rows(request.scope, part),
        "list": listing,
        "total": min(total, MOST_COUNTED),
        "more_than": total > MOST_COUNTED,
        "query": words,
        "next": address(request, cursor=str(part[-1].pk)) if len(shown) > A_PAGE else "",
        "is_first": not request.GET.get("cursor"),
        "first": address(request),
        "any": bool(part) or bool(words),
        "may_edit": may(request.member, "customer.edit"),
        "downloads": choices(request) if may(request.member, "feedback.export") else [],
    }
    return render(request, "web/customers/list.html", context)


def _found(request: Any, words: str) -> Any:
    heard = customers_heard(request.scope)
    if words:
        return queries.search(request.scope, words, heard)
    return queries.customers(request.scope, heard)


def _after(request: Any, found: Any, listing: Listing) -> Any:
    cursor = request.GET.get("cursor", "")
    if not cursor.isdecimal() or len(cursor) > 18:
        return found
    at = found.filter(pk=int(cursor)).first()
    return found if at is None else rows.after(found, at, listing)


def _download(request: Any, found: Any) -> HttpResponseBase:
    """Names and phones leave the house: who took them is kept."""
    require(request.member, "feedback.export")
    audit.record(
        request.member.organisation_id,
        actor=request.member,
        action="customer.download",
        now=timezone.now(),
    )
    lines = rows.lines(request.scope, found)
    return table_response(request, gettext("Customers"), rows.columns(), lines)
