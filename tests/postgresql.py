"""A real PostgreSQL for tests: its own cluster in a temporary folder, on a free local port."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NOBODY = "postgres"


@dataclass
class Cluster:
    """A cluster that can be crashed and started again on its port."""

    tools: Path
    folder: Path
    port: int
    account: pwd.struct_passwd | None
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://manyi@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-k", self.folder]
        # Tables counted between two tests are empty, and the next test's joins planned for that.
        options += ["-c", "max_connections=200", "-c", "autovacuum=off"]
        folder = self.folder / "cluster"
        self.server = subprocess.Popen(
            [self.tools / "postgres", "-D", folder, "-p", str(self.port), *options],
            stdout=subprocess.DEVNULL,
            stderr=(Path(tempfile.gettempdir()) / "manyi-postgresql.log").open("ab"),
            **_as(self.account),
        )
        _wait(self.tools, self.port)

    def crash(self) -> None:
        """End it as `pg_ctl stop -m immediate` does: nobody is waited for, nothing is written."""
        self.stop(signal.SIGQUIT)

    def stop(self, by: signal.Signals = signal.SIGINT) -> None:
        assert self.server is not None
        self.server.send_signal(by)
        self.server.wait(120)


@contextmanager
def running(tools: Path) -> Iterator[str]:
    """Yield the URL of a cluster that is gone afterwards."""
    with cluster(tools) as one:
        yield one.url


@contextmanager
def cluster(tools: Path) -> Iterator[Cluster]:
    """Yield a cluster of its own that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="manyi-postgresql-"))
    account = _account()
    if account:
        shutil.chown(folder, account.pw_name)
    one = Cluster(tools, folder, free_port(), account)
    made = [tools / "initdb", "-D", folder / "cluster", "-U", "manyi", "-A", "trust"]
    _call([*made, "-E", "UTF8", "--no-sync"])
    try:
        one.start()
        yield one
    finally:
        if one.server is not None and one.server.poll() is None:
            one.stop()
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


def free_port() -> int:
    """Return a port that nobody uses, below those that connections are given by chance.

    Who calls a server that is down from such a port may reach itself, and then holds the port.
    """
    for _ in range(1000):
        port = 10_000 + secrets.randbelow(20_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def _wait(tools: Path, port: int) -> None:
    ready = [tools / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
    for _ in range(1200):
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")
