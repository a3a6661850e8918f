"""Feldman's decomposition against all orders, a published property, and its promises."""

import itertools
import time

import numpy as np
import pytest

from manyi.stats.cross import cross_rows
from manyi.stats.drivers.importance import lmg, pmvd, pmvd_in_blocks, r2, std_beta
from manyi.stats.drivers.linear import key_drivers


def correlation(rng, p, noise=2.0):
    x = rng.normal(size=(300, p)) @ rng.normal(size=(p, p))
    y = x @ rng.normal(size=p) + noise * rng.normal(size=300)
    return np.corrcoef(np.column_stack([x, y]), rowvar=False)


def over_all_orders(r):
    p = len(r) - 1

    def explained(of):
        at = list(of)
        return r[at, -1] @ np.linalg.solve(r[np.ix_(at, at)], r[at, -1]) if at else 0.0

    whole, found, total = explained(range(p)), np.zeros(p), 0.0
    for order in itertools.permutations(range(p)):
        steps = [explained(order[:i]) for i in range(p + 1)]
        weight = np.prod([1 / (whole - one) for one in steps[1:p]])
        found[list(order)] += weight * np.diff(steps)
        total += weight
    return found / total


@pytest.mark.parametrize("p", [1, 2, 3, 5, 6])
def test_subsets_give_what_all_orders_give(p):
    r = correlation(np.random.default_rng(p), p)
    np.testing.assert_allclose(pmvd(r), over_all_orders(r), rtol=1e-8, atol=1e-12)
    assert pmvd(r).sum() == pytest.approx(r2(r))


def test_two_drivers_share_as_their_squared_coefficients():
    r = correlation(np.random.default_rng(7), 2)
    beta, found = std_beta(r), pmvd(r)
    assert found[0] / found[1] == pytest.approx((beta[0] / beta[1]) ** 2)


def test_a_driver_without_effect_gets_nothing_though_it_correlates():
    rxx = np.array([[1.0, 0.7, 0.5], [0.7, 1.0, 0.4], [0.5, 0.4, 1.0]])
    beta = np.array([0.5, 0.0, 0.3])
    r = np.eye(4)
    r[:3, :3], r[:3, 3], r[3, :3] = rxx, rxx @ beta, rxx @ beta
    assert pmvd(r)[1] == pytest.approx(0, abs=1e-6)
    assert lmg(r)[1] > 0.05
    assert pmvd(r).sum() == pytest.approx(r2(r))


def test_independent_drivers_keep_what_they_explain():
    r = np.eye(4)
    r[:3, 3] = r[3, :3] = [0.5, 0.3, 0.1]
    np.testing.assert_allclose(pmvd(r), [0.25, 0.09, 0.01], rtol=1e-9)


def test_many_matrices_at_once_and_twelve_drivers_in_time():
    rng = np.random.default_rng(8)
    many = np.stack([correlation(rng, 4) for _ in range(5)], axis=-1)
    each = np.column_stack([pmvd(many[:, :, at]) for at in range(5)])
    np.testing.assert_allclose(pmvd_in_blocks(many), each)
    began = time.thread_time()
    pmvd(correlation(rng, 12))
    assert time.thread_time() - began < 5


def test_key_drivers_by_pmvd_have_intervals():
    rng = np.random.default_rng(9)
    x = rng.normal(size=(400, 3)) + rng.normal(size=(400, 1))
    y = x @ [1.0, 0.5, 0.0] + rng.normal(size=400)
    found = key_drivers(
        cross_rows(["a", "b", "c", "y"], np.column_stack([x, y])), "y", measure="pmvd"
    )
    share = {one.name: one.importance for one in found.drivers}
    assert sum(one.value for one in share.values()) == pytest.approx(100)
    assert share["c"].value < 5 and share["a"].low > share["b"].high
