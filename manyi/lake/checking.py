"""Counts the database again and compares: the lake must agree with what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from manyi.feedback import taxonomy
from manyi.feedback.models import Answer, FeedbackRecord, Reading, Score
from manyi.kit.selection import Scope, Selection
from manyi.lake import engine, question
from manyi.lake.cells import Group, grouped
from manyi.lake.hot import LEFT_OUT
from manyi.lake.mentioned import VOICE
from manyi.lake.models import LakeFile
from manyi.lake.snapshot import consistent
from manyi.lake.tables import ANSWERS, MENTIONS, RECORDS, SCORES

_Sizes = Mapping[date, tuple[int, float]]


@dataclass(frozen=True)
class Difference:
    """A month of which lake and database disagree: rows, and the sum of their values."""

    organisation: int
    table: str
    month: date
    in_lake: tuple[int, float]
    in_database: tuple[int, float]


def recount() -> list[Difference]:
    """Return every disagreement between lake and database; the good answer is none.

    Raises OSError or ArrowException where a file is lost or damaged.
    """
    stored = FeedbackRecord.objects.order_by().values_list("organisation_id", flat=True)
    copied = LakeFile.objects.order_by().values_list("organisation_id", flat=True)
    known = sorted({*stored.distinct(), *copied.distinct()})
    return [one for organisation in known for one in recount_one(organisation)]


def recount_one(organisation: int) -> list[Difference]:
    """Return the disagreements about one organisation."""
    _all_there(organisation)
    found = []
    for table in (RECORDS, SCORES, ANSWERS, MENTIONS):
        # Both as of one moment: voices come while they are counted.
        with consistent():
            lake, database = _in_lake(organisation, table), _in_database(organisation, table)
        for month in sorted(lake.keys() | database.keys()):
            pair = lake.get(month, (0, 0.0)), database.get(month, (0, 0.0))
            if pair[0][0] != pair[1][0] or abs(pair[0][1] - pair[1][1]) > 1e-6:
                found.append(Difference(organisation, table, month, *pair))
    return found


def _all_there(organisation: int) -> None:
    """Look into each file: what is counted may be answered by the columns beside it alone."""
    import pyarrow.parquet as pq

    live = LakeFile.objects.filter(organisation_id=organisation, replaced_at=None)
    for path, rows in live.values_list("path", "rows"):
        found = pq.read_metadata(engine.folder() / path).num_rows
        if found != rows:
            raise OSError(f"{path} holds {found} of {rows} rows")


def _in_lake(organisation: int, table: str) -> _Sizes:
    whole = Selection(Scope(organisation, None), interval="month")
    fixed = {"facet": VOICE} if table == MENTIONS else None
    asked = question.question(whole, table, question.read(whole, table), fixed=fixed)
    assert asked is not None
    measure = {RECORDS: "values", MENTIONS: "values", SCORES: "score_sums", ANSWERS: "answer_sums"}[
        table
    ]
    return {
        one.key[0]: (int(one["n"].sum()), _total(one))
        for one in grouped(asked.ask(measure), ["period"])
    }


def _total(one: Group) -> float:
    return float(np.nansum(one["total"])) if "total" in one else 0.0


def _in_database(organisation: int, table: str) -> _Sizes:
    if table == MENTIONS:
        return _read_in_database(organisation)
    model: Any = {RECORDS: FeedbackRecord, SCORES: Score, ANSWERS: Answer}[table]
    at = "" if table == RECORDS else "record__"
    counts = Q(**{f"{at}completed_at__isnull": False}) | Q(**{f"{at}is_partial": True})
    total = {SCORES: Sum("value"), ANSWERS: Sum("number")}.get(table)
    rows = (
        model.objects.filter(counts, **{f"{at}organisation_id": organisation})
        .exclude(**{f"{at}lake_part": LEFT_OUT})
        .order_by()
        .annotate(lake_month=TruncMonth(f"{at}day"))
        .values("lake_month")
        .annotate(n=Count("pk"), **({"total": total} if total else {}))
    )
    return {row["lake_month"]: (row["n"], float(row.get("total") or 0.0)) for row in rows}


def _read_in_database(organisation: int) -> _Sizes:
    read = Reading.objects.filter(
        generation=taxonomy.number(organisation),
        record__organisation_id=organisation,
        record__analysed_at__isnull=False,
    ).exclude(record__lake_part=LEFT_OUT)
    by_month = read.order_by().annotate(lake_month=TruncMonth("record__day")).values("lake_month")
    return {row["lake_month"]: (row["n"], 0.0) for row in by_month.annotate(n=Count("pk"))}
