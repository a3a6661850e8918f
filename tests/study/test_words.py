"""Words found without a dictionary, and the measure of what they tell."""

import math
import random

import numpy as np
import pytest

from manyi.study import latin, segments
from manyi.study.masking import mask, quote
from manyi.study.segments import Found
from manyi.study.words import scores, telling

PARTS = ("房间", "前台", "早餐", "服务员", "卫生间", "大堂")
SAID = ("很干净", "太差了", "不新鲜", "还可以", "有点旧", "没人管")
LINKS = ("，", "我觉得", "而且", "就是", "和", "。")


def texts(n: int = 600) -> list[str]:
    rng = random.Random(1)
    return [
        rng.choice(LINKS).join(rng.choice(PARTS) + rng.choice(SAID) for _ in range(3))
        for _ in range(n)
    ]


def test_words_are_found_whole_and_their_pieces_are_not() -> None:
    found = segments.discover(texts(), least=10).words
    assert {"房间", "前台", "早餐", "服务员", "卫生间", "大堂"} <= set(found)
    assert not {"务员", "服务", "生间", "卫生", "间很"} & set(found)


def test_a_word_behind_a_negation_is_not_that_word() -> None:
    fresh = ["水果新鲜", "蔬菜新鲜", "鱼很新鲜", "肉新鲜得很"]
    said = fresh * 10 + ["水果不新鲜", "鱼不新鲜吧"] * 10
    found = segments.discover(said, least=5)
    at = found.words.index("新鲜")
    assert int((found.word == at).sum()) == 40


def test_a_word_counts_once_a_text() -> None:
    found = latin.discover(["tea tea tea", "good tea", "tea!"], least=1)
    assert int((found.word == found.words.index("tea")).sum()) == 3


def test_english_keeps_negations_and_drops_small_words() -> None:
    found = latin.discover(["The staff was not friendly at all", "not friendly staff"], least=2)
    assert set(found.words) == {"staff", "not friendly"}


def test_the_score_of_a_word_is_monroes() -> None:
    # Two words in four texts: "a" in 3 low and 1 high, "b" in 1 low and 3 high.
    found = Found(
        ["a", "b"],
        np.array([0, 0, 0, 0, 1, 1, 1, 1]),
        np.array([0, 1, 2, 4, 3, 4, 5, 6]),
    )
    z, counts = scores(found, np.array([0, 0, 0, 0, 1, 1, 1.0]))
    prior, total = 5.0, 10.0
    odds_low = math.log((3 + prior) / (4 + total - 3 - prior))
    odds_high = math.log((1 + prior) / (4 + total - 1 - prior))
    assert counts.tolist() == [[3, 1], [1, 3]]
    assert z[0] == pytest.approx(
        (odds_high - odds_low) / math.sqrt(1 / (3 + prior) + 1 / (1 + prior))
    )
    assert z[1] == pytest.approx(-z[0])


def test_noise_tells_nothing() -> None:
    said = texts(400)
    side = np.random.default_rng(3).random(400) < 0.5
    found = telling(said, side, ~side)
    assert found.tested > 5 and not found.low and not found.high


def test_too_few_on_one_side_tell_nothing() -> None:
    low = np.array([True] * 4 + [False] * 40)
    assert telling(["很差"] * 4 + ["很好"] * 40, low, ~low).tested == 0


@pytest.mark.parametrize(
    "secret",
    [
        "13812345678",
        "138 1234 5678",
        "+86-138-1234-5678",
        "021-63456789",
        "11010519491231002X",
        "6222 0212 3456 7890 123",
        "wang.fang@example.com",
        "沪A12345",
        "粤BD12345",
        "微信号: wf_1988",
        "１３８１２３４５６７８",
    ],
)
def test_what_names_a_person_is_masked(secret: str) -> None:
    masked = mask(f"请联系{secret}，谢谢")
    assert "***" in masked and masked.startswith("请联系") and masked.endswith("，谢谢")
    assert not set(secret) & set("123456789１") & set(masked)


def test_prices_and_years_stay() -> None:
    assert mask("2026年花了1288元，等了40分钟") == "2026年花了1288元，等了40分钟"


def test_a_long_comment_is_quoted_around_its_word() -> None:
    line = quote("开头" * 100 + "难吃" + "结尾" * 100, "难吃")
    assert "难吃" in line and len(line) <= 162 and line[0] == line[-1] == "…"
