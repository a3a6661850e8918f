"""A server of our own for measurements, and clients that load it from another process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "bench-only-password-of-a-throw-away-folder"  # noqa: S105

WARM_UP_SECONDS = 5.0


@dataclass(frozen=True)
class Server:
    """An installation in a temporary folder: its port, an owner's token, a survey's code."""

    port: int
    token: str
    folder: Path
    survey: str


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Yield a server on an empty database that is gone afterwards, once it has warmed up."""
    with tempfile.TemporaryDirectory(prefix="manyi-bench-") as name:
        folder = Path(name)
        port = _free_port()
        environ = {k: v for k, v in os.environ.items() if not k.startswith("MANYI_")}
        environ |= {"MANYI_DATA": name, "MANYI_BASE_URL": f"http://127.0.0.1:{port}"}
        environ["MANYI_LOG_LEVEL"] = "error"
        password = folder / "password"
        password.write_text(PASSWORD)
        _manyi(environ, "setup", "--organisation", "Bench", "--email", "bench@example.com",
               "--password-file", str(password))  # fmt: skip
        token = _manyi(environ, "token", "--email", "bench@example.com").strip().splitlines()[-1]
        server = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "manyi", "serve", "--port", str(port)],
            env=environ,
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait(port)
            survey = _survey(port, token)
            _warm_up(port, survey)
            yield Server(port, token, folder, survey)
        finally:
            server.terminate()
            server.wait(20)


def _manyi(environ: dict[str, str], *words: str) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "manyi", *words], env=environ, check=True, capture_output=True
    )
    return done.stdout.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    """Wait until the server answers and its worker is at work: a start is not what is measured."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2)
            if json.loads(answer.read())["worker_lag_seconds"] is not None:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _warm_up(port: int, survey: str) -> None:
    """Open a page over and over while the server prepares itself beside its first answers."""
    until = time.monotonic() + WARM_UP_SECONDS
    while time.monotonic() < until:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/s/{survey}/", timeout=60) as answer:
            answer.read()


def call(port: int, token: str, method: str, path: str, body: Any = None) -> Any:
    """Send one JSON call to the server and return its answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.loads(answer.read())


def _survey(port: int, token: str) -> str:
    definition = {
        "schema": 1,
        "languages": ["en"],
        "title": {"en": "Bench"},
        "pages": [
            {
                "code": "one",
                "questions": [
                    {
                        "code": "nps",
                        "kind": "nps",
                        "title": {"en": "Recommend?"},
                        "item": "overall",
                    },
                    {"code": "comment", "kind": "long_text", "title": {"en": "Why?"}},
                ],
            }
        ],
    }
    made = call(port, token, "POST", "/surveys", {"definition": definition})
    return str(call(port, token, "POST", f"/surveys/{made['id']}/publish", {})["code"])


def load(
    port: int, path: str, body: str, *, clients: int, seconds: float, headers: str = ""
) -> dict[str, Any]:
    """POST `body` (with `%d` numbered) from `clients` connections in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_load, (port, path, body, clients, seconds, headers))


def _load(
    port: int, path: str, body: str, clients: int, seconds: float, headers: str
) -> dict[str, Any]:
    return asyncio.run(_clients(port, path, body, clients, seconds, headers))


async def _clients(
    port: int, path: str, body: str, clients: int, seconds: float, headers: str
) -> dict[str, Any]:
    until = time.perf_counter() + seconds
    tasks = [_client(i, port, path, body, until, headers) for i in range(clients)]
    started = time.perf_counter()
    taken: list[float] = []
    statuses: dict[str, int] = {}
    for times, codes in await asyncio.gather(*tasks):
        taken += times
        for code, n in codes.items():
            statuses[code] = statuses.get(code, 0) + n
    taken.sort()
    return {
        "clients": clients,
        "per_second": round(len(taken) / (time.perf_counter() - started)),
        "p50_ms": round(taken[len(taken) // 2] * 1000, 1),
        "p99_ms": round(taken[int(len(taken) * 0.99)] * 1000, 1),
        "answers": statuses,
    }


async def _client(
    number: int, port: int, path: str, body: str, until: float, headers: str
) -> tuple[list[float], dict[str, int]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken: list[float] = []
    statuses: dict[str, int] = {}
    count = 0
    while time.perf_counter() < until:
        count += 1
        payload = (body.replace("%d", f"{number}-{count}")).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}"
            f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        started = time.perf_counter()
        writer.write(head.encode() + payload)
        status = await _answer(reader)
        taken.append(time.perf_counter() - started)
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()
    return taken, statuses


async def _answer(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(x.split(":")[1]) for x in lines if x.startswith("content-length")), 0)
    await reader.readexactly(length)
    return lines[0].split(" ")[1]
