"""What we write opens typed, runs nothing, and reads back to the same texts."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from manyi.tabular import delimited
from manyi.tabular.writing import Column, Sheet, codebook, export_name, guard, write_csv, write_xlsx

COLUMNS = [
    Column("name", "客户", "text"),
    Column("phone", "电话", "code"),
    Column("score", "评分", "number"),
    Column("share", "满意率", "percent"),
    Column("day", "日期", "date"),
    Column("at", "时间", "datetime"),
]
ROW = {
    "name": '=HYPERLINK("http://x")',
    "phone": "+8613800000000",
    "score": 0,
    "share": 82.5,
    "day": date(2026, 11, 1),
    "at": datetime(2026, 11, 1, 9, 30),
}
EVIL = [
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "'=1",
]
PLAIN = ["+8613800000000", "-5", "+86 138 0000 0000", "-5.5%", "好", "'tis", "a=b", "1e5", ""]


def opened(sheets):
    out = io.BytesIO()
    n = write_xlsx(out, sheets)
    return n, openpyxl.load_workbook(io.BytesIO(out.getvalue()))


def test_typed_cells_under_a_frozen_heading():
    n, book = opened([Sheet("反馈/列表", COLUMNS, [ROW, ROW])])
    page = book.worksheets[0]
    assert (n, page.title, page.freeze_panes) == (2, "反馈 列表", "A2")
    assert [c.value for c in page[1]] == [c.label for c in COLUMNS]
    assert page["A1"].font.bold
    cells = page[2]
    assert [c.data_type for c in cells] == ["s", "s", "n", "n", "d", "d"]
    assert cells[0].value == ROW["name"] and cells[0].hyperlink is None
    assert cells[1].value == "+8613800000000"
    assert cells[2].value == 0
    assert (cells[3].value, cells[3].number_format) == (82.5, '0.0"%"')
    assert cells[4].value == datetime(2026, 11, 1)


@pytest.mark.parametrize("text", EVIL + PLAIN[:-1])
def test_xlsx_text_survives_as_text(text):
    _, book = opened([Sheet("x", [Column("a", "a")], [[text]])])
    cell = book.worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert cell.value.replace("_x000D_", "\r") == text


def test_title_notes_codebook_and_names_that_repeat():
    entries = [{"column": "q1", "label": "总体", "code": "5", "meaning": "非常满意", "note": ""}]
    labels = ["列", "标题", "代码", "含义", "说明"]
    sheets = [
        Sheet("a", COLUMNS, [ROW], title="反馈", notes=["2026-11"]),
        Sheet("a", COLUMNS, []),
        codebook(entries, labels=labels, name="编码本"),
    ]
    _, book = opened(sheets)
    assert book.sheetnames == ["a", "a 2", "编码本"]
    assert book["a"]["A4"].value == "客户" and book["a"].freeze_panes == "A5"
    assert [c.value for c in book["编码本"][2]] == ["q1", "总体", "5", "非常满意", None]


def test_our_xlsx_reads_back(read, tmp_path):
    write_xlsx(tmp_path / "out.xlsx", [Sheet("x", COLUMNS, [ROW], title="标题", notes=["说明"])])
    shape, rows = read(tmp_path / "out.xlsx")
    assert shape.columns == tuple(c.label for c in COLUMNS)
    assert rows[0][:4] == [ROW["name"], "+8613800000000", 0, 82.5]


def test_csv_has_a_mark_and_no_formula():
    out = io.BytesIO()
    assert write_csv(out, COLUMNS, [ROW, ROW]) == 2
    raw = out.getvalue()
    assert raw.startswith(b"\xef\xbb\xbf")
    row = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))[1]
    assert row == [
        "'" + ROW["name"],
        "+8613800000000",
        "0",
        "82.5",
        "2026-11-01",
        "2026-11-01 09:30:00",
    ]


@pytest.mark.parametrize("text", EVIL)
def test_dangerous_text_is_guarded(text):
    assert guard(text) == "'" + text


@pytest.mark.parametrize("text", PLAIN)
def test_numbers_and_phones_are_left_alone(text):
    assert guard(text) == text


@given(st.text(st.characters(blacklist_characters="\0")) | st.sampled_from(EVIL + PLAIN))
@example("''=1")
@example("'\t")
def test_guard_comes_off_again(text):
    back = delimited.cell(guard(text))
    assert back == text or (back is None and not text.strip("'\ufeff \t\r\n\u3000"))


def test_csv_round_trip_through_the_reader(read, tmp_path):
    texts = [t for t in EVIL + PLAIN if t]
    with (tmp_path / "out.csv").open("wb") as file:
        write_csv(file, [Column("a", "文本"), Column("b", "编号")], [[t, "x"] for t in texts])
    _, rows = read(tmp_path / "out.csv")
    assert [r[0] for r in rows] == texts


def test_file_name():
    at = datetime(2026, 11, 1, tzinfo=UTC)
    assert export_name("反馈 列表/../x", at, "csv") == "反馈-列表-x-20261101.csv"


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("店" * 40, "店" * 31),
        ("🧨" * 40, "🧨" * 15),
        ("a" * 30 + "'b", "a" * 30),
        ("a\x07\x1b[b", "a b"),
        ("''", "Sheet"),
        ("\x00", "Sheet"),
    ],
)
def test_any_text_makes_the_name_of_a_sheet(wanted: str, name: str) -> None:
    _, book = opened([Sheet(wanted, COLUMNS, []), Sheet(wanted, COLUMNS, [])])
    first, second = book.sheetnames
    assert (first, second[-2:]) == (name, " 2")
    assert max(len(one.encode("utf-16-le")) for one in (first, second)) <= 62


def test_a_cell_takes_as_many_characters_as_a_spreadsheet_counts() -> None:
    _, book = opened([Sheet("x", [Column("a", "a")], [["🧨" * 20_000], ["长" * 40_000]])])
    cells = [row[0].value for row in book.worksheets[0].iter_rows(min_row=2)]
    assert [len(cell) for cell in cells] == [16_383, 32_767]
