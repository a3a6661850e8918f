"""Boosted trees and Shapley values: the numbers of another hand, and every coalition by hand."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from manyi.stats.trees.boosting import Growth, boost
from manyi.stats.trees.folds import by_customer, by_time, fit_in_folds
from manyi.stats.trees.jackknife import Jackknife
from manyi.stats.trees.shapley import shapley_values
from manyi.stats.trees.splits import splits_of


def _data():
    rng = np.random.default_rng(3)
    x = rng.integers(1, 8, (300, 4)).astype(float)
    noise = rng.integers(-10, 11, 300) / 10
    blank = rng.integers(0, 10, (300, 4)) == 0
    y = 3 * (x[:, 0] > 3) + x[:, 1] * 0.5 * (x[:, 2] > 4) + noise
    x[blank] = np.nan
    return x, y, (y > 3.2).astype(float)


# scikit-learn 1.9.1 HistGradientBoosting (max_iter=40, max_leaf_nodes=None, min_samples_leaf=20,
# l2_regularization=1) and shap 0.51.0 TreeExplainer: five forecasts, their sum, the base, the
# Shapley values of the first row, and the mean size of each variable's.
ELSEWHERE = {
    "squared, depth 3": (
        {"loss": "squared"},
        {"depth": 3},
        [3.156513304, 2.767431688, -0.194918301, 2.981382669, 2.891971908],
        727.0559816,
        2.423519939,
        [1.301066897, -0.114727254, -0.527910025, 0.074563747],
        [1.307334874, 0.202184072, 0.830683734, 0.063328885],
    ),
    "squared, depth 4": (
        {"loss": "squared"},
        {"depth": 4},
        [2.946130216, 2.857284062, -0.082067007, 3.025243995, 2.923807467],
        727.0637473,
        2.423545824,
        [1.220184576, -0.159126606, -0.568114253, 0.029640674],
        [1.310759828, 0.203993174, 0.834192148, 0.079963395],
    ),
    "0 and 1": (
        {"loss": "logistic"},
        {"depth": 3},
        [-0.390420279, -1.010901306, -3.647745845, -0.123648688, 0.113722493],
        -283.2897289,
        -0.944299096,
        [1.23864157, -0.196561018, -0.689373506, 0.20117177],
        [1.550110367, 0.25708261, 0.920779932, 0.175413989],
    ),
    "with directions": (
        {"loss": "squared"},
        {"depth": 3, "rising": (0,), "falling": (1,)},
        [3.216615743, 2.439570689, -0.133163294, 2.936051168, 2.826675125],
        726.2636419,
        2.420878806,
        [1.352777259, 0.104384426, -0.740491098, 0.079066349],
        [1.309726858, 0.046132365, 0.855797906, 0.072263803],
    ),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_trees_and_their_parts_as_elsewhere(name):
    how, growth, first, total, base, parts, sizes = ELSEWHERE[name]
    x, y, left_or_not = _data()
    splits = splits_of(x)
    left = splits.left(x)
    outcome = left_or_not if how["loss"] == "logistic" else y
    grown = boost(
        splits, left, outcome, np.ones((1, 300)), growth=Growth(rounds=40, **growth), **how
    )
    said = grown.scores(left)
    assert said[:5] == pytest.approx(first, abs=1e-6)
    assert said.sum() == pytest.approx(total, abs=1e-4)
    found = shapley_values(grown, left)
    assert found.base == pytest.approx(base, abs=1e-6)
    assert found.values[0] == pytest.approx(parts, abs=1e-6)
    assert np.abs(found.values).mean(axis=0) == pytest.approx(sizes, abs=1e-6)


def _expected(split, value, cover, variable, left, row, known):
    """What a tree says of a row of which only the variables `known` are, by walking it."""

    def walk(node):
        inner = len(split)
        if node >= inner:
            return value[node - inner]
        cut = split[node]
        if cut < 0:
            return walk(2 * node + 1)
        if variable[cut] in known:
            return walk(2 * node + (1 if left[cut, row] else 2))
        share = cover[2 * node + 1] / cover[node]
        return share * walk(2 * node + 1) + (1 - share) * walk(2 * node + 2)

    return walk(0)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_every_coalition_by_hand(depth):
    rng = np.random.default_rng(depth)
    n, p = 120, 4
    x = rng.normal(size=(n, p)).round(1)
    x[rng.random((n, p)) < 0.1] = np.nan
    x[:, 3] = rng.integers(0, 4, n)
    y = np.nan_to_num(x[:, 0] * x[:, 1]) + (x[:, 3] == 2)
    w = rng.uniform(0.2, 3, (1, n))
    splits = splits_of(x, codes=(3,))
    left = splits.left(x)
    growth = Growth(rounds=4, depth=depth, least=4.0)
    grown = boost(splits, left, y, w, loss="squared", growth=growth)
    found = shapley_values(grown, left)
    trees = list(zip(grown.split[0], grown.value[0], grown.cover[0], strict=True))

    def worth(row, known):
        of = [_expected(s, v, c, splits.variable, left, row, known) for s, v, c in trees]
        return grown.base[0] + sum(of)

    for row in (0, 17, 55):
        told = np.zeros(p)
        for one in range(p):
            rest = [k for k in range(p) if k != one]
            for size in range(p):
                share = factorial(size) * factorial(p - 1 - size) / factorial(p)
                for some in combinations(rest, size):
                    gain = worth(row, {*some, one}) - worth(row, set(some))
                    told[one] += share * gain
        assert found.values[row] == pytest.approx(told, abs=1e-12)
        assert found.base == pytest.approx(worth(row, set()))


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_parts_add_up_to_the_forecast(loss):
    x, y, left_or_not = _data()
    splits = splits_of(x)
    left = splits.left(x)
    outcome = left_or_not if loss == "logistic" else y
    w = np.random.default_rng(0).uniform(0.1, 4, (2, 300))
    grown = boost(splits, left, outcome, w, loss=loss, growth=Growth(rounds=25))
    for model in (0, 1):
        found = shapley_values(grown, left, model)
        whole = found.base + found.values.sum(axis=1)
        assert whole == pytest.approx(grown.scores(left, model), abs=1e-10)


def test_weight_two_is_two_rows_and_a_mean_stands_for_its_rows():
    x, y, _ = _data()
    splits = splits_of(x)
    left = splits.left(x)
    twice = np.concatenate([np.arange(300), np.arange(100)])
    w = np.bincount(twice, minlength=300).astype(float)
    growth = Growth(rounds=12)
    one = boost(splits, left, y, w[None], loss="squared", growth=growth)
    two = boost(splits, left[:, twice], y[twice], np.ones((1, 400)), loss="squared", growth=growth)
    assert one.scores(left) == pytest.approx(two.scores(left), abs=1e-9)
    ids = np.arange(300)
    folds = by_customer(ids, folds=5, rng=np.random.default_rng(1))
    few = np.nan_to_num(x[:, :1], nan=4).round() > 3
    alike = fit_in_folds(splits_of(few), few, y, np.ones(300), folds, loss="squared", growth=growth)
    assert alike.left.shape[1] == 10  # two kinds of rows in each of five folds
    plain = boost(
        splits_of(few),
        splits_of(few).left(few),
        y,
        folds.learns.astype(float),
        loss="squared",
        judge=folds.judge,
        growth=growth,
    )
    assert alike.boosted.value == pytest.approx(plain.value[:, : alike.rounds], abs=1e-9)


def test_directions_hold():
    rng = np.random.default_rng(8)
    x = rng.integers(1, 11, (800, 2)).astype(float)
    y = -x[:, 0] + 3 * (x[:, 0] == 7) + rng.normal(size=800)
    splits = splits_of(x)
    grid = np.column_stack([np.arange(1.0, 11), np.full(10, 5.0)])
    w = np.ones((1, 800))
    free = boost(splits, splits.left(x), y, w, loss="squared", growth=Growth(rounds=60))
    held = boost(
        splits, splits.left(x), y, w, loss="squared", growth=Growth(rounds=60, falling=(0,))
    )
    assert (np.diff(free.predict(grid)) > 0.5).any()
    assert (np.diff(held.predict(grid)) <= 1e-12).all()


def test_blanks_go_where_they_serve():
    rng = np.random.default_rng(2)
    x = rng.integers(1, 6, (400, 1)).astype(float)
    x[:100] = np.nan
    y = np.where(np.isnan(x[:, 0]), 9.0, x[:, 0])
    splits = splits_of(x)
    growth = Growth(rounds=150, ridge=0.0, rate=0.2)
    grown = boost(splits, splits.left(x), y, np.ones((1, 400)), loss="squared", growth=growth)
    assert grown.predict([[np.nan], [1.0], [5.0]]) == pytest.approx([9, 1, 5], abs=0.02)


def test_nobody_is_judged_by_what_knew_them():
    rng = np.random.default_rng(4)
    ids = np.repeat(np.arange(100), 3)
    folds = by_customer(ids, folds=7, rng=rng)
    for row in range(300):
        assert not folds.learns[folds.judge[row], ids == ids[row]].any()
    when = rng.integers(0, 365, 300)
    later = by_time(ids, when, when + 30)
    assert 0 < (~later.judged).sum() <= 130
    for row in np.flatnonzero(later.judged):
        seen = later.learns[later.judge[row]]
        assert not seen[ids == ids[row]].any()
        assert (when[seen] + 30 <= when[row]).all()


def test_a_jackknife_of_means_is_the_plain_error():
    y = np.random.default_rng(0).normal(size=40)
    without = (y.sum() - y) / 39
    both = np.column_stack([without, without])
    found = Jackknife(np.array([y.mean(), y.mean()]), both, 40, 40.0, 0.95)
    assert found.se(without) == pytest.approx(y.std(ddof=1) / np.sqrt(40))
    assert found.ranks(2) == [(1, 2), (1, 2)]
