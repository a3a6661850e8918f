"""The respondent's page: time from request to answer, one after the other, and bytes sent."""

from __future__ import annotations

import gzip
import http.client
import time
from typing import Any

from manyi.cli.bench_server import running

REQUESTS = 300


def run(**options: Any) -> dict[str, Any]:
    """Return median and 99th percentile in milliseconds, and the page's size as gzip."""
    with running() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        taken = []
        body = b""
        for _ in range(REQUESTS):
            started = time.perf_counter()
            connection.request("GET", f"/s/{server.survey}/")
            answer = connection.getresponse()
            body = answer.read()
            taken.append(time.perf_counter() - started)
            if answer.status != 200:
                raise RuntimeError(f"the page answered {answer.status}")
    taken.sort()
    return {
        "requests": REQUESTS,
        "p50_ms": round(taken[REQUESTS // 2] * 1000, 2),
        "p99_ms": round(taken[int(REQUESTS * 0.99)] * 1000, 2),
        "gzip_bytes": len(gzip.compress(body)),
    }
