"""Rows of the database as the lake's tables: hot ones for a question, batches for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from manyi.feedback.models import Answer, FeedbackRecord, Score
from manyi.lake.mentioned import mentioned
from manyi.lake.tables import (
    ANSWERS,
    ATTRIBUTES,
    MENTIONS,
    RECORDS,
    SCORES,
    attached,
    base_columns,
)

if TYPE_CHECKING:
    import pyarrow as pa

# The batch of what is left out: it lies in no file, and is not read from the database either.
LEFT_OUT = 0
# A survey still under way counts nowhere until it is complete or marked partial.
COUNTS = Q(completed_at__isnull=False) | Q(is_partial=True)
_DIMENSIONS = (
    "pk",
    "survey_id",
    "unit_id",
    "touchpoint_id",
    "agent_id",
    "customer_id",
    "day",
    "channel",
    "source",
    "kind",
    "language",
    "is_anonymous",
)
_OWN = ("version_id", "completed_at", "attributes")
_WIDTH = len(_DIMENSIONS)


def hot_records(organisation: int) -> QuerySet[FeedbackRecord]:
    """Return the organisation's records that the lake does not hold, those under way too."""
    return FeedbackRecord.objects.filter(organisation_id=organisation, lake_part=None)


def due_records(organisation: int) -> QuerySet[FeedbackRecord]:
    """Return the organisation's records whose mentions the lake does not hold, or not as now."""
    mine = FeedbackRecord.objects.filter(organisation_id=organisation, mentions_due=True)
    return mine.exclude(lake_part=LEFT_OUT)


class Rows:
    """Records as the lake's tables, each read when it is first asked for."""

    def __init__(self, records: QuerySet[FeedbackRecord], organisation: int, *, part: int) -> None:
        self._records = records
        self._rows = list(records.order_by("day", "pk").values_list(*_DIMENSIONS, *_OWN))
        self._base = base_columns([row[:_WIDTH] for row in self._rows], organisation, part)
        self._tables: dict[str, pa.Table] = {}

    def table(self, name: str) -> pa.Table:
        if name not in self._tables:
            self._tables[name] = attached(name, self._base, self._read(name))
        return self._tables[name]

    def _read(self, name: str) -> Iterable[tuple[Any, ...]]:
        rows = self._rows
        # Ordered by nothing: the subquery only names the records.
        mine = self._records.order_by().values("pk")
        readers: dict[str, Callable[[], Iterable[tuple[Any, ...]]]] = {
            RECORDS: lambda: [(r[0], r[_WIDTH], _state(r[_WIDTH + 1])) for r in rows],
            SCORES: lambda: _scores(mine),
            ANSWERS: lambda: _answers(mine),
            MENTIONS: lambda: mentioned(mine),
            ATTRIBUTES: lambda: [p for r in rows for p in _settings(r[0], r[_WIDTH + 2])],
        }
        return readers[name]()


def tables_of(
    records: QuerySet[FeedbackRecord], organisation: int, *, part: int, tables: Iterable[str]
) -> dict[str, pa.Table]:
    """Return the lake's rows of `records` for each of `tables`."""
    rows = Rows(records, organisation, part=part)
    return {name: rows.table(name) for name in tables}


def _state(completed_at: datetime | None) -> str:
    return "partial" if completed_at is None else "complete"


def _scores(mine: Any) -> Iterable[tuple[Any, ...]]:
    return Score.objects.filter(record__in=mine).values_list(
        "record_id", "item", "metric", "worst", "best", "value"
    )


def _answers(mine: Any) -> Iterable[tuple[Any, ...]]:
    # Texts stay in the database: the lake holds nothing that a person wrote.
    return Answer.objects.filter(record__in=mine).values_list(
        "record_id", "question", "row", "code", "number"
    )


def _settings(record: int, attributes: Mapping[str, Any]) -> Iterable[tuple[int, str, str]]:
    for name, value in (attributes or {}).items():
        yield record, name, setting(value)


def setting(value: Any) -> str:
    """Return an attribute's value as the code that it is grouped and filtered by."""
    if isinstance(value, bool):
        return "true" if value else "false"
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)
