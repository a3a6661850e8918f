"""Drivers by trees: what is truly there is found, with errors that are as large as they say."""

import numpy as np
import pytest

from manyi.stats.drivers.trees import tree_drivers_rows


def _answers(rng, n, again=2):
    x = np.clip(np.round(rng.normal(5.5, 2.2, (n, 5)) + rng.normal(0, 1, (n, 1))), 1, 10)
    own = np.repeat(rng.normal(0, 6, n // again + 1), again)[:n]
    y = 8 * (x[:, 0] >= 6) + 2 * (x[:, 1] - 5.5) + 1.2 * np.minimum(x[:, 2], 6)
    return x, y + own + rng.normal(0, 8, n), np.arange(n) // again


def test_a_step_is_seen_and_lines_miss_it():
    rng = np.random.default_rng(1)
    x, y, who = _answers(rng, 3000)
    found = tree_drivers_rows(x, y, rng=rng, cluster=who)
    assert {one.at for one in found.drivers[:3]} == {0, 1, 2}
    ranks = {one.at: one.rank for one in found.drivers}
    assert ranks[0][1] <= 2
    assert ranks[3][0] >= 4
    step = next(one for one in found.drivers if one.at == 0)
    effects = [part.effect.value for part in step.steps]
    assert effects[5] - effects[4] > 5
    assert max(np.abs(np.diff(effects[:5]))) < 2
    assert found.gain.low > 0
    assert found.r2.value == pytest.approx(found.linear_r2.value + found.gain.value)
    assert not found.warnings


def test_nothing_is_told_where_nothing_is():
    rng = np.random.default_rng(2)
    x = rng.integers(1, 6, (500, 4)).astype(float)
    found = tree_drivers_rows(x, rng.normal(size=500), rng=rng)
    assert found.r2.low <= 0
    assert [note.code for note in found.warnings] == ["trees_no_better"]
    assert all(one.rank == (1, 4) for one in found.drivers)


def test_items_that_say_the_same_share_and_are_named():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(800, 3))
    x[:, 1] = x[:, 0] + 0.05 * rng.normal(size=800)
    found = tree_drivers_rows(x, x[:, 0] + x[:, 2] + rng.normal(size=800), rng=rng)
    assert [note.code for note in found.warnings] == ["trees_alike"]


def test_the_same_seed_tells_the_same_and_units_do_not_matter():
    x, y, who = _answers(np.random.default_rng(4), 400)
    one, two = (
        tree_drivers_rows(x, scale * y, rng=np.random.default_rng(9), cluster=who)
        for scale in (1, 10)
    )
    for a, b in zip(one.drivers, two.drivers, strict=True):
        assert b.importance.value == pytest.approx(10 * a.importance.value)
        assert a.rank == b.rank
    assert one.r2.value == pytest.approx(two.r2.value)


def test_weights_count():
    rng = np.random.default_rng(5)
    x = rng.integers(1, 6, (1000, 2)).astype(float)
    heavy = np.arange(1000) < 500
    y = np.where(heavy, x[:, 0], x[:, 1]) + rng.normal(0, 0.5, 1000)
    w = np.where(heavy, 5.0, 1.0)
    found = tree_drivers_rows(x, y, rng=rng, weights=w)
    size = {one.at: one.importance.value for one in found.drivers}
    assert size[0] > 2 * size[1]
    assert found.r2.n_effective < 1000


def test_names_are_no_numbers():
    rng = np.random.default_rng(6)
    place = rng.integers(0, 6, 900).astype(float)
    x = np.column_stack([place, rng.integers(1, 6, 900)])
    y = 10.0 * np.isin(place, (1, 4)) + rng.normal(0, 4, 900)
    found = tree_drivers_rows(x, y, rng=rng, codes=(0,))
    effects = [part.effect.value for part in found.drivers[0].steps]
    assert found.drivers[0].at == 0
    assert min(effects[1], effects[4]) > 4
    assert max(effects[at] for at in (0, 2, 3, 5)) < -1


def test_errors_are_as_large_as_they_say():
    """Over 30 surveys of 800 answers, two a customer, errors must be those that occur."""
    rng = np.random.default_rng(7)
    values, errors = [], []
    for _ in range(30):
        x, y, who = _answers(rng, 800)
        found = tree_drivers_rows(x, y, rng=rng, cluster=who)
        ordered = sorted(found.drivers, key=lambda one: one.at)[:3]
        values.append([one.importance.value for one in ordered])
        errors.append([(one.importance.high - one.importance.value) / 2.093 for one in ordered])
    ratio = np.sqrt((np.array(errors) ** 2).mean(axis=0)) / np.std(values, axis=0, ddof=1)
    assert ((ratio > 0.7) & (ratio < 1.6)).all()
