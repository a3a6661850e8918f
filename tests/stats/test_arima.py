import numpy as np
import pytest

from manyi.stats import arima


def ar1(rng, n=300, phi=0.7, mean=5.0):
    y = np.zeros(n)
    for at in range(1, n):
        y[at] = phi * y[at - 1] + rng.normal()
    return y + mean


def test_first_order_autoregression_by_its_closed_likelihood():
    y = ar1(np.random.default_rng(1))
    found = arima.arima(y, (1, 0, 0))
    w, phi = y - found.mean, found.ar[0]
    n = len(y)
    inner = (1 - phi**2) * w[0] ** 2 + ((w[1:] - phi * w[:-1]) ** 2).sum()
    variance = inner / n
    expected = -n / 2 * (np.log(2 * np.pi * variance) + 1) + 0.5 * np.log(1 - phi**2)
    assert found.log_likelihood == pytest.approx(expected, abs=1e-6)
    assert phi == pytest.approx(np.corrcoef(y[1:], y[:-1])[0, 1], abs=0.01)
    told = found.ahead(3)
    for at, one in enumerate(told, 1):
        assert one.value == pytest.approx(found.mean + phi**at * w[-1], abs=1e-6)


def test_a_random_walk_stays_where_it_is():
    y = np.cumsum(np.random.default_rng(2).normal(size=120))
    found = arima.arima(y, (0, 1, 0))
    told = found.ahead(4)
    sigma = np.sqrt((np.diff(y) ** 2).mean())
    for at, one in enumerate(told, 1):
        assert one.value == pytest.approx(y[-1])
        assert one.half_width == pytest.approx(1.959964 * sigma * np.sqrt(at), rel=1e-5)


def test_exponential_smoothing_is_one_of_them():
    # ARIMA(0,1,1) forecasts are simple smoothing with α = 1 + θ.
    rng = np.random.default_rng(3)
    y = np.cumsum(0.3 * rng.normal(size=200)) + rng.normal(size=200)
    found = arima.arima(y, (0, 1, 1))
    level, alpha = y[0], 1 + found.ma[0]
    for one in y:
        level += alpha * (one - level)
    assert found.ahead(1)[0].value == pytest.approx(level, abs=1e-3)


def test_autocovariances_are_those_of_a_long_sum():
    phi, theta = np.array([1.0, -0.5, 0.3]), np.array([1.0, 0.4, 0.2, -0.1])
    psi = arima._psi(phi, theta, 4000)
    expected = [psi[: len(psi) - k] @ psi[k:] for k in range(8)]
    np.testing.assert_allclose(arima._autocovariance(phi, theta, 8), expected, rtol=1e-10)


def test_back_tests_cover():
    y = ar1(np.random.default_rng(4), 160)
    found = arima.back_test(y, (1, 0, 0), origins=40)
    assert found.coverage.low < 95 < found.coverage.high + 1e-9
    assert found.scaled_error.value < 1.05
    assert 0 < found.absolute_error.low < found.absolute_error.value < found.absolute_error.high
    assert found.absolute_error.n == 40


def test_the_error_of_forecasts_ahead_has_an_interval_that_holds_it():
    # Three steps ahead of white noise around a known mean: the absolute error is √(2/π).
    rng, held = np.random.default_rng(8), 0
    for _ in range(400):
        noise = rng.normal(size=62)
        sums = np.abs(noise[2:] + noise[1:-1] + noise[:-2]) / np.sqrt(3)
        one = arima._overlapping(float(sums.mean()), sums - sums.mean(), 3, 0.95)
        held += one.low <= np.sqrt(2 / np.pi) <= one.high
    assert 0.915 < held / 400 < 0.975


def test_conformal_intervals_hold_whatever_the_distribution():
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(2000):
        errors = rng.standard_cauchy(60)
        one = arima.conformal(errors[:-1], [0.0], level=0.9)[0]
        hits += one.low <= errors[-1] <= one.high
    assert 0.885 < hits / 2000 < 0.93
    assert arima.conformal([1.0, 2.0], [5.0])[0].low is None


def test_white_noise_has_nothing_left_to_tell():
    rng = np.random.default_rng(6)
    small = [arima.ljung_box(rng.normal(size=200), 10).p < 0.05 for _ in range(600)]
    assert np.mean(small) < 0.08
