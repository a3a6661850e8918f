"""`manyi serve`: the pages and the worker, in one command that ends cleanly."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import call_command

from manyi.accounts.actions import setup_code, setup_is_open
from manyi.cli import address
from manyi.cli.work import accept_lost_key
from manyi.kit.problems import Problem
from manyi.packs import demo
from manyi.upkeep import keys, restore

THREADS_ON_SQLITE = 16
THREADS_ON_POSTGRESQL = 8
GRACE_SECONDS = 10
PR_SET_PDEATHSIG = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    address.arguments(parser)
    parser.add_argument("--workers", type=int, default=1, help="web processes (PostgreSQL only)")
    parser.add_argument("--no-worker", action="store_true", help="serve the pages only")
    accept_lost_key(parser)


def run(args: argparse.Namespace) -> int:
    if settings.ON_SQLITE and args.workers > 1:
        raise Problem("workers_on_sqlite")
    _refuse_taken(args.host, args.port)
    with _sole_server():
        restore.require_whole()
        prepare_database()
        if not args.key_is_lost:
            keys.require_key()
        _greet()
        return _supervise(args)


def prepare_database() -> None:
    """Bring the tables up to date."""
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.ON_SQLITE:
        call_command("createcachetable", verbosity=0)


@contextlib.contextmanager
def _sole_server() -> Iterator[None]:
    """Refuse a second server on the same SQLite data folder."""
    if not settings.ON_SQLITE:
        yield
        return
    with (Path(settings.DATA) / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Problem("already_serving", folder=str(settings.DATA)) from None
        yield


def _refuse_taken(host: str, port: int) -> None:
    """Say what is wrong with the address before anything starts."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise Problem("port_taken", port=port) from None
        raise Problem("address_unusable", host=host, port=port) from None


def _greet() -> None:
    base = settings.BASE_URL
    lines = ["", f"  Manyi 满意  {base}", ""]
    if setup_is_open():
        lines += [f"  First owner 首位所有者: {base}/set-up/"]
        lines += [f"  Code 设置码: {setup_code()}", ""]
    log_ins = demo.log_ins()
    if log_ins:
        lines += ["  Demo 演示账号:"]
        lines += [f"    {role:18}{name:22}{password}" for role, name, password in log_ins]
        lines += [""]
    print("\n".join(lines), flush=True)


def _supervise(args: argparse.Namespace) -> int:
    """Run the processes until a signal comes or the server ends; restart a worker that died."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server = _start(_server_command(args), SERVED_BY_MANYI="1")
    worker = None if args.no_worker else _start_worker(args)
    while not stopping and server.poll() is None:
        if worker is not None and worker.poll() is not None:
            _say(f"The worker ended ({worker.returncode}) and is started again.")
            worker = _start_worker(args)
        time.sleep(0.2)
    ended_by_itself = not stopping
    for process in (server, worker):
        _end(process)
    return 1 if ended_by_itself and server.returncode else 0


def _server_command(args: argparse.Namespace) -> list[str]:
    threads = THREADS_ON_SQLITE if settings.ON_SQLITE else THREADS_ON_POSTGRESQL
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1"),
        *("--host", args.host, "--port", str(args.port), "--workers", str(args.workers)),
        *("--blocking-threads", str(threads), "--backpressure", "512"),
        *("--workers-kill-timeout", "8", "--log-level", "error"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5"),  # one that crashed
        "manyi.config.wsgi:application",
    ]


def _start_worker(args: argparse.Namespace) -> subprocess.Popen[bytes]:
    lost = ["--key-is-lost"] if args.key_is_lost else []
    return _start([sys.executable, "-m", "manyi", "work", *lost])


def _start(command: list[str], **environ: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        command, env={**os.environ, **environ}, preexec_fn=_die_with_parent
    )


def _die_with_parent() -> None:
    """Where the kernel offers it (Linux), let a child end with a parent that was killed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _say(sentence: str, to: IO[str] = sys.stderr) -> None:
    print(f"{datetime.now(UTC).isoformat(timespec='seconds')} {sentence}", file=to, flush=True)
