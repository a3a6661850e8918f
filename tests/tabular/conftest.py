"""Files on disk, converted in the real child process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manyi.tabular import reading
from manyi.tabular.limits import Limits

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[3] / "shared"))


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[reading.Shape, list[list[Any]]]]:
    """Return a function that writes content to a file, converts it and returns its rows."""

    def convert(content: bytes | str | Path, name: str = "file.csv", **more: Any):
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        out = tmp_path / "converted.jsonl"
        shape = reading.convert(path, out, **more)
        return shape, [row.cells for row in reading.rows(out)]

    return convert


@pytest.fixture
def shared() -> Callable[[str], Path]:
    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            if os.environ.get("CI") == "true":
                pytest.fail(f"{path} is missing")
            pytest.skip(f"{path} is not on this machine")
        return path

    return find


SMALL = Limits(rows=1_000, columns=20, cell_chars=5_000, wall_seconds=20)
