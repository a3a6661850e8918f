"""Funnel plots: limits hold what they say, and units that truly differ widen them."""

import numpy as np
import pytest
from scipy import stats

from manyi.kit.scale import NPS_SCALE, Scale
from manyi.stats import moments
from manyi.stats.funnels import ALARM, WARN, Funnel, funnel_plot

FIVE = Scale(1, 5)


def shares(satisfied: int, n: int) -> moments.Moments:
    return moments.from_counts([2.0, 5.0], [n - satisfied, satisfied])


def alike(rng: np.random.Generator, units: int = 20) -> dict[int, moments.Moments]:
    return {
        k: shares(int(rng.binomial(n, 0.8)), int(n))
        for k, n in enumerate(rng.integers(10, 200, units))
    }


@pytest.mark.parametrize("p", [0.5, 0.86, 0.97])
@pytest.mark.parametrize("n", [10, 30, 100, 1000])
@pytest.mark.parametrize("level", [WARN, ALARM])
def test_shares_leave_their_limits_as_seldom_as_promised(p: float, n: int, level: float) -> None:
    found: Funnel[str] = Funnel(100 * p, 0.0, (0.0, 100.0), is_share=True, points={})
    low, high = found.by_chance(n, level)
    k = np.arange(n + 1)
    drawn = stats.binom.pmf(k, n, p)
    below, above = drawn[100 * k / n < low - 1e-9].sum(), drawn[100 * k / n > high + 1e-9].sum()
    assert max(below, above) <= (1 - level) / 2
    assert 0 <= low < 100 * p < high <= 100


def test_limits_narrow_with_n_and_stay_on_the_scale() -> None:
    units = {"few": shares(5, 10), "many": shares(500, 1000)}
    found = funnel_plot(units, "csat", FIVE)
    assert found is not None and found.apart is None
    few, many = found.by_chance(10, WARN), found.by_chance(1000, WARN)
    assert few.low < many.low < 50 < many.high < few.high
    for code in ("nps", "promoters"):
        whole = funnel_plot({"a": moments.from_counts([0.0, 10.0], [1, 9])}, code, NPS_SCALE)
        assert whole is not None
        assert whole.by_chance(2, ALARM).high <= whole.bounds[1]


def test_alike_units_seldom_leave_and_are_not_called_different() -> None:
    rng = np.random.default_rng(19)
    made = [funnel_plot(alike(rng), "csat", FIVE) for _ in range(200)]
    outside = [np.mean([f.side(k, WARN) != 0 for k in f.points]) for f in made if f]
    assert np.mean(outside) < 0.05
    assert np.mean([f.is_wide for f in made if f]) < 0.05


def test_units_that_differ_widen_the_limits_but_do_not_hide_an_outlier() -> None:
    rng = np.random.default_rng(20)
    means = rng.normal(0.75, 0.07, 30)
    units = {k: shares(int(rng.binomial(300, p)), 300) for k, p in enumerate(means)}
    units[99] = shares(60, 300)
    found = funnel_plot(units, "csat", FIVE)
    assert found is not None and found.is_wide and found.apart is not None
    told = found.apart.effect
    assert told.value > 3 and 1 < told.low < told.value < told.high and told.n == 31
    assert found.limits(300, WARN).low < found.by_chance(300, WARN).low
    assert found.side(99, ALARM) == -1
    assert sum(found.side(k, ALARM) != 0 for k in means.argsort()) <= 1


def test_several_answers_of_one_customer_stand_where_they_tell_as_much() -> None:
    people = np.repeat(np.arange(40), 5)
    mood = np.where(people % 4, 5.0, 2.0)
    once = np.arange(1000, 1200)
    units = {
        "regulars": moments.from_values(mood, cluster=people),
        "others": moments.from_values(np.where(once % 4, 5.0, 2.0), cluster=once),
    }
    found = funnel_plot(units, "csat", FIVE)
    assert found is not None
    assert (found.points["regulars"].n, found.points["others"].n) == (200, 200)
    assert found.points["regulars"].n_effective < 80 < found.points["others"].n_effective


def test_nobody_answered() -> None:
    assert funnel_plot({"a": moments.empty()}, "csat", FIVE) is None
