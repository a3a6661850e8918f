import numpy as np
import pytest

from manyi.stats.survey import design, late, quantiles, rake, replicate

METHODS = {
    1: "inverted_cdf",
    2: "averaged_inverted_cdf",
    4: "interpolated_inverted_cdf",
    5: "hazen",
    6: "weibull",
    7: "linear",
    8: "median_unbiased",
    9: "normal_unbiased",
}


@pytest.mark.parametrize("definition", METHODS)
def test_nine_definitions_are_those_of_numpy(definition):
    rng = np.random.default_rng(1)
    shares = np.array([0.01, 0.1, 0.25, 0.5, 0.6, 0.9, 0.99])
    for n in (1, 2, 7, 20):
        x = rng.normal(size=n).round(1)
        mine = quantiles.weighted_quantiles(x, shares, definition=definition)
        np.testing.assert_allclose(mine, np.quantile(x, shares, method=METHODS[definition]))


def test_a_weight_of_two_is_an_answer_twice():
    x, w = np.array([1.0, 2, 3, 5]), np.array([1, 2, 3, 1])
    for definition in (1, 2):
        mine = quantiles.weighted_quantiles(x, [0.2, 0.5, 0.8], w, definition=definition)
        method = METHODS[definition]
        np.testing.assert_allclose(
            mine, np.quantile(np.repeat(x, w), [0.2, 0.5, 0.8], method=method)
        )


def test_intervals_of_quantiles_cover():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(500):
        y = rng.exponential(size=120)
        found = quantiles.quantile_rows(y, 0.5, design.design_rows(np.ones(120)))
        hits += found.low <= np.log(2) <= found.high
    assert 0.93 < hits / 500 < 0.98


def test_replicates_are_raked_again():
    rng = np.random.default_rng(3)
    n, hits, plain = 240, 0, 0
    for _ in range(120):
        sex, age = rng.integers(0, 2, n), rng.choice(3, n, p=[0.6, 0.3, 0.1])
        y = 2 * sex + age + rng.normal(size=n)
        truth = 2 * 0.5 + (0.3 * 0 + 0.3 * 1 + 0.4 * 2)
        sample = design.design_rows(np.full(n, 1000 / n), psu=np.arange(n) // 4)
        margins = rake.margins_of([[500, 500], [300, 300, 400]])
        weights, copies = replicate.raked_jackknife_rows(
            sample, np.column_stack([sex, age]), margins
        )
        for column in copies.weights.T[:3]:
            np.testing.assert_allclose(np.bincount(age, column), [300, 300, 400])
        found = copies.estimate(lambda w, y=y: float(w @ y / w.sum()), weights)
        hits += found.low <= truth <= found.high
        naive = design.mean_rows(y, design.design_rows(weights)).estimate()
        plain += naive.high - naive.low > found.high - found.low
    assert hits / 120 > 0.90
    assert plain / 120 > 0.9  # raking makes the mean more sure, which naive errors do not see


def test_late_answers_point_to_those_who_never_came():
    rng = np.random.default_rng(4)
    place = rng.random(4000)
    y = 5 - 2 * place + 0.5 * rng.normal(size=4000)
    came = place < 0.4
    attempt = np.digitize(place[came], [0.2, 0.3])
    test, whole = late.late_rows(y[came], attempt, response_rate=0.4)
    assert test.p < 1e-6 and test.effect.value == pytest.approx(-2, abs=0.35)
    assert whole.value == pytest.approx(4, abs=0.1) and y[came].mean() > 4.5
    same = late.late_rows(np.full(30, 3.0), np.arange(30) % 3, response_rate=0.5)
    assert same[0].p == 1 and same[1].value == pytest.approx(3)


def test_who_answered_beside_who_was_asked():
    found = late.frame_differences_counts({"city": 80, "land": 20}, {"city": 120, "land": 80})
    assert found["city"].effect.value == pytest.approx(100 * (0.8 - 0.4))
    assert found["city"].p < 0.001
    assert found["city"].p == pytest.approx(found["land"].p)
