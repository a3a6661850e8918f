"""Language, quality and copies."""

from __future__ import annotations

import numpy as np
import pytest

from manyi.text import analyse, copied, near_duplicates
from manyi.text.language import detect, segments


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("服务很周到", "zh"),
        ("房間打掃得很乾淨", "zh"),
        ("The staff were lovely", "en"),
        ("Terrible", "en"),
        ("とても親切でした", "ja"),
        ("직원이 친절해요", "ko"),
        ("El personal es muy amable", "es"),
        ("Le personnel est très gentil", "fr"),
        ("用app下单很方便", "zh"),
        ("12345", "und"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert detect(text) == language


def test_pieces_of_two_languages() -> None:
    text = "前台很客气 but the room was very small 而且很吵"
    found = [(text[a:b].strip(), language) for a, b, language in segments(text)]
    assert [language for _, language in found] == ["zh", "en", "zh"]
    assert found[1][0] == "but the room was very small"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("asdfgh jklasdf qwerty", "gibberish"),
        ("砉歪瑰锟斤拷烫屯瓒翥", "gibberish"),
        ("xkqzv wjhgq pzzxq", "gibberish"),
        ("好好好好好好好好好好好好", "repetitive"),
        ("专业代开发票，加微信kaipiao88", "advertising"),
        ("兼职日结，扫码进群，日赚三百", "advertising"),
        ("不错\u202e坏", "hidden_characters"),
    ],
)
def test_flag(text: str, flag: str) -> None:
    assert flag in analyse([text])[0].flags


@pytest.mark.parametrize(
    "text",
    [
        "等了半个小时才上菜，凉了",
        "The lift has been out of order since Monday",
        "优惠券领了用不了，客服也不管",
        "挺好的",
        "微信支付失败两次",
        "WiFi信号弱，5G也不行",
    ],
)
def test_honest_text_has_no_flag(text: str) -> None:
    assert analyse([text])[0].flags == ()


def test_copies_are_found_and_short_praise_is_not() -> None:
    texts = [
        "这家店服务员态度非常好，下次还会带朋友来吃",
        "很好",
        "这家店服务员的态度非常好，下次还会带朋友来！",
        "停车不方便，绕了三圈",
        "很好",
    ]
    assert near_duplicates(texts) == [(0, 2)]
    assert copied(texts) == [True, False, True, False, False]


def test_edited_copies_are_found_among_many() -> None:
    rng = np.random.default_rng(5)
    alphabet = [chr(c) for c in range(0x4E00, 0x4E00 + 3000)]
    base = ["".join(rng.choice(alphabet, 40)) for _ in range(300)]
    edited = []
    for text in base:
        chars = list(text)
        for place in rng.choice(40, 3, replace=False):
            chars[place] = str(rng.choice(alphabet))
        edited.append("".join(chars))
    groups = near_duplicates(base + edited)
    assert sum(group == (i, i + 300) for i, group in enumerate(groups)) >= 295
    assert all(len(g) == 2 for g in groups)
