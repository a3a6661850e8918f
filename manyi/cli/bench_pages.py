"""How long every staff page and the API's reads take on a large organisation.

The organisation is made once, in a data folder of its own, and measured by a process of its
own for each person who looks: what is opened first there, is opened first in a process.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from manyi.cli import bench_kept as kept
from manyi.cli.bench_kept import get, ms

REPEATS = 3
PROMISED_MS = 300.0


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
    made = kept.organisation(records, units, data)
    told: dict[str, Any] = made.told()
    for role, name in kept.VIEWERS.items():
        told[role] = made.ask(__name__, name, options.get("only") or "")
    pages = [one for role in kept.VIEWERS for one in told[role]["pages"]]
    told["slowest_ms"] = max((one["fresh_max_ms"] for one in pages), default=None)
    told["over_300_ms"] = sum(one["fresh_ms"] > PROMISED_MS for one in pages)
    return told


def rows(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was found as lines of a table, the slowest pages of each person first."""
    for role in kept.VIEWERS:
        yield f"  {role}: the first page of the process took {found[role]['first_ms']:.0f} ms"
        yield f"  {'fresh':>7}{'max':>7}{'cpu':>7}{'again':>7}{'sql':>6}  page"
        for one in sorted(found[role]["pages"], key=lambda page: -page["fresh_ms"]):
            times = (one["fresh_ms"], one["fresh_max_ms"], one["fresh_cpu_ms"], one["again_ms"])
            numbers = "".join(f"{one:7.0f}" for one in times)
            yield f"  {numbers}{one['queries']:6}  {one['url']}"


# --- in a process of its own


def _look(name: str, only: str) -> dict[str, Any]:
    from manyi.cli.bench_addresses import addresses

    member, client, program = kept.viewer(name)
    first, _ = get(client, "/")
    pages = [
        _page(member, program if url.startswith("/api/") else client, url)
        for url in addresses(member)
        if only in url
    ]
    return {"first_ms": ms(first.wall), "pages": pages}


def _page(member: Any, client: Any, url: str) -> dict[str, Any]:
    from django.db import connection

    asked: list[str] = []

    def count(execute: Any, sql: str, *given: Any) -> Any:
        asked.append(sql)
        return execute(sql, *given)

    with connection.execute_wrapper(count):
        _, answer = get(client, url)
    fresh = []
    for _ in range(REPEATS):
        _speak(member)
        fresh.append(get(client, url)[0])
    again = [get(client, url)[0] for _ in range(REPEATS)]
    return {
        "url": url,
        "status": answer.status_code,
        "fresh_ms": ms(statistics.median(one.wall for one in fresh)),
        "fresh_max_ms": ms(max(one.wall for one in fresh)),
        "fresh_cpu_ms": ms(statistics.median(one.cpu for one in fresh)),
        "again_ms": ms(statistics.median(one.wall for one in again)),
        "queries": len(asked),
    }


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


if __name__ == "__main__":
    kept.answer(_look, sys.argv[1:])
