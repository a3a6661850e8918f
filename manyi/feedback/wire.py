"""A record as the API, webhooks and exports show it, to whom it may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from manyi.accounts.models import Organisation
from manyi.customers.wire import ref_hash
from manyi.feedback.details import attach
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.queries import few_answers
from manyi.feedback.versions import questionnaire
from manyi.kit.selection import Scope
from manyi.questionnaire import rows as coded
from manyi.questionnaire.model import TEXT_KINDS


def to_wire(scope: Scope, found: Iterable[FeedbackRecord]) -> list[dict[str, Any]]:
    """Return records as they may be shown to a scope.

    Of an anonymous answer only the day is shown, and no unit with too few answers.
    """
    shown = list(found)
    attach(shown)
    hidden = _hidden_units(scope, shown)
    return [_one(scope, r, (r.survey_id, r.unit_id) in hidden) for r in shown]


def _hidden_units(scope: Scope, shown: Sequence[FeedbackRecord]) -> set[tuple[int, int]]:
    surveys = {r.survey_id for r in shown if r.is_anonymous and r.survey_id and r.unit_id}
    if not surveys:
        return set()
    minimum = Organisation.objects.values_list("privacy_n", flat=True).get(pk=scope.organisation_id)
    return few_answers(scope, surveys, minimum)


def _one(scope: Scope, r: FeedbackRecord, unit_hidden: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "id": str(r.pk),
        "source": r.source,
        "source_ref": r.source_ref if scope.sees_text and not r.is_anonymous else None,
        "survey": r.survey.code if r.survey else None,
        "version": str(r.version_id) if r.version_id else None,
        "kind": r.kind,
        "channel": r.channel,
        "occurred_at": r.day.isoformat() if r.is_anonymous else r.occurred_at.isoformat(),
        "day": r.day.isoformat(),
        "state": state(r),
        "anonymous": r.is_anonymous,
        "language": r.language,
        "unit": r.unit.code if r.unit and not unit_hidden else None,
        "touchpoint": r.touchpoint.code if r.touchpoint else None,
        # Who served tells where.
        "agent": r.agent.code if r.agent and not unit_hidden else None,
        "customer": _customer(scope, r),
        **content_for(scope, r),
        "tags": [tag.label for tag in r.tags.all()] if scope.sees_text else [],
        "revision": r.revision,
    }


def state(r: FeedbackRecord) -> str:
    """Return complete, partial (broken off) or under_way."""
    if r.completed_at is not None:
        return "complete"
    return "partial" if r.is_partial else "under_way"


def _customer(scope: Scope, r: FeedbackRecord) -> dict[str, Any] | None:
    if r.customer is None:
        return None
    if not scope.sees_personal:
        return {"id": str(r.customer_id), "ref": ref_hash(r.customer), "name": None}
    return {"id": str(r.customer_id), "ref": r.customer.ref, "name": r.customer.name}


def words_of(scope: Scope, r: FeedbackRecord) -> str:
    """Return a record's words; without personal data, once read, to who sees no text."""
    return r.verbatim if scope.sees_text else r.masked or ""


def content_for(scope: Scope, r: FeedbackRecord) -> dict[str, Any]:
    """Return what a record says as a scope may see it.

    Who sees no text is given scores, coded answers and the masked words, nothing else.
    """
    said = content_of(r)
    if scope.sees_text:
        return said
    own = {"verbatim": words_of(scope, r), "turns": [], "attributes": {}}
    return {**said, **own, "answers": coded_answers(r)}


def coded_answers(r: FeedbackRecord) -> dict[str, object]:
    """Return the answers without what is written in them."""
    if r.version_id is None:
        return {}
    said = {x.code for x in questionnaire(r.version_id).questions() if x.kind in TEXT_KINDS}
    given = answers_of(r)
    return {code: _wordless(value) for code, value in given.items() if code not in said}


def _wordless(value: object) -> object:
    """Drop what a respondent wrote beside a choice."""
    if not isinstance(value, Mapping):
        return value
    return {name: one for name, one in value.items() if name not in ("text", "other")}


def content_of(r: FeedbackRecord) -> dict[str, Any]:
    """Return what a record says: its scores, answers, words and attributes."""
    return {
        "scores": [
            {"item": s.item, "metric": s.metric, "scale": [s.worst, s.best], "value": s.value}
            for s in r.scores.all()
        ],
        "answers": answers_of(r),
        "turns": [
            {"role": t.role, "at": _at(r, t.at), "text": t.text}
            for t in sorted(r.turns.all(), key=lambda t: t.position)
        ],
        "verbatim": r.verbatim,
        "attributes": r.attributes,
    }


def _at(r: FeedbackRecord, at: datetime | None) -> str | None:
    return None if at is None or r.is_anonymous else at.isoformat()


def answers_of(r: FeedbackRecord) -> dict[str, object]:
    """Return the answers as they were given, by question code."""
    if r.version_id is None:
        return {}
    stored = [
        coded.AnswerRow(a.question, a.row, a.code, a.number, a.text)
        for a in sorted(r.answers.all(), key=lambda a: a.pk)
    ]
    return coded.values_of(questionnaire(r.version_id), stored)
