"""Competing reasons beside R 4.2.2 (cmprsk 2.2.11, survival 3.5.3) on data made here."""

import numpy as np
import pytest

from manyi.stats.churn import competing
from tests.stats.test_against_peers import near


def lives(seed, groups, n, whole):
    rng = np.random.default_rng(seed)
    g = rng.integers(0, groups, n)
    t, s = rng.exponential(8 / np.exp(0.3 * g)), rng.exponential(12, n)
    c = np.where(t <= s, rng.integers(1, 3, n), 0)
    t = np.minimum(t, s)
    t = np.ceil(t) if whole else np.round(t, 6)
    return g, t, c, np.round(rng.gamma(2, 1, n) + 0.1, 2), rng.integers(0, n // 3, n)


@pytest.mark.parametrize(
    ("drawn", "rho", "told"),
    [
        ((1, 2, 80, True), 0, [0.0250583456, 0.874221763, 0.582437739, 0.445358388]),
        ((1, 2, 80, True), 1, [0.124709552, 0.72398169, 0.625186295, 0.42912653]),
        ((2, 3, 150, True), 0, [3.46568321, 0.176781353, 4.57198539, 0.101673081]),
        ((2, 3, 150, True), 1, [3.02021456, 0.22088628, 5.14616326, 0.0763000541]),
        ((3, 4, 60, False), 0, [9.61180911, 0.0221711709, 5.26569851, 0.153343713]),
        ((3, 4, 60, False), 1, [8.31269429, 0.0399725429, 4.99898147, 0.171871741]),
    ],
)
def test_gray(drawn, rho, told):
    g, t, c, _, _ = lives(*drawn)
    found = [competing.gray_unweighted_rows(t, c, g, reason, rho=rho) for reason in (1, 2)]
    near([v for one in found for v in (one.statistic, one.p)], told)
    assert {one.df for one in found} == {drawn[1] - 1}


def test_gray_does_not_mind_names_or_order():
    g, t, c, _, _ = lives(2, 3, 150, True)
    turned = np.random.default_rng(1).permutation(150)
    named = np.array(["north", "east", "south"])[g]
    near(
        competing.gray_unweighted_rows(t[turned], c[turned], named[turned], 1).statistic,
        competing.gray_unweighted_rows(t, c, g, 1).statistic,
    )


@pytest.mark.parametrize(
    ("drawn", "share", "se"),
    [
        (
            (2, 3, 150, True),
            [0.228417504, 0.297127838, 0.424941782],
            [0.0445631096, 0.0498166086, 0.0623596917],
        ),
        (
            (3, 4, 60, False),
            [0.184196875, 0.295032469, 0.391880679],
            [0.0592240896, 0.0705390734, 0.0865687166],
        ),
    ],
)
def test_weighted_incidence(drawn, share, se):
    _, t, c, w, _ = lives(*drawn)
    found = competing.cumulative_incidence_rows(t, c, 1, weights=w)
    near(found.at([3, 6, 10]), share)
    near(np.sqrt(found.variance_at([3, 6, 10])), se)


def test_customers_who_come_again():
    # With one reason only it is 1 - Kaplan-Meier, for which survfit knows clusters.
    _, t, c, w, cluster = lives(4, 2, 300, True)
    found = competing.cumulative_incidence_rows(t, c == 1, 1, weights=w, cluster=cluster)
    near(found.at([3, 6, 10]), [0.20238874, 0.329598417, 0.440828826])
    near(np.sqrt(found.variance_at([3, 6, 10])), [0.0302308204, 0.0374810182, 0.0486424353])
    told = found.estimate(6)
    assert told.low < told.value < told.high and told.df == len(np.unique(cluster)) - 1


def test_nobody_and_everybody():
    none = competing.cumulative_incidence_rows([1.0, 2, 3], [0, 0, 0], 1).estimate(3)
    assert none.value == 0 and none.low == 0 and none.high > 50
    assert competing.cumulative_incidence_rows([], [], 1).estimate(3).value is None


@pytest.mark.parametrize("repeated", [False, True])
def test_the_interval_covers(repeated):
    rng = np.random.default_rng(9)
    truth, hits, size = 100 * (1 - np.exp(-0.6)) * 0.5, [], 60
    for _ in range(500):
        many = 3 if repeated else 1
        own = np.repeat(rng.exponential(10, size), many)
        cause = np.repeat(rng.integers(1, 3, size), many)
        seen = np.repeat(rng.uniform(4, 15, size), many)
        time, cause = np.minimum(own, seen), np.where(own <= seen, cause, 0)
        ids = np.repeat(np.arange(size), many)
        found = competing.cumulative_incidence_rows(time, cause, 1, cluster=ids)
        ends = found.estimate(6)
        hits.append(ends.low <= truth <= ends.high)
    assert 0.92 <= np.mean(hits) <= 0.98
