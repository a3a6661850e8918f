"""Cells read as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manyi.kit.scale import AGREEMENT_5, SATISFACTION_5
from manyi.tabular.moments import as_date, date_order
from manyi.tabular.values import as_bool, as_number, column_scale, is_missing

FIVE, TEN, HUNDRED = (1.0, 5.0), (0.0, 10.0), (0.0, 100.0)


@pytest.mark.parametrize(
    ("cell", "value", "scale"),
    [
        (0, 0, None),
        ("0", 0, None),
        (4.5, 4.5, None),
        ("１０", 10, None),
        ("-5", -5, None),
        ("1,234", 1234, None),
        ("5分", 5, None),
        ("4.5星", 4.5, FIVE),
        ("5 stars", 5, FIVE),
        ("四星半", 4.5, FIVE),
        ("★★★★☆", 4, FIVE),
        ("⭐⭐⭐", 3, FIVE),
        ("☆☆☆☆☆", 0, FIVE),
        ("80%", 80, HUNDRED),
        ("4/5", 4, FIVE),
        ("8分/10分", 8, TEN),
        ("9 out of 10", 9, TEN),
        ("非常满意", 5, FIVE),
        ("很不满意", 1, FIVE),
        ("不太满意", 2, FIVE),
        (" Very Satisfied. ", 5, FIVE),
        ("好评", 3, (1.0, 3.0)),
        ("5-非常满意", 5, None),
        ("5分（满意）", 5, None),
        ("非常满意(5)", 5, None),
        ("3 - Neutral", 3, None),
    ],
)
def test_number(cell, value, scale):
    read = as_number(cell)
    assert read is not None
    assert (read.value, read.scale) == (value, scale)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        " ",
        "不适用",
        "N/A",
        "n/a",
        "-",
        "(跳过)",
        "很长的一句话",
        "2026/11/1",
        True,
        "7/5",
    ],
)
def test_no_number(cell):
    assert as_number(cell) is None


@pytest.mark.parametrize("words", [SATISFACTION_5, AGREEMENT_5])
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_our_own_words_read_back(words, language):
    column = [w[language] for w in words]
    found = column_scale(column)
    assert found is not None
    assert found.scale == FIVE
    assert list(found.values.values()) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("missing", ["不适用", "N/A", "", None, "don't know", "Not applicable"])
def test_missing(missing):
    assert is_missing(missing)


def test_zero_is_not_missing():
    assert not is_missing(0) and not is_missing("0") and not is_missing(False)


@pytest.mark.parametrize(
    ("column", "scale", "metric"),
    [
        (["满意", "不满意", "一般"] * 10, (1, 3), "csat"),
        (["满意", "一般", "满意"], (1, 5), "csat"),
        (["非常满意", "不满意", "一般", "满意"] * 10, (1, 5), "csat"),
        (["好评", "中评", "差评"], (1, 3), "csat"),
        (["good", "poor", "very good", "excellent", "fair"], (1, 5), "csat"),
        (["Extremely satisfied", "Slightly satisfied"], (1, 7), "csat"),
        (["非常容易", "困难", "一般"], (1, 5), "ces"),
        (["同意", "非常同意"], (1, 5), "mean"),
        ([1, 2, 5, 4], (1, 5), "csat"),
        ([0, 2, 5, 4], (0, 5), "csat"),
        ([0, 7, 10, 9], (0, 10), "nps"),
        ([3, 7, 10, 9], (1, 10), "csat"),
        (["4.5星", "3星"], (1, 5), "csat"),
        (["80%", "55%", "100%"], (0, 100), "csat"),
        ([88, 72.5, 95], (0, 100), "csat"),
    ],
)
def test_scale_of_a_column(column, scale, metric):
    found = column_scale(column)
    assert found is not None
    assert (found.scale, found.metric) == (scale, metric)


@pytest.mark.parametrize(
    "column", [[0, 1, 1, 0], ["甲", "乙"], [], [None, "不适用"], [-1, 0, 1], [1500, 2]]
)
def test_no_scale(column):
    assert column_scale(column) is None


BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026年11月1日 14:30", datetime(2026, 11, 1, 14, 30)),
        ("2026年11月1日下午2点30分", datetime(2026, 11, 1, 14, 30)),
        ("2026年11月1日 上午12:05", datetime(2026, 11, 1, 0, 5)),
        ("2026/11/1", datetime(2026, 11, 1)),
        ("2026.11.1 9:5:3", datetime(2026, 11, 1, 9, 5, 3)),
        ("２０２６／１１／１", datetime(2026, 11, 1)),
        ("1 Nov 2026", datetime(2026, 11, 1)),
        ("Nov 1, 2026 2:30 PM", datetime(2026, 11, 1, 14, 30)),
        ("Sunday, November 1, 2026", datetime(2026, 11, 1)),
        ("11/01/2026", datetime(2026, 11, 1)),
        ("13/01/2026", datetime(2026, 1, 13)),
        ("20261101", datetime(2026, 11, 1)),
        (20261101, datetime(2026, 11, 1)),
        ("20261101143000", datetime(2026, 11, 1, 14, 30)),
        ("2026-11-01T09:30:00+08:00", datetime(2026, 11, 1, 9, 30, tzinfo=BEIJING)),
        ("2026-11-01 09:30:00 UTC", datetime(2026, 11, 1, 9, 30, tzinfo=UTC)),
        ("2026-11-01T01:30:00Z", datetime(2026, 11, 1, 1, 30, tzinfo=UTC)),
        (46327.5, datetime(2026, 11, 1, 12)),
        ("1793500000", datetime.fromtimestamp(1793500000, UTC)),
        (1793500000000, datetime.fromtimestamp(1793500000, UTC)),
    ],
)
def test_date(cell, moment):
    assert as_date(cell) == moment
    read = as_date(cell)
    assert read is not None and read.tzinfo == moment.tzinfo


@pytest.mark.parametrize(
    "cell", ["", None, "5", 5, "满意", "2026-13-40", "31/02/2026", True, "1.2.3.4"]
)
def test_no_date(cell):
    assert as_date(cell) is None


def test_order_of_day_and_month_is_proved_by_the_column():
    assert date_order(["01/02/2026", "13/02/2026"]) == "dmy"
    assert date_order(["01/02/2026", "02/13/2026"]) == "mdy"
    assert date_order(["01/02/2026"]) is None
    assert as_date("01/02/2026", "dmy") == datetime(2026, 2, 1)


def test_yes_and_no():
    assert [as_bool(v) for v in ("是", "Yes", 1, "√", True)] == [True] * 5
    assert [as_bool(v) for v in ("否", "no", 0, False)] == [False] * 4
    assert as_bool("也许") is None


@given(st.text())
def test_no_text_breaks_a_reader(text):
    as_number(text), as_date(text), as_bool(text), is_missing(text), column_scale([text])


@given(st.floats() | st.integers())
def test_no_number_breaks_a_reader(number):
    as_number(number), as_date(number), as_bool(number), column_scale([number])
