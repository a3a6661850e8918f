"""Texts that nobody should have sent: a flag, never an error, and in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.text import analyse, copied, keywords, mask, near_duplicates, terms

NASTY = {
    "empty": "",
    "blank": " \n\t　",
    "controls": "\x00\x01\x02\x7f",
    "emoji": "😀😡👍🏽👨‍👩‍👧",
    "surrogate": "\ud800坏\udfff",
    "bidi": "abc\u202eoken\u202c",
    "zero width": "差\u200b评\u200d",
    "scripts": "好 ok да 안녕 はい مرحبا שלום",
    "combining": "a" + "\u0301" * 500,
    "private": "\ue000\uf8ff\U000f0000",
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_text_is_flagged_or_read(name: str) -> None:
    found = analyse([NASTY[name], "味道很好"])
    assert len(found) == 2
    assert found[1].polarity == "positive"
    assert mask(NASTY[name]).spans == ()


def test_empty_and_emoji_have_their_flags() -> None:
    flags = [a.flags for a in analyse(["", "  ", "😀😀", "！！？", "好"])]
    assert flags == [("empty",), ("empty",), ("emoji_only",), ("no_words",), ("too_short",)]


def test_ten_megabytes_on_one_line_take_bounded_time() -> None:
    long = "排队太久了，" * 1_700_000
    begun = time.process_time()
    found = analyse([long])[0]
    assert time.process_time() - begun < 60
    assert "truncated" in found.flags
    assert "repetitive" in found.flags


NUMERALS = "一三八零零一三八零零零。"
FULL = "我叫王小明，电话13812345678，住在北京市朝阳区建国路88号。"


@pytest.mark.parametrize(
    "piece",
    [
        "地",
        "a",
        "1",
        "1 ",
        "路1号",
        "@a.",
        "微信",
        "王",
        FULL,
        "一三八零零一三八零零零。",
        "[name]",
    ],
)
def test_masking_megabytes_is_linear(piece: str) -> None:
    begun = time.process_time()
    mask(piece * (500_000 // len(piece)))
    assert time.process_time() - begun < 60


def test_a_number_after_the_first_twenty_thousand_characters_is_masked() -> None:
    assert "13812345678" not in mask("好" * 30_000 + "，电话13812345678").text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_is_read_and_places_lie_inside_it(texts: list[str]) -> None:
    for text, found in zip(texts, analyse(texts), strict=True):
        assert -1 <= found.score <= 1
        for finding in found.findings:
            assert 0 <= finding.start < finding.end <= len(text)
            for start, end in (*finding.aspect_at, *finding.opinion_at):
                assert 0 <= start < end <= len(text)
    for text in texts:
        masked = mask(text)
        assert all(0 <= s.start < s.end <= len(text) for s in masked.spans)
    keywords(texts)
    terms(texts)
    near_duplicates(texts)


def test_no_texts_at_all() -> None:
    assert analyse([]) == []
    assert keywords([]) == []
    assert terms([]) == []
    assert copied([]) == []


def test_a_text_says_the_same_alone_and_among_others() -> None:
    text = "房间很干净，但是早餐太差"
    among = analyse(["别的话", "", text, "x" * 50])[2]
    assert analyse([text])[0] == among
