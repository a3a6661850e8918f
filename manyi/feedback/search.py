"""Search of verbatims by exact words, Chinese and Latin alike.

The index is filled by the loop; records it has not reached yet are searched directly, so a
voice is found from the moment it is stored.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from manyi.base.cjk import phrases, tokens
from manyi.feedback.models import FeedbackRecord

# Small, since each batch holds the write lock for as long as it is stored.
BATCH = 200
# A longer question is beyond what the index's grammar takes, and nobody types it.
LONGEST, MOST_PHRASES = 200, 20
# So many records are fetched one by one sooner than they are met by walking the list.
RARE = 5_000
FEW = 500
TABLE = "feedback_search"
CREATE = {
    "sqlite": [
        f"CREATE VIRTUAL TABLE {TABLE}"
        " USING fts5(tokens, tokenize='unicode61 remove_diacritics 0')",
        # What is deleted leaves no trace in the index.
        f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('secure-delete', 1)",  # noqa: S608
    ],
    "postgresql": [
        f"CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, tokens tsvector NOT NULL)",
        f"CREATE INDEX feedback_search_tokens ON {TABLE} USING gin (tokens)",
    ],
}


def held(words: str) -> list[int] | Q:
    """Return the ids of the records whose verbatim holds every part of `words`; where they are
    many, what admits them, of rows that are `walked`."""
    words = words[:LONGEST]
    asked = phrases(words)[:MOST_PHRASES]
    if not asked:
        return []
    # Read before the index: what moves from one to the other meanwhile is found twice, not never.
    fresh = _fresh(words)
    hits = _indexed(asked)
    if isinstance(fresh, Q):
        return Q(walked__in=hits) | fresh
    few = _few(hits)
    return Q(walked__in=hits) | Q(pk__in=fresh) if few is None else sorted({*few, *fresh})


def walked(rows: QuerySet[FeedbackRecord]) -> QuerySet[FeedbackRecord]:
    """Have the database walk these rows in their order, by which the newest of many are soon
    found: `+ 0` keeps it from fetching every hit first."""
    return rows.alias(walked=F("pk") + 0)


def holding(rows: QuerySet[FeedbackRecord], words: str) -> QuerySet[FeedbackRecord]:
    """Keep the records whose masked text holds every part of `words`."""
    for part in words[:LONGEST].split()[:MOST_PHRASES]:
        rows = rows.filter(masked__icontains=part)
    return rows


def _fresh(words: str) -> list[int] | Q:
    """Return the ids of the records that the index has not reached and that hold `words`; where
    they are many, what admits them."""
    waiting = Q(is_indexed=False)
    for part in words.split()[:MOST_PHRASES]:
        waiting &= Q(verbatim__icontains=part)
    found = FeedbackRecord.objects.filter(waiting).order_by("pk").values_list("pk", flat=True)
    ids = list(found[: FEW + 1])
    return waiting if len(ids) > FEW else ids


def _few(hits: RawSQL) -> list[int] | None:
    """Return what the index finds; None where that is much."""
    with connection.cursor() as cursor:
        cursor.execute(f"{hits.sql} LIMIT {RARE + 1}", hits.params)
        found = [pk for (pk,) in cursor.fetchall()]
    return None if len(found) > RARE else found


def _indexed(asked: list[list[str]]) -> RawSQL:
    if connection.vendor == "sqlite":
        query = " AND ".join('"' + " ".join(p) + '"' + _star(p, "*") for p in asked)
        sql = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s"  # noqa: S608
        return RawSQL(sql, [query])  # noqa: S611
    query = " & ".join(f"({_postgresql_phrase(p)})" for p in asked)
    sql = f"SELECT rowid FROM {TABLE} WHERE tokens @@ to_tsquery('simple', %s)"  # noqa: S608
    return RawSQL(sql, [query])  # noqa: S611


def _postgresql_phrase(phrase: list[str]) -> str:
    return " <-> ".join(f"'{token}'" + _star(phrase, ":*") for token in phrase)


def _star(phrase: list[str], mark: str) -> str:
    """A single token may be the beginning of a longer one."""
    return mark if len(phrase) == 1 else ""


def index_waiting() -> int:
    """Index the records that wait, a batch a transaction. A loop step; returns how many."""
    done = 0
    while batch := list(
        FeedbackRecord.objects.filter(is_indexed=False)
        .order_by("pk")
        .values_list("pk", "verbatim", "revision")[:BATCH]
    ):
        done += _index(batch)
        if len(batch) < BATCH:
            break
    return done


def _index(batch: list[tuple[int, str, int]]) -> int:
    prepared = [(pk, " ".join(tokens(text)), revision) for pk, text, revision in batch]
    with transaction.atomic(), connection.cursor() as cursor:
        current = dict(
            FeedbackRecord.objects.filter(
                pk__in=[pk for pk, *_ in prepared], is_indexed=False
            ).values_list("pk", "revision")
        )
        mine = [(pk, text) for pk, text, revision in prepared if current.get(pk) == revision]
        # What was never changed was never indexed.
        changed = [(pk,) for pk, _ in mine if current[pk] > 1]
        cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", changed)  # noqa: S608
        cursor.executemany(_insert_sql(), mine)
        FeedbackRecord.objects.filter(pk__in=[pk for pk, _ in mine]).update(is_indexed=True)
    return len(mine)


def _insert_sql() -> str:
    if connection.vendor == "sqlite":
        return f"INSERT INTO {TABLE} (rowid, tokens) VALUES (%s, %s)"  # noqa: S608
    return f"INSERT INTO {TABLE} (rowid, tokens) VALUES (%s, to_tsvector('simple', %s))"  # noqa: S608


def forget(record_ids: list[int]) -> None:
    """Take records out of the index."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {TABLE} WHERE rowid = %s",  # noqa: S608
            [(pk,) for pk in record_ids],
        )
