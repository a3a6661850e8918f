"""The planted reason of a drop comes first; where nothing changed nothing is claimed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from manyi.stats.attribution import Attribution
from manyi.stats.attribution import attribute as attributed

ASPECTS = 12


def attribute(*data: Any, **more: Any) -> Attribution[Any]:
    (found,) = attributed(*data, **more)
    return found


def world(
    seed: int, *, planted: bool, n: int = 800
) -> tuple[np.ndarray, np.ndarray, dict[tuple[int, int], np.ndarray], np.ndarray]:
    """Two periods of voices; in the second, where planted, complaints of aspect 3 are twice
    as many. Who complains scores lower, who praises higher; people answer up to thrice."""
    rng = np.random.default_rng(seed)
    now = np.arange(2 * n) >= n
    rate = np.full((2 * n, ASPECTS), 0.06)
    if planted:
        rate[now, 3] = 0.18
    bad = rng.random((2 * n, ASPECTS)) < rate
    good = rng.random((2 * n, ASPECTS)) < 0.08
    y = 75 + 8 * good.sum(axis=1) - 25 * bad.sum(axis=1) + rng.normal(0, 12, 2 * n)
    kinds = {(a, s): np.flatnonzero(m[:, a]) for s, m in ((-1, bad), (1, good)) for a in range(12)}
    return np.clip(y, 0, 100), now, kinds, rng.integers(0, n, 2 * n)


def test_the_planted_reason_is_found_first() -> None:
    first = 0
    for seed in range(100):
        y, now, kinds, people = world(seed, planted=True)
        found = attribute(y, now, kinds, people=people)
        first += found.parts[0].key == (3, -1) and found.parts[0].sure
    assert first >= 95


def test_where_nothing_changed_nothing_is_claimed() -> None:
    quiet = 0
    for seed in range(300):
        y, now, kinds, people = world(seed, planted=False)
        quiet += not attribute(y, now, kinds, people=people).sure
    assert quiet >= 285


def test_the_interval_of_a_part_holds_the_truth() -> None:
    y, now, kinds, people = world(10_000, planted=True, n=400_000)
    truth = next(one for one in attribute(y, now, kinds).parts if one.key == (3, -1)).points.value
    held = 0
    for seed in range(200):
        y, now, kinds, people = world(seed, planted=True)
        found = attribute(y, now, {(3, -1): kinds[3, -1]}, people=people).parts[0].points
        held += found.low <= truth <= found.high
    assert held >= 184


def test_parts_that_cover_all_sum_to_the_change() -> None:
    rng = np.random.default_rng(1)
    y, now, group = rng.random(500), rng.random(500) < 0.4, rng.integers(0, 4, 500)
    found = attribute(y, now, {g: np.flatnonzero(group == g) for g in range(4)})
    change = y[now].mean() - y[~now].mean()
    assert found.change.value == pytest.approx(change)
    assert sum(part.points.value for part in found.parts) == pytest.approx(change)


def test_one_loud_person_counts_once() -> None:
    y, now, kinds, _ = world(5, planted=True)
    loud = np.arange(len(y))
    loud[kinds[3, -1]] = 0
    alone = attribute(y, now, kinds).parts[0].points
    found = next(p for p in attribute(y, now, kinds, people=loud).parts if p.key == (3, -1))
    assert found.points.high - found.points.low > alone.high - alone.low
    assert not found.sure


def test_few_records_and_one_period_say_nothing() -> None:
    y, now = np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False])
    assert attribute(y, now, {"x": [0, 2]}).parts == ()
    assert attribute(y, now & False, {"x": [0]}).change.value is None


def test_a_short_period_without_a_kind_is_no_proof() -> None:
    named = 0
    for seed in range(200):
        y, _, kinds, people = world(seed, planted=False)
        named += bool(attribute(y, np.arange(len(y)) >= 25, kinds, people=people).sure)
    assert named <= 10
