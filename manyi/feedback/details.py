"""What belongs to records, read for many at once: four plain queries, no object a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import ForeignKey

from manyi.feedback.models import Answer, FeedbackRecord, Score, Tag, Turn


class _Score(NamedTuple):
    item: str
    metric: str
    worst: float
    best: float
    value: float


class _Answer(NamedTuple):
    pk: int
    question: str
    row: str
    code: str
    number: float | None
    text: str


class _Turn(NamedTuple):
    position: int
    role: str
    at: datetime | None
    text: str


class _Tag(NamedTuple):
    label: str


_LINES: tuple[tuple[str, Any, Any], ...] = (
    ("scores", Score, _Score),
    ("answers", Answer, _Answer),
    ("turns", Turn, _Turn),
    ("tags", Tag, _Tag),
)
_CODED = ("unit", "touchpoint", "agent", "survey", "customer")


def attach(found: Sequence[FeedbackRecord]) -> None:
    """Let `record.scores.all()` and the like of these records answer without a query."""
    ids = [record.pk for record in found]
    for name, model, line in _LINES:
        rows = model.objects.filter(record_id__in=ids).order_by("pk")
        of: dict[int, list[Any]] = defaultdict(list)
        for record_id, *values in rows.values_list("record_id", *line._fields):
            of[record_id].append(line._make(values))
        for record in found:
            _cache(record)[name] = of.get(record.pk, [])
    for name in _CODED:
        _attach_one(found, name)


def _cache(record: Any) -> dict[str, Any]:
    kept: dict[str, Any] = record.__dict__.setdefault("_prefetched_objects_cache", {})
    return kept


def _attach_one(found: Sequence[FeedbackRecord], name: str) -> None:
    field = FeedbackRecord._meta.get_field(name)
    assert isinstance(field, ForeignKey)
    wanted = {getattr(record, field.attname) for record in found} - {None}
    model: Any = field.related_model
    known = model.objects.in_bulk(list(wanted)) if wanted else {}
    for record in found:
        key = getattr(record, field.attname)
        if key in known:
            field.set_cached_value(record, known[key])
