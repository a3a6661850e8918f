"""Durable single responses (NPS and a comment, no customer) over HTTP, each answered on disk."""

from __future__ import annotations

import json
from typing import Any

from manyi.cli.bench_server import call, load, running
from manyi.upkeep.disk import durable_writes

ANSWER = {
    "answers": {"nps": 9, "comment": "排队有点久，但是服务员很热情。"},
    "submission_id": "bench-%d",
}
RECORD = {
    "source": "bench",
    "source_ref": "r-%d",
    "occurred_at": "2026-11-01T09:30:00+08:00",
    "scores": [{"metric": "nps", "value": 9}],
    "verbatim": "排队有点久，但是服务员很热情。",
}


def run(*, seconds: float = 5.0, clients: int = 32, **options: Any) -> dict[str, Any]:
    """Return rates and latencies of the survey's and of the feedback's interface."""
    with running() as server:
        authorization = f"Authorization: Bearer {server.token}\r\n"
        before = durable_writes(server.folder, seconds=1.0)
        responses = load(
            server.port,
            f"/api/v1/surveys/{server.survey}/responses",
            json.dumps(ANSWER),
            clients=clients,
            seconds=seconds,
        )
        feedback = load(
            server.port,
            "/api/v1/feedback",
            json.dumps(RECORD),
            clients=clients,
            seconds=seconds,
            headers=authorization,
        )
        after = durable_writes(server.folder, seconds=1.0)
        stored = call(server.port, server.token, "GET", "/metrics?metric=nps&by=source")["rows"]
    return {
        "fdatasync_per_second": [round(before), round(after)],
        "response.submit": responses,
        "feedback.create": feedback,
        "stored": {row["group"]["source"]: row["n"] for row in stored},
    }
