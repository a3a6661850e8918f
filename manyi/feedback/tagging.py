"""Words that staff put on records: they stay when the source sends the record again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.feedback.models import FeedbackRecord, Tag
from manyi.kit.problems import FieldProblem, Problem

LENGTH = 40
MOST = 20


def add_tag(*, by: Member, record: FeedbackRecord, label: str, now: datetime) -> Tag:
    """Put a word on a record; the same word again is the same tag."""
    require(by, "feedback.tag", record.unit)
    word = clean(label)
    with transaction.atomic():
        tag, is_new = Tag.objects.get_or_create(
            record=record, label=word, defaults={"by": by.user.display_name, "at": now}
        )
        if is_new:
            if Tag.objects.filter(record=record).count() > MOST:
                _refuse("feedback.tags_too_many", MOST)
            _record(by, "feedback.tag", record, now)
    return tag


def remove_tag(*, by: Member, record: FeedbackRecord, label: str, now: datetime) -> bool:
    """Take a word off a record; False where it was not there."""
    require(by, "feedback.tag", record.unit)
    with transaction.atomic():
        removed, _ = Tag.objects.filter(record=record, label=label).delete()
        if removed:
            _record(by, "feedback.untag", record, now)
    return bool(removed)


def clean(label: str) -> str:
    """Return a tag on one line without a leading #, or raise the Problem that says why not."""
    word = " ".join("".join(c if c.isprintable() else " " for c in label).split()).lstrip("#＃ ")
    if not word:
        _refuse("feedback.tag_missing", LENGTH)
    if len(word) > LENGTH:
        _refuse("feedback.tag_too_long", LENGTH)
    return word


def _refuse(code: str, limit: int) -> None:
    params = {"limit": limit}
    raise Problem(code, errors=(FieldProblem("label", code, params),), limit=limit)


def _record(by: Member, action: str, record: FeedbackRecord, now: datetime) -> None:
    """The chain keeps no words: a tag may name a person."""
    target = f"feedback:{record.pk}"
    audit.record(record.organisation_id, actor=by, action=action, target=target, now=now)
