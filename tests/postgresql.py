"""A real PostgreSQL for tests: its own cluster in a temporary folder, on a free local port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = "postgres"


@contextmanager
def running(tools: Path) -> Iterator[str]:
    """Yield the URL of a cluster that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="manyi-postgresql-"))
    account = _account()
    if account:
        shutil.chown(folder, account.pw_name)
    cluster, port = folder / "cluster", _free_port()
    _call(
        [tools / "initdb", "-D", cluster, "-U", "manyi", "-A", "trust", "-E", "UTF8", "--no-sync"]
    )
    options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
    server = subprocess.Popen(
        [tools / "postgres", "-D", cluster, "-p", str(port), "-k", folder, *options],
        stdout=subprocess.DEVNULL,
        stderr=(Path(tempfile.gettempdir()) / "manyi-postgresql.log").open("ab"),
        **_as(account),
    )
    try:
        _wait(tools, port)
        yield f"postgresql://manyi@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: there we run it as its own account."""
    if os.getuid() != 0:
        return None
    return pwd.getpwnam(NOBODY)


def _as(account: pwd.struct_passwd | None) -> dict[str, int]:
    return {"user": account.pw_uid, "group": account.pw_gid} if account else {}


def _call(command: list[object]) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **_as(_account()),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(tools: Path, port: int) -> None:
    ready = [tools / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
    for _ in range(300):
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")
