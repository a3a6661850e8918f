"""Every honest shape of file is read, and read again from where it stopped."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from manyi.tabular import reading

ROWS = "门店,评分,评论\n上海一店,5,很好\n北京店,4,不错，下次还来\n"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_chinese_csv_in_every_encoding(read, encoding, said):
    text = ROWS if "16" not in encoding else "store,score\n" + "sh,5\n" * 50 + "上海,4\n"
    shape, rows = read(text.encode(encoding))
    assert shape.encoding == said
    assert shape.columns[0] in ("门店", "store")
    assert rows[-1][0] in ("北京店", "上海")
    assert shape.problems == ()


def test_western_text_is_not_taken_for_chinese(read):
    shape, rows = read("name;score\ncafé;5\nnaïve résumé à Öl;4\n".encode("cp1252"))
    assert (shape.encoding, shape.delimiter) == ("cp1252", ";")
    assert rows[1] == ["naïve résumé à Öl", "4"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_by_consistency(read, delimiter):
    lines = [["a", "b", "c"], ["1", "x, y; z", "3"], ["2", "line\nbreak", "4"]]
    quoted = "\r\n".join(delimiter.join(f'"{c}"' for c in line) for line in lines)
    shape, rows = read(quoted)
    assert shape.delimiter == delimiter
    assert rows == lines[1:]


def test_one_column_of_prose_with_commas_is_one_column(read):
    shape, rows = read("评论\n很好\n房间大, 床舒服, 早餐好\n一般\n太吵\n")
    assert shape.columns == ("评论",)
    assert rows[1] == ["房间大, 床舒服, 早餐好"]


def test_few_bad_bytes_are_replaced_and_told(read):
    shape, rows = read(("a,b\n" + "好,1\n" * 5_000).encode() + b"\xff\xfe,2\n")
    assert [p.code for p in shape.problems] == ["file.undecodable"]
    assert shape.problems[0].params == {"n": 2, "encoding": "utf-8"}
    assert len(rows) == 5_001


def test_rows_keep_their_number_in_the_persons_file(read, tmp_path):
    read("导出说明,,\n\nname,score,text\nA,1,x\n\nB,2,y\n")
    rows = list(reading.rows(tmp_path / "converted.jsonl"))
    assert [(r.number, r.cells) for r in rows] == [(4, ["A", "1", "x"]), (6, ["B", "2", "y"])]


def test_goes_on_after_any_row(read, tmp_path):
    read("name,score\n" + "".join(f"顾客{i},{i % 6}\n" for i in range(300)))
    path = tmp_path / "converted.jsonl"
    whole = list(reading.rows(path))
    for stop in (0, 1, 150, 298, 299):
        assert list(reading.rows(path, whole[stop].offset)) == whole[stop + 1 :]


def test_equal_rows_are_counted(read, tmp_path):
    read("s,t\n5,好\n4,差\n5,好\n5,好\n")
    assert [r.occurrence for r in reading.rows(tmp_path / "converted.jsonl")] == [0, 0, 1, 2]


def test_sample_sees_the_end_of_a_sorted_file(read, tmp_path):
    read("label,review\n" + "1,好\n" * 9_000 + "0,差\n" * 3_000)
    labels = {row[0] for row in reading.sample(tmp_path / "converted.jsonl", 200)}
    assert labels == {"0", "1"}


def test_sample_of_a_short_file_is_all_of_it(read, tmp_path):
    read("a,b\n" + "".join(f"{i},x\n" for i in range(150)))
    assert len(reading.sample(tmp_path / "converted.jsonl", 200)) == 150
    assert [r[0] for r in reading.sample(tmp_path / "converted.jsonl", 400)] == [
        str(i) for i in range(150)
    ]


def test_xlsx_keeps_types(read, tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["name", "n", "share", "day", "moment", "yes", "sum", "long"])
    page.append(
        ["王芳", 5.0, 0.8, date(2026, 11, 1), datetime(2026, 11, 1, 9, 30), True, "=1+1", "+86"]
    )
    page["C2"].number_format = "0%"
    book.save(tmp_path / "types.xlsx")
    shape, rows = read(tmp_path / "types.xlsx")
    assert shape.format == "xlsx"
    assert rows == [["王芳", 5, "80%", "2026-11-01", "2026-11-01T09:30:00", True, None, "+86"]]


def test_xlsx_hidden_and_empty_sheets_are_passed_over(read, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "空"
    hidden = book.create_sheet("hidden")
    hidden.append(["x", "y"])
    hidden.sheet_state = "hidden"
    for name in ("一月", "二月"):
        page = book.create_sheet(name)
        page.append(["评分", "评论"])
        page.append([5, name])
    book.save(tmp_path / "sheets.xlsx")
    shape, rows = read(tmp_path / "sheets.xlsx")
    assert (shape.sheet, shape.sheets, rows) == ("一月", ("空", "一月", "二月"), [[5, "一月"]])
    assert read(tmp_path / "sheets.xlsx", sheet="二月")[1] == [[5, "二月"]]


def test_json_lines_join_keys_and_keep_types(read):
    lines = [{"a": 0, "b": {"x": [1]}}, {"a": 2.5, "c": True, "d": None}, {"c": "文"}]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\nbroken\n"
    shape, rows = read(text, "f.jsonl")
    assert shape.columns == ("a", "b", "c", "d")
    assert rows == [
        [0, '{"x": [1]}', None, None],
        [2.5, None, True, None],
        [None, None, "文", None],
    ]
    assert [(p.pointer, p.code) for p in shape.problems] == [("/4", "row.not_an_object")]


@pytest.mark.parametrize("indent", [None, 2])
def test_json_array(read, indent):
    items = [{"score": i, "text": "好" * 200} for i in range(2_000)]
    shape, rows = read(json.dumps(items, indent=indent), "f.json")
    assert shape.rows == 2_000
    assert rows[-1] == [1999, "好" * 200]


def test_gzip(read):
    shape, rows = read(gzip.compress(ROWS.encode("gb18030")), "f.csv.gz")
    assert (shape.encoding, len(rows)) == ("gb18030", 2)


def test_sav_gives_labels_of_nominal_codes_and_numbers_of_the_rest(read):
    # Written by ReadStat: q1 a scale whose 5 has a label, store nominal, t a text.
    shape, rows = read(Path(__file__).with_name("readstat.sav"))
    assert shape.columns == ("q1 / 总体满意度", "store", "t")
    assert rows == [[5, "上海", "好"], [0, "北京", None], [None, "上海", "x"]]


def test_100_000_rows_take_no_more_memory_than_1_000(tmp_path):
    def peak(n: int) -> int:
        path: Path = tmp_path / f"{n}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "评分", "评论"])
            writer.writerows([i, i % 6, f"等了{i}分钟没人理，" * 10] for i in range(n))
        shape = reading.convert(path, tmp_path / "out")
        assert shape.rows == n
        return shape.peak_kilobytes

    few, many = peak(1_000), peak(100_000)
    assert many - few < 25_000  # the file itself has 33 MB; 64 bytes a row find equal rows
