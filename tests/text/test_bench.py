"""The bench measures with an interval and n, and its arithmetic is right."""

from __future__ import annotations

import os
import re

import numpy as np
import pytest

from manyi.cli import bench_text, bench_text_figures
from manyi.text import corpora, store

NO_DATA = not (corpora.folder() / "waimai_train.csv.gz").exists()


def test_macro_f1_of_known_answers() -> None:
    truth, said = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    figure = bench_text_figures.macro(said, truth)
    assert figure(np.arange(4)) == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_micro_f1_of_known_answers() -> None:
    figure = bench_text_figures.f1([{1, 2}, {3}], [{1}, {4}])
    assert figure(np.arange(2)) == pytest.approx(2 / 5)


def test_made_up_texts_are_measured_without_any_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARED_DIR", os.devnull)
    found = bench_text.run(records=200)
    assert found["model"] == store.version()
    assert re.match(r"1\.000  1\.000–1\.000  n \d+", found["made-up numbers recall"])
    assert "polarity hotel accuracy" not in found


@pytest.mark.slow
@pytest.mark.skipif(NO_DATA and not os.environ.get("CI"), reason="no development data")
def test_polarity_on_held_out_reviews() -> None:
    for name, figure, n, _ in bench_text._polarity(store.TIER_A):
        assert figure(np.arange(n)) > 0.87, name


@pytest.mark.skipif(NO_DATA and not os.environ.get("CI"), reason="no development data")
def test_no_held_out_text_stands_in_training() -> None:
    kept = {r.text for r in corpora.polarity("dev")}
    assert not kept & {r.text for r in corpora.polarity("train")}
    assert not {t for t, _ in corpora.cars("dev")} & {t for t, _ in corpora.cars("train")}
