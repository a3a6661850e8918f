"""Files of people for tests, and the worker that goes through them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import xlsxwriter

from manyi.accounts.models import Member
from manyi.connectors import actions, importing
from manyi.connectors.models import Import
from tests.factories import NOW

REVIEWS = ["订单号", "评价时间", "门店", "评分", "评论", "渠道"]


def csv_of(rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Sequence[Sequence[Any]]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    for i, row in enumerate(rows):
        sheet.write_row(i, 0, row)
    book.close()
    return file.getvalue()


def reviews(n: int, *, unit: str = "N-001", score: int | None = None) -> bytes:
    """Return a CSV of reviews with scores from 1 to 5."""
    rows: list[list[Any]] = [REVIEWS]
    for i in range(n):
        given = i % 5 + 1 if score is None else score
        rows.append(
            [
                f"D-{i}",
                f"2025-03-{i % 28 + 1:02} 10:30",
                unit,
                given,
                f"第{i}条评论：排队久",
                "微信",
            ]
        )
    return csv_of(rows)


def sent(by: Member, content: bytes, name: str = "reviews.csv", **more: Any) -> Import:
    return actions.start(by=by, chunks=[content], file_name=name, now=NOW, **more)


def worked(job: Import, *, worker: str = "w1", minutes: int = 0) -> Import:
    """Let a worker go through everything there is to do."""
    while importing.work_on_next(now=NOW + timedelta(minutes=minutes), worker=worker):
        pass
    job.refresh_from_db()
    return job


def imported(by: Member, content: bytes, name: str = "reviews.csv", **more: Any) -> Import:
    """Send a file, take the guessed mapping, and store it."""
    job = sent(by, content, name, **more)
    actions.run(by=by, job=job, now=NOW)
    return worked(job)


def counts(job: Import) -> tuple[int, int, int, int]:
    return job.created, job.updated, job.unchanged, job.rejected
