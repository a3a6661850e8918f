"""The child process that parses one uploaded file under memory and CPU limits.

Called as `python -m manyi.tabular.child '{"path": …, "out": …}'`; writes one JSON answer.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import resource
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from manyi.kit.problems import FieldProblem, Problem
from manyi.tabular import delimited, sniff
from manyi.tabular.header import find_header, is_blank
from manyi.tabular.limits import MEGABYTE, Cell, Limits
from manyi.tabular.talks import gathered

_HEAD = 60
_NOTED = 100
Numbered = Iterator[tuple[int, list[Cell]]]


def main(argument: str) -> None:
    request = json.loads(argument)
    limits = Limits(**request["limits"])
    _restrict(limits)
    try:
        shape = convert(Path(request["path"]), Path(request["out"]), request["sheet"], limits)
        answer: dict[str, Any] = {"shape": shape}
    except Problem as problem:
        answer = {"problem": problem.code, "params": problem.params}
    except MemoryError:
        answer = {"problem": "file.too_large", "params": {"limit": limits.bytes // MEGABYTE}}
    answer["peak"] = _peak()
    sys.stdout.write(json.dumps(answer))


def _peak() -> int:
    """Return the most memory this program held, in kilobytes; a forked parent's is left out."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _restrict(limits: Limits) -> None:
    wanted = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: 8 * limits.unpacked,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in wanted.items():
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (value, hard))
        except (ValueError, OSError):  # macOS knows no limit of address space
            continue


def convert(path: Path, out: Path, sheet: str | None, limits: Limits) -> dict[str, Any]:
    """Write `path` as rows of JSON to `out` and return the table's shape."""
    kind = sniff.container(path)
    if kind == "zip":
        return _workbook(path, out, sheet, limits)
    if kind == "sav":
        return _spss(path, out, limits)
    if kind == "gzip":
        plain = _unzipped(path, out.with_suffix(".plain"), limits)
        try:
            return _text(plain, out, limits)
        finally:
            plain.unlink(missing_ok=True)
    return _text(path, out, limits)


def _workbook(path: Path, out: Path, sheet: str | None, limits: Limits) -> dict[str, Any]:
    from manyi.tabular import workbook

    workbook.scan(path, limits)
    book = workbook.Workbook(path, limits, sheet)
    shape = _headed(book.rows(), out, limits)
    return {**shape, "format": "xlsx", "sheet": book.sheet, "sheets": book.sheets}


def _spss(path: Path, out: Path, limits: Limits) -> dict[str, Any]:
    from manyi.tabular import spss

    names, rows = spss.table(path, limits)
    return {**Writing(names, limits).write(rows, out), "format": "sav"}


def _text(path: Path, out: Path, limits: Limits) -> dict[str, Any]:
    encoding, wrong = sniff.encoding(path)
    kind = sniff.text_format(delimited.start(path, encoding))
    if kind == "csv":
        delimiter = delimited.delimiter(path, encoding)
        shape = _headed(delimited.rows(path, encoding, delimiter, limits), out, limits)
        shape["delimiter"] = "" if delimiter == sniff.ONE_COLUMN else delimiter
    else:
        from manyi.tabular.objects import Objects

        table = Objects(path, encoding, limits)
        shape = _written(table.names, table.rows(), out, limits)
        shape["problems"] += [dataclasses.asdict(p) for p in table.problems[:_NOTED]]
    if wrong:
        note = FieldProblem("", "file.undecodable", {"n": wrong, "encoding": encoding})
        shape["problems"].insert(0, dataclasses.asdict(note))
    return {**shape, "format": kind, "encoding": encoding.removesuffix("-sig")}


def _unzipped(path: Path, out: Path, limits: Limits) -> Path:
    most = max(MEGABYTE, limits.ratio * path.stat().st_size)
    done = 0
    try:
        with gzip.open(path) as packed, out.open("wb") as plain:
            while chunk := packed.read(MEGABYTE):
                done += len(chunk)
                if done > limits.unpacked or done > most:
                    raise Problem("file.zip_bomb")
                plain.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise Problem("file.unreadable") from error
    if sniff.container(out) != "text":
        raise Problem("file.unknown_format")
    return out


def _headed(rows: Numbered, out: Path, limits: Limits) -> dict[str, Any]:
    """Find the header among the first rows, then write the rest."""
    head = list(islice(rows, _HEAD))
    for _, cells in head:
        _refuse_wide(cells, limits)
    while head and all(is_blank(c) for c in head[0][1]):
        del head[0]
    if not head:
        head = [first for first in islice(_filled(rows), 1)]
        head += list(islice(rows, _HEAD))
    if not head:
        raise Problem("file.empty")
    header = find_header([cells for _, cells in head])
    body = chain(head[header.body :], rows)
    trimmed = ((number, cells[header.margin :]) for number, cells in body)
    shape = _written(header.names, trimmed, out, limits)
    return {**shape, "header_row": head[header.body - 1][0] if header.body else 0}


def _written(names: Sequence[str], rows: Numbered, out: Path, limits: Limits) -> dict[str, Any]:
    """Write a table, a conversation a row where each row of it is a turn."""
    columns, found = gathered(names, _filled(rows))
    return Writing(columns, limits).write(found, out)


def _filled(rows: Numbered) -> Numbered:
    return ((n, cells) for n, cells in rows if not all(is_blank(c) for c in cells))


def _refuse_wide(cells: Sequence[Cell], limits: Limits) -> None:
    if len(cells) > limits.columns and any(not is_blank(c) for c in cells[limits.columns :]):
        raise Problem("file.too_many_columns", limit=limits.columns)


class Writing:
    """Writes rows as JSON lines: [row number, how many equal rows came before, cells]."""

    def __init__(self, names: Sequence[str], limits: Limits) -> None:
        self._names, self._limits = names, limits
        self._seen: set[bytes] = set()
        self._again: defaultdict[bytes, int] = defaultdict(int)
        self._problems: list[FieldProblem] = []
        self._n = 0

    def write(self, rows: Numbered, out: Path) -> dict[str, Any]:
        with out.open("wb") as file:
            file.write(_line(list(self._names)))
            for number, cells in _filled(rows):
                self._write_row(file.write, number, cells)
        noted = [dataclasses.asdict(p) for p in self._problems]
        return {"columns": list(self._names), "rows": self._n, "problems": noted}

    def _write_row(self, write: Callable[[bytes], Any], number: int, cells: list[Cell]) -> None:
        _refuse_wide(cells, self._limits)
        if self._n >= self._limits.rows:
            raise Problem("file.too_many_rows", limit=self._limits.rows)
        width = len(self._names)
        if any(not is_blank(c) for c in cells[width:]) and len(self._problems) < _NOTED:
            self._problems.append(FieldProblem(f"/{number}", "row.too_long", {"columns": width}))
        kept = cells[:width] + [None] * (width - len(cells))
        self._n += 1
        write(_line([number, self._occurrence(kept), kept]))

    def _occurrence(self, cells: list[Cell]) -> int:
        digest = hashlib.blake2b(_line(cells), digest_size=8).digest()
        if digest not in self._seen:
            self._seen.add(digest)
            return 0
        self._again[digest] += 1
        return self._again[digest]


def _line(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


if __name__ == "__main__":
    main(sys.argv[1])
