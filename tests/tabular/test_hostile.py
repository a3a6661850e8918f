"""A hostile file is refused with one sentence, and the reader's process lives."""

from __future__ import annotations

import gzip
import io
import os
import zipfile

import openpyxl
import pytest

from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.kit.sentences import SENTENCES
from manyi.kit.sentences.tabular import SENTENCES as OURS
from manyi.tabular import reading
from manyi.tabular.limits import Limits

from .conftest import SMALL


def workbook(**cells: object) -> bytes:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def replaced(workbook_bytes: bytes, part: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook_bytes)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    assert part in parts, sorted(parts)
    return zipped({**parts, part: content})


def with_doctype(doctype: bytes) -> bytes:
    sheet = (
        b'<?xml version="1.0"?>' + doctype + b"<worksheet "
        b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'
    )
    return replaced(workbook(A1="x"), "xl/worksheets/sheet1.xml", sheet)


def with_entity() -> bytes:
    return with_doctype(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')


def laughing() -> bytes:
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 12)
    )
    return with_doctype(b"<!DOCTYPE x [" + entities + b'<!ENTITY e "&a11;">]>')


def encrypted_zip() -> bytes:
    raw = bytearray(workbook(A1="x"))
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        raw[at + 8] |= 1
        at = raw.find(b"PK\x01\x02", at + 4)
    return bytes(raw)


def far_row() -> bytes:
    """A file of 6 kB that names a row which a reader would take hours to count up to."""
    rows = b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    rows += b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>'
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = b"<worksheet " + space + b"><sheetData>" + rows + b"</sheetData></worksheet>"
    return replaced(workbook(A1="x"), "xl/worksheets/sheet1.xml", sheet)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600

HOSTILE = {
    "sparse": (lambda: workbook(A1="a", XFD1048576="b"), "file.too_many_columns"),
    "bomb": (
        lambda: zipped({"xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": b"0" * 20_000_000}),
        "file.zip_bomb",
    ),
    "many entries": (lambda: zipped({f"{i}": b"" for i in range(2_500)}), "file.zip_bomb"),
    "far row": (far_row, "file.too_many_rows"),
    "million columns": (lambda: ("c," * 1_000_000 + "\n").encode(), "file.too_many_columns"),
    "long line": (lambda: b"a" * 10_000_000, "file.not_a_table"),
    "open quote": (lambda: b'a,b\n1,"x\n' + b"y,z\n" * 10_000, "file.cell_too_long"),
    "random": (lambda: os.urandom(50_000), "file.not_a_table"),
    "zeros": (lambda: b"\0" * 50_000, "file.empty"),
    "truncated": (lambda: workbook(A1="x")[:3_000], "file.unreadable"),
    "truncated gzip": (lambda: gzip.compress(os.urandom(9_000))[:5_000], "file.unreadable"),
    "gzip bomb": (lambda: gzip.compress(b"a,b\n" * 5_000_000), "file.zip_bomb"),
    "gzip of zip": (lambda: gzip.compress(workbook(A1="x")), "file.unknown_format"),
    "external entity": (with_entity, "file.unreadable"),
    "billion laughs": (laughing, "file.unreadable"),
    "encrypted zip": (encrypted_zip, "file.encrypted"),
    "encrypted": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "file.encrypted"),
    "old xls": (lambda: OLE + "Workbook".encode("utf-16-le"), "file.old_xls"),
    "other zip": (lambda: zipped({"word/document.xml": b"x"}), "file.unknown_format"),
    "pdf": (lambda: b"%PDF-1.7\n" + b"x" * 100, "file.unknown_format"),
    "html": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "file.not_a_table"),
    "empty": (lambda: b"", "file.empty"),
    "blank": (lambda: b"\n \n\t\n", "file.empty"),
    "blank sheet": (lambda: workbook(), "file.empty"),
    "many rows": (lambda: b"a,b\n" + b"1,2\n" * 1_001, "file.too_many_rows"),
    "deep json": (lambda: b'{"a":' + b"[" * 200_000, "file.unreadable"),
    "broken json": (lambda: b'[{"a":1}, {"a":', "file.unreadable"),
    "sav": (lambda: b"$FL2" + b"x" * 500, "file.unreadable"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_a_sentence(read, name):
    make, code = HOSTILE[name]
    with pytest.raises(Problem) as refused:
        read(make(), "hostile", limits=SMALL)
    assert refused.value.code == code
    sentence = say(code, "en", refused.value.params)
    assert sentence.endswith(".") and "{" not in sentence


def test_far_row_in_the_first_column_is_read_without_exploding(read):
    shape, rows = read(workbook(A1="score", B1="text", A1048576=5, B1048576="x"), limits=SMALL)
    assert (shape.columns, rows) == (("score", "text"), [[5, "x"]])


def test_stray_zero_bytes_are_dropped(read):
    assert read(b"a,b\n1,x\x00y\n")[1] == [["1", "xy"]]


def test_too_large_is_refused_before_anything_is_opened(read):
    with pytest.raises(Problem) as refused:
        read(b"a,b\n" * 1000, limits=Limits(bytes=100))
    assert refused.value.code == "file.too_large"


def test_a_child_that_thinks_too_long_is_stopped(read):
    with pytest.raises(Problem) as refused:
        read(b"a,b\n" + b"1,2\n" * 400_000, limits=Limits(wall_seconds=0.2))
    assert refused.value.code == "file.timeout"


def test_a_child_that_computes_too_long_is_killed_by_the_kernel(read):
    with pytest.raises(Problem) as refused:
        read(b"a,b\n" + b"1,22222222222\n" * 1_900_000, limits=Limits(cpu_seconds=1))
    assert refused.value.code == "file.timeout"


def test_a_child_that_wants_too_much_memory_is_refused(read):
    rows = "\n".join(f"{i},{'x' * 30}" for i in range(400_000))
    with pytest.raises(Problem) as refused:
        read("a,b\n" + rows, limits=Limits(memory=40 * 1024 * 1024))
    assert refused.value.code == "file.too_large"


def test_the_child_sees_no_secrets(monkeypatch):
    monkeypatch.setenv("MANYI_SECRET_KEY", "s" * 60)
    assert "MANYI_SECRET_KEY" not in reading._environment()


def test_every_code_has_its_sentence():
    assert set(OURS) <= set(SENTENCES)


def test_keys_of_objects_become_names_that_can_be_kept(read):
    lines = '{"":1,"a\\u0000b":2,"a b":3,"\\n":4,"' + "k" * 9_000 + '":5}\n'
    shape, rows = read(lines)
    assert shape.columns[:4] == ("Column 1", "a b", "a b (2)", "Column 4")
    assert len(shape.columns[4]) < 400
    assert rows == [[1, 2, 3, 4, 5]]
