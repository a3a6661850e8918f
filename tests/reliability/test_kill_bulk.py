"""Killed in the middle of a bulk it keeps what it acknowledged, and a repeat stores the rest."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.installation import Installation

pytestmark = pytest.mark.slow
RECORDS = 20_000
FIRST = 500


def lines(first: int, last: int) -> bytes:
    return b"".join(
        json.dumps(
            {
                "source": "bulk",
                "source_ref": f"b-{i}",
                "occurred_at": "2026-11-01T09:30:00+08:00",
                "scores": [{"metric": "nps", "value": i % 11}],
            }
        ).encode()
        + b"\n"
        for i in range(first, last)
    )


def send(here: Installation, body: Any) -> dict[str, int]:
    """Return the tally of a bulk, or raise where the server went away."""
    connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=120)
    headers = {
        "Authorization": f"Bearer {here.token}",
        "Content-Type": "application/x-ndjson",
    }
    with contextlib.closing(connection):
        connection.request("POST", "/api/v1/feedback/bulk", body, headers)
        answer = connection.getresponse()
        told: dict[str, int] = json.loads(answer.read())
        assert answer.status == 200, told
        return told


def send_for_nothing(here: Installation, body: bytes, told: list[Any]) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        told.append(send(here, body))


def test_a_bulk_that_was_cut_off_is_finished_by_sending_it_again(tmp_path: Path):
    here = Installation(tmp_path / "data").set_up()
    here.start()
    assert send(here, lines(0, FIRST))["created"] == FIRST
    told: list[Any] = []
    whole = lines(0, RECORDS)
    sender = threading.Thread(target=send_for_nothing, args=(here, whole, told))
    sender.start()
    try:
        until = time.monotonic() + 60
        while count(here) <= FIRST and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        here.kill()
        sender.join(60)
    kept = here.references()
    assert told == [], "the bulk was answered before the kill"
    assert {f"b-{i}" for i in range(FIRST)} <= set(kept), "acknowledged and lost"
    assert FIRST < len(kept) < RECORDS
    assert here.rows()["integrity"] == "ok"
    here.start()
    again = send(here, whole)
    assert here.stop() == 0
    assert (again["unchanged"], again["created"]) == (len(kept), RECORDS - len(kept))
    stored = here.references()
    assert len(stored) == RECORDS and set(stored) == {f"b-{i}" for i in range(RECORDS)}


def count(here: Installation) -> int:
    """Return how many records are stored by now, as a program sees it."""
    items = here.call("GET", "/feedback?limit=1&q=")[1]["items"]
    newest = items[0]["source_ref"] if items else "b-0"
    return int(newest.removeprefix("b-")) + 1
