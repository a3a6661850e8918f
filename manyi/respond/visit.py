"""One visitor's way through a survey: what is asked next, what was said so far."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.http import QueryDict

from manyi.feedback import submit
from manyi.questionnaire import answering, forms, order
from manyi.questionnaire.model import Page, Questionnaire
from manyi.respond import speech
from manyi.respond.ticket import Ticket, new_submission
from manyi.surveys import queries
from manyi.surveys.models import Survey, SurveyVersion

Typed = Mapping[str, list[str]]
PLACES = ("source", "unit", "touchpoint", "agent")
_LONGEST_PLACE = 60
_LONGEST_DRAFT = 300_000


@dataclass(frozen=True)
class Visit:
    """`typed` is what the form just sent holds, `drafts` what other pages held when left,
    `doubt` what is wrong with the form's token, `known` what is known to be stored."""

    survey: Survey
    version: SurveyVersion
    ticket: Ticket
    language: str
    embedded: bool = False
    typed: Typed = field(default_factory=dict)
    drafts: Mapping[str, Typed] = field(default_factory=dict)
    doubt: str = ""
    is_new: bool = False
    known: submit.Response | None = None

    @property
    def q(self) -> Questionnaire:
        return queries.questionnaire(self.version)

    @cached_property
    def stored(self) -> submit.Response | None:
        """Return what was stored so far; a new visit has stored nothing."""
        if self.is_new or self.known is not None:
            return self.known
        return submit.open_response(self.version, self.ticket.submission)

    @property
    def answers(self) -> Mapping[str, object]:
        return self.stored.answers if self.stored else {}

    @cached_property
    def orders(self) -> order.Drawn:
        """Return the orders drawn for this submission: the same at every page of it."""
        return order.draw(self.q, random.Random(self.ticket.submission))  # noqa: S311

    def first_page(self) -> Page | None:
        return answering.next_page(self.q, self.answers, None, self.ticket.hidden)

    def page_before(self, page: str) -> Page | None:
        return answering.previous_page(self.q, self.answers, page, self.ticket.hidden)

    def fields_of(self, page: Page) -> Typed:
        """Return what a page's form shows: what was typed there, else stored, else chosen by
        the link."""
        if page.code in self.drafts:
            return self.drafts[page.code]
        found: dict[str, list[str]] = {}
        for x in page.questions:
            value = self.answers.get(x.code)
            found |= forms.to_form(x, self.ticket.prefill.get(x.code) if value is None else value)
        return found

    def leaving(self, page: str) -> Visit:
        """Return the visit with what was typed on `page` kept for the way back."""
        return replace(self, drafts={**self.drafts, page: self.typed})

    def having_sent(self, page: str, result: submit.Submitted) -> Visit:
        """Return the visit as it is after `page` was stored."""
        drafts = {code: typed for code, typed in self.drafts.items() if code != page}
        known = submit.Response(
            result.record_id or 0,
            dict(result.answers),
            self.orders,
            self.ticket.hidden,
            result.is_complete,
            result.reference,
        )
        return replace(self, drafts=drafts, typed={}, is_new=False, known=known)

    def context(self, now: datetime) -> submit.Context:
        place = self.ticket.place
        return submit.Context(
            language=self.language,
            source=place.get("source", ""),
            unit=place.get("unit"),
            touchpoint=place.get("touchpoint"),
            agent=place.get("agent"),
            hidden=self.ticket.hidden,
            orders=self.orders or None,
            meta={"seconds": int(now.timestamp()) - self.ticket.started},
        )

    def submit(self, page: str, now: datetime) -> submit.Submitted:
        """Store what was typed on `page`; see `feedback.submit.submit_page`."""
        raw = forms.from_form(self.q, page, self.typed)
        ticket, context = self.ticket, self.context(now)
        return submit.submit_page(
            self.version, ticket.submission, page, raw, context=context, now=now
        )


def begin(
    survey: Survey, version: SurveyVersion, query: QueryDict, language: str, now: datetime
) -> Visit:
    """Return a new visit from a link's query; nothing is stored by it."""
    fields = {key: query.getlist(key) for key in query}
    prefill, hidden = forms.prefill(queries.questionnaire(version), fields)
    place = {key: query.get(key, "").strip()[:_LONGEST_PLACE] for key in PLACES}
    at = int(now.timestamp())
    ticket = Ticket(
        survey.code,
        version.number,
        new_submission(),
        at,
        at,
        place={key: value for key, value in place.items() if value},
        hidden=hidden,
        prefill=prefill,
    )
    embedded = query.get("embed") == "1"
    return Visit(survey, version, ticket, language, embedded=embedded, is_new=True)


def typed_in(form: QueryDict) -> dict[str, list[str]]:
    """Return the answers' fields of a form that was sent."""
    return {key: form.getlist(key) for key in form if key.startswith("q.")}


def drafts_in(form: QueryDict) -> dict[str, Typed]:
    """Return what other pages held when they were left by Back; {} for anything odd."""
    text = form.get("drafts", "")
    try:
        found = json.loads(text) if len(text) <= _LONGEST_DRAFT else {}
        # Half a character, which only an escape can name, is on no page and in no form.
        json.dumps(found, ensure_ascii=False).encode()
        return {
            str(page): {str(key): [str(v) for v in values] for key, values in typed.items()}
            for page, typed in found.items()
        }
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}


def language_of(form: QueryDict, q: Questionnaire, accepted: str) -> str:
    """Return the language that the form was in, or that its visitor now asks for."""
    go = form.get("go", "")
    asked = go.removeprefix("lang:") if go.startswith("lang:") else form.get("lang", "")
    return speech.choose(q.languages, asked, accepted)
