"""Typed XLSX and CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, Literal, TextIO, cast

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

Kind = Literal["text", "number", "integer", "date", "datetime", "percent", "code"]
Target = Path | str | IO[bytes]

_MOST_ROWS = 1_048_576
_MOST_CHARS = 32_767
_MOST_NAME = 31
_FORMATS = {
    "number": "0.0###",
    "integer": "0",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm:ss",
    "percent": '0.0"%"',  # shares travel as 0 to 100
    "text": "@",
    "code": "@",
}
_WIDTHS = {"number": 11, "integer": 9, "date": 12, "datetime": 20, "percent": 10, "code": 14}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BAD_SHEET = re.compile(r"[\[\]:*?/\\]")
_DANGEROUS = re.compile(r"^'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")
_HARMLESS = re.compile(r"^[+-]\d[\d ]*(?:[.,]\d+)*%?$|^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$")


@dataclass(frozen=True)
class Column:
    """One column of an export: the key of its value in a row, its heading and its type."""

    key: str
    label: str
    kind: Kind = "text"
    width: int | None = None


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows are mappings by column key, or sequences in the columns' order.

    `title` and `notes` stand above the table: what was selected, when, by which formula.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Any] | Sequence[Any]]
    title: str = ""
    notes: Sequence[str] = field(default=())


def write_xlsx(target: Target, sheets: Iterable[Sheet]) -> int:
    """Write a workbook row by row in constant memory; return how many rows it holds.

    Texts stay texts: no formula, link or number is made of them. A table longer than a sheet
    goes on in a sheet of the same name with a number.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options)
    writer = _Writer(book)
    try:
        return sum(writer.write(sheet) for sheet in sheets)
    finally:
        book.close()


class _Writer:
    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._names: set[str] = set()
        self._head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#F0F0F0"}
        )
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._formats = {k: book.add_format({"num_format": f}) for k, f in _FORMATS.items()}

    def write(self, sheet: Sheet) -> int:
        total, page, at = 0, self._page(sheet), 0
        at = _heading(page, sheet, self._title, self._head)
        for row in sheet.rows:
            if at >= _MOST_ROWS:
                page = self._page(sheet)
                at = _heading(page, sheet, self._title, self._head)
            for i, (column, value) in enumerate(_pairs(sheet.columns, row)):
                _write_cell(page, at, i, value, column.kind, self._formats[column.kind])
            total, at = total + 1, at + 1
        return total

    def _page(self, sheet: Sheet) -> Worksheet:
        page: Worksheet = self._book.add_worksheet(self._free_name(sheet.name))
        for i, column in enumerate(sheet.columns):
            page.set_column(i, i, column.width or _width(column), self._formats[column.kind])
        return page

    def _free_name(self, wanted: str) -> str:
        wanted = _BAD_SHEET.sub(" ", _clean(wanted)).strip(" '")
        base = _cut(wanted, _MOST_NAME).strip(" '") or "Sheet"
        name, again = base, 2
        while name.lower() in self._names or name.lower() == "history":
            ending = f" {again}"
            name, again = _cut(base, _MOST_NAME - len(ending)) + ending, again + 1
        self._names.add(name.lower())
        return name


def _heading(page: Worksheet, sheet: Sheet, title: Format, head: Format) -> int:
    """Write title, notes and the heading, freeze it, and return the first row after it."""
    lines = [line for line in (sheet.title, *sheet.notes) if line]
    for at, line in enumerate(lines):
        page.write_string(at, 0, _clean(line), title if line == sheet.title else None)
    at = len(lines) + 1 if lines else 0
    for i, column in enumerate(sheet.columns):
        page.write_string(at, i, _clean(column.label), head)
    page.freeze_panes(at + 1, 0)
    return at + 1


def _width(column: Column) -> int:
    """A Chinese character is two wide."""
    label = sum(2 if ord(c) > 0x2E80 else 1 for c in column.label)
    return min(60, max(_WIDTHS.get(column.kind, 24), label + 2))


