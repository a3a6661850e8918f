"""Errors of statistics of a covariance: three ways that agree, and hold the truth."""

import numpy as np
import pytest

from manyi.stats.cross import cross_rows
from manyi.stats.errors import Bootstrap, ByCustomer, NormalTheory
from manyi.stats.reliability import reliability_rows

R = 0.4 + 0.6 * np.eye(3)


def first_correlation(many):
    return (many[:, 0, 1] / np.sqrt(many[:, 0, 0] * many[:, 1, 1]))[:, None]


def normal(rng, n, p=3):
    return rng.multivariate_normal(np.zeros(p), R[:p, :p], n)


def test_normal_theory_of_a_correlation_is_fishers():
    x = normal(np.random.default_rng(1), 200)
    found = NormalTheory(np.cov(x, rowvar=False), 200).estimates(first_correlation, on="fisher")[0]
    z = np.arctanh(np.corrcoef(x[:, 0], x[:, 1])[0, 1])
    # The slope's error is 1/√(n - 1), Fisher's 1/√(n - 3).
    expected = np.tanh(z + np.array([-1, 1]) * 1.959963984540054 / np.sqrt(199))
    np.testing.assert_allclose([found.low, found.high], expected, rtol=1e-6)


def test_the_three_ways_agree_on_many_normal_answers():
    rng = np.random.default_rng(2)
    x = normal(rng, 3000)
    ways = [
        NormalTheory(np.cov(x, rowvar=False), 3000),
        ByCustomer(cross_rows(["a", "b", "c"], x)),
        Bootstrap(x, rng=rng, draws=600),
    ]
    found = [one.estimates(first_correlation, on="fisher")[0] for one in ways]
    assert np.ptp([one.value for one in found]) < 1e-12
    widths = np.array([one.half_width for one in found])
    assert widths.max() / widths.min() < 1.35


@pytest.mark.parametrize("way", ["jackknife", "bootstrap"])
def test_answers_of_the_same_customers_do_not_fake_precision(way):
    rng = np.random.default_rng(3)
    held, alone = 0, 0
    for _ in range(150):
        x = np.repeat(normal(rng, 150), 5, axis=0) + 0.1 * rng.normal(size=(750, 3))
        ids = np.repeat(rng.integers(0, 2**60, 150), 5)
        truth = 0.4 / 1.01
        if way == "jackknife":
            errors = ByCustomer(cross_rows(["a", "b", "c"], x, cluster=ids))
        else:
            errors = Bootstrap(x, rng=rng, draws=200, cluster=ids)
        found = errors.estimates(first_correlation, on="fisher")[0]
        held += found.low <= truth <= found.high
        plain = NormalTheory(np.cov(x, rowvar=False), 750).estimates(first_correlation)[0]
        alone += plain.low <= truth <= plain.high
    assert held / 150 > 0.9
    assert alone / 150 < 0.75


def test_one_customer_group_has_no_interval():
    x = normal(np.random.default_rng(4), 50)
    found = ByCustomer(cross_rows(["a", "b", "c"], x, cluster=np.zeros(50)))
    one = found.estimates(first_correlation)[0]
    assert one.value is not None and one.low is None
    assert [note.code for note in one.warnings] == ["few_customers"]


def test_the_parts_of_reliability_hold_the_truth():
    rng, held = np.random.default_rng(5), np.zeros(3)
    for _ in range(300):
        found = reliability_rows(normal(rng, 120))
        parts = (found.average_r, found.item_rest[0], found.without[0])
        truth = (0.4, 0.8 / np.sqrt(2.8), 0.8 / 1.4)
        held += [p.low <= t <= p.high for p, t in zip(parts, truth, strict=True)]
    assert (held / 300 > 0.92).all() and (held / 300 < 0.985).all()


def test_clustered_parts_are_wider_where_customers_repeat():
    rng = np.random.default_rng(6)
    x = np.repeat(normal(rng, 100), 4, axis=0) + 0.1 * rng.normal(size=(400, 3))
    ids = np.repeat(np.arange(100), 4)
    plain, known = reliability_rows(x), reliability_rows(x, cluster=ids)
    for one, two in (
        (plain.item_rest[0], known.item_rest[0]),
        (plain.without[1], known.without[1]),
        (plain.lambda6, known.lambda6),
    ):
        assert two.half_width > 1.4 * one.half_width
