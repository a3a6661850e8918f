"""Which model answers: what is installed, what is asked for, and what the operator prefers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from manyi.base import env
from manyi.text import accurate, analyse, encoder, store


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An artefact that is there, on a machine that has onnxruntime."""
    (tmp_path / "accurate").mkdir()
    manifest = tmp_path / "accurate" / "manifest.json"
    manifest.write_text(json.dumps({"by_default": False, "version": "0.1.0", "files": {}}))
    monkeypatch.setattr(store, "MODELS", tmp_path)
    monkeypatch.setattr(encoder.importlib.util, "find_spec", lambda name: object())
    store.manifest.cache_clear()
    yield manifest
    store.manifest.cache_clear()
    accurate.prefer(accurate.BEST)


def test_what_is_asked_for_answers_where_it_is_installed(installed: Path) -> None:
    assert [accurate.chosen(t) for t in ("fast", "accurate", None)] == ["fast", "accurate", "fast"]


def test_the_operator_decides_where_none_is_asked_for(installed: Path) -> None:
    accurate.prefer("accurate")
    assert (accurate.chosen(), accurate.chosen("fast")) == ("accurate", "fast")
    accurate.prefer("fast")
    assert (accurate.chosen(), accurate.chosen("accurate")) == ("fast", "accurate")


def test_an_artefact_may_answer_unasked(installed: Path) -> None:
    installed.write_text(json.dumps({"by_default": True, "version": "1.0.0", "files": {}}))
    store.manifest.cache_clear()
    assert accurate.chosen() == "accurate"
    accurate.prefer("fast")
    assert accurate.chosen() == "fast"


def test_without_the_files_the_fast_tier_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(encoder, "missing", lambda: "model")
    assert accurate.chosen("accurate") == "fast"
    assert analyse(["服务很好"], tier="accurate")[0].model == store.version()


def test_without_onnxruntime_it_is_said_to_be_missing(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert encoder.missing() is None
    monkeypatch.setattr(encoder.importlib.util, "find_spec", lambda name: None)
    assert encoder.missing() == "onnxruntime"
    installed.unlink()
    assert encoder.missing() == "model"


def test_the_setting_is_one_of_three(tmp_path: Path) -> None:
    given = {"MANYI_DATA": str(tmp_path), "MANYI_TEXT_TIER": "fast"}
    assert env.read(given).text_tier == "fast"
    with pytest.raises(env.SettingError, match="best, fast, accurate"):
        env.read(given | {"MANYI_TEXT_TIER": "slow"})
