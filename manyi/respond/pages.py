"""The public's pages as answers to requests: no cookie, no cache, nothing from elsewhere."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from manyi.accounts.models import Organisation
from manyi.kit.localtext import pick
from manyi.kit.problems import FieldProblem
from manyi.questionnaire import answering, effort
from manyi.questionnaire.conditions import compares
from manyi.questionnaire.model import Page
from manyi.questionnaire.piping import fill
from manyi.respond import asked, speech
from manyi.respond.colour import shades
from manyi.respond.ticket import seal
from manyi.respond.visit import Typed, Visit
from manyi.surveys.models import Survey

_AUTO_ADVANCE = ("rating", "nps", "ces")


@dataclass(frozen=True)
class Notice:
    """Something to say above the questions: its kind picks the sentence in the template."""

    kind: str
    status: int = 200
    retry_after: int | None = None


def page(
    visit: Visit,
    shown: Page,
    now: datetime,
    *,
    typed: Typed | None = None,
    problems: tuple[FieldProblem, ...] = (),
    notice: Notice | None = None,
) -> HttpResponse:
    """Show a page of questions, filled with `typed` or with what was answered before."""
    filled = visit.fields_of(shown) if typed is None else typed
    found = asked.questions(visit, shown, filled, problems)
    context = {
        "page": shown,
        "questions": found,
        "problems": [one for one in found if _has_problem(one)],
        "advances": _advances(visit, shown, found),
        "last": _is_last(visit, shown),
        "fresh": visit.is_new,
        "token": seal(visit.ticket.renewed(now)),
        "drafts": _drafts(visit, shown),
        "notice": notice,
        **_opening(visit, shown),
        **_remaining(visit, shown),
    }
    status = notice.status if notice else 422 if problems else 200
    response = _respond("page", visit.survey, visit.language, context, status, visit)
    if notice and notice.retry_after:
        response["Retry-After"] = str(notice.retry_after)
    return response


def thanks(visit: Visit, reference: str) -> HttpResponse:
    """Say thank you, and give the reference; or go where the survey sends who has answered."""
    redirect = visit.q.thanks.redirect
    if redirect:
        response = HttpResponse(status=303, headers={"Location": redirect})
        return _guarded(response, "", visit)
    context = {"thanks": _words(visit, visit.q.thanks.text), "reference": reference}
    return _respond("thanks", visit.survey, visit.language, context, 200, visit)


def standing(visit: Visit, state: str, status: int) -> HttpResponse:
    """Say that a survey is not open yet, closed or full."""
    survey = visit.survey
    context = {
        "state": state,
        "closed_text": pick(survey.closed_text, visit.language),
        "opens_at": survey.opens_at,
    }
    return _respond("standing", survey, visit.language, context, status, visit)


def unknown(language: str) -> HttpResponse:
    return _respond("standing", None, language, {"state": "unknown"}, 404)


def out_of_order(language: str) -> HttpResponse:
    """Ask to send again in a moment; without the database nothing of the survey is known."""
    response = _respond("standing", None, language, {"state": "out_of_order"}, 503)
    response["Retry-After"] = "5"
    return response


def refused(status: int) -> HttpResponse:
    """Refuse what no form of ours sends."""
    return _guarded(HttpResponse(status=status, content_type="text/plain"), "")


def logo_version(organisation: Organisation) -> str:
    """Return a short mark of the logo's bytes for its address, "" where there is none."""
    logo = organisation.logo
    return hashlib.sha256(bytes(logo)).hexdigest()[:10] if logo else ""


def _words(visit: Visit, text: Any) -> str:
    return fill(text, visit.q, visit.answers, visit.language, visit.ticket.hidden)


def _opening(visit: Visit, shown: Page) -> dict[str, Any]:
    """Return the words above the questions; the first page also introduces the survey."""
    back = visit.page_before(shown.code) is not None
    return {
        "back": back,
        "page_title": _words(visit, shown.title),
        "intro": "" if back else _words(visit, visit.q.intro),
        "notice_text": "" if back else _words(visit, visit.q.consent_notice),
    }


def _has_problem(one: asked.Asked) -> bool:
    return bool(one.problem) or any(row.problem for row in one.rows)


