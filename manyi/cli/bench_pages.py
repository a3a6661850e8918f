"""How long every staff page and the API's reads take on a large organisation.

The organisation is made once, in a data folder of its own, and measured by a process of its
own for each person who looks: what is opened first there, is opened first in a process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RECORDS, UNITS = 1_000_000, 300
REPEATS = 3
VIEWERS = {"owner": "demo-owner", "manager": "demo-manager"}
MADE = "bench-house.json"
PROMISED_MS = 300.0


@dataclass(frozen=True)
class Timed:
    """Seconds on the clock and of all processors that one answer took."""

    wall: float
    cpu: float


def run(
    *,
    records: int | None = None,
    units: int | None = None,
    data: str = "",
    **options: Any,
) -> dict[str, Any]:
    """Return for each page the milliseconds that it took, by who looked at it.

    "fresh" is a page after a new voice was stored, "again" one after nothing has changed,
    "first" the very first page of a process.
    """
    size, width = records or RECORDS, units or UNITS
    folder = Path(data) if data else Path(tempfile.gettempdir()) / f"manyi-pages-{size}-{width}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make(folder, size, width)
    told: dict[str, Any] = {"records": size, "units": width, "folder": str(folder)}
    for role, name in VIEWERS.items():
        told[role] = json.loads(_child(folder, "look", name, options.get("only") or ""))
    pages = [one for role in VIEWERS for one in told[role]["pages"]]
    told["slowest_ms"] = max(one["fresh_max_ms"] for one in pages)
    told["over_300_ms"] = sum(one["fresh_ms"] > PROMISED_MS for one in pages)
    return told


def _make(folder: Path, records: int, units: int) -> None:
    """Make the organisation unless the folder holds it, made by the same tables."""
    note = folder / MADE
    wanted = {"records": records, "units": units, "tables": _tables()}
    if note.exists() and json.loads(note.read_text()) == wanted:
        return
    if any(folder.iterdir()):
        raise RuntimeError(f"{folder} holds something else; empty it or name another --data")
    _child(folder, "fill", str(records), str(units))
    note.write_text(json.dumps(wanted))


def _tables() -> str:
    """Return a fingerprint of the tables: data made by others cannot be read."""
    root = Path(__file__).resolve().parent.parent
    found = sorted(root.glob("*/migrations/*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:16]


def _child(folder: Path, *words: str) -> str:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("MANYI_")}
    environ |= {"MANYI_DATA": str(folder), "MANYI_LOG_LEVEL": "error"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "manyi.cli.bench_pages", *words],
        env=environ,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout.decode()


def rows(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was found as lines of a table, the slowest pages of each person first."""
    for role in VIEWERS:
        yield f"  {role}: the first page of the process took {found[role]['first_ms']:.0f} ms"
        yield f"  {'fresh':>7}{'max':>7}{'cpu':>7}{'again':>7}{'sql':>6}  page"
        for one in sorted(found[role]["pages"], key=lambda page: -page["fresh_ms"]):
            times = (one["fresh_ms"], one["fresh_max_ms"], one["fresh_cpu_ms"], one["again_ms"])
            numbers = "".join(f"{ms:7.0f}" for ms in times)
            yield f"  {numbers}{one['queries']:6}  {one['url']}"


# --- in a process of its own


def _look(name: str, only: str) -> dict[str, Any]:
    from django.test import Client

    from manyi.accounts.actions import create_token
    from manyi.accounts.models import Member
    from manyi.cli.bench_addresses import addresses
    from manyi.cli.serve import prepare_database

    prepare_database()
    member = Member.objects.select_related("user").get(user__username=name)
    _, secret = create_token(by=member, name="bench", now=datetime.now(UTC))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(member.user)
    program = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {secret}"})
    first, _ = _get(client, "/")
    pages = [
        _page(member, program if url.startswith("/api/") else client, url)
        for url in addresses(member)
        if only in url
    ]
    return {"first_ms": _ms(first.wall), "pages": pages}


def _page(member: Any, client: Any, url: str) -> dict[str, Any]:
    from django.db import connection

    asked: list[str] = []

    def count(execute: Any, sql: str, *given: Any) -> Any:
        asked.append(sql)
        return execute(sql, *given)

    with connection.execute_wrapper(count):
        _, status = _get(client, url)
    fresh = []
    for _ in range(REPEATS):
        _speak(member)
        fresh.append(_get(client, url)[0])
    again = [_get(client, url)[0] for _ in range(REPEATS)]
    return {
        "url": url,
        "status": status,
        "fresh_ms": _ms(statistics.median(one.wall for one in fresh)),
        "fresh_max_ms": _ms(max(one.wall for one in fresh)),
        "fresh_cpu_ms": _ms(statistics.median(one.cpu for one in fresh)),
        "again_ms": _ms(statistics.median(one.wall for one in again)),
        "queries": len(asked),
    }


def _get(client: Any, url: str) -> tuple[Timed, int]:
    wall, cpu = time.perf_counter(), _cpu()
    response = client.get(url)
    if getattr(response, "streaming", False):
        b"".join(response.streaming_content)
    taken = Timed(time.perf_counter() - wall, _cpu() - cpu)
    if response.status_code >= 400:
        raise RuntimeError(f"{url} answered {response.status_code}")
    return taken, response.status_code


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _speak(member: Any) -> None:
    """Store one more voice, where the member looks."""
    from manyi.accounts.models import Unit
    from manyi.accounts.permissions import scope
    from manyi.base.ids import new_id
    from manyi.feedback.actions import receive_many
    from manyi.feedback.incoming import read

    store = Unit.objects.visible_to(scope(member)).order_by("-depth", "pk").first()
    now = datetime.now(UTC)
    voice = {
        "source": "bench",
        "source_ref": str(new_id()),
        "occurred_at": now.isoformat(),
        "unit": store.code if store else None,
        "scores": [{"metric": "csat", "value": 4, "scale": [1, 5]}],
        "verbatim": "排队太久了",
    }
    (outcome,) = receive_many(scope(member), [read(voice, now=now)], now=now)
    if outcome.result != "created":
        raise RuntimeError(f"the voice was {outcome.result}: {outcome.problems}")


def main(words: list[str]) -> None:
    """Do one part of the work: make the organisation, or look at its pages."""
    from manyi.cli.main import start_django

    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=["fill", "look"])
    parser.add_argument("values", nargs=2)
    args = parser.parse_args(words)
    start_django()
    if args.part == "look":
        sys.stdout.write(json.dumps(_look(*args.values)))
        return
    from manyi.cli import bench_house
    from manyi.cli.serve import prepare_database

    prepare_database()
    bench_house.fill(*map(int, args.values))


if __name__ == "__main__":
    main(sys.argv[1:])
