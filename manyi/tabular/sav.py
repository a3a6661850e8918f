"""SPSS system files, written row by row: labels, value labels, missing codes, answer sets.

Layout: PSPP developers' guide, “System File Format”; compressed by bytes, UTF-8.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from manyi.tabular.variables import Study, Variable, cut, moment, widths

_LONGEST_TEXT = 32_767
_SEGMENT = 255
_SEGMENT_STEP = 252  # what a segment of a very long text counts for in its declared width
_LONGEST_LABEL = 255
_LONGEST_VALUE_LABEL = 120
_SYSMIS = -sys.float_info.max
_LOWEST = -1.7976931348623155e308
_BIAS = 100
_END, _LITERAL, _BLANK, _NOTHING = 252, 253, 254, 255
_COUNT_AT = 80
_EPOCH = datetime(1582, 10, 14)  # noqa: DTZ001 - SPSS counts from here, without zones
_FORMATS = {"number": (5, 8, 2), "date": (39, 10, 0), "datetime": (22, 20, 0)}
_NOMINAL, _ORDINAL, _SCALE = 1, 2, 3


def write_sav(path: Path, study: Study) -> int:
    """Write the file and return how many rows it holds; a text beyond 32,767 bytes is cut."""
    sizes = [min(w, _LONGEST_TEXT) for w in widths(study, lambda t: len(t.encode()))]
    columns = [
        _Column(i, v, s) for i, (v, s) in enumerate(zip(study.variables, sizes, strict=True))
    ]
    with path.open("wb") as file:
        file.write(_header(study, columns))
        file.write(_dictionary(study, columns))
        total = _data(file, columns, study)
        file.seek(_COUNT_AT)
        file.write(struct.pack("<i", total))
    return total


class _Column:
    """A variable with its short names: a very long text lies in segments."""

    def __init__(self, index: int, variable: Variable, size: int) -> None:
        self.variable = variable
        self.is_text = variable.kind == "text"
        self.width = size if self.is_text else 0
        self.segments = _segments(self.width)
        self.shorts = [
            f"V{index:05d}{'' if i == 0 else _mark(i)}" for i in range(len(self.segments))
        ]
        self.cells = sum(max(1, (w + 7) // 8) for w in self.segments)

    def pack(self, value: Any) -> Iterator[bytes]:
        """Yield the value in cells of eight bytes."""
        if not self.is_text:
            yield struct.pack("<d", _number(value))
            return
        raw = cut(b"" if value is None else str(value).encode("utf-8", "replace"), self.width)
        for i, width in enumerate(self.segments):
            part = raw[i * _SEGMENT : (i + 1) * _SEGMENT].ljust((width + 7) // 8 * 8)
            yield from (part[at : at + 8] for at in range(0, len(part), 8))


def _segments(width: int) -> list[int]:
    if width <= _SEGMENT:
        return [width]
    count = -(-width // _SEGMENT_STEP)
    return [_SEGMENT] * (count - 1) + [width - (count - 1) * _SEGMENT_STEP]


def _mark(i: int) -> str:
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return signs[i // 36] + signs[i % 36]


def _number(value: Any) -> float:
    if value is None:
        return _SYSMIS
    if isinstance(value, (date, datetime)):
        return (moment(value) - _EPOCH).total_seconds()
    number = float(value)
    return number if abs(number) < float("inf") else _SYSMIS


def _header(study: Study, columns: Sequence[_Column]) -> bytes:
    at = study.made_at
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return b"".join(
        (
            b"$FL2",
            _fixed("@(#) SPSS DATA FILE Manyi", 60),
            struct.pack("<iiiii", 2, sum(c.cells for c in columns), 1, 0, -1),
            struct.pack("<d", _BIAS),
            f"{at.day:02d} {months[at.month - 1]} {at.year % 100:02d}".encode(),
            f"{at:%H:%M:%S}".encode(),
            _fixed(study.title, 64),
            b"\0\0\0",
        )
    )


def _fixed(text: str, size: int) -> bytes:
    return cut(text.encode(), size).ljust(size)


def _dictionary(study: Study, columns: Sequence[_Column]) -> bytes:
    parts = [record for c in columns for record in _variable(c)]
    parts += _value_labels(columns)
    parts += _documents(study.notes)
    parts += [
        _extension(3, 4, struct.pack("<8i", 1, 0, 0, -1, 1, 1, 2, 65001)),
        _extension(4, 8, struct.pack("<3d", _SYSMIS, sys.float_info.max, _LOWEST)),
        _extension(7, 1, _answer_sets(columns)),
        _extension(11, 4, b"".join(_display(c) for c in columns)),
        _extension(13, 1, "\t".join(f"{c.shorts[0]}={c.variable.name}" for c in columns).encode()),
        _extension(14, 1, b"".join(_length(c) for c in columns if len(c.segments) > 1)),
        _extension(20, 1, b"UTF-8"),
        struct.pack("<ii", 999, 0),
    ]
    return b"".join(parts)


def _variable(column: _Column) -> Iterator[bytes]:
    for i, (short, width) in enumerate(zip(column.shorts, column.segments, strict=True)):
        label = column.variable.label if i == 0 else ""
        missing = column.variable.missing if not column.is_text else ()
        form = _format(column.variable, width)
        head = (2, width, int(bool(label)), len(missing), form, form)
        yield struct.pack("<6i", *head) + _fixed(short, 8) + _label(label)
        yield struct.pack(f"<{len(missing)}d", *missing)
        for _ in range((width + 7) // 8 - 1):
            yield struct.pack("<6i", 2, -1, 0, 0, 0, 0) + b" " * 8


def _format(variable: Variable, width: int) -> int:
    kind, size, decimals = _FORMATS.get(variable.kind, (1, max(1, min(width, _SEGMENT)), 0))
    if variable.values:
        decimals = 0
    return kind << 16 | size << 8 | decimals


def _label(text: str) -> bytes:
    if not text:
        return b""
    raw = cut(text.encode(), _LONGEST_LABEL)
    return struct.pack("<i", len(raw)) + raw.ljust((len(raw) + 3) // 4 * 4)


def _value_labels(columns: Sequence[_Column]) -> Iterator[bytes]:
    at = 1
    for c in columns:
        if c.variable.values:
            yield struct.pack("<ii", 3, len(c.variable.values))
            for value, label in c.variable.values:
                raw = cut(label.encode(), _LONGEST_VALUE_LABEL)
                size = (len(raw) + 1 + 7) // 8 * 8 - 1
                yield struct.pack("<dB", value, len(raw)) + raw.ljust(size)
            yield struct.pack("<iii", 4, 1, at)
        at += c.cells


def _documents(notes: Sequence[str]) -> Iterator[bytes]:
    lines = [piece for note in notes for piece in _pieces(note.encode(), 80)]
    if lines:
        yield struct.pack("<ii", 6, len(lines)) + b"".join(line.ljust(80) for line in lines)


def _pieces(raw: bytes, size: int) -> Iterator[bytes]:
    while raw:
        piece = cut(raw, size)
        yield piece
        raw = raw[len(piece) :]


def _extension(subtype: int, size: int, data: bytes) -> bytes:
    if not data:
        return b""
    return struct.pack("<iiii", 7, subtype, size, len(data) // size) + data


def _answer_sets(columns: Sequence[_Column]) -> bytes:
    """Name the variables that are ticks of one question; 1 counts."""
    lines = []
    grouped = [c for c in columns if c.variable.group]
    for group, members in groupby(grouped, key=lambda c: c.variable.group):
        found = list(members)
        label = cut(found[0].variable.group_label.encode(), _LONGEST_LABEL)
        names = " ".join(c.shorts[0].lower() for c in found)
        lines.append(b"$%s=D1 1 %d %s %s\n" % (group.encode(), len(label), label, names.encode()))
    return b"".join(lines)


def _display(column: _Column) -> bytes:
    one = column.variable
    measure = _NOMINAL if one.values or column.is_text else _SCALE
    measure = _ORDINAL if one.is_ordered else measure
    width = min(40, max(8, column.width)) if column.is_text else 12
    return struct.pack("<3i", measure, width, int(not column.is_text)) * len(column.segments)


def _length(column: _Column) -> bytes:
    return f"{column.shorts[0]}={column.width:05d}".encode() + b"\0\t"


def _data(file: IO[bytes], columns: Sequence[_Column], study: Study) -> int:
    out, total = _Squeezed(file), 0
    for row in study.rows():
        for column, value in zip(columns, row, strict=True):
            for cell in column.pack(value):
                out.put(cell, is_text=column.is_text)
        total += 1
    out.close()
    return total


class _Squeezed:
    """Compression by bytes: eight one-byte codes, then the cells that no code stands for."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._codes = bytearray()
        self._cells = bytearray()

    def put(self, cell: bytes, *, is_text: bool) -> None:
        code = _text_code(cell) if is_text else _number_code(cell)
        self._codes.append(code)
        if code == _LITERAL:
            self._cells += cell
        if len(self._codes) == 8:
            self._flush()

    def close(self) -> None:
        self._codes.append(_END)
        self._flush()

    def _flush(self) -> None:
        self._file.write(bytes(self._codes).ljust(8, b"\0") + self._cells)
        self._codes.clear()
        self._cells.clear()


def _text_code(cell: bytes) -> int:
    return _BLANK if cell == b" " * 8 else _LITERAL


def _number_code(cell: bytes) -> int:
    (value,) = struct.unpack("<d", cell)
    if value == _SYSMIS:
        return _NOTHING
    is_small = 1 - _BIAS <= value <= 251 - _BIAS and value.is_integer()
    return int(value) + _BIAS if is_small else _LITERAL