def _advances(visit: Visit, shown: Page, found: list[asked.Asked]) -> bool:
    # Only where a next page offers the way back, and nothing but one rating would be left behind.
    following = answering.next_page(visit.q, visit.answers, shown.code, visit.ticket.hidden)
    return following is not None and len(found) == 1 and found[0].kind in _AUTO_ADVANCE


def _is_last(visit: Visit, shown: Page) -> bool:
    """Whether no page follows, whatever is answered on this one."""
    if answering.next_page(visit.q, visit.answers, shown.code, visit.ticket.hidden):
        return False
    here = {x.code for x in shown.questions}
    later = visit.q.pages[visit.q.pages.index(shown) + 1 :]
    conditions = [c for p in later for c in (p.show_if, *(x.show_if for x in p.questions))]
    return not any(one.question in here for c in conditions for one in compares(c))


def _drafts(visit: Visit, shown: Page) -> str:
    others = {code: typed for code, typed in visit.drafts.items() if code != shown.code}
    return json.dumps(others, ensure_ascii=False) if others else ""


def _remaining(visit: Visit, shown: Page) -> dict[str, int]:
    """Return how many questions are left, this page's included, and about how many seconds."""
    q, hidden = visit.q, visit.ticket.hidden
    codes = [p.code for p in q.pages]
    left = [
        replace(p, questions=tuple(answering.visible_questions(q, p, visit.answers, hidden)))
        for p in answering.visible_pages(q, visit.answers, hidden)
        if codes.index(p.code) >= codes.index(shown.code)
    ]
    rest = replace(q, pages=tuple(left), intro={})
    seconds = effort.estimate_seconds(rest, visit.language)
    minutes = (seconds + 30) // 60
    return {"left": effort.count_questions(rest), "seconds": seconds, "minutes": minutes}


def _respond(
    name: str,
    survey: Survey | None,
    language: str,
    context: dict[str, Any],
    status: int,
    visit: Visit | None = None,
) -> HttpResponse:
    nonce = secrets.token_urlsafe(12)
    zone = ZoneInfo(survey.organisation.time_zone if survey else settings.TIME_ZONE)
    with translation.override(speech.ours(language).lower()), timezone.override(zone):
        body = render_to_string(
            f"respond/{name}.html",
            {**_frame(survey, language, visit), "nonce": nonce, **context},
        )
    response = HttpResponse(body, status=status, headers={"Content-Language": language})
    return _guarded(response, nonce, visit)


def _frame(survey: Survey | None, language: str, visit: Visit | None) -> dict[str, Any]:
    organisation = survey.organisation if survey else None
    return {
        "language": language,
        "shades": shades(organisation.colour if organisation else ""),
        "survey": survey,
        "survey_title": survey.title_in(language) if survey else "",
        "organisation": organisation.name_in(language) if organisation else "",
        "logo": _logo(survey) if survey else "",
        "visit": visit,
        "address": reverse("respond:survey", args=[survey.code]) if survey else "",
        "languages": [
            (tag, speech.name(tag))
            for tag in (visit.q.languages if visit else ())
            if tag != language
        ],
        "anonymous": visit.version.is_anonymous if visit else True,
    }


def _logo(survey: Survey) -> str:
    mark = logo_version(survey.organisation)
    return f"{reverse('respond:logo', args=[survey.code])}?v={mark}" if mark else ""


def _guarded(response: HttpResponse, nonce: str, visit: Visit | None = None) -> HttpResponse:
    embedded = visit is not None and visit.embedded
    redirect = visit.q.thanks.redirect if visit else None
    response["Content-Security-Policy"] = _policy(nonce, redirect, "*" if embedded else "'none'")
    response["Cache-Control"] = "no-store"
    if embedded:
        response.xframe_options_exempt = True
    return response


def _policy(nonce: str, redirect: str | None, ancestors: str) -> str:
    # A form's answer may only redirect to where form-action allows.
    parts = urlsplit(redirect or "")
    onwards = f" {parts.scheme}://{parts.netloc}" if redirect else ""
    inline = f"'nonce-{nonce}'" if nonce else "'none'"
    return (
        f"default-src 'none'; script-src {inline}; style-src {inline}; img-src 'self' data:; "
        f"form-action 'self'{onwards}; base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )
