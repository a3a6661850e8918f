"""Rows as the database takes them: one statement for many, no model object in between."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

from manyi.feedback.models import (
    Answer,
    FeedbackRecord,
    Finding,
    Reading,
    Score,
    TalkReading,
    Turn,
)

RECORD_COLUMNS = (
    *("id", "organisation_id", "source", "source_ref", "kind", "channel", "survey_id"),
    *("version_id", "wave_id", "unit_id", "touchpoint_id", "agent_id", "customer_id"),
    *("occurred_at", "day", "received_at", "completed_at", "is_partial", "is_anonymous"),
    *("language", "verbatim", "attributes", "consent", "meta", "content_hash", "revision"),
    *("analysed_at", "is_indexed", "lake_part"),
)
SCORE_COLUMNS = ["record_id", "item", "metric", "worst", "best", "value"]
ANSWER_COLUMNS = ["record_id", "question", "row", "code", "number", "text"]
TURN_COLUMNS = ["record_id", "position", "role", "at", "text"]
READING_COLUMNS = (
    *("record_id", "generation", "polarity", "score", "emotion", "intents", "flags"),
    *("language", "model"),
)
FINDING_COLUMNS = (
    *("record_id", "generation", "aspect", "polarity", "score", "start", "end", "places"),
)

# What a change of a record's words does to what was read of them.
UNREAD: dict[str, Any] = {"analysed_at": None, "masked": None, "mentions_due": True}


# Statements of every answer go to SQLite's driver itself, which knows this mark alone.
_ON_SQLITE = bool(settings.ON_SQLITE)
_MARK = "?" if _ON_SQLITE else "%s"


def _statement(model: Any, columns: Sequence[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join([_MARK] * len(columns))
    return f'INSERT INTO "{model._meta.db_table}" ({quoted}) VALUES ({marks})'  # noqa: S608


_INSERTS = {
    "records": _statement(FeedbackRecord, RECORD_COLUMNS),
    "scores": _statement(Score, SCORE_COLUMNS),
    "answers": _statement(Answer, ANSWER_COLUMNS),
    "turns": _statement(Turn, TURN_COLUMNS),
    "readings": _statement(Reading, READING_COLUMNS),
    "findings": _statement(Finding, FINDING_COLUMNS),
}
_MARK_READ = (
    f'UPDATE "{FeedbackRecord._meta.db_table}"'  # noqa: S608
    " SET analysed_at = %s, masked = %s, mentions_due = %s WHERE id = %s"
)

_REFERENCES = (
    "SELECT source_ref, id, content_hash, unit_id"  # noqa: S608
    f' FROM "{FeedbackRecord._meta.db_table}"'
    f" WHERE organisation_id = {_MARK} AND source = {_MARK} AND source_ref IN"
)


@contextmanager
def _cursor() -> Iterator[Any]:
    """Yield what runs our statements, with the faults of the database told as Django does."""
    if _ON_SQLITE:
        mine = connections[DEFAULT_DB_ALIAS]
        mine.ensure_connection()
        with mine.wrap_database_errors:
            yield mine.connection.cursor()
    else:
        with connection.cursor() as cursor:
            yield cursor


def insert(table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows given in the order of the table's columns."""
    if rows:
        with _cursor() as cursor:
            cursor.executemany(_INSERTS[table], rows)


def stored_references(
    organisation_id: int, source: str, references: Sequence[str]
) -> list[tuple[str, int, str, int | None]]:
    """Return (source_ref, id, content_hash, unit_id) of those references that are stored."""
    marks = ", ".join([_MARK] * len(references))
    with _cursor() as cursor:
        cursor.execute(f"{_REFERENCES} ({marks})", [organisation_id, source, *references])
        found: list[tuple[str, int, str, int | None]] = cursor.fetchall()
        return found


def insert_new_record(row: Sequence[Any]) -> bool:
    """Insert one record unless its reference is stored already; tell whether it was."""
    with _cursor() as cursor:
        cursor.execute(_INSERTS["records"] + " ON CONFLICT DO NOTHING", row)
        return bool(cursor.rowcount)


def mark_read(read: Sequence[tuple[Any, str, int]]) -> None:
    """Store when each record was analysed and its masked text: (moment, masked, id)."""
    with connection.cursor() as cursor:
        cursor.executemany(_MARK_READ, [(at, masked, True, pk) for at, masked, pk in read])


def forget_read(record_ids: Iterable[int], *generations: int) -> None:
    """Delete what was read of records, in these generations or in all."""
    ids = list(record_ids)
    if not generations:
        TalkReading.objects.filter(record_id__in=ids)._raw_delete("default")
    for model in (Finding, Reading):
        gone = model.objects.filter(record_id__in=ids)
        if generations:
            gone = gone.filter(generation__in=generations)
        gone._raw_delete("default")


def stays_indexed(record: FeedbackRecord, words: str) -> bool:
    """Whether the index need not look at a record that now says `words`: it holds neither text."""
    return record.is_indexed and not record.verbatim and not words


def delete_parts(record_id: int, tables: Iterable[Any] = (Score, Answer, Turn)) -> None:
    """Delete the scores, answers and turns of a record."""
    for model in tables:
        model.objects.filter(record_id=record_id)._raw_delete("default")


def moment(value: datetime | None) -> Any:
    """Return a moment as the database's driver takes it."""
    if value is None or not _ON_SQLITE:
        return value
    return value.astimezone(UTC).isoformat(" ").removesuffix("+00:00")


def day(value: date) -> Any:
    return value.isoformat() if _ON_SQLITE else value


def document(value: Any) -> str | None:
    """Return a JSON column's text."""
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


EMPTY_DOCUMENT = "{}"
