"""A member's choice of columns, kept for the next time and put into the address."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from manyi.accounts import actions, queries
from manyi.kit.problems import NotFound
from manyi.web.listing import KEPT
from manyi.web.pages import page

# Lists whose columns can be chosen: each is the name of its page's address.
LISTS = ("feedback", "customers", "units", "members", "surveys", "imports")


@require_POST
@page()
def columns(request: Any, name: str) -> HttpResponseBase:
    """Keep which columns the member wants in a list, or forget it; then show the list."""
    if name not in LISTS:
        raise NotFound("not_found")
    query = QueryDict(request.POST.get("query", "")[:2000], mutable=True)
    if request.POST.get("reset"):
        _forget(request.member, name)
    else:
        chosen = ",".join(c for c in request.POST.getlist("cols") if c.isidentifier())[:500]
        actions.save_view(by=request.member, page=KEPT, name=name, query=chosen)
        query["cols"] = chosen
    return redirect(f"{reverse(name)}?{query.urlencode()}" if query else reverse(name))


def _forget(member: Any, name: str) -> None:
    for kept in queries.views(member, KEPT).filter(name=name):
        actions.delete_view(by=member, view=kept)
