"""Rows of an XLSX sheet, after its zip was looked at. Runs in the child process."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

import openpyxl
from openpyxl.utils.cell import range_boundaries

from manyi.kit.problems import Problem
from manyi.tabular.limits import MEGABYTE, Cell, Limits

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_QUOTED = re.compile(r'"[^"]*"|\\.')
_HEAD_ROWS = 40
_MOST_ROWS = 1_048_576
_SPAN = 500
Merge = tuple[int, int, int, int]


def scan(path: Path, limits: Limits) -> None:
    """Refuse a zip that is a bomb, encrypted, or no workbook, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Problem("file.unreadable") from error
    if any(e.flag_bits & 1 for e in entries):
        raise Problem("file.encrypted")
    if len(entries) > limits.entries or _is_bomb(entries, limits):
        raise Problem("file.zip_bomb")
    if not any(n.lower().endswith("workbook.xml") for n in names):
        raise Problem("file.unknown_format")


def _is_bomb(entries: Sequence[zipfile.ZipInfo], limits: Limits) -> bool:
    if sum(e.file_size for e in entries) > limits.unpacked:
        return True
    return any(
        e.file_size > MEGABYTE and e.file_size > limits.ratio * max(1, e.compress_size)
        for e in entries
    )


class Workbook:
    """One sheet of an XLSX file; use it as a context."""

    def __init__(self, path: Path, limits: Limits, sheet: str | None) -> None:
        self._path, self._limits = path, limits
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # an open file: a path would be refused for its suffix; it stays open for streaming
            self._book = openpyxl.load_workbook(
                path.open("rb"), read_only=True, data_only=True, keep_links=False
            )
        visible = [s for s in self._book.worksheets if s.sheet_state == "visible"]
        self.sheets = tuple(s.title for s in visible)
        if sheet is not None and sheet not in self.sheets:
            raise Problem("file.no_such_sheet", sheet=sheet)
        chosen = [s for s in visible if sheet in (None, s.title)]
        self._sheet: Any = next((s for s in chosen if _has_rows(s)), None)
        if self._sheet is None:
            raise Problem("file.empty")
        self.sheet: str = self._sheet.title

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield each row's number and typed cells; merged header cells are filled in."""
        self._sheet.reset_dimensions()
        merges = self._merges()
        anchors: dict[Merge, Cell] = {}
        for number, row in enumerate(self._sheet.iter_rows(), start=1):
            if number > _MOST_ROWS:  # the reader would count up to any row that a file names
                raise Problem("file.too_many_rows", limit=self._limits.rows)
            cells = _cells(row, self._limits)
            if number <= _HEAD_ROWS and merges:
                _fill(cells, number, merges, anchors)
            yield number, cells

    def _merges(self) -> list[Merge]:
        part = self._sheet._worksheet_path
        with zipfile.ZipFile(self._path) as archive, archive.open(part) as file:
            return list(_head_merges(file))


def _has_rows(sheet: Any) -> bool:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=200, values_only=True)
    return any(any(v is not None for v in row) for row in rows)


def _head_merges(file: IO[bytes]) -> Iterator[Merge]:
    """Yield the merged cells of the first rows; they stand at the very end of a sheet."""
    tail = b""
    while chunk := file.read(MEGABYTE):
        window = tail + chunk
        last = 0
        for match in _MERGE.finditer(window):
            last = match.end()
            left, top, right, bottom = (n or 0 for n in range_boundaries(match[1].decode()))
            if 0 < top <= _HEAD_ROWS and 0 < left <= _SPAN:
                yield left, top, min(right, _SPAN), min(bottom, _HEAD_ROWS)
        tail = window[max(last, len(window) - 100) :]


def _fill(cells: list[Cell], row: int, merges: Sequence[Merge], anchors: dict[Merge, Cell]) -> None:
    for merge in merges:
        left, top, right, bottom = merge
        if not top <= row <= bottom:
            continue
        if row == top:
            anchors[merge] = cells[left - 1] if left <= len(cells) else None
        value = anchors.get(merge)
        if value is None:
            continue
        cells.extend([None] * (right - len(cells)))
        cells[left - 1 : right] = [value] * (right - left + 1)


def _cells(row: Sequence[Any], limits: Limits) -> list[Cell]:
    cells = [_cell(c) for c in row]
    while cells and cells[-1] is None:
        cells.pop()
    if len(cells) > limits.columns:
        raise Problem("file.too_many_columns", limit=limits.columns)
    return cells


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None or cell.data_type == "e":
        return None
    if isinstance(value, str):
        text = value.replace("\x00", "").replace("_x000D_", "")
        return text if text.strip("\ufeff \t\r\n\u3000") else None
    if isinstance(value, float):
        return _number(value, cell)
    return value if isinstance(value, (bool, int)) else _moment(value)


def _number(value: float, cell: Any) -> Cell:
    if value != value or value in (float("inf"), float("-inf")):
        return None
    if "%" in _QUOTED.sub("", cell.number_format or ""):
        return f"{round(value * 100, 6):g}%"
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _moment(value: Any) -> Cell:
    if isinstance(value, datetime):
        plain = value.replace(microsecond=0) if value.microsecond < 500 else value
        at_midnight = plain.time() == time(0)
        return plain.date().isoformat() if at_midnight else plain.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else str(value)[:1000]
