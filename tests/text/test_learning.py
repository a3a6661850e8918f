"""Key words, an organisation's own head, and the artefacts."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.text import fit_head, keywords, read_head, store

TEXTS = [
    *(f"停车场{w}，停车费{v}" for w in ("太小", "难找", "满了") for v in ("贵", "太高", "乱收")),
    *(f"早餐{w}，咖啡{v}" for w in ("好吃", "丰富", "凉了") for v in ("香", "难喝", "不错")),
]
LABELS = ["parking"] * 9 + ["breakfast"] * 9


def test_key_words_are_what_is_said_here() -> None:
    words = [p.text for p in keywords(TEXTS)]
    assert "停车场" in words
    assert "的" not in words


def test_key_words_count_texts_not_mentions() -> None:
    found = {p.text: p.texts for p in keywords(["充电桩坏了，充电桩又坏了"] * 3 + ["充电桩真慢"])}
    assert found["充电桩"] == 4


def test_english_key_words() -> None:
    found = [
        p.text for p in keywords(["the parking garage is full", "parking garage too dark"] * 3)
    ]
    assert "parking garage" in found


def test_what_stands_for_a_name_is_no_word() -> None:
    masked = ["[name]的充电桩坏了", "[name]说充电桩太慢", "my [name] paid at [address]"] * 3
    found = " ".join(p.text for p in keywords(masked, least=2))
    assert "充电桩" in found
    assert "name" not in found
    assert "address" not in found


def test_own_head_learns_and_comes_back_from_bytes() -> None:
    head = fit_head(TEXTS, LABELS)
    again = read_head(head.to_bytes())
    asked = ["停车费怎么这么贵", "咖啡太香了"]
    assert [label for label, _ in again.predict(asked)] == ["parking", "breakfast"]
    np.testing.assert_array_equal(head.chances(asked), again.chances(asked))
    np.testing.assert_allclose(again.chances(asked).sum(axis=1), 1, rtol=1e-5)
    assert head.to_bytes() == fit_head(TEXTS, LABELS).to_bytes()


def test_own_head_refuses_too_little() -> None:
    with pytest.raises(Problem, match="head_too_few"):
        fit_head(TEXTS[:9], LABELS[:9])
    with pytest.raises(Problem, match="head_too_few"):
        fit_head(TEXTS[:12], LABELS[:12])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04K\x01."])
def test_a_broken_head_is_refused(content: bytes) -> None:
    with pytest.raises(Problem, match="head_invalid"):
        read_head(content)


def test_artefacts_are_small_and_say_where_they_come_from() -> None:
    folder = store.MODELS / store.TIER_A
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 4 * 2**20
    about = store.manifest()
    for name, digest in about["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert about["licences"]
    assert about["data_sha256"]


def test_a_changed_artefact_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(store.MODELS / store.TIER_A, tmp_path / "fast")
    (tmp_path / "fast" / "emotion.npz").write_bytes(b"other")
    json.loads((tmp_path / "fast" / "manifest.json").read_text("utf-8"))
    monkeypatch.setattr(store, "MODELS", tmp_path)
    with pytest.raises(store.Damaged):
        store.arrays("fast", "emotion.npz")
