"""Personal data is found and masked; what tells nothing about a person stays."""

from __future__ import annotations

import os

import numpy as np
import pytest

from manyi.text import corpora, mask, people
from manyi.text.normal import batch
from manyi.text.personal import find_all, is_id_number, passes_luhn
from manyi.text.synthetic import NEGATIVES, number_of_card, number_of_person, sentences


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫刘小婉，很满意", "我叫[name]，很满意"),
        ("打13912345678找我", "打[phone]找我"),
        ("打 139-1234-5678 找我", "打 [phone] 找我"),
        ("电话１３９１２３４５６７８", "电话[phone]"),
        ("手机幺三九一二三四五六七八", "手机[phone]"),
        ("固话010-62345678", "固话[phone]"),
        ("信箱 li.na@example.com 谢谢", "信箱 [email] 谢谢"),
        ("加我微信：wanwan_88", "加我微信：[wechat]"),
        ("QQ 123456789", "QQ [qq]"),
        ("车牌京A·12345被刮", "车牌[plate]被刮"),
        ("新能源粤BD12345", "新能源[plate]"),
        ("张医生讲得很细", "[name]医生讲得很细"),
        ("护照号E12345678", "护照号[passport]"),
        ("My name is Anna Brown and I am upset", "My name is [name] and I am upset"),
        ("call (415) 555-0123", "call [phone]"),
        ("ship to 12 Baker Street, London", "ship to [address]"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_addresses_lose_road_and_number() -> None:
    found = mask("我家住在西湖区文三路90号翠苑小区5幢2单元301室，水管漏了").text
    assert "文三" not in found
    assert "301" not in found
    assert found.endswith("水管漏了")


def test_check_digits_decide() -> None:
    assert is_id_number("11010519491231002X")
    assert not is_id_number("110105194912310021")
    assert passes_luhn("4539 1488 0343 6467")
    assert not passes_luhn("4539 1488 0343 6468")
    assert mask("编号110105194912310021").spans == ()
    assert [s.kind for s in mask("身份证 11010519491231002x").spans] == ["id_number"]


def test_hidden_characters_hide_no_number() -> None:
    assert mask("1391\u200b2345678").text == "[phone]"


def test_masking_twice_changes_nothing() -> None:
    once = mask("我叫刘小婉，电话13912345678，住在文三路90号").text
    assert mask(once).text == once


HARMLESS = [
    "等了两小时，送来都凉了",
    "小米粥不错，老板人很好",
    "老师讲得清楚",
    "和平时一样，高兴就好",
    "二号窗口排队太长",
    "房间在3楼，电梯要等",
    "谢谢你们，辛苦了",
    "快递太慢，三天没到",
    "the staff at the desk were kind",
    "Overall very good, thank you",
]


@pytest.mark.parametrize("text", [*NEGATIVES, *HARMLESS])
def test_nobody_is_in_these(text: str) -> None:
    assert mask(text).spans == ()


def test_made_up_numbers_are_all_found() -> None:
    rows = sentences("dev", 560)
    numbers = {"phone", "id_number", "card", "plate", "email", "wechat", "qq", "passport"}
    missed = []
    for (text, spans), found in zip(rows, find_all([t for t, _ in rows]), strict=True):
        exact = {(s.start, s.end, s.kind) for s in found}
        missed += [text for span in spans if span[2] in numbers and span not in exact]
    assert missed == []


def test_made_up_names_and_addresses_are_nearly_all_found() -> None:
    rows = sentences("dev", 560)
    hits = [
        any(f.start < end and start < f.end for f in found)
        for (_, spans), found in zip(rows, find_all([t for t, _ in rows]), strict=True)
        for start, end, kind in spans
        if kind in ("name", "address")
    ]
    assert sum(hits) / len(hits) >= 0.95


def test_a_run_is_taken_whole_where_it_is_sure_enough_on_average() -> None:
    one = batch(["我在南京路走", "我在南京路走"])
    scores = np.full(len(one.codes), -9.0, np.float32)
    for i, said in enumerate((-1.0, -3.0)):
        begin, end = one.codes_of(i, (2, 5))
        scores[begin:end] = (-2.0, said, -2.0)
    assert people.sure(one, scores, (-3.5, -1.9), "address") == [(0, 2, 5, "address")]
    assert len(people.sure(one, scores, (-3.5, -2.5), "address")) == 2
    assert people.sure(one, scores, (-1.5, -1.5), "address") == []


NO_DATA = not (corpora.folder() / "cluener_train.json.gz").exists()


@pytest.mark.skipif(NO_DATA and not os.environ.get("CI"), reason="no development data")
def test_places_of_news_are_found_in_part_and_mostly_right() -> None:
    rows = corpora.entities("dev")
    found = find_all([t for t, _ in rows], tier="fast")
    hits, sure = [], []
    for (_, said), spans in zip(rows, found, strict=True):
        true = [(a, b) for a, b, kind in said if kind == "address"]
        hits += [any(s.start < b and a < s.end for s in spans) for a, b in true]
        own = [s for s in spans if s.kind == "address"]
        sure += [any(s.start < b and a < s.end for a, b in true) for s in own]
    assert sum(hits) / len(hits) > 0.70
    assert sum(sure) / len(sure) > 0.60


def test_generated_numbers_carry_right_check_digits() -> None:
    import random

    rng = random.Random(3)
    assert all(is_id_number(number_of_person(rng)) for _ in range(50))
    assert all(passes_luhn(number_of_card(rng)) for _ in range(50))


@pytest.mark.parametrize(
    "text",
    ["Clean store, tidy shelves", "The driver carried everything to the door", "All right, thanks"],
)
def test_no_word_is_cut_in_two(text: str) -> None:
    assert mask(text).text == text
