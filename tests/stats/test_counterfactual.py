import numpy as np
import pytest

from manyi.stats.effect.counterfactual import counterfactual_periods


def series(rng, n=80, wander=0.3, effect=0.0):
    control = 50 + np.cumsum(rng.normal(size=n)) * 0.8
    level = np.cumsum(wander * rng.normal(size=n))
    y = 10 + 0.7 * control + level + rng.normal(size=n)
    y[60:] += effect
    return y, control


def test_an_injected_change_is_found():
    y, control = series(np.random.default_rng(1), effect=5)
    found = counterfactual_periods(y, 60, controls=control)
    assert found.average.low < 5 < found.average.high and found.average.low > 0
    assert found.total.value == pytest.approx(20 * found.average.value)
    assert len(found.gaps) == len(found.expected) == 20


@pytest.mark.parametrize("wander", [0.0, 0.3, 1.0])
def test_nothing_is_seldom_taken_for_something(wander):
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        y, control = series(rng, wander=wander)
        found = counterfactual_periods(y, 60, controls=control)
        held += found.average.low <= 0 <= found.average.high
    assert held / 200 >= 0.90


def test_without_wandering_it_is_least_squares():
    rng = np.random.default_rng(3)
    x = rng.normal(size=60)
    y = 3 + 2 * x + 0.5 * rng.normal(size=60)
    found = counterfactual_periods(y, 50, controls=x)
    a = np.column_stack([np.ones(50), x[:50]])
    beta = np.linalg.lstsq(a, y[:50], rcond=None)[0]
    told = [one.value for one in found.expected]
    np.testing.assert_allclose(told, beta[0] + beta[1] * x[50:], atol=0.25)


def test_gaps_in_the_series_and_too_little_before():
    y, control = series(np.random.default_rng(4))
    y[[3, 10, 70]] = np.nan
    assert len(counterfactual_periods(y, 60, controls=control).gaps) == 19
    with pytest.raises(ValueError):
        counterfactual_periods(y[:8], 3, controls=control[:8])


def test_units_of_the_scale_do_not_matter():
    y, control = series(np.random.default_rng(5), effect=2)
    one = counterfactual_periods(y, 60, controls=control).average
    ten = counterfactual_periods(10 * y + 3, 60, controls=5 * control - 1).average
    assert ten.value == pytest.approx(10 * one.value, rel=1e-5)
    assert ten.high == pytest.approx(10 * one.high, rel=1e-4)
