"""What stands around a place, and the names that are found by it."""

from __future__ import annotations

import numpy as np
import pytest

from manyi.text import tagger
from manyi.text.around import around, by_word, moved
from manyi.text.normal import LATIN, batch
from manyi.text.personal import find_all

ODD = [
    "",
    " ",
    "a",
    "\x00\x00",
    "酒店",
    "Sky 说：酒店 OK！",
    "ａｂｃ\u200b中",
    "好" * 300,
    "😀a" * 20,
]


@pytest.mark.parametrize("text", ODD)
def test_every_feature_has_one_bucket_a_place(text: str) -> None:
    one = batch([text, "隔壁的句子", text])
    for found, buckets in around(one, wide=True):
        places = np.arange(len(one.codes))[found]
        assert len(places) == len(buckets) == len(set(places.tolist()))
        assert not len(places) or 0 <= places.min() <= places.max() < len(one.codes)
        assert not len(buckets) or buckets.max() < 2**20


def test_looking_close_is_the_beginning_of_looking_far() -> None:
    one = batch(["记者张晶报道，选手Sky和IceFrog到了哈尔滨"])
    close, far = (list(around(one, wide=wide)) for wide in (False, True))
    assert len(far) > len(close)
    for near, same in zip(close, far, strict=False):
        assert np.array_equal(near[1], same[1])


def test_a_text_is_read_alike_in_any_company() -> None:
    text = "记者张晶昨天在哈尔滨报道，选手IceFrog赢了"
    assert find_all([text], tier="fast")[0] == find_all(["你好" * 40, text], tier="fast")[1]


@pytest.mark.parametrize("name", ["names", "addresses", "terms"])
def test_no_neighbour_moves_a_score(name: str) -> None:
    text = "记者张晶昨天在哈尔滨报道"
    alone = tagger.load(name).scores(batch([text]))
    for before, behind in (("王", "李"), ("到了北京", "Sky"), ("。", "")):
        beside = tagger.load(name).scores(batch([before, text, behind]))
        at = len(before) + 1
        assert np.array_equal(beside[at : at + len(text)], alone)


def test_what_stands_beyond_the_ends_is_nothing() -> None:
    values = np.array([1, 2, 3], dtype=np.uint32)
    assert moved(values, 1).tolist() == [2, 3, 0]
    assert moved(values, -2).tolist() == [0, 0, 1]
    assert moved(values, 7).tolist() == [0, 0, 0]


def test_letters_of_a_latin_word_score_alike() -> None:
    one = batch(["说ab，cd"])
    scores = np.arange(len(one.codes), dtype=np.float32)[:, None]
    by_word(one, scores)
    first, second = np.split(scores[one.kinds == LATIN, 0], 2)
    assert first[0] == first[1] < second[0] == second[1]
    assert scores[0, 0] == 0.0


def _kinds(text: str) -> dict[str, str]:
    return {text[s.start : s.end]: s.kind for s in find_all([text], tier="fast")[0]}


@pytest.mark.parametrize(
    "text", ["房间很大，wifi很快", "手机用的是OPPO，APP很好用", "套餐很expensive"]
)
def test_everyday_latin_words_are_no_names(text: str) -> None:
    assert "name" not in _kinds(text).values()


def test_a_bracket_or_a_comma_ends_a_name() -> None:
    assert _kinds("本报讯（记者李彦）昨天下雨") == {"李彦": "name"}
