"""Records a second through the bulk interface, on a fresh database."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

from manyi.cli.bench_server import Server, running
from manyi.upkeep.disk import durable_writes

COMMENTS = ("排队太久了", "服务态度很好，房间干净", "Delivery was late again", "味道不错，分量足")


def run(*, records: int | None = None, **options: Any) -> dict[str, Any]:
    """Return records a second without and with customers, each on a database of its own."""
    size = records or 180_000
    with running() as server:
        disk = durable_writes(server.folder, seconds=1.0)
        plain = _send(server, [_record(i) for i in range(size)])
    with running() as server:
        third = size // 3
        with_customers = _send(
            server, [{**_record(i), "customer": _customer(i)} for i in range(third)]
        )
    return {
        "fdatasync_per_second": round(disk),
        "records": size,
        "plain_per_second": plain,
        "with_customers": third,
        "with_customers_per_second": with_customers,
    }


def _record(i: int) -> dict[str, Any]:
    return {
        "source": "bench",
        "source_ref": f"b-{i}",
        "occurred_at": f"2026-{i % 10 + 1:02d}-{i % 28 + 1:02d}T09:30:00+08:00",
        "scores": [
            {"metric": "nps", "value": i % 11},
            {"metric": "csat", "item": "overall", "value": i % 5 + 1, "scale": [1, 5]},
        ],
        "verbatim": COMMENTS[i % len(COMMENTS)],
    }


def _customer(i: int) -> dict[str, Any]:
    return {"ref": f"C-{i}", "name": "王芳", "phone": f"+8613{i:09d}"}


def _send(server: Server, records: list[dict[str, Any]]) -> int:
    body = "\n".join(json.dumps(r, ensure_ascii=False) for r in records).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/api/v1/feedback/bulk",
        data=body,
        headers={
            "Authorization": f"Bearer {server.token}",
            "Content-Type": "application/x-ndjson",
        },
    )
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310
        told = json.loads(answer.read())
    if told["created"] != len(records):
        raise RuntimeError(f"created {told['created']} of {len(records)}")
    return round(len(records) / (time.perf_counter() - started))
