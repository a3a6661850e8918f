"""The table is found under titles, merged heads and the exports of survey tools."""

from __future__ import annotations

import openpyxl

from manyi.tabular.header import find_header


def names(*rows):
    found = find_header(rows)
    return found.names, found.body


def test_plain():
    assert names(["a", "b"], ["1", "x"]) == (("a", "b"), 1)


def test_title_and_notes_above():
    head = [
        ["2026年满意度调查", None, None],
        ["导出：2026-11-01", None, None],
        ["门店", "评分", "评论"],
    ]
    assert names(*head, ["A", "5", "好"], ["B", "4", "差"])[0] == ("门店", "评分", "评论")


def test_two_rows_with_gaps_are_joined():
    top = ["序号", "客户", None, "满意度", None]
    low = [None, "姓名", "电话", "环境", "服务"]
    body = [[i, "王芳", 13800000000 + i, 5, 4] for i in range(4)]
    found = names(top, low, *body)
    assert found == (("序号", "客户 / 姓名", "客户 / 电话", "满意度 / 环境", "满意度 / 服务"), 2)


def test_a_body_with_gaps_is_not_a_second_header():
    found = names(["店", None, "评论"], ["甲", "x", "好"], ["甲", "y", "好"], ["乙", "x", "差"])
    assert found == (("店", "Column 2", "评论"), 1)


def test_no_header_at_all():
    assert names(["1", "4.5", "2026-11-01"], ["2", "5", "2026-11-02"]) == (
        ("Column 1", "Column 2", "Column 3"),
        0,
    )


def test_same_names_become_unique():
    found = names(["名称", "名称", "", "分", "名称"], ["a", "b", "c", "d", "e"])[0]
    assert found == ("名称", "名称 (2)", "Column 3", "分", "名称 (3)")


def test_three_header_rows_of_qualtrics():
    rows = (
        ["StartDate", "Q1", "Q2_TEXT"],
        ["Start Date", "How satisfied are you?", "Why?"],
        ['{"ImportId":"startDate"}', '{"ImportId":"QID1"}', '{"ImportId":"QID2_TEXT"}'],
        ["2026-11-01 09:00:00", "5", "Good"],
    )
    assert names(*rows) == (("StartDate", "Q1 / How satisfied are you?", "Q2_TEXT / Why?"), 3)


def test_empty_margin_is_dropped():
    found = find_header([[None, None], [None, "店", "分"], [None, "甲", 5]])
    assert (found.names, found.margin, found.body) == (("店", "分"), 1, 2)


def test_merged_cells_of_a_workbook(read, tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["2026年满意度调查结果"])
    page.append(["序号", "客户", "", "满意度", ""])
    page.append([None, "姓名", "城市", "环境", "服务"])
    for merge in ("A1:E1", "A2:A3", "B2:C2", "D2:E2"):
        page.merge_cells(merge)
    for i in range(5):
        page.append([i, "王芳", f"城市{i}", 5, 0])
    book.save(tmp_path / "merged.xlsx")
    shape, rows = read(tmp_path / "merged.xlsx")
    assert shape.columns == ("序号", "客户 / 姓名", "客户 / 城市", "满意度 / 环境", "满意度 / 服务")
    assert shape.header_row == 3
    assert rows[0] == [0, "王芳", "城市0", 5, 0]
