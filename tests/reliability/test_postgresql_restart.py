"""PostgreSQL crashes and comes back in the middle: refused meanwhile, nothing lost or doubled."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgresql import Cluster, cluster
from tests.reliability.installation import Installation
from tests.reliability.test_kill import Clients, record, response

pytestmark = pytest.mark.slow
CRASHES = 3
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def database() -> Iterator[Cluster]:
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not tools:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    with cluster(tools[-1].parent) as one:
        yield one


@pytest.fixture
def here(database: Cluster, tmp_path: Path) -> Iterator[Installation]:
    found = Installation(tmp_path / "data", database=database.url).set_up()
    found.start(None, "--workers", "2")
    found.publish()
    yield found
    assert found.process is not None
    if found.process.poll() is None:
        found.kill()


def stored(database: Cluster) -> list[str]:
    with psycopg.connect(database.url) as connection:
        rows = connection.execute("SELECT source_ref FROM feedback_feedbackrecord").fetchall()
    return [ref.rpartition(":")[2] for (ref,) in rows]


def test_a_crash_of_the_database_loses_and_doubles_nothing(
    here: Installation, database: Cluster
) -> None:
    clients = Clients(here)
    try:
        for _ in range(CRASHES):
            before = len(clients.acknowledged)
            wait_until(lambda before=before: len(clients.acknowledged) > before + 40)
            database.crash()
            refused_meanwhile(here)
            database.start()
        before = len(clients.acknowledged)
        wait_until(lambda: len(clients.acknowledged) > before + 40)
    finally:
        clients.end()
    assert here.stop() == 0
    assert clients.refused == []
    kept = stored(database)
    assert len(kept) == len(set(kept)), "stored twice"
    assert clients.acknowledged <= set(kept), "acknowledged and lost"
    assert set(kept) <= clients.tried | {f"down-{what}" for what in ("record", "response")}


def refused_meanwhile(here: Installation) -> None:
    """Every way in says 503 and when to come again, before anything is acknowledged."""
    sent = [response(here, "down-response"), record("down-record")]
    for path, body in sent:
        status, said, headers = here.call("POST", path, body)
        assert (status, said["code"]) == (503, "busy"), said
        assert int(headers["retry-after"]) >= 1
    status, headers = page(here, "POST", "/s/unseen/")
    assert status == 503
    assert int(headers["retry-after"]) >= 1


def page(here: Installation, method: str, path: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=40)
    connection.request(method, path, "page=overall", {"Content-Type": FORM})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.headers.items()}


def wait_until(done: Any) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("nothing was acknowledged within a minute")
