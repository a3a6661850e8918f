"""A person's file made into plain rows by a child process, and those rows read back."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from manyi.kit.problems import FieldProblem, Problem
from manyi.tabular.limits import MEGABYTE, Cell, Limits

_ROOT = Path(__file__).parents[2]
_DEFAULT = Limits()


@dataclasses.dataclass(frozen=True)
class Shape:
    """What was found in a file; `problems` are notes that did not stop it."""

    columns: tuple[str, ...]
    rows: int
    format: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 0
    problems: tuple[FieldProblem, ...] = ()
    peak_kilobytes: int = 0


class Row(NamedTuple):
    """One row: its number in the person's file, the byte offset after it in the converted
    file (hand it to `rows` to go on from there), its cells, and how many equal rows precede."""

    number: int
    offset: int
    cells: list[Cell]
    occurrence: int


def convert(
    path: Path | str, out_path: Path | str, *, sheet: str | None = None, limits: Limits = _DEFAULT
) -> Shape:
    """Parse the file at `path` in a child process and write its rows to `out_path`.

    Raises Problem("file.…"); the caller's process is never at risk.
    """
    path, out = Path(path).resolve(), Path(out_path).resolve()
    size = path.stat().st_size
    if size == 0:
        raise Problem("file.empty")
    if size > limits.bytes:
        raise Problem("file.too_large", limit=limits.bytes // MEGABYTE)
    request = {
        "path": str(path),
        "out": str(out),
        "sheet": sheet,
        "limits": dataclasses.asdict(limits),
    }
    return _shape(_answer(request, limits.wall_seconds))


def _answer(request: dict[str, Any], seconds: int) -> dict[str, Any]:
    """Run the child with an environment that holds no secrets."""
    try:
        done = subprocess.run(  # noqa: S603 (our own module, no shell)
            [sys.executable, "-m", "manyi.tabular.child", json.dumps(request)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=_ROOT,
            env=_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise Problem("file.timeout") from error
    if done.returncode < 0:
        raise Problem("file.timeout" if -done.returncode in (9, 24) else "file.unreadable")
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise Problem("file.unreadable") from error
    return answer


def _environment() -> dict[str, str]:
    kept = {k: os.environ[k] for k in ("LD_LIBRARY_PATH", "TMPDIR") if k in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _shape(answer: dict[str, Any]) -> Shape:
    if "problem" in answer:
        raise Problem(answer["problem"], **answer["params"])
    found = answer["shape"]
    found["columns"] = tuple(found["columns"])
    found["sheets"] = tuple(found.get("sheets", ()))
    found["problems"] = tuple(FieldProblem(**p) for p in found["problems"])
    return Shape(**found, peak_kilobytes=answer["peak"])


def columns(converted: Path | str) -> tuple[str, ...]:
    """Return the names of the columns of a converted file."""
    with Path(converted).open("rb") as file:
        return tuple(json.loads(file.readline()))


def rows(converted: Path | str, offset: int = 0) -> Iterator[Row]:
    """Yield the rows of a converted file, from the beginning or from a row's `offset` on."""
    with Path(converted).open("rb") as file:
        file.seek(offset)
        if offset == 0:
            file.readline()
        while line := file.readline():
            number, occurrence, cells = json.loads(line)
            yield Row(number, file.tell(), cells, occurrence)


def sample(converted: Path | str, at_most: int = 1_000) -> list[list[Cell]]:
    """Return about `at_most` rows from all over a converted file, so that a file sorted by
    its labels shows all of them."""
    path = Path(converted)
    size, places = path.stat().st_size, 20
    first = [row.cells for _, row in zip(range(at_most // 2), rows(path), strict=False)]
    rest = at_most - len(first)
    if len(first) < at_most // 2:
        return first
    taken = list(first)
    start = _offset_after(path, at_most // 2)
    for i in range(places):
        near = start + (size - start) * i // places
        taken += _rows_near(
            path, near, end=start + (size - start) * (i + 1) // places, n=rest // places
        )
    return taken


def _offset_after(path: Path, n: int) -> int:
    offset = 0
    for _, row in zip(range(n), rows(path), strict=False):
        offset = row.offset
    return offset


def _rows_near(path: Path, offset: int, *, end: int, n: int) -> list[list[Cell]]:
    """Return up to `n` rows that begin after the byte before `offset` and before `end`."""
    found: list[list[Cell]] = []
    with path.open("rb") as file:
        file.seek(offset - 1)
        file.readline()
        while len(found) < n and file.tell() < end and (line := file.readline()):
            found.append(json.loads(line)[2])
    return found
