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
    found = agreement.intraclass_unweighted(JUDGES)
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
    assert (
        agreement.cohen_kappa_counts(pairs).value < 0 < 0.8 < found.low < found.value < found.high
    )


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
    assert agreement.cohen_kappa_counts(np.diag([5, 7, 9])).value == pytest.approx(1)
    # Independent coders: kappa is exactly 0.
    assert agreement.cohen_kappa_counts(np.outer([2, 3], [4, 5])).value == pytest.approx(0)
    swapped = agreement.cohen_kappa_counts([[0, 5], [5, 0]], near="linear")
    assert swapped.value == pytest.approx(-1)


CODED = np.random.default_rng(5).multinomial(3, [0.5, 0.3, 0.2], 40)
CHOSEN = np.random.default_rng(6).integers(1, 5, (2, 60))
RATED = np.clip(CHOSEN[:1] + np.random.default_rng(7).integers(-1, 2, (3, 60)), 1, 4) * 1.0
ESTIMATORS = {
    "fleiss": (lambda at, **more: agreement.fleiss_kappa(CODED[at], **more).kappa, 40),
    "seen": (lambda at, **more: agreement.fleiss_kappa(CODED[at], **more).seen, 40),
    "chance": (lambda at, **more: agreement.fleiss_kappa(CODED[at], **more).chance, 40),
    "ac1": (lambda at, **more: agreement.gwet_ac1(CODED[at], **more), 40),
    "cohen": (
        lambda at, **more: agreement.cohen_kappa_rows(*CHOSEN[:, at], near="linear", **more),
        60,
    ),
    "alpha": (lambda at, **more: agreement.alpha_estimate(RATED[:, at], "interval", **more), 60),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_same_answers_again_add_no_certainty(name):
    told, n = ESTIMATORS[name]
    once = told(np.arange(n))
    thrice = np.tile(np.arange(n), 3)
    again = told(thrice, cluster=thrice)
    assert again.value == pytest.approx(once.value, abs=0.02 if name == "alpha" else 1e-9)
    assert again.half_width == pytest.approx(once.half_width, rel=0.03)
    assert again.n == 3 * n and again.n_effective == pytest.approx(n)
    assert told(thrice).half_width < 0.65 * once.half_width


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_weight_of_two_is_one_who_answered_twice(name):
    told, n = ESTIMATORS[name]
    w = np.where(np.arange(n) < n // 4, 2.0, 1.0)
    twice = np.repeat(np.arange(n), w.astype(int))
    weighed = told(np.arange(n), weights=w)
    repeated = told(twice, cluster=twice)
    assert weighed.value == pytest.approx(repeated.value, abs=0.01 if name == "alpha" else 1e-9)
    assert weighed.half_width == pytest.approx(repeated.half_width, rel=0.03)


def test_kappa_of_rows_is_that_of_their_counts():
    table = np.zeros((4, 4))
    np.add.at(table, (CHOSEN[0] - 1, CHOSEN[1] - 1), 1)
    for near in ("none", "linear", "quadratic"):
        counted = agreement.cohen_kappa_counts(table, near=near)
        found = agreement.cohen_kappa_rows(*CHOSEN, near=near)
        assert found.value == pytest.approx(counted.value)
        assert found.half_width == pytest.approx(counted.half_width, rel=0.03)


def test_kappa_of_customers_with_many_texts_covers():
    rng, hits, repeats = np.random.default_rng(8), 0, 500

    def draw(people):
        who = np.repeat(np.arange(people), rng.integers(1, 9, people))
        hard = rng.random(people)[who] < 0.5  # some customers write what nobody understands
        true = rng.integers(0, 3, len(who))
        one, two = (
            np.where(hard & (rng.random(len(who)) < 0.8), rng.integers(0, 3, len(who)), true)
            for _ in range(2)
        )
        return one, two, who

    one, two, _ = draw(100_000)
    truth = agreement.cohen_kappa_rows(one, two).value
    for _ in range(repeats):
        one, two, who = draw(60)
        found = agreement.cohen_kappa_rows(one, two, cluster=who)
        hits += found.low <= truth <= found.high
    assert 0.925 < hits / repeats < 0.975
