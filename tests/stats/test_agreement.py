import numpy as np
import pytest

from manyi.stats import agreement

# Shrout & Fleiss 1979, table 2: six subjects, four judges.
JUDGES = np.array(
    [
        [9, 2, 5, 8],
        [6, 1, 3, 2],
        [8, 4, 6, 8],
        [7, 1, 2, 6],
        [10, 5, 6, 9],
        [6, 2, 4, 7],
    ]
)


def test_intraclass_correlations_of_shrout_and_fleiss():
    found = agreement.intraclass(JUDGES)
    np.testing.assert_allclose([e.value for e in found.single], [0.1657, 0.2898, 0.7148], atol=5e-5)
    np.testing.assert_allclose(
        [e.value for e in found.average], [0.4428, 0.6201, 0.9093], atol=5e-5
    )
    # As R's psych::ICC prints them.
    np.testing.assert_allclose([e.low for e in found.single], [-0.133, 0.019, 0.342], atol=5e-4)
    np.testing.assert_allclose([e.high for e in found.single], [0.723, 0.761, 0.946], atol=5e-4)


def test_ac1_of_two_coders_by_its_formula():
    # 118 of 125 agree, nearly all in one category: kappa is low, AC1 is not.
    pairs = np.array([[118, 5], [2, 0]])
    counts = np.repeat([[2, 0], [1, 1], [0, 2]], [118, 7, 0], axis=0)
    pi = (2 * 118 + 7) / 250
    chance = 2 * pi * (1 - pi)
    expected = (118 / 125 - chance) / (1 - chance)
    found = agreement.gwet_ac1(counts)
    assert found.value == pytest.approx(expected)
    assert agreement.cohen_kappa(pairs).value < 0 < 0.8 < found.low < found.value < found.high


def test_ac1_covers_what_it_should():
    rng = np.random.default_rng(3)
    truth, hits, repeats = None, 0, 800
    p = np.array([0.7, 0.2, 0.1])

    def draw(n):
        true = rng.choice(3, n, p=p)
        told = np.where(rng.random((3, n)) < 0.8, true, rng.choice(3, (3, n), p=p))
        return np.stack([(told == c).sum(axis=0) for c in range(3)], axis=1)

    truth = agreement.gwet_ac1(draw(400_000)).value
    for _ in range(repeats):
        found = agreement.gwet_ac1(draw(80))
        hits += found.low <= truth <= found.high
    assert 0.93 < hits / repeats < 0.975


def test_alpha_has_an_interval_that_holds_it():
    rng = np.random.default_rng(4)
    true = rng.integers(1, 6, 60)
    ratings = np.clip(true + rng.integers(-1, 2, (3, 60)), 1, 5).astype(float)
    ratings[0, :10] = np.nan
    found = agreement.alpha_estimate(ratings, "interval")
    assert found.value == pytest.approx(agreement.krippendorff_alpha(ratings, "interval"))
    assert found.low < found.value < found.high <= 1
    assert agreement.alpha_estimate(np.full((2, 5), 3.0)).value is None
    alike = np.tile([1.0, 2, 3, 4], (3, 1))
    assert agreement.alpha_estimate(alike).value == 1


def test_coders_who_agree_in_all_or_nothing():
    assert agreement.cohen_kappa(np.diag([5, 7, 9])).value == pytest.approx(1)
    # Independent coders: kappa is exactly 0.
    assert agreement.cohen_kappa(np.outer([2, 3], [4, 5])).value == pytest.approx(0)
    swapped = agreement.cohen_kappa([[0, 5], [5, 0]], weights="linear")
    assert swapped.value == pytest.approx(-1)
