"""The accurate tier answers as the fast one does, beside it, and steps back where it is missing."""

from __future__ import annotations

import os
import tracemalloc

import numpy as np
import pytest

from manyi.text import (
    about,
    accurate,
    analyse,
    encoder,
    mask,
    mask_all,
    near,
    store,
    terms,
    triplets,
)
from manyi.text.cars import cars
from manyi.text.joint import Reading
from manyi.text.normal import batch

pytestmark = pytest.mark.skipif(
    encoder.missing() is not None and not (os.environ.get("CI") and encoder.missing() != "model"),
    reason=f"missing: {encoder.missing()}",
)
TIER = store.TIER_B
TEXTS = [
    "酒店位置不错，但是房间太小，隔音很差。",
    "The food was great but the service is horrible!",
    "",
    "😀😀",
    "好吃",
    "外卖送了两个小时，" * 60,
]


def test_the_model_is_named_with_each_answer() -> None:
    assert analyse(["好吃"], tier=TIER)[0].model == store.version(TIER)
    assert analyse(["好吃"], tier=store.TIER_A)[0].model == store.version()


def test_every_text_is_answered_in_order() -> None:
    found = analyse(TEXTS, tier=TIER)
    assert [a.language for a in found] == [a.language for a in analyse(TEXTS, tier="fast")]
    assert (found[2].flags, found[3].flags) == (("empty",), ("emoji_only",))
    assert analyse([], tier=TIER) == [] and terms([], tier=TIER) == []
    for text, one in zip(TEXTS, found, strict=True):
        assert -1 <= one.score <= 1
        assert all(0 <= f.start < f.end <= len(text) for f in one.findings)


GOOD = ["位置很好", "早餐很丰富", "前台很热情", "床很舒服", "停车方便"]
BAD = ["房间太脏了", "隔音很差", "前台态度差", "价格太贵", "空调坏了"]


def test_each_clause_is_judged_by_itself() -> None:
    pairs = [(good, bad) for good in GOOD for bad in BAD]
    found = analyse([f"{good}，但是{bad}。" for good, bad in pairs], taxonomy="hotel", tier=TIER)
    told = [
        f.polarity == ("positive" if f.start < len(good) else "negative")
        for (good, _), one in zip(pairs, found, strict=True)
        for f in one.findings
    ]
    assert len(told) > len(pairs) and sum(told) >= 0.95 * len(told)


def test_neighbours_in_a_batch_change_next_to_nothing() -> None:
    texts = [*TEXTS, *GOOD, *BAD]
    alone = [analyse([t], tier=TIER)[0].score for t in texts]
    together = [a.score for a in analyse(texts * 5, tier=TIER)][: len(texts)]
    assert alone == pytest.approx(together, abs=0.02)


def test_a_place_is_judged_apart_from_its_clause() -> None:
    text = "Great pizza but the waiter was rude."
    places = [(text.index(w), text.index(w) + len(w)) for w in ("pizza", "waiter")]
    [[pizza, waiter]] = about([text], [places], tier=TIER)
    assert (pizza[0], waiter[0]) == ("positive", "negative")
    assert about(["…"], [[(0, 1)]], tier=TIER) == [[("neutral", 0.0)]]


def test_terms_point_into_the_text() -> None:
    text = "环境很好，服务员态度特别差，牛肉很新鲜"
    [found] = terms([text], tier=TIER)
    assert "牛肉" in {text[a:b] for a, b in found.aspects}
    senses = {text[slice(*t.opinion)]: t.polarity for t in found.opinions}
    assert senses.get("新鲜", senses.get("很新鲜")) == "positive"


def test_an_opinion_is_left_out_where_it_surely_belongs_to_nothing() -> None:
    heard = accurate.hear(batch(["环境很好，服务员态度特别差，牛肉很新鲜"]))
    how = Reading.of(accurate.levels("reading"))
    [found] = triplets.heard_terms(heard, how)
    assert [found] == terms(heard.texts.texts, tier=TIER) and len(found.opinions) > 1
    unsure = how._replace(pair=how.pair - np.append(np.zeros(7), 50.0))
    [left] = triplets.heard_terms(heard, unsure)
    assert left == triplets.Terms(found.aspects, ())


def test_what_the_fast_tier_masks_is_masked_too() -> None:
    text = "我叫王小明，电话13812345678，住在北京市朝阳区建国路88号5号楼1203室"
    masked = mask(text, tier=TIER).text
    assert "王小明" not in masked and "1381" not in masked and "1203" not in masked
    assert mask(masked, tier=TIER).text == masked


def test_a_head_without_a_weight_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {k: v for k, v in accurate._arrays().items() if not k.startswith("mix_")}
    monkeypatch.setattr(accurate, "_arrays", lambda: arrays)
    fast, both = (analyse(TEXTS, tier=t) for t in (store.TIER_A, TIER))
    assert [a.score for a in fast] == [a.score for a in both]
    assert [a.findings for a in fast] == [a.findings for a in both]
    assert cars(["油耗很低"], tier=TIER) == cars(["油耗很低"], tier="fast")


