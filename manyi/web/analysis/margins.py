"""Margins of a population as people give them: pasted lines, or a file."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from manyi.kit.problems import FieldProblem, Problem
from manyi.tabular import reading

MOST_LINES = 5_000
_BETWEEN = re.compile(r"\t|,|，|;|；")
_HEADS = {"dimension", "维度"}
COUNTS, SHARES = "count", "share"


def pasted(text: str, size: str) -> list[dict[str, Any]]:
    """Return the rows of lines such as `channel, wechat, 40`; empty lines are passed over."""
    lines = [_BETWEEN.split(line.strip()) for line in text.splitlines() if line.strip()]
    return _rows(lines, size)


def sent(upload: Any, size: str) -> list[dict[str, Any]]:
    """Return the rows of a CSV or XLSX file."""
    return _rows(lines_sent(upload), size)


def lines_sent(upload: Any) -> list[list[str]]:
    """Return the first lines of a CSV or XLSX file, its head too; a child process reads it."""
    with tempfile.TemporaryDirectory(prefix="manyi-margins-") as folder:
        path = Path(folder) / f"sent{Path(upload.name or '').suffix.lower()[:6]}"
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        out = Path(folder) / "rows"
        reading.convert(path, out)
        head = [list(reading.columns(out))]
        lines = [*head, *(row.cells for row in _first(reading.rows(out)))]
    return [["" if c is None else str(c) for c in line] for line in lines]


def _first(rows: Iterable[Any]) -> Iterable[Any]:
    return (row for row, _ in zip(rows, range(MOST_LINES + 1), strict=False))


def _rows(lines: Sequence[Sequence[str]], size: str) -> list[dict[str, Any]]:
    found = []
    for at, cells in enumerate(lines):
        words = [cell.strip() for cell in cells]
        if words[0].lower() in _HEADS:
            continue
        if len(words) < 3:
            wrong = FieldProblem("margins", "analysis.margin_line", {"line": at + 1})
            raise Problem("population.invalid", errors=(wrong,))
        if words[2]:  # a category without a size is not yet known
            found.append({"dimension": words[0], "code": words[1], size: words[2]})
    return found


def text_of(rows: Iterable[tuple[str, str, float | None]]) -> str:
    """Return rows as the lines that `pasted` reads."""
    return "\n".join(
        f"{dimension}, {code}, {'' if size is None else f'{size:g}'}"
        for dimension, code, size in rows
    )
