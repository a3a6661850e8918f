"""A person's word against the model's: kept with who and when, and counted at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.feedback import analysing, learning, taxonomy
from manyi.feedback.models import Correction, FeedbackRecord, Finding
from manyi.feedback.verdicts import hash_of
from manyi.kit.problems import FieldProblem, Problem
from manyi.text.corrected import ASPECT, INTENT, POLARITY, Verdict
from manyi.text.intents import INTENTS

MOST = 40


def correct(
    *, by: Member, record: FeedbackRecord, verdicts: Sequence[Verdict], now: datetime
) -> None:
    """Let verdicts stand in place of what the model says; the same thing judged again replaces.

    What agrees with the model is kept too: it says that a person has looked. Raises Problem.
    """
    require(by, "feedback.correct", record.unit)
    _check(record, verdicts)
    analysing.warm()
    with transaction.atomic():
        for one in verdicts:
            _keep(by, record, one, now)
        if record.corrections.count() > MOST:
            raise Problem("correction.too_many", limit=MOST)
        _settle(by, record, "feedback.correct", [(v.kind, v.code, v.sense) for v in verdicts], now)


def withdraw(*, by: Member, record: FeedbackRecord, kind: str, code: str, now: datetime) -> bool:
    """Let the model's word stand again; False where nobody had corrected it."""
    require(by, "feedback.correct", record.unit)
    analysing.warm()
    with transaction.atomic():
        gone, _ = Correction.objects.filter(record=record, kind=kind, code=code).delete()
        if gone:
            _settle(by, record, "feedback.uncorrect", [(kind, code, None)], now)
    return bool(gone)


def _keep(by: Member, record: FeedbackRecord, one: Verdict, now: datetime) -> None:
    start, end = one.place or (None, None)
    said = {"sense": one.sense, "start": start, "end": end, "by": by, "at": now}
    Correction.objects.update_or_create(
        record=record,
        kind=one.kind,
        code=one.code,
        defaults={
            **said,
            "text_hash": hash_of(record.verbatim),
            "organisation_id": record.organisation_id,
        },
    )


def _settle(
    by: Member,
    record: FeedbackRecord,
    action: str,
    said: Iterable[tuple[str, str, int | None]],
    now: datetime,
) -> None:
    organisation = record.organisation_id
    text = analysing.Text(organisation, record.pk, record.revision, record.verbatim)
    for generation in taxonomy.generations(organisation, taxonomy.living(organisation)):
        analysing.read_again([text], generation)
    learning.note(organisation, now)
    for kind, code, sense in said:
        detail = {"kind": kind, "code": code, "sense": sense}
        target = f"feedback:{record.pk}"
        audit.record(organisation, actor=by, action=action, target=target, detail=detail, now=now)


def _check(record: FeedbackRecord, verdicts: Sequence[Verdict]) -> None:
    if not record.verbatim:
        raise Problem("correction.wordless")
    known = aspects_of(record)
    wrong = ((i, _wrong(record, one, known)) for i, one in enumerate(verdicts))
    errors = [FieldProblem(f"/{i}", code, {"value": verdicts[i].code}) for i, code in wrong if code]
    if not verdicts or errors:
        raise Problem("correction.invalid", errors=tuple(errors))


def _wrong(record: FeedbackRecord, one: Verdict, known: set[str]) -> str:
    if one.kind == POLARITY and (one.code or one.sense is None):
        return "correction.polarity_missing"
    if one.kind == ASPECT and one.code not in known:
        return "correction.aspect_unknown"
    if one.kind == INTENT and one.code not in INTENTS:
        return "correction.intent_unknown"
    if one.place and not 0 <= one.place[0] < one.place[1] <= len(record.verbatim):
        return "correction.place_invalid"
    return ""


def aspects_of(record: FeedbackRecord) -> set[str]:
    """Return the aspects that may be said of a record: those in force, and those found in it."""
    known = {one.code for one in taxonomy.current(record.organisation_id).taxonomy.aspects}
    return known | set(Finding.objects.filter(record=record).values_list("aspect", flat=True))


def of_record(record: FeedbackRecord) -> list[Correction]:
    """Return what people said of a record, the latest first."""
    return list(record.corrections.select_related("by__user").order_by("-at", "-pk"))
