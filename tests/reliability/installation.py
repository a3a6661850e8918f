"""An installation of our own that is started, loaded, killed and looked into."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from manyi.packs.templates import template
from tests.postgresql import free_port
from tests.upkeep.rows import environment, everything, manyi, owned

STARTS_WITHIN = 240.0


@dataclass
class Installation:
    """A data folder with an owner; `start` serves it, `kill` ends every process at once."""

    folder: Path
    port: int = 0
    token: str = ""
    survey: str = ""
    database: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def set_up(self) -> Installation:
        """Make the owner and a token; the survey needs a running server (`publish`)."""
        where = {"MANYI_DATABASE_URL": self.database} if self.database else {}
        owned(self.folder, **where)
        done = manyi(self.folder, "token", "--email", "a@example.com", **where)
        self.token = done.stdout.strip().splitlines()[-1]
        self.port = free_port()
        self.environ = environment(self.folder, MANYI_LOG_LEVEL="error", **where)
        return self

    def start(self, before: Callable[[], None] | None = None, *words: str) -> None:
        """Serve in a process group of its own and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "manyi", "serve", "--port", str(self.port), *words],
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder.parent / "serve.log").open("ab"),
            start_new_session=True,
            preexec_fn=before,
        )
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                if self.call("GET", "/readyz", at="")[0] in {200, 503}:
                    return
            assert self.process.poll() is None, "the server ended by itself"
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """SIGKILL every process at the same moment, as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it as an administrator would; return the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(120)

    def publish(self) -> None:
        definition = template("csat")
        made = self.call("POST", "/surveys", {"definition": definition})[1]
        self.survey = self.call("POST", f"/surveys/{made['id']}/publish", {})[1]["code"]

    def call(
        self, method: str, path: str, body: Any = None, *, at: str = "/api/v1", timeout: float = 40
    ) -> tuple[int, Any, dict[str, str]]:
        """Return status, JSON and headers of one call on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(
                method,
                f"{at}{path}",
                None if body is None else json.dumps(body),
                {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            raw = answer.read()
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status, json.loads(raw or b"null"), headers
        finally:
            connection.close()

    def rows(self) -> dict[str, Any]:
        """Return every row, read while nothing runs."""
        return everything(self.folder / "manyi.sqlite3")

    def references(self) -> list[str]:
        """Return the reference of every stored record, one entry a row."""
        table = self.rows()["tables"]["feedback_feedbackrecord"]
        at = table["columns"].index("source_ref")
        return [row[at].rpartition(":")[2] for row in table["rows"]]
