"""Rows of JSON lines or of a JSON array of objects. Runs in the child process."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from manyi.kit.problems import FieldProblem, Problem
from manyi.tabular.header import tidy
from manyi.tabular.limits import Cell, Limits

_HEAD = 1_000
_CHUNK = 1 << 16
_SPACE = " \t\r\n,\ufeff"


class Objects:
    """A table of JSON objects: `names` are the keys of its first thousand, in order."""

    def __init__(self, path: Path, encoding: str, limits: Limits) -> None:
        self.problems: list[FieldProblem] = []
        self._limits = limits
        found = self._objects(path, encoding)
        self._head = list(islice(found, _HEAD))
        self._rest = found
        keys: dict[str, None] = {}
        for _, item in self._head:
            keys.update(dict.fromkeys(item))
        self._keys = tuple(keys)
        self.names = tidy(self._keys)
        if not self.names:
            raise Problem("file.empty")
        if len(self.names) > limits.columns:
            raise Problem("file.too_many_columns", limit=limits.columns)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        for number, item in chain(self._head, self._rest):
            yield number, [_cell(item.get(k)) for k in self._keys]

    def _objects(self, path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, item in enumerate(_values(path, encoding, self._limits), start=1):
            if isinstance(item, dict):
                yield number, item
            elif item is not None:
                self.problems.append(FieldProblem(f"/{number}", "row.not_an_object"))
                if len(self.problems) > 100 and len(self.problems) > number // 2:
                    raise Problem("file.not_a_table")


def _cell(value: Any) -> Cell:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return text if text.strip() else None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (int, float, bool)) else None


def _values(path: Path, encoding: str, limits: Limits) -> Iterator[Any]:
    """Yield JSON values one after the other; a broken line yields the broken text itself."""
    with path.open(encoding=encoding, errors="replace") as file:
        first = file.readline(limits.line_chars)
        while first and not first.strip(_SPACE):
            first = file.readline(limits.line_chars)
        file.seek(0)
        if _parsed(first) is not _BROKEN and first.strip(_SPACE)[:1] == "{":
            yield from _by_line(file, limits)
        else:
            yield from _by_stream(file, limits)


_BROKEN = object()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return _BROKEN


def _by_line(file: Any, limits: Limits) -> Iterator[Any]:
    while line := file.readline(limits.line_chars):
        if len(line) == limits.line_chars:
            raise Problem("file.not_a_table")
        if line.strip():
            item = _parsed(line)
            yield line[:80] if item is _BROKEN else item
        else:
            yield None


def _by_stream(file: Any, limits: Limits) -> Iterator[Any]:
    decode = json.JSONDecoder().raw_decode
    buffer, size = file.read(_CHUNK).lstrip(_SPACE).removeprefix("["), _CHUNK
    while buffer := buffer.lstrip(_SPACE):
        try:
            item, end = decode(buffer)
        except (ValueError, RecursionError) as error:
            more = file.read(size)
            if not more:
                if buffer.rstrip() == "]":
                    return
                raise Problem("file.unreadable") from error
            buffer, size = buffer + more, size * 2
            if len(buffer) > limits.line_chars:
                raise Problem("file.unreadable") from error
            continue
        yield item
        buffer, size = buffer[end:], _CHUNK
        if len(buffer) < 64 and (more := file.read(_CHUNK)):
            buffer += more
