"""Filters that a member keeps under a name."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from manyi.accounts import actions, queries
from manyi.kit.problems import NotFound
from manyi.web.feedback.asked import inbox_page
from manyi.web.settings.editing import attempt

PAGE = "feedback"
_NOT_KEPT = ("cursor", "format", "since")


def listed(request: Any) -> list[dict[str, Any]]:
    """Return the member's views, the one in force marked."""
    now = _clean(request.GET.urlencode())
    return [
        {"view": v, "href": f"?{v.query}", "active": v.query == now}
        for v in queries.views(request.member, PAGE)
    ]


def _clean(query: str) -> str:
    """Return a query without place and format, in one order."""
    given = QueryDict(query)
    kept = QueryDict(mutable=True)
    for name in sorted(given):
        values = [v for v in given.getlist(name) if v]
        if values and name not in _NOT_KEPT:
            kept.setlist(name, values)
    return kept.urlencode()


@inbox_page
@require_POST
def save(request: Any) -> HttpResponseBase:
    """Keep the filters in force under a name."""
    query = _clean(request.POST.get("query", "").lstrip("?"))
    name = request.POST.get("name", "")
    return attempt(
        request,
        lambda: actions.save_view(by=request.member, page=PAGE, name=name, query=query),
        gettext("The view is kept."),
        f"{reverse('feedback')}?{query}",
    )


@inbox_page
@require_POST
def drop(request: Any, pk: int) -> HttpResponseBase:
    """Forget a view of one's own."""
    view = queries.views(request.member, PAGE).filter(pk=pk).first()
    if view is None:
        raise NotFound("not_found")
    return attempt(
        request,
        lambda: actions.delete_view(by=request.member, view=view),
        gettext("The view is removed."),
        reverse("feedback"),
    )