def _pairs(
    columns: Sequence[Column], row: Mapping[str, Any] | Sequence[Any]
) -> Iterator[tuple[Column, Any]]:
    if isinstance(row, Mapping):
        for column in columns:
            yield column, row.get(column.key)
        return
    for i, column in enumerate(columns):
        yield column, row[i] if i < len(row) else None


def _write_cell(page: Worksheet, at: int, i: int, value: Any, kind: str, style: Format) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(at, i, value)
    elif isinstance(value, (date, datetime)):
        _write_moment(page, at, i, value, style)
    elif kind in ("text", "code") or isinstance(value, str):
        page.write_string(at, i, _clean(_said(value)), style)
    elif value == value and abs(value) != float("inf"):
        page.write_number(at, i, value, style)


def _write_moment(page: Worksheet, at: int, i: int, value: date | datetime, style: Format) -> None:
    if value.year < 1900:
        page.write_string(at, i, value.isoformat())
        return
    local = value.replace(tzinfo=None) if isinstance(value, datetime) else value
    page.write_datetime(at, i, local, style)


def _said(value: Any) -> str:
    """Return what a text cell says; several choices are parted by semicolons."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return "; ".join(str(v) for v in value)
    return str(value)


def _clean(text: str) -> str:
    return _cut(_CONTROL.sub("", text), _MOST_CHARS)


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text; spreadsheets count an emoji as two characters."""
    if 2 * len(text) <= most or (len(text) <= most and text.isascii()):
        return text
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def codebook(
    entries: Iterable[Mapping[str, Any]], *, labels: Sequence[str], name: str = "Codebook"
) -> Sheet:
    """Return the sheet that explains an export: one line a code of a column.

    Each entry has `column`, `label`, `code`, `meaning` and `note`; `labels` are the five
    headings in the reader's language.
    """
    keys = ("column", "label", "code", "meaning", "note")
    kinds: tuple[Kind, ...] = ("code", "text", "code", "text", "text")
    columns = [Column(k, h, kind) for k, h, kind in zip(keys, labels, kinds, strict=True)]
    return Sheet(name, columns, entries)


def write_csv(
    stream: IO[bytes] | TextIO,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any] | Sequence[Any]],
) -> int:
    """Write UTF-8 with BOM and guarded formulas row by row; return how many rows were written."""
    total = -1  # the heading is no row
    for line in csv_lines(columns, rows):
        total += 1
        if isinstance(stream, io.TextIOBase):
            stream.write(line)
        else:
            cast(IO[bytes], stream).write(line.encode("utf-8", "replace"))
    return total


def csv_lines(
    columns: Sequence[Column], rows: Iterable[Mapping[str, Any] | Sequence[Any]]
) -> Iterator[str]:
    """Yield BOM and heading, then each row as one guarded CSV line, for streamed answers."""
    yield "\ufeff" + _line(guard(c.label) for c in columns)
    for row in rows:
        yield _line(_plain(v) for c, v in _pairs(columns, row))


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.tzinfo is None else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return _number(value)
    return guard(_said(value))


def _number(value: float) -> str:
    if value != value or abs(value) == float("inf"):
        return ""
    return repr(int(value) if value == int(value) and abs(value) < 2**53 else value)


def guard(text: str) -> str:
    """Put ' before a text that a spreadsheet would run; numbers and phones stay as they are.

    `manyi.tabular` takes the guard off again when it reads the file.
    """
    text = text.replace("\x00", "")
    if not _DANGEROUS.match(text) or _HARMLESS.match(text):
        return text
    return "'" + text


def export_name(subject: str, at: datetime, suffix: str) -> str:
    """Return a file name that every system keeps: subject, UTC day, suffix."""
    safe = re.sub(r"[^\w\-]+", "-", subject).strip("-")[:80] or "export"
    return f"{safe}-{at.astimezone(UTC):%Y%m%d}.{suffix}"
