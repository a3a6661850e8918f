"""A real server that plays the outside model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from manyi.base.llm import Llm
from manyi.outbound import chat


class Outsider:
    """The server's address, and what it was sent."""

    def __init__(self, url: str, file: Path) -> None:
        self.url, self.file = url, file

    @property
    def sent(self) -> list[dict[str, Any]]:
        lines = self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        return [json.loads(line) for line in lines]

    def material(self) -> list[str]:
        return [one["body"]["messages"][1]["content"] for one in self.sent]


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outsider]:
    file = tmp_path_factory.mktemp("llm") / "sent.jsonl"
    script = Path(__file__).with_name("llm_server.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(file)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield Outsider(f"http://127.0.0.1:{process.stdout.readline().strip()}/v1", file)
    process.terminate()
    process.wait(10)


@pytest.fixture
def outsider(_server: Outsider) -> Outsider:
    _server.file.unlink(missing_ok=True)
    chat._understood.clear()
    return _server


@pytest.fixture
def play(outsider: Outsider, settings: Any) -> Callable[..., None]:
    """Return what sets the model that plays, by how it behaves."""

    def set_to(model: str, tokens: int = 1_000_000) -> None:
        settings.LLM = Llm(outsider.url, model, "sk-test-key", tokens)

    return set_to
