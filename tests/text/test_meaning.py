"""Vectors say what means alike, in Chinese and English; the artefact is whole and small."""

from __future__ import annotations

import os

import numpy as np
import pytest

from manyi.cli import bench_meaning
from manyi.text import corpora, meaning, store

NO_DATA = not (corpora.folder() / "waimai_train.csv.gz").exists()


def nearest(question: str, *texts: str) -> str:
    found = meaning.likeness(meaning.vector(question), meaning.vectors(texts))
    return texts[int(found.argmax())]


def test_the_whole_tier_stays_below_four_megabytes() -> None:
    fast = [*(store.MODELS / store.TIER_A).iterdir(), store.MODELS / "han.json"]
    assert sum(path.stat().st_size for path in fast) < 4_000_000
    assert (store.MODELS / "fast" / "meaning.npz").stat().st_size < 1_200_000


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("等太久", "排队排了一个小时"),
        ("退钱", "They refused to refund me"),
        ("the room was clean", "房间很干净"),
        ("battery life", "手机充电一次只能用半天，续航不行"),
        ("服务员粗鲁", "The waiter was rude to us"),
    ],
)
def test_other_words_are_found(question: str, wanted: str) -> None:
    others = [
        "排队排了一个小时",
        "They refused to refund me",
        "房间很干净",
        "手机充电一次只能用半天，续航不行",
        "The waiter was rude to us",
        "洗发水的香味很好闻",
        "停车场太小",
    ]
    assert nearest(question, *others) == wanted


def test_a_word_never_met_finds_itself() -> None:
    assert nearest("xyloph", "味道不错", "the xyloph desk", "a good room") == "the xyloph desk"
    alone, other = meaning.likeness(meaning.vector("鲲玥"), meaning.vectors(["鲲玥", "魑魅"]))
    assert alone > 0.9 > 0.5 > other


def test_texts_without_words_have_no_direction() -> None:
    assert not meaning.vectors(["", "！！！", "123", "[name]的"])[:3].any()
    assert not meaning.vector("。。。").any()
    assert meaning.vectors([]).shape == (0, meaning.DIMENSIONS)


def test_the_same_text_gives_the_same_numbers_alone_and_among_others() -> None:
    texts = [f"第{n}次来，房间还是很吵" for n in range(50)] + ["slow delivery", ""]
    together = meaning.vectors(texts)
    alone = np.concatenate([meaning.vectors([one]) for one in texts])
    assert np.abs(together.astype(int) - alone).max() <= 1
    sizes = np.linalg.norm(together[:-1].astype(float), axis=1)
    assert np.allclose(sizes, 127, atol=4)


def test_shared_words_weigh_by_rarity() -> None:
    same, rare, plain, none = meaning.shared(
        "这个充电桩坏了", ["这个充电桩坏了", "充电桩没有电", "这个很好", "味道不错"]
    )
    assert same == pytest.approx(1, abs=1e-5) and same > rare > plain > none == 0


@pytest.mark.slow
@pytest.mark.skipif(NO_DATA and not os.environ.get("CI"), reason="no development data")
def test_meaning_and_words_find_more_than_words() -> None:
    for name, texts, labels in bench_meaning._sets():
        ways = bench_meaning._ways(texts)
        each = {
            how: np.mean([bench_meaning._hits(like(i), labels, i) for i in range(0, len(texts), 3)])
            for how, like in ways.items()
        }
        assert each["both"] > each["words alone"], (name, each)
