"""Feedback in, one by one or in bulk; and out again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.once import once
from manyi.api.problems import said
from manyi.api.wire import PAGED, answer, loads, number, page_by_time, read_json, selection
from manyi.base.requests import body_stream
from manyi.base.writer import writer
from manyi.feedback import queries
from manyi.feedback.actions import CHUNK, receive_many
from manyi.feedback.findings import with_findings
from manyi.feedback.incoming import Incoming, read
from manyi.kit.problems import FieldProblem, Problem

router = Router(tags=["feedback"])
LINE_LIMIT = 1_000_000
PROBLEMS_LISTED = 1000
FILTERS = ("q", "metric", "index_lte", "index_gte", "tag")
EXAMPLE = {
    "source": "helpdesk",
    "source_ref": "T-1001",
    "kind": "rating",
    "channel": "chat",
    "occurred_at": "2026-11-01T09:30:00+08:00",
    "language": "zh-Hans",
    "scores": [{"item": "overall", "metric": "csat", "value": 2, "scale": [1, 5]}],
    "verbatim": "等了四十分钟没人理",
    "attributes": {"order": "88"},
}


@router.post(
    "",
    operation_id="feedback.create",
    summary="Store one record; the same source_ref again updates it",
    openapi_extra=shapes.describe(
        {200: shapes.RECEIVED, 201: shapes.RECEIVED},
        body=shapes.FEEDBACK_IN,
        parameters=[shapes.KEY],
        refusals=shapes.WRITES,
        example=EXAMPLE,
    ),
)
def create(request: Caller) -> HttpResponse:
    require(request.member, "feedback.receive")
    now = datetime.now(UTC)
    one = read(read_json(request), now=now)
    return once(request, f"member:{request.member.pk}", lambda: _create(request, one, now))


def _create(request: Caller, one: Incoming, now: datetime) -> HttpResponse:
    outcome = receive_many(request.scope, [one], now=now)[0]
    if outcome.problems:
        raise Problem("record.invalid", errors=outcome.problems)
    status = 201 if outcome.result == "created" else 200
    return answer({"id": str(outcome.record_id), "result": outcome.result}, status)


@router.post(
    "/bulk",
    operation_id="feedback.bulk",
    summary="Store many records, one a line; good lines are stored though others are bad",
    openapi_extra=shapes.describe(
        {200: shapes.BULK_OUT},
        body=shapes.text(),
        body_type="application/x-ndjson",
        refusals=(401, 403, 415, 422, 503),
        example=json.dumps(EXAMPLE, ensure_ascii=False),
    ),
)
def bulk(request: Caller) -> HttpResponse:
    require(request.member, "feedback.receive")
    tally = _Tally()
    stored: Callable[[], None] = _nothing
    for lines in _chunks(request):
        good = tally.read(lines)
        stored()
        stored = tally.store(request, good)
    stored()
    return answer(tally.result())


def _nothing() -> None:
    """There is nothing to wait for before the first chunk."""


class _Tally:
    """What became of the lines so far."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("received", "created", "unchanged", "updated", "rejected"), 0)
        self.problems: list[dict[str, Any]] = []
        self.omitted = 0

    def read(self, lines: list[tuple[int, bytes]]) -> list[tuple[int, Incoming]]:
        """Return the lines that can be stored; the others are counted as rejected."""
        now = datetime.now(UTC)
        good: list[tuple[int, Incoming]] = []
        for line, raw in lines:
            self.counts["received"] += 1
            try:
                good.append((line, read(_object(raw), now=now)))
            except Problem as problem:
                self.refuse(line, problem.errors or (FieldProblem("", problem.code, {}),))
        return good

    def store(self, request: Caller, good: list[tuple[int, Incoming]]) -> Callable[[], None]:
        """Begin to store what was read; what is returned waits for it and counts it."""
        batch, now = [one for _, one in good], datetime.now(UTC)
        outcomes = writer.begin(lambda: receive_many(request.scope, batch, now=now))

        def wait() -> None:
            for (line, _), outcome in zip(good, outcomes(), strict=True):
                if outcome.problems:
                    self.refuse(line, outcome.problems)
                else:
                    self.counts[outcome.result] += 1

        return wait

    def refuse(self, line: int, problems: tuple[FieldProblem, ...]) -> None:
        self.counts["rejected"] += 1
        for one in problems:
            if len(self.problems) < PROBLEMS_LISTED:
                self.problems.append({"line": line, **said(one)})
            else:
                self.omitted += 1

    def result(self) -> dict[str, Any]:
        return {**self.counts, "problems": self.problems, "problems_omitted": self.omitted}


def _object(raw: bytes) -> Any:
    if len(raw) > LINE_LIMIT:
        raise Problem("line_too_long", errors=(FieldProblem("", "line_too_long", {}),))
    try:
        return loads(raw)
    except (ValueError, RecursionError):
        raise Problem("line_not_json", errors=(FieldProblem("", "line_not_json", {}),)) from None


def _chunks(request: HttpRequest) -> Iterator[list[tuple[int, bytes]]]:
    """Yield numbered lines as they arrive, blank ones left out."""
    lines: list[tuple[int, bytes]] = []
    for i, raw in enumerate(_lines(request), start=1):
        if raw.strip():
            lines.append((i, raw))
        if len(lines) == CHUNK:
            yield lines
            lines = []
    if lines:
        yield lines


def _lines(request: HttpRequest) -> Iterator[bytes]:
    """Yield lines of a body of any length; what is past the limit of one line is dropped."""
    rest, stream = b"", body_stream(request)
    while block := stream.read(256 * 1024):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        if len(rest) > 2 * LINE_LIMIT:
            rest = rest[: LINE_LIMIT + 1]
    if rest:
        yield rest


@router.get(
    "",
    operation_id="feedback.list",
    summary="List records of a selection, newest first",
    openapi_extra=shapes.describe(
        {200: shapes.items(shapes.FEEDBACK)},
        parameters=[
            *shapes.SELECTION,
            *shapes.PAGE,
            shapes.query("q", shapes.text(), "words that the verbatim holds"),
            shapes.query("metric", shapes.text()),
            shapes.query("index_lte", shapes.NUMBER, "score at most, as 0–100"),
            shapes.query("index_gte", shapes.NUMBER, "score at least, as 0–100"),
            shapes.query("tag", shapes.text(), many=True),
        ],
        refusals=shapes.LISTS,
    ),
)
def list_feedback(request: Caller) -> HttpResponse:
    require(request.member, "feedback.read")
    wanted = selection(request, request.scope, (*PAGED, *FILTERS))
    rows = queries.inbox(
        wanted,
        words=request.GET.get("q", ""),
        metric=request.GET.get("metric", ""),
        index_lte=number(request, "index_lte"),
        index_gte=number(request, "index_gte"),
        tags=request.GET.getlist("tag"),
    )
    return page_by_time(request, rows, lambda found: with_findings(request.scope, found))


@router.get(
    "/{record}",
    operation_id="feedback.get",
    summary="One record",
    openapi_extra=shapes.describe({200: shapes.FEEDBACK}, refusals=shapes.READS),
)
def get(request: Caller, record: str) -> HttpResponse:
    require(request.member, "feedback.read")
    return answer(with_findings(request.scope, [queries.record(request.scope, record)])[0])
