"""What a file is, by its content: its format, its encoding, its delimiter."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from manyi.kit.problems import Problem

_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"PAR1",
    b"{\\rtf",
)
_MARKUP = ("<!doctype", "<html", "<table", "<?xml", "<head", "<body")
_DELIMITERS = ",\t;|"
ONE_COLUMN = "\x1f"


def container(path: Path) -> str:
    """Return gzip, zip, sav or text; refuse what is known to be something else."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start.strip(b"\x00\t\r\n "):
        raise Problem("file.empty" if path.stat().st_size < _CHUNK else "file.not_a_table")
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    if start.startswith(b"PK"):
        return "zip"
    if start.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if start == _OLE:
        raise Problem(_ole(path))
    if start.startswith(_FOREIGN):
        raise Problem("file.unknown_format")
    return "text"


def _ole(path: Path) -> str:
    """An OLE container is an encrypted XLSX or an old XLS."""
    with path.open("rb") as file:
        content = file.read(64 * _CHUNK)
    encrypted = "EncryptedPackage".encode("utf-16-le") in content
    return "file.encrypted" if encrypted else "file.old_xls"


def encoding(path: Path) -> tuple[str, int]:
    """Return the encoding of a text file and how many of its characters cannot be read."""
    with path.open("rb") as file:
        start = file.read(_CHUNK)
    marked = _by_mark(start)
    if marked:
        return marked, 0
    if _is_binary(start):
        raise Problem("file.not_a_table")
    wrong = _unreadable(path, "utf-8")
    if wrong == 0 or wrong * 2_000 < path.stat().st_size:
        return "utf-8", wrong
    if _looks_chinese(start):
        wrong = _unreadable(path, "gb18030")
        if wrong * 200 < path.stat().st_size:
            return "gb18030", wrong
    return "cp1252", _unreadable(path, "cp1252")


def _by_mark(start: bytes) -> str | None:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[0:4096:2].count(0), start[1:4096:2].count(0)
    half = max(1, min(len(start), 4096) // 2)
    if odd > 0.2 * half and even < 0.02 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.2 * half and odd < 0.02 * half else None


def _is_binary(start: bytes) -> bool:
    control = sum(
        start.count(bytes([b])) for b in range(32) if b not in (9, 10, 11, 12, 13, 26, 27)
    )
    return control > max(8, len(start) // 50)


class _Count:
    """Counts undecodable bytes while they are replaced."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, error: UnicodeError) -> tuple[str, int]:
        self.n += 1
        end = error.end if isinstance(error, UnicodeDecodeError) else 0
        return "�", end


def _unreadable(path: Path, name: str) -> int:
    count = _Count()
    codecs.register_error("manyi-count", count)
    decoder = codecs.getincrementaldecoder(name)("manyi-count")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    return count.n


def _looks_chinese(start: bytes) -> bool:
    """Western text read as GB18030 gives rare characters; Chinese text gives common ones."""
    text = [c for c in start.decode("gb18030", "ignore") if ord(c) > 127]
    common = sum(1 for c in text if _in_gb2312(c))
    return len(text) > 0 and common >= 0.7 * len(text)


def _in_gb2312(character: str) -> bool:
    try:
        return character.encode("gb2312")[0] <= 0xD7  # level one: the 3,755 most used
    except UnicodeEncodeError:
        return False


def text_format(start: str) -> str:
    """Return json, jsonl or csv for the beginning of a text file."""
    head = start.lstrip("\ufeff \t\r\n")
    if head.lower().startswith(_MARKUP):
        raise Problem("file.not_a_table")
    if head.startswith("{") and head[1:].lstrip()[:1] in ('"', "}"):
        return "jsonl"
    if head.startswith("[") and head[1:].lstrip()[:1] in ("{", "]"):
        return "json"
    return "csv"


def delimiter(start: str) -> str:
    """Return the delimiter that cuts the sample's rows most consistently."""
    scored = [(_consistency(start, d), d) for d in _DELIMITERS]
    best, found = max(scored, key=lambda pair: pair[0])
    return found if best > (0.5, 1) else ONE_COLUMN


def _consistency(start: str, delim: str) -> tuple[float, int]:
    widths = Counter(len(r) for r in _some_rows(start, delim) if any(c.strip() for c in r))
    total = sum(widths.values())
    wide = {w: n for w, n in widths.items() if w > 1}
    if not wide:
        return (0.0, 0)
    width, n = max(wide.items(), key=lambda item: (item[1], item[0]))
    return (round(n / total, 1), width)


def _some_rows(start: str, delim: str) -> Iterator[list[str]]:
    lines = start.splitlines(keepends=True)
    if len(lines) > 2:
        del lines[-1]
    reader = csv.reader(lines, delimiter=delim)
    try:
        for _, row in zip(range(200), reader, strict=False):
            yield row
    except csv.Error:
        return
