"""An owner lets the outside model in, or out again; both stand in the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.connectors.llm import service
from manyi.connectors.models import LlmChoice, LlmDay
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import FieldProblem, Problem

MOST_TOKENS = 1_000_000_000


def state(organisation_id: int) -> LlmChoice:
    """Return what an organisation chose; nothing where it never did."""
    row = LlmChoice.objects.filter(organisation_id=organisation_id).first()
    return row or LlmChoice(organisation_id=organisation_id)


def today(organisation_id: int, now: datetime) -> LlmDay:
    """Return what an organisation asked today."""
    row = LlmDay.objects.filter(organisation_id=organisation_id, day=now.date()).first()
    return row or LlmDay(organisation_id=organisation_id, day=now.date())


def choose(
    *,
    by: Member,
    reads: bool,
    summarises: bool,
    names: bool,
    tokens_a_day: int,
    agreed: bool,
    now: datetime,
) -> LlmChoice:
    """Let the model read, summarise and name as said; nothing of it needs no agreement.

    Texts that were there before are not sent: `read_since` begins earlier. Raises Problem.
    """
    require(by, "organisation.edit")
    found, wanted = service.model(), reads or summarises or names
    if wanted and found is None:
        raise Problem("llm.none")
    if wanted and not agreed:
        raise Problem("llm.invalid_choice", errors=(FieldProblem("agreed", "llm.not_agreed", {}),))
    if not 0 <= tokens_a_day <= MOST_TOKENS:
        fault = FieldProblem("tokens_a_day", "llm.tokens_invalid", {"limit": MOST_TOKENS})
        raise Problem("llm.invalid_choice", errors=(fault,))
    with transaction.atomic():
        row, _ = LlmChoice.objects.get_or_create(organisation=by.organisation)
        if reads and not row.reads:
            row.last_record = _newest(by.organisation_id)
        row.reads, row.summarises, row.names = reads, summarises, names
        row.tokens_a_day = tokens_a_day
        row.by, row.agreed_at = (by, now) if wanted else (None, None)
        row.host, row.model = (found.host, found.name) if wanted and found else ("", "")
        row.save()
        detail = {
            "reads": reads,
            "summarises": summarises,
            "names": names,
            "host": row.host,
            "model": row.model,
            "tokens": tokens_a_day,
        }
        audit.record(by.organisation_id, actor=by, action="llm.choose", detail=detail, now=now)
    return row


def read_since(*, by: Member, days: int, now: datetime) -> None:
    """Have texts of the last days read too, as far as the tokens of each day reach."""
    require(by, "organisation.edit")
    row = service.agreed(by.organisation_id)
    if row is None or not row.reads:
        raise Problem("llm.not_allowed")
    if not 1 <= days <= 366:
        raise Problem("llm.days_invalid")
    with transaction.atomic():
        older = FeedbackRecord.objects.filter(
            organisation=by.organisation,
            received_at__gte=now - timedelta(days=days),
        )
        first = older.order_by("pk").values_list("pk", flat=True).first()
        if first is not None:
            LlmChoice.objects.filter(pk=row.pk, last_record__gte=first).update(
                last_record=first - 1
            )
        detail = {"days": days}
        audit.record(by.organisation_id, actor=by, action="llm.read_since", detail=detail, now=now)


def forget(*, by: Member, now: datetime) -> None:
    """Have our own model's readings stand again, and all that the outside one wrote deleted."""
    require(by, "organisation.edit")
    with transaction.atomic():
        row, _ = LlmChoice.objects.get_or_create(organisation=by.organisation)
        LlmChoice.objects.filter(pk=row.pk).update(is_forgetting=True, reads=False)
        audit.record(by.organisation_id, actor=by, action="llm.forget", now=now)


def _newest(organisation_id: int) -> int:
    mine = FeedbackRecord.objects.filter(organisation_id=organisation_id)
    return mine.aggregate(last=Max("pk"))["last"] or 0
