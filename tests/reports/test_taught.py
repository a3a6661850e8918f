"""A model is learnt once from the same rows, and anew from any others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from manyi.reports.analysis.taught import taught

ROWS = np.arange(6.0).reshape(3, 2)


@pytest.fixture
def learnt() -> list[Any]:
    return []


def test_only_what_differs_is_learnt_again(learnt: list[Any]) -> None:
    def learn(x: Any, *, rng: np.random.Generator, **options: Any) -> float:
        learnt.append(options)
        return float(rng.random() + x.sum())

    first = taught(learn, ROWS, seed=1, cluster=np.array([1, 2, 3]), codes=[0])
    assert taught(learn, ROWS.copy(), seed=1, codes=[0], cluster=np.array([1, 2, 3])) == first
    assert len(learnt) == 1
    again = [
        taught(learn, ROWS, seed=2, cluster=np.array([1, 2, 3]), codes=[0]),
        taught(learn, ROWS.T, seed=1, cluster=np.array([1, 2, 3]), codes=[0]),
        taught(learn, ROWS + 1, seed=1, cluster=np.array([1, 2, 3]), codes=[0]),
        taught(learn, ROWS, seed=1, cluster=np.array([1, 2, 4]), codes=[0]),
        taught(learn, ROWS, seed=1, cluster=np.array([1, 2, 3]), codes=[1]),
        taught(learn, ROWS, seed=1, cluster=np.array([1, 2, 3]), codes=[0], level=0.9),
        taught(learn, ROWS, seed=1, when=np.array([1, 2, 3]), codes=[0]),
    ]
    assert len(learnt) == 1 + len(again)
