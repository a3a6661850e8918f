"""A paragraph on a selection, written in the background for the member who asked for it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require, scope
from manyi.connectors.llm import reading, service
from manyi.connectors.models import LlmChoice, Summary
from manyi.feedback import queries
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.outside import name_of
from manyi.feedback.rereading import WORKER
from manyi.kit.problems import Problem
from manyi.kit.selection import Scope, Selection, parse
from manyi.outbound.chat import Question, Said
from manyi.text.outside import material, summary

# Few texts say nothing that reading them would not; many do not fit into a question.
LEAST, MOST_TEXTS, MOST_SIGNS = 5, 40, 12_000
KEPT = 20


def request(*, by: Member, selection: Selection, language: str, now: datetime) -> Summary:
    """Have a selection summarised; raises Problem where that may not be."""
    require(by, "feedback.read")
    choice = service.require_open(service.agreed(by.organisation_id), now)
    if not choice.summarises or not scope(by).sees_text:
        raise Problem("llm.not_allowed")
    if len(selection.query()) > 2000:
        raise Problem("llm.selection_long")
    open_states = (Summary.State.WAITING, Summary.State.RUNNING)
    if Summary.objects.filter(member=by, state__in=open_states).exists():
        raise Problem("llm.summary_under_way")
    old = Summary.objects.filter(member=by).order_by("-pk").values_list("pk", flat=True)[KEPT:]
    Summary.objects.filter(pk__in=list(old)).delete()
    query = selection.split().query()
    with transaction.atomic():
        detail = {"selection": query, "host": choice.host, "model": choice.model}
        audit.record(by.organisation_id, actor=by, action="llm.summarise", detail=detail, now=now)
        return Summary.objects.create(
            organisation=by.organisation, member=by, query=query, language=language, created_at=now
        )


def latest(by: Member, selection: Selection) -> Summary | None:
    """Return a member's newest summary of a selection."""
    mine = Summary.objects.filter(member=by, query=selection.split().query())
    return mine.order_by("-pk").first()


def summarise_due(*, now: datetime) -> int:
    """Write one summary that somebody waits for. A loop step."""
    job = Summary.claim_next(worker=WORKER, now=now)
    if job is None:
        return 0
    try:
        done = _summarise(job, now)
    except Problem as problem:
        done = {"problem": {"code": problem.code, "params": {}, "errors": []}}
    return int(job.finish(worker=WORKER, now=now, **done))


def _summarise(job: Summary, now: datetime) -> dict[str, Any]:
    choice = service.require_open(service.agreed(job.organisation_id), now)
    if not choice.summarises or not job.member.is_active:
        raise Problem("llm.not_allowed")
    seen = scope(job.member)
    voices, texts = _texts(choice, selection_of(seen, job), now)
    if len(texts) < LEAST:
        raise Problem("llm.summary_few")
    asked = _question(tuple(text for _, text in texts), job.language)
    if asked.tokens > service.left(choice, now):
        raise Problem("llm.tokens_used")
    said = service.fetch(asked, seconds=1.5 * service.SECONDS)
    if not isinstance(said, Said):
        service.note(job.organisation_id, said, now)
        raise Problem("llm.unavailable")
    found = _believed(said, tuple(text for _, text in texts))
    service.note(job.organisation_id, said, now, kept=found is not None)
    if found is None:
        raise Problem("llm.summary_unfounded")
    sentences = [
        {"text": one.text, "records": [texts[n][0] for n in one.cites]} for one in found.sentences
    ]
    return {
        "sentences": sentences,
        "dropped": found.dropped,
        "voices": voices,
        "read": len(texts),
        "model": name_of(choice.model),
    }


def selection_of(seen: Scope, job: Summary) -> Selection:
    """Return the selection that a summary is of, as its member may see it now."""
    return parse(seen, parse_qs(job.query))


def _texts(
    choice: LlmChoice, selection: Selection, now: datetime
) -> tuple[int, list[tuple[int, str]]]:
    """Return how many texts a selection has, and an even sample of those that may leave."""
    said = queries.records(selection).exclude(masked=None).exclude(masked="")
    ids = list(said.values_list("pk", flat=True)[:5_000])
    step = max(1, len(ids) // MOST_TEXTS)
    chosen = ids[::step][:MOST_TEXTS]
    rows = FeedbackRecord.objects.filter(pk__in=chosen).select_related("customer", "agent")
    found, signs, held_back = [], 0, 0
    for record in rows.order_by("-occurred_at", "-pk"):
        text = reading.hidden(record).text[:600]
        if material.gives_orders(record.verbatim):
            held_back += 1
        elif signs + len(text) <= MOST_SIGNS:
            found.append((record.pk, text))
            signs += len(text)
    service.hold_back(choice.organisation_id, held_back, now)
    return said.count(), found


def _question(texts: tuple[str, ...], language: str) -> Question:
    fenced = material.Fenced(secrets.token_hex(6), texts)
    told = summary.instructions(language)
    return Question(told, str(fenced), summary.SCHEMA, summary.MOST_TOKENS)


def _believed(said: Said, texts: tuple[str, ...]) -> summary.Summary | None:
    try:
        return summary.read(said.content, texts)
    except Problem:
        return None


def shown(seen: Scope, job: Summary) -> Sequence[dict[str, Any]]:
    """Return the sentences whose records all are there still and may be seen."""
    wanted = {pk for one in job.sentences for pk in one["records"]}
    rows = queries.visible_to(seen).filter(pk__in=wanted).exclude(verbatim="")
    there = set(rows.values_list("pk", flat=True))
    return [one for one in job.sentences if set(one["records"]) <= there]
