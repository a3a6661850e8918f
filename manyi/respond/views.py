"""The public's survey: GET shows, POST stores one page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from manyi.accounts.given import CODE_LENGTH
from manyi.accounts.logo import media_type
from manyi.base.log import logger
from manyi.base.requests import client_address
from manyi.feedback.queries import completed_count
from manyi.kit.problems import Busy
from manyi.questionnaire.model import Page
from manyi.respond import pages, speech
from manyi.respond.ticket import unseal
from manyi.respond.visit import Visit, begin, drafts_in, language_of, typed_in
from manyi.surveys import limits, qr, queries, wire
from manyi.surveys.models import Survey, SurveyVersion

log = logger(__name__)
MOST_BYTES = 2_000_000
FORM = "application/x-www-form-urlencoded"
_DAY = 24 * 3600


@csrf_exempt
@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, code: str) -> HttpResponse:
    """Show the first page, or take one page of answers and show the next."""
    try:
        return _answer(request, code)
    except (OperationalError, InterfaceError):
        log.exception("database_failed")
        return pages.out_of_order(_language(request, ("zh-Hans", "en")))


def _answer(request: HttpRequest, code: str) -> HttpResponse:
    now = timezone.now()
    state = queries.public(code, now)
    if state.survey is None or state.version is None:
        return pages.unknown(_language(request, ("zh-Hans", "en")))
    if request.method != "POST":
        visit = _first_visit(request, state.survey, state.version, now)
        return _standing(visit, state.state, 200) or _show(visit, visit.first_page(), now)
    if request.content_type != FORM or _length(request) > MOST_BYTES:
        return pages.refused(415 if request.content_type != FORM else 413)
    visit = _resumed_visit(request, state.survey, state.version, now)
    return _standing(visit, state.state, 409) or _take(request, visit, now)


def _take(request: HttpRequest, visit: Visit, now: datetime) -> HttpResponse:
    """Answer a form: another language, a page back, or a page of answers to store."""
    shown = visit.q.page(request.POST.get("page", "")) or visit.first_page()
    go = request.POST.get("go", "")
    if shown is None:
        return pages.thanks(visit, "")
    if visit.doubt:
        return _doubt(visit, shown, now)
    if go.startswith("lang:"):
        return pages.page(visit, shown, now, typed=visit.typed)
    if go == "back":
        return _show(visit.leaving(shown.code), visit.page_before(shown.code) or shown, now)
    return _store(request, visit, shown, now)


def _store(request: HttpRequest, visit: Visit, shown: Page, now: datetime) -> HttpResponse:
    wait = limits.wait_for(visit.survey.code, client_address(request))
    if wait is not None:
        notice = pages.Notice("busy", 429, wait)
        return pages.page(visit, shown, now, typed=visit.typed, notice=notice)
    try:
        result = visit.submit(shown.code, now)
    except Busy as busy:
        notice = pages.Notice("busy", 503, busy.retry_after)
        return pages.page(visit, shown, now, typed=visit.typed, notice=notice)
    if result.problems:
        return pages.page(visit, shown, now, typed=visit.typed, problems=result.problems)
    if result.is_complete:
        return pages.thanks(visit, result.reference)
    return _show(visit.having_sent(shown.code, result), visit.q.page(result.next_page or ""), now)


def _doubt(visit: Visit, shown: Page, now: datetime) -> HttpResponse:
    """Show the form again, with everything typed, where its token is too old or not ours."""
    notice = pages.Notice(visit.doubt, 400)
    first = visit.first_page() or shown
    if visit.doubt == "expired" or shown.code == first.code:
        return pages.page(visit, shown, now, typed=visit.typed, notice=notice)
    return pages.page(visit.leaving(shown.code), first, now, notice=notice)


def _show(visit: Visit, shown: Page | None, now: datetime) -> HttpResponse:
    return pages.thanks(visit, "") if shown is None else pages.page(visit, shown, now)


def _standing(visit: Visit, state: str, status: int) -> HttpResponse | None:
    """Return why nobody can answer now, or None. Who has begun may finish a full survey."""
    limit = visit.survey.response_limit
    if state == "open" and (limit is None or completed_count(visit.survey.pk) < limit):
        return None
    if state == "open" and status != 200 and visit.stored is not None:
        return None
    return pages.standing(visit, "full" if state == "open" else state, status)


def _first_visit(
    request: HttpRequest, survey: Survey, version: SurveyVersion, now: datetime
) -> Visit:
    language = _language(request, queries.questionnaire(version).languages)
    return begin(survey, version, request.GET, language, now)


def _resumed_visit(
    request: HttpRequest, survey: Survey, version: SurveyVersion, now: datetime
) -> Visit:
    fresh = _first_visit(request, survey, version, now)
    ticket = unseal(request.POST.get("token", ""), survey.code)
    doubt = "unverified" if ticket is None else "expired" if ticket.is_expired(now) else ""
    is_new, ticket = ticket is None, ticket or fresh.ticket
    version = queries.version(survey, ticket.version) or version
    accepted = request.headers.get("Accept-Language", "")
    return replace(
        fresh,
        version=version,
        ticket=ticket,
        language=language_of(request.POST, queries.questionnaire(version), accepted),
        typed=typed_in(request.POST),
        drafts=drafts_in(request.POST),
        doubt=doubt,
        is_new=is_new,
    )


def _language(request: HttpRequest, languages: tuple[str, ...]) -> str:
    accepted = request.headers.get("Accept-Language", "")
    return speech.choose(languages, request.GET.get("lang", ""), accepted)


def _length(request: HttpRequest) -> int:
    length = request.headers.get("Content-Length", "")
    return int(length[:18]) if length.isdecimal() else 0


@require_safe
def embed(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the script that puts the survey into somebody's page."""
    found = _survey_or_404(code)
    languages = tuple(found.title) or ("zh-Hans",)
    title = found.title_in(_language(request, languages))
    body = render_to_string("respond/embed.js", {"title": json.dumps(title)})
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def qr_svg(request: HttpRequest, code: str) -> HttpResponse:
    return _picture(qr.svg(_link(request, code)).encode(), "image/svg+xml")


@require_safe
def qr_png(request: HttpRequest, code: str) -> HttpResponse:
    return _picture(qr.png(_link(request, code)), "image/png")


@require_safe
def logo(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the organisation's logo; its address changes with its bytes."""
    data = bytes(_survey_or_404(code).organisation.logo or b"")
    if not data:
        raise Http404
    return _picture(data, media_type(data))


def _link(request: HttpRequest, code: str) -> str:
    """Return the link that a printed code holds: with its unit where one is named."""
    known = {key: request.GET[key] for key in ("unit", "touchpoint") if request.GET.get(key)}
    if any(len(code) > CODE_LENGTH for code in known.values()):
        raise Http404  # no such place, and no picture holds a link of any length
    return wire.address(_survey_or_404(code), source="qr", **known)


def _survey_or_404(code: str) -> Survey:
    found = queries.public(code, timezone.now()).survey
    if found is None:
        raise Http404
    return found


def _picture(data: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response["Cache-Control"] = f"public, max-age={_DAY}"
    return response
