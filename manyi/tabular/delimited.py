"""Rows of a delimited text file, read as a stream. Runs in the child process."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from manyi.kit.problems import Problem
from manyi.tabular import sniff
from manyi.tabular.limits import Cell, Limits

# What `writing` puts before a text that a spreadsheet would take for a formula.
GUARDED = re.compile(r"^'(?='*(?:\s*[=+\-@＝＋－＠]|[\t\r\n]))")


def rows(
    path: Path, encoding: str, delimiter: str, limits: Limits
) -> Iterator[tuple[int, list[Cell]]]:
    """Yield each row's number and its cells as text; blank cells are None."""
    csv.field_size_limit(limits.cell_chars)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        reader = csv.reader(_lines(file, delimiter, limits), delimiter=delimiter)
        number = 0
        try:
            for number, row in enumerate(reader, start=1):
                yield number, [cell(text) for text in row]
        except csv.Error as error:
            raise Problem("file.cell_too_long", row=number + 1, limit=limits.cell_chars) from error


def cell(text: str) -> str | None:
    """Return a cell's text without the guard that our own exports put before formulas."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.startswith("'"):
        text = GUARDED.sub("", text)
    return text if text.strip("\ufeff \t\r\n\u3000") else None


def _lines(file: TextIO, delimiter: str, limits: Limits) -> Iterator[str]:
    while line := file.readline(limits.line_chars):
        if len(line) == limits.line_chars:
            columns = line.count(delimiter) + 1
            _refuse_long_line(columns, limits)
        yield line


def _refuse_long_line(columns: int, limits: Limits) -> None:
    if columns > limits.columns:
        raise Problem("file.too_many_columns", limit=limits.columns)
    raise Problem("file.not_a_table")


def start(path: Path, encoding: str, size: int = 256 * 1024) -> str:
    """Return the beginning of a text file."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(size)


def delimiter(path: Path, encoding: str) -> str:
    return sniff.delimiter(start(path, encoding))
