"""One question to the outside model: only where it may be asked, and rarely where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from manyi.connectors.models import LlmChoice, LlmDay, LlmState
from manyi.feedback.outside import name_of
from manyi.kit.problems import Problem
from manyi.outbound import chat
from manyi.outbound.chat import Model, Question, Said
from manyi.outbound.http import Failed

SECONDS = 30.0
# After so many failures in a row nobody asks for a while, twice as long each time.
MOST_FAILURES = 3
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)
_ROW = 1
# What the operator has to put right before asking again makes sense.
LASTING = {"llm.refused", "llm.model_unknown", "llm.redirected", "llm.certificate"}
# The model answered; only this one question was too much.
OF_THE_TEXT = {"llm.too_long", "llm.text_refused"}


@dataclass(frozen=True)
class Stand:
    """How the outside model stands: whether there is one, and whether it may be asked now."""

    model: Model | None
    rests_until: datetime | None = None
    code: str = ""
    good_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.model is not None and (self.rests_until is None or self.rests_until <= now)


def model() -> Model | None:
    """Return the model that the operator has set, or None."""
    given = settings.LLM
    return None if given is None else Model(given.url, given.model, given.key)


def reading_name() -> str:
    """Return how readings of the model in force name it; empty where there is none."""
    found = model()
    return name_of(found.name) if found else ""


def stand() -> Stand:
    """Return how the outside model stands."""
    row = LlmState.objects.filter(pk=_ROW).first() or LlmState()
    return Stand(model(), row.rests_until, row.code if row.failures else "", row.good_at)


def agreed(organisation_id: int) -> LlmChoice | None:
    """Return what an organisation allows; None unless it agreed to this address and model."""
    found = model()
    if found is None:
        return None
    mine = LlmChoice.objects.filter(organisation_id=organisation_id, agreed_at__isnull=False)
    return mine.filter(host=found.host, model=found.name).first()


def left(choice: LlmChoice, now: datetime) -> int:
    """Return how many tokens are left today to an organisation, of its own and of all."""
    today = LlmDay.objects.filter(day=now.date())
    mine = today.filter(organisation_id=choice.organisation_id).aggregate(n=Sum("tokens"))["n"] or 0
    all_used = today.aggregate(n=Sum("tokens"))["n"] or 0
    most = settings.LLM.tokens if settings.LLM else 0
    return max(0, min(choice.tokens_a_day - mine, most - all_used))


def fetch(question: Question, *, seconds: float = SECONDS) -> Said | Failed:
    """Return what the model says, or why it says nothing; touches no table, so any thread may."""
    found = model()
    if found is None:
        return Failed("llm.none")
    try:
        return chat.ask(found, question, seconds=seconds)
    except Failed as failure:
        return failure


def has_failed(said: Said | Failed) -> bool:
    """Whether the model failed, not just at this one text."""
    return isinstance(said, Failed) and said.code not in OF_THE_TEXT


def note(organisation_id: int, said: Said | Failed, now: datetime, *, kept: bool = False) -> None:
    """Remember what a question cost, and how the model stands after it."""
    if isinstance(said, Said):
        _add(organisation_id, now, tokens=said.tokens, asked=1, kept=kept, refused=not kept)
        _good(now)
    elif has_failed(said):
        _bad(said, now)
    else:
        _add(organisation_id, now, asked=1, refused=1)


def hold_back(organisation_id: int, n: int, now: datetime) -> None:
    """Count texts that were not sent because they speak to a machine."""
    if n:
        _add(organisation_id, now, held_back=n)


def _add(organisation_id: int, now: datetime, **more: int) -> None:
    with transaction.atomic():
        row, _ = LlmDay.objects.get_or_create(organisation_id=organisation_id, day=now.date())
        added = {name: F(name) + int(n) for name, n in more.items()}
        LlmDay.objects.filter(pk=row.pk).update(**added)


def _good(now: datetime) -> None:
    given = {"failures": 0, "code": "", "rests_until": None, "good_at": now}
    LlmState.objects.update_or_create(pk=_ROW, defaults=given)


def _bad(failure: Failed, now: datetime) -> None:
    with transaction.atomic():
        row, _ = LlmState.objects.select_for_update().get_or_create(pk=_ROW)
        row.failures += 1
        row.code, row.bad_at = failure.code, now
        row.rests_until = _rest(row, failure, now)
        row.save()


def _rest(row: LlmState, failure: Failed, now: datetime) -> datetime | None:
    """Return until when nobody asks: as the model wants it, and never shorter than usual."""
    usual = _usual_rest(row, failure)
    if failure.after is None and usual is None:
        return row.rests_until
    wanted = timedelta(seconds=failure.after or 0)
    return now + min(max(wanted, usual or timedelta()), LONGEST_REST)


def _usual_rest(row: LlmState, failure: Failed) -> timedelta | None:
    if failure.code in LASTING:
        return LONGEST_REST
    if row.failures < MOST_FAILURES:
        return None
    return FIRST_REST * 2 ** min(row.failures - MOST_FAILURES, 10)


def require_open(choice: LlmChoice | None, now: datetime) -> LlmChoice:
    """Return what is allowed; raises Problem where the model may not be asked now."""
    if choice is None:
        raise Problem("llm.not_allowed")
    if not stand().is_open(now):
        raise Problem("llm.unavailable")
    return choice