def test_states_of_long_texts_are_read_in_windows() -> None:
    text = "房间很干净，服务很好。" * 200
    found = encoder.encode(batch([text, "好"]))
    assert found.states.shape == (found.starts[-1], found.text.shape[1])
    assert np.isfinite(found.states).all()
    assert (np.abs(found.states).sum(axis=1) > 0).all()


def test_a_review_is_read_in_one_window_as_long_as_the_encoder_knows_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    windows, run = [], encoder._pass
    monkeypatch.setattr(
        encoder, "_pass", lambda group: windows.extend(len(w.numbers) for w in group) or run(group)
    )
    text = next(t for n in range(999) if _pieces(t := "好，" * n) == encoder.WINDOW)
    encoder.encode(batch([text]))
    assert windows == [encoder.WINDOW]
    encoder.encode(batch([text + "好，"]))
    assert windows[1:] == [encoder.WINDOW // 2 + 1] * 2
    monkeypatch.setattr(encoder, "WINDOW", encoder.WINDOW + 2)
    with pytest.raises(Exception, match=r"(?i)shape|broadcast|dimension"):
        encoder.encode(batch([text + "好，"]))


def _pieces(text: str) -> int:
    return sum(map(len, encoder.pieces().cut(batch([text]))))


def test_no_more_than_the_first_of_a_long_text_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    passes, run = [], encoder._pass
    monkeypatch.setattr(encoder, "_pass", lambda group: passes.append(len(group)) or run(group))
    mask("服务不错下次还来，" * 2_300, tier=TIER)  # 20,700 characters
    once = sum(passes)
    found = mask("服务不错下次还来，" * 100_000 + "我叫王小明，电话13812345678", tier=TIER)
    assert sum(passes) == 2 * once > 0
    assert found.text.endswith("我叫[name]，电话[phone]")


def test_texts_are_heard_once_by_all_who_ask_together(monkeypatch: pytest.MonkeyPatch) -> None:
    apart = mask_all(TEXTS, tier=TIER), analyse(TEXTS, tier=TIER)
    passes, run = [], encoder._pass
    monkeypatch.setattr(encoder, "_pass", lambda group: passes.append(len(group)) or run(group))
    with accurate.heard_once():
        masked = mask_all(TEXTS, tier=TIER)
        once = sum(passes)
        assert (masked, analyse(TEXTS, tier=TIER)) == apart
        assert sum(passes) == once > 0
        analyse([*TEXTS, "另一句话"], tier=TIER)
        assert sum(passes) > once
    again = sum(passes)
    analyse(TEXTS, tier=TIER)
    assert sum(passes) > again


def test_texts_come_in_parts_that_fit_into_memory() -> None:
    texts = ["长" * n for n in (5_000, 5_000, 5_000, 30_000, 1, 1)]
    assert [len(p) for p in accurate.parts(texts)] == [2, 1, 1, 2]
    assert list(accurate.parts([])) == []


def test_a_text_that_names_thousands_of_aspects_takes_bounded_memory() -> None:
    tracemalloc.start()
    [found] = analyse(["服务差，" * 5_000], tier=TIER)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.findings) == 5_000
    assert peak < 300_000_000


def test_places_are_judged_alike_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "位置好，服务差，房间大，早餐少，"
    places = [[(at, at + 2) for at in range(0, len(text), 4)]] * 3
    whole = about([text] * 3, places)
    monkeypatch.setattr(near, "_AT_ONCE", 100)
    assert about([text] * 3, places) == whole


def test_a_changed_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {"files": dict.fromkeys(store.manifest(TIER)["files"], "0" * 64)}
    monkeypatch.setattr(store, "manifest", lambda name: changed)
    with pytest.raises(store.Damaged):
        store.content(TIER, encoder.GRAPH)


def test_the_shipped_files_are_those_of_the_manifest() -> None:
    manifest = store.manifest(TIER)
    folder = store.MODELS / TIER
    assert {p.name for p in folder.iterdir()} == {*manifest["files"], "manifest.json"}
    assert all(store.content(TIER, name) for name in manifest["files"])
    assert sum(p.stat().st_size for p in folder.iterdir()) < 35_000_000
    heard = {k.removeprefix("mix_") for k in accurate._arrays() if k.startswith("mix_")}
    assert heard == set(manifest["heads_heard"])


def test_every_head_that_is_heard_was_measured_to_be_better() -> None:
    manifest = store.manifest(TIER)
    for name in set(manifest["heads_heard"]) - {"reading", "entities"}:
        figures = manifest["figures"][name]
        assert figures["difference"][0] > 0 and figures["n"] > 100, name
    assert manifest["trained"]["pieces_read"] > 0 and manifest["data_sha256"]
