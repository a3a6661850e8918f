"""A large organisation that benches make once, keep in a folder, and look at from other processes.

Django reads its settings once, so each look is a process of its own: `Kept.ask` starts a bench's
module there with words, and `answer` is what that module ends with.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RECORDS, UNITS = 1_000_000, 300
VIEWERS = {"owner": "demo-owner", "manager": "demo-manager"}
MADE = "bench-house.json"


@dataclass(frozen=True)
class Timed:
    """Seconds on the clock and of all processors that one answer took."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Kept:
    """The organisation: its size, and the folder that holds it."""

    records: int
    units: int
    folder: Path

    def told(self) -> dict[str, Any]:
        return {"records": self.records, "units": self.units, "folder": str(self.folder)}

    def ask(self, module: str, *words: str) -> Any:
        """Return what a bench's module finds in a process of its own."""
        return json.loads(_child(self.folder, module, *words))


def organisation(records: int | None, units: int | None, data: str) -> Kept:
    """Return the organisation, made unless its folder holds it, made by the same tables."""
    size, width = records or RECORDS, units or UNITS
    folder = Path(data) if data else Path(tempfile.gettempdir()) / f"manyi-pages-{size}-{width}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    note = folder / MADE
    wanted = {"records": size, "units": width, "tables": _tables()}
    if not note.exists() or json.loads(note.read_text()) != wanted:
        if any(folder.iterdir()):
            raise RuntimeError(f"{folder} holds something else; empty it or name another --data")
        _child(folder, __name__, str(size), str(width))
        note.write_text(json.dumps(wanted))
    return Kept(size, width, folder)


def _tables() -> str:
    """Return a fingerprint of the tables: data made by others cannot be read."""
    root = Path(__file__).resolve().parent.parent
    found = sorted(root.glob("*/migrations/*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:16]


def _child(folder: Path, module: str, *words: str) -> str:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("MANYI_")}
    environ |= {"MANYI_DATA": str(folder), "MANYI_LOG_LEVEL": "error"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *words],
        env=environ,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout.decode()


# --- in a process of its own


def answer(look: Callable[..., dict[str, Any]], words: Sequence[str]) -> None:
    """Write what is found to whoever asked."""
    from manyi.cli.main import start_django

    start_django()
    sys.stdout.write(json.dumps(look(*words)))


def viewer(name: str) -> tuple[Any, Any, Any]:
    """Return a member, their browser, and a program that acts as they do."""
    from django.test import Client

    from manyi.accounts.actions import create_token
    from manyi.accounts.models import Member
    from manyi.cli.serve import prepare_database

    prepare_database()
    member = Member.objects.select_related("user").get(user__username=name)
    _, secret = create_token(by=member, name="bench", now=datetime.now(UTC))
    here = {"host": "127.0.0.1"}
    client = Client(headers=here)
    client.force_login(member.user)
    return member, client, Client(headers={**here, "authorization": f"Bearer {secret}"})


def get(client: Any, url: str) -> tuple[Timed, Any]:
    """Return what an answer took, and the answer."""
    wall, cpu = time.perf_counter(), _cpu()
    response = client.get(url)
    if getattr(response, "streaming", False):
        b"".join(response.streaming_content)
    taken = Timed(time.perf_counter() - wall, _cpu() - cpu)
    if response.status_code >= 400:
        raise RuntimeError(f"{url} answered {response.status_code}")
    return taken, response


def ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _fill(records: str, units: str) -> dict[str, Any]:
    from manyi.cli import bench_house
    from manyi.cli.serve import prepare_database

    prepare_database()
    bench_house.fill(int(records), int(units))
    return {}


if __name__ == "__main__":
    answer(_fill, sys.argv[1:])
