"""Who is asking, for which organisation; and how a Problem is said on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone, translation

from manyi.accounts.models import Member
from manyi.accounts.permissions import scope
from manyi.accounts.queries import memberships
from manyi.kit.problems import Problem
from manyi.web import errors

# Customers and programs: they have no member, and looking for one would cost them a query.
PUBLIC = ("/s/", "/i/", "/api/", "/static/", "/healthz", "/readyz")
WITH_OLD_PASSWORD = frozenset({"account_change_password", "account_logout", "language"})
ORGANISATION = "organisation"


class CurrentMember:
    """Put `member` and `scope` on staff's requests, and the organisation's clock in force."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.member = request.scope = None  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: Any, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.path.startswith(PUBLIC):
            return None
        _leave_out_nul(request)
        if not request.user.is_authenticated:
            return None
        _speak(request)
        name = request.resolver_match.url_name
        if request.user.must_change_password and name not in WITH_OLD_PASSWORD:
            return redirect("account_change_password")
        request.member = chosen_member(request)
        if request.member is not None:
            request.scope = scope(request.member)
            timezone.activate(ZoneInfo(request.member.organisation.time_zone))
        return None


def chosen_member(request: Any) -> Member | None:
    """Return the membership chosen in this session, else the first of the user's."""
    mine = list(memberships(request.user))
    wanted = request.session.get(ORGANISATION)
    return next((m for m in mine if m.organisation_id == wanted), mine[0] if mine else None)


def _leave_out_nul(request: Any) -> None:
    """PostgreSQL keeps no NUL and nobody types one: what was sent is read without it."""
    if "\0" in request.path:
        raise Http404
    if "%00" in request.META["QUERY_STRING"]:
        request.GET = _without_nul(request.GET)
    if any("\0" in word for name, words in request.POST.lists() for word in (name, *words)):
        request.POST = _without_nul(request.POST)


def _without_nul(sent: QueryDict) -> QueryDict:
    plain = QueryDict(mutable=True)
    for name, words in sent.lists():
        plain.setlist(name.replace("\0", ""), [word.replace("\0", "") for word in words])
    plain._mutable = False
    return plain


def _speak(request: Any) -> None:
    """Write in the user's language where this browser has not been told another."""
    tag = request.user.language.lower()
    if tag and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(tag)
        request.LANGUAGE_CODE = translation.get_language()


class Problems:
    """Answer a Problem with its sentence, as a page or, to htmx, as a fragment; never a blank."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        bare = response.status_code == 405 and not response.streaming and not response.content
        if not bare or request.method not in {"GET", "HEAD"} or request.path.startswith(PUBLIC):
            return response
        page = errors.only_forms(request)
        page["Allow"] = response["Allow"]
        return page

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return errors.answer(request, error) if isinstance(error, Problem) else None
